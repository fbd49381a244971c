// Requests about signing in: who is asked, whether it works, and other providers.
import { asProviderRoot, certificatesIn } from '../../apply/stack/directory-root.ts';
import { stackSecret } from '../../apply/stack/context.ts';
import type { Output, ParsedInput } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import { oidcProviders } from '../../model/oidc-providers.ts';
import { isGood } from '../../model/stack/sign-in-test.ts';
import type { Oidc } from '../../model/stack/answers.ts';
import type { Secrets } from '../../ports.ts';
import { judgeOidc } from '../../templates/check-oidc.ts';
import { parseAnswers } from '../../templates/read-answers.ts';
import type { RequestContext } from '../requests.ts';
import type { RendersAnswers } from './lab-root.ts';
import { entryOf, oidcSecret, redirectOf } from './sso-desk.ts';
import type { SsoSubject } from './sso-desk.ts';
import { tryProvider } from './sso-provider.ts';
import type { StackDesk } from './stack-desk.ts';

type Context = Pick<RequestContext, 'stack'>;

/** What of the stack's desk another provider is tried with. */
type Desk = Pick<StackDesk, 'readText' | 'readDirectoryRoot' | 'signInWeb'> &
  RendersAnswers & { readonly journal: Pick<StackDesk['journal'], 'current'> };

export interface ProviderContext {
  readonly stack: Desk;
  readonly secrets: Pick<Secrets, 'get'>;
}

function sentenceOf({ entry, stack }: SsoSubject): string {
  return stack.answers.sso === 'authelia'
    ? `Authelia at ${entry.issuer} signs people in. Root and tokens of GitLab work without it.`
    : `The provider ${entry.issuer} signs people in to GitLab. Root and tokens of GitLab work without it.`;
}

/** `sso.show`. Rejects with the first problem of the answers. */
export async function showSso(
  _: ParsedInput<'sso.show'>,
  { stack: desk }: Context,
): Promise<Output<'sso.show'>> {
  const answers = desk.journal.current();
  if (answers === null) return { kind: 'none', sentence: 'There is no stack.', issuer: null, clients: [] };
  const subject = await desk.sso.subject(answers);
  if (subject === null)
    return { kind: 'off', sentence: 'GitLab has accounts of its own alone.', issuer: null, clients: [] };
  const kept = desk.sso.kept(answers.lab);
  return {
    kind: answers.sso,
    sentence: sentenceOf(subject),
    issuer: subject.entry.issuer,
    clients: subject.clients.map((client) => ({
      ...client,
      last: kept.find((one) => one.client === client.id) ?? null,
    })),
  };
}

/** `sso.test`. Kept with its date. Rejects with `stack.none`, `sso.off`, `sso.client-unknown`, and the first problem of the answers. */
export async function testSso(
  { client }: ParsedInput<'sso.test'>,
  { stack: desk }: Context,
): Promise<Output<'sso.test'>> {
  const answers = desk.requireCurrent();
  const subject = await desk.sso.subject(answers);
  if (subject === null)
    throw new AutoGitError({
      key: 'sso.off',
      message: 'GitLab has accounts of its own alone: there is nothing to try.',
      next: 'Choose sso: authelia, or another provider, in the answers of the stack.',
    });
  const known = subject.clients.map(({ id }) => id);
  if (client !== undefined && !known.includes(client))
    throw new AutoGitError({
      key: 'sso.client-unknown',
      message: `Nobody signs in to "${client}" in this stack.`,
      next: `People sign in to: ${known.join(', ')}.`,
      fields: { client },
    });
  const tests = await desk.sso.test(answers, client);
  return { good: tests.every((one) => one.good), tests: [...tests] };
}

/** The address to copy; `null`: there is no stack whose answers are accepted. */
async function redirectNow({ stack: desk }: Pick<ProviderContext, 'stack'>): Promise<string | null> {
  const answers = desk.journal.current();
  if (answers === null) return null;
  const { rendering } = await desk.render(answers);
  return rendering.ok ? redirectOf(rendering.stack.gitlabUrl) : null;
}

/** `sso.providers`. */
export async function listSsoProviders(
  _: ParsedInput<'sso.providers'>,
  context: Context,
): Promise<Output<'sso.providers'>> {
  const redirect = await redirectNow(context);
  const shown = redirect ?? redirectOf('https://gitlab.<domain of the lab>');
  return {
    redirect,
    logout: redirect === null ? null : `${new URL(redirect).origin}/users/sign_in`,
    providers: Object.entries(oidcProviders).map(([id, { title, issuer, steps, groups }]) => ({
      ...{ id, title, issuer, groups },
      steps: steps.map((step) => step.replace('REDIRECT', shown)),
    })),
  };
}

function refused(
  problem: { readonly message: string; readonly next: string } = {
    message: 'The answers cannot be read.',
    next: 'Correct them.',
  },
): Output<'sso.check'> {
  const { message, next } = problem;
  return { good: false, steps: [{ key: 'sso.answers', label: 'Answers', state: 'bad', message, next }] };
}

function noProvider(): AutoGitError {
  return new AutoGitError({
    key: 'sso.no-provider',
    message: 'The answers of this stack name no other provider of OpenID Connect.',
    next: 'Give answers that name one: autogit sso check --answers lab.yaml. What each needs: autogit sso providers',
  });
}

/** `sso.check`. Nothing is changed, here or there; what is wrong with the answers comes as a step. Rejects with `sso.no-provider`. */
export async function checkProvider(
  { oidc: given, text, secret, redirect }: ParsedInput<'sso.check'>,
  context: ProviderContext,
): Promise<Output<'sso.check'>> {
  const { stack: desk } = context;
  const read = text === undefined ? null : parseAnswers(text);
  if (read?.ok === false) return refused(read.problems[0]);
  const oidc = given ?? (read === null ? desk.journal.current()?.oidc : read.answers.oidc);
  if (oidc === undefined || oidc === null) throw noProvider();
  const [problem] = judgeOidc(oidc);
  const root = problem === undefined ? await rootOf(oidc, desk) : { problem };
  if (root.problem !== undefined) return refused(root.problem);
  const entry = {
    ...entryOf(oidc, secret ?? keptSecret(oidc, context)),
    isSecretTyped: secret !== undefined,
    redirectUri: redirect ?? (await redirectNow(context)),
  };
  const { steps } = await tryProvider({ entry, web: desk.signInWeb, way: { ca: root.pem, connect: null } });
  return { good: isGood(steps), steps: [...steps] };
}

/** GitLab's secret at the stack's provider; `null`: this is another one, whoever has typed it, and not to get it. */
function keptSecret({ issuer, clientId, ca }: Oidc, { stack, secrets }: ProviderContext): string | null {
  const answers = stack.journal.current();
  const own = answers?.oidc ?? null;
  if (answers === null || own === null) return null;
  const isSame = own.issuer === issuer && own.clientId === clientId && own.ca === ca;
  return isSame ? secrets.get(stackSecret(answers.lab, oidcSecret)) : null;
}

async function rootOf(
  { ca }: Oidc,
  { readDirectoryRoot, readText }: Desk,
): Promise<
  | { readonly pem: string | null; readonly problem?: undefined }
  | { readonly problem: { readonly message: string; readonly next: string } }
> {
  if (ca === null) return { pem: null };
  const { problem } = asProviderRoot(await readDirectoryRoot(ca));
  return problem === undefined ? { pem: certificatesIn(await readText(ca)).join('\n') } : { problem };
}
