// Whether certificates can be had by ACME, told before anything asks for one; and another one now.
import { triesOf } from '../../apply/stack/acme.ts';
import { stackSecret } from '../../apply/stack/context.ts';
import type { Output, ParsedInput } from '../../contract/contract.ts';
import { detectNetwork } from '../../detect/stack/network.ts';
import { acmeOf, acmeWay, isDefaultCertificate } from '../../model/stack/acme.ts';
import type { AcmeTls } from '../../model/stack/acme.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type { ServedCertificate } from '../../model/stack/surroundings.ts';
import * as findings from '../../plan/acme-findings.ts';
import type { AcmeCheck } from '../../plan/acme-findings.ts';
import { credentialsIn } from '../../plan/dns-credentials.ts';
import type { Clock, Store } from '../../ports.ts';
import { acmeProvider } from '../../templates/acme-providers.ts';
import type { AcmeProvider } from '../../templates/acme-providers.ts';
import { checkAcmeAnswers } from '../../templates/check-acme.ts';
import { toOutcome } from '../outcome.ts';
import type { RequestContext } from '../requests.ts';
import { failureOf, failuresOf, traefik } from './acme-failures.ts';
import { certificatesAtDoor } from './certificate-list.ts';
import { domainFor, renderedOf } from './lab-root.ts';
import type { RendersAnswers } from './lab-root.ts';
import type { StackLookParts } from './look-parts.ts';
import type { StackDesk } from './stack-desk.ts';

type Input = ParsedInput<'certificate.check'> & { readonly tls: AcmeTls };
type Check = Output<'certificate.check'>['checks'][number];

/** Traefik renews what holds three months one month before its end. https://doc.traefik.io/traefik/reference/install-configuration/tls/certificate-resolvers/acme/ */
const renewalMs = 30 * 86_400_000;

/** What speaks for and against this way. Nothing of Let's Encrypt is asked. Rejects with `stack.certificate-domain`. */
export async function checkAcme(input: Input, context: RequestContext): Promise<readonly Check[]> {
  const { tls } = input;
  const answers = context.stack.journal.current();
  const domain = input.domain ?? domainFor(answers);
  const wrong = checkAcmeAnswers(tls, domain).map(({ key, field, message, next }): AcmeCheck => ({
    key,
    label: field,
    state: 'bad',
    message,
    next,
  }));
  if (wrong.length > 0) return wrong;
  const lab = answers?.lab ?? null;
  const proven = lab === null ? undefined : context.stack.stackLook.provenWays?.(lab);
  const isProven = proven?.includes(acmeWay(tls, domain)) === true;
  const [outside, way] = await Promise.all([
    tls.server === null ? checkOutside(tls, domain, context) : [],
    tls.mode === 'acme-dns' ? checkToken(input, domain, context) : checkReach(domain, answers, context),
  ]);
  const limits =
    lab === null || tls.server !== null
      ? []
      : findings.limitChecks(triesOf(lab, context.secrets), context.clock.now());
  return [findings.authorityCheck(tls, isProven), ...outside, ...way, ...limits];
}

async function checkOutside(
  tls: AcmeTls,
  domain: string,
  { stack }: RequestContext,
): Promise<readonly AcmeCheck[]> {
  const seen = await stack.lookOutside.domain(domain);
  return [findings.domainCheck(domain, seen), findings.caaCheck(domain, seen, tls.mode === 'acme-dns')];
}

/** Every name has a certificate of its own, and is asked for by itself. */
async function checkReach(
  domain: string,
  answers: StackAnswers | null,
  { stack, probe }: RequestContext,
): Promise<readonly AcmeCheck[]> {
  const name = `gitlab.${domain}`;
  const [found, network, machine] = await Promise.all([
    stack.lookOutside.name(name),
    stack.lookOutside.ownAddress(),
    detectNetwork(probe),
  ]);
  const { addresses, addresses6 } = machine;
  return findings.reachChecks({
    ...{ name, found, network, addresses, addresses6 },
    httpPort: answers?.ports.http ?? 80,
  });
}

async function checkToken(
  { tls, secrets: typed = {} }: Input,
  domain: string,
  context: RequestContext,
): Promise<readonly AcmeCheck[]> {
  if (tls.mode !== 'acme-dns') return [];
  const provider = acmeProvider(tls.provider);
  if (provider === null) return [];
  const lab = context.stack.journal.current()?.lab ?? null;
  const secretOf = (name: string): string | null =>
    typed[name] ?? (lab === null ? null : context.secrets.get(stackSecret(lab, name)));
  const missing = provider.fields.filter(
    ({ secret, required }) => required && secret !== null && secretOf(secret) === null,
  );
  if (missing.length > 0)
    return missing.map(({ label, secret, name }) => ({
      ...{ key: 'acme.token-missing', label: `Secret of ${provider.title}`, state: 'bad' as const },
      message: `${provider.title} needs what only you have: ${label}.`,
      next: `${provider.help} Then: autogit stack set-secret ${secret ?? name} --lab ${lab ?? 'LAB'}`,
    }));
  const given = { ...tls.options, ...secretsOf(provider, tls.provider, secretOf) };
  const verdict = await context.stack.tryDnsToken(tls.provider, domain, given);
  return [findings.tokenCheck(verdict, domain, provider)];
}

/** By lego's names; the file of AWS has several in it. */
function secretsOf(
  provider: AcmeProvider,
  id: string,
  secretOf: (name: string) => string | null,
): Readonly<Record<string, string>> {
  const found = provider.fields.flatMap(({ name, secret }) => {
    const value = secret === null ? null : secretOf(secret);
    return value === null ? [] : [[name, value] as const];
  });
  const [first] = found;
  return id === 'route53' ? credentialsIn('route53', first?.[1] ?? '') : Object.fromEntries(found);
}

/** What is asked of the core where Traefik is to ask anew. */
export interface RenewContext {
  readonly stack: Pick<StackDesk, 'requireCurrent'> &
    RendersAnswers & { readonly stackLook: Pick<StackLookParts, 'lookAtDoor' | 'logOf' | 'restart'> };
  readonly clock: Pick<Clock, 'now'>;
  readonly store: Pick<Store, 'audit'>;
  readonly door: RequestContext['door'];
}

/**
 * Traefik asks by itself, at its start and once a day: where the certificate is due, or missing, it is started anew. Rejects
 * with `stack.none` and like a restart.
 */
export async function renewAcme(
  context: RenewContext,
  dryRun: boolean,
): Promise<Output<'certificate.renew'>> {
  const { stack, clock, store, door } = context;
  const answers = stack.requireCurrent();
  const tls = acmeOf(answers.tls);
  if (tls === null) throw new Error('the answers name no authority that speaks ACME');
  const served = await certificatesAtDoor(answers, context);
  const [soonest] = served.map(({ to }) => to).toSorted((a, b) => a - b);
  const isLacking = served.length === 0 || served.some(isDefaultCertificate);
  // Of an authority of one's own nobody knows how long certificates hold.
  const isDue =
    isLacking || (soonest !== undefined && (tls.server !== null || soonest - clock.now() <= renewalMs));
  const action = {
    ...{ kind: 'restart-traefik', target: `lab ${answers.lab}` },
    reason: isLacking ? 'a name has no certificate of its own' : 'the certificate is due',
  };
  const why = await lastTime(answers, served, context);
  if (!isDue) {
    const day = new Date(soonest ?? 0).toISOString().slice(0, 10);
    return toOutcome(
      [],
      dryRun,
      `The certificate holds until ${day}. Traefik renews it by itself a month before, and asks for none that is not due.${why}`,
    );
  }
  if (dryRun)
    return {
      ...toOutcome([], true, `Traefik would be started anew, and ask at once.${why}`),
      actions: [action],
    };
  await stack.stackLook.restart([traefik]);
  store.audit({ at: clock.now(), door, request: 'certificate.renew', outcome: 'done' });
  return toOutcome(
    [],
    false,
    `Traefik has been started anew and asks for a certificate now.${why}`,
    'See what came of it: autogit certificate list',
  );
}

/** Why Traefik has not got one, as far as nothing has come of it since; `''`: nothing is known. */
async function lastTime(
  answers: StackAnswers,
  served: readonly ServedCertificate[],
  context: RenewContext,
): Promise<string> {
  const failures = await failuresOf(answers, context.stack.stackLook);
  const stack = failures.length === 0 ? null : await renderedOf(answers, context);
  const about = { tls: answers.tls, all: stack?.names.map(({ name }) => name) ?? [] };
  const [last] = served.flatMap((one) => failureOf(one, failures, about) ?? []);
  return last === undefined ? '' : ` Last time: ${last.message}`;
}
