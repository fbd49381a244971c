// What the requests about names do: show which are needed, ask everybody for them, make them at a provider.
import { projectOf, stackSecret } from '../apply/stack/context.ts';
import type { Output, ParsedInput } from '../contract/contract.ts';
import { AutoGitError, problemOf } from '../errors.ts';
import { ownAddress } from '../model/stack/answers.ts';
import type { Viewpoint } from '../model/stack/names.ts';
import type { RenderedName, RenderedStack, StackFacts } from '../model/stack/stack.ts';
import { credentialsIn, providerSecrets } from '../plan/dns-credentials.ts';
import type { NameProvider } from '../plan/dns-credentials.ts';
import { judgeNames, lanSentence } from '../plan/judge-names.ts';
import type { NameFinding, NameSeen, NameView } from '../plan/judge-names.ts';
import { nameRows, nameSnippets, nameTtl, recordChanges, sameAddress } from '../plan/names.ts';
import type { LabNames, RecordChange } from '../plan/names.ts';
import type { Secrets } from '../ports.ts';
import type {
  Compose,
  ComposeProject,
  ConnectDnsProvider,
  DnsProvider,
  LookAtSsh,
  Resolver,
  SshAnswer,
} from '../stack-ports.ts';
import { toOutcome } from './outcome.ts';
import type { RequestContext } from './requests.ts';
import { refusedAnswers } from './stack/refused-answers.ts';

/** What the requests about names need of the core. */
export interface NamesContext {
  /** The stack that is or was up here, as its answers make it on this machine; `null`: none. */
  stack(): Promise<{ readonly rendered: RenderedStack; readonly facts: StackFacts } | null>;
  /** Where Compose finds it; `null`: no engine answers. */
  project(stack: RenderedStack): Promise<ComposeProject | null>;
  readonly compose: Pick<Compose, 'exec'>;
  readonly resolver: Resolver;
  readonly connectDnsProvider: ConnectDnsProvider;
  readonly lookAtSsh: LookAtSsh;
  readonly secrets: Pick<Secrets, 'get'>;
}

/** What a running core has of it. */
export function namesContext({ stack: desk, secrets }: RequestContext): NamesContext {
  const { compose, connectDnsProvider, lookAtSsh, stackLook } = desk;
  return {
    stack: async () => {
      const answers = desk.journal.current();
      if (answers === null) return null;
      const { rendering, facts } = await desk.render(answers);
      if (rendering.ok) return { rendered: rendering.stack, facts };
      throw refusedAnswers(rendering.problems);
    },
    project: async ({ lab }) => projectOf(lab, desk),
    ...{ compose, connectDnsProvider, lookAtSsh, secrets, resolver: stackLook.resolver },
  };
}

type Known = NonNullable<Awaited<ReturnType<NamesContext['stack']>>>;

async function requireStack(context: NamesContext): Promise<Known> {
  const known = await context.stack();
  if (known !== null) return known;
  throw new AutoGitError({
    key: 'names.no-stack',
    message: 'There is no lab here yet, so there are no names.',
    next: 'Bring one up: autogit stack up. Its plan shows the names: autogit stack plan',
  });
}

function labOf({ rendered, facts }: Known): LabNames {
  const { answers, names, domain } = rendered;
  const addresses = [...new Set(names.flatMap((name) => name.addresses))];
  const address = answers.address ?? facts.address;
  const hasServer = answers.dns.mode === 'coredns' && address !== null;
  return {
    ...{ domain, names },
    addresses: addresses.toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':'))),
    server: hasServer ? { address, port: answers.ports.dns } : null,
  };
}

/** `names.show`. Rejects with `names.no-stack`. */
export async function showNames(
  { form }: ParsedInput<'names.show'>,
  context: NamesContext,
): Promise<Output<'names.show'>> {
  const lab = labOf(await requireStack(context));
  const snippets = nameSnippets(lab).filter((one) => form === undefined || one.form === form);
  const rows = nameRows(lab).map((row) => ({ ...row }));
  return { domain: lab.domain, rows, snippets: snippets.map((one) => ({ ...one })), server: lab.server };
}

/** `names.verify`. Rejects with `names.no-stack`; who does not answer is a finding. */
export async function verifyNames(
  { server }: ParsedInput<'names.verify'>,
  context: NamesContext,
): Promise<Output<'names.verify'>> {
  const known = await requireStack(context);
  const { rendered, facts } = known;
  const lab = labOf(known);
  const servers = [...new Set([...(server === undefined ? [] : [server]), ...facts.resolvers])];
  const own = lab.server === null ? null : whoOf(lab.server);
  const [views, published, ssh] = await Promise.all([
    Promise.all([
      ask('machine', null, lab.names, context),
      ...(own === null ? [] : [ask('lab', own, lab.names, context)]),
      ...servers.filter((one) => one !== own).map((one) => ask('network', one, lab.names, context)),
      askInside(rendered, context),
    ]),
    isPublished(rendered, context),
    lookAtGit(known, context),
  ]);
  const { domain } = lab;
  const judged = judgeNames({
    ...{ domain, names: lab.names, hasServer: lab.server !== null, published },
    subnets: rendered.networks.map(({ subnet }) => subnet),
    views: views.filter((view) => view !== null),
  });
  const findings = [...judged.findings, ...sshFindings(rendered, ssh)];
  return {
    healthy: findings.length === 0,
    ...{ domain, sentence: lanSentence(judged.views, domain) },
    views: judged.views.map((view) => ({
      ...view,
      names: view.names.map((name) => ({ ...name, got: [...name.got] })),
    })),
    findings: findings.map((finding) => ({ ...finding })),
    ssh: { url: rendered.sshUrl, ...ssh, keys: ssh.keys.map((key) => ({ ...key })) },
  };
}

function whoOf({ address, port }: { readonly address: string; readonly port: number }): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return port === 53 ? address : `${host}:${port}`;
}

async function ask(
  from: Viewpoint,
  server: string | null,
  names: readonly RenderedName[],
  { resolver }: NamesContext,
): Promise<NameView> {
  let silence: string | null = null;
  const one = async (name: string, type: 'A' | 'AAAA'): Promise<readonly string[] | null> => {
    try {
      return await resolver.resolve(name, type, server);
    } catch (error) {
      silence = problemOf(error).message;
      return null;
    }
  };
  const seen = await Promise.all(
    names.map(async ({ name }): Promise<NameSeen> => {
      const [v4, v6] = await Promise.all([one(name, 'A'), one(name, 'AAAA')]);
      return { name, v4, v6 };
    }),
  );
  const isSilent = seen.length > 0 && seen.every(({ v4, v6 }) => v4 === null && v6 === null);
  return { from, who: server ?? '', seen, silence: isSilent ? silence : null };
}

/** GitLab's image has it; who asks is GitLab itself. Milliseconds. */
const insideMs = 15_000;

/** `null`: the stack is not up, or has no GitLab that could be asked. */
async function askInside(stack: RenderedStack, context: NamesContext): Promise<NameView | null> {
  const service = stack.services.find(({ name }) => name === 'gitlab') ?? null;
  const project = service === null ? null : await context.project(stack).catch(() => null);
  if (service === null || project === null) return null;
  try {
    const seen: NameSeen[] = [];
    for (const { name } of stack.names) {
      const command = ['getent', 'ahosts', name];
      const { code, stdout } = await context.compose.exec(project, service.name, command, '', insideMs);
      // 2: there is no such name. https://man7.org/linux/man-pages/man1/getent.1.html
      if (code !== 0 && code !== 2) return null;
      const all = [
        ...new Set(stdout.split('\n').flatMap((line) => /^([0-9a-fA-F.:]+)\s/.exec(line)?.[1] ?? [])),
      ];
      seen.push({
        name,
        v4: all.filter((address) => !address.includes(':')),
        v6: all.filter((address) => address.includes(':')),
      });
    }
    return { from: 'container', who: service.name, seen, silence: null };
  } catch {
    // That a container does not run is said by the state of the stack.
    return null;
  }
}

/** Whether the provider has every record as it should be; `null`: there is none, or it cannot be asked. */
async function isPublished(stack: RenderedStack, context: NamesContext): Promise<boolean | null> {
  const { dns } = stack.answers;
  if (dns.mode !== 'provider') return null;
  try {
    const provider = connect({ lab: stack.lab, ...dns }, context);
    return recordChanges(stack, await provider.records()).every(({ change }) => change === 'same');
  } catch {
    return null;
  }
}

async function lookAtGit({ rendered, facts }: Known, { lookAtSsh }: NamesContext): Promise<SshAnswer> {
  const host = ownAddress(rendered.answers) ?? facts.address ?? '127.0.0.1';
  return lookAtSsh(host, rendered.answers.ports.ssh);
}

type SshFinding = Omit<NameFinding, 'key'> & { readonly key: 'names.ssh-closed' };

function sshFindings({ sshUrl, answers }: RenderedStack, { banner, why }: SshAnswer): readonly SshFinding[] {
  if (banner !== null) return [];
  const through = answers.ssh === 'traefik' ? 'Traefik' : 'GitLab';
  return [
    {
      ...{ key: 'names.ssh-closed', severity: 'error', subject: sshUrl },
      message: `Git over SSH is not answered at port ${answers.ports.ssh}: ${why ?? 'nothing that speaks SSH is there'}.`,
      next: `Look whether ${through} runs and no firewall closes the port: autogit stack status`,
    },
  ];
}

interface Provider {
  readonly lab: string;
  readonly provider: NameProvider;
  readonly zone: string;
}

/** Rejects with `names.credentials-missing`. */
function connect(
  { lab, provider, zone }: Provider,
  { secrets, connectDnsProvider }: NamesContext,
): DnsProvider {
  const name = providerSecrets[provider];
  const secret = secrets.get(stackSecret(lab, name));
  if (secret !== null) return connectDnsProvider(provider, zone, credentialsIn(provider, secret));
  throw new AutoGitError({
    key: 'names.credentials-missing',
    message: `AutoGit has no credentials for ${provider}.`,
    next: `Give them on standard input: autogit stack set-secret ${name} --lab ${lab}`,
    fields: { provider },
  });
}

/**
 * `names.publish`. Rejects with `names.no-stack`, `names.no-provider`, `names.credentials-missing`, `names.outside-zone`,
 * and like `DnsProvider`.
 */
export async function publishNames(
  input: ParsedInput<'names.publish'>,
  context: NamesContext,
): Promise<Output<'names.publish'>> {
  const known = await requireStack(context);
  const { rendered } = known;
  const wanted = providerOf(input, rendered);
  requireInside(rendered, wanted.zone);
  const provider = connect(wanted, context);
  const records = recordChanges(rendered, await provider.records()).map((one) => ({ ...one }));
  const open = records.filter(({ change }) => change !== 'same');
  const words = `${open.length} of ${records.length} records at ${wanted.provider}`;
  if (open.length === 0)
    return { ...toOutcome([], input.dryRun, 'Every record is there as it should be.'), records };
  if (input.dryRun || !input.yes)
    return {
      ...toOutcome([], true, `Would make or change ${words}.`, 'Make them with: autogit names publish --yes'),
      records,
    };
  for (const { name, type, to, change } of open)
    await provider.put({ name, type, value: to, ttl: nameTtl }, { replace: change === 'update' });
  const left = recordChanges(rendered, await provider.records()).filter((one) => !isMade(one));
  if (left.length > 0) throw notKept(left, wanted);
  const next = 'It may take some minutes until everybody knows them. See: autogit names verify';
  return { ...toOutcome([], false, `Made or changed ${words}.`, next), records };
}

function isMade({ change, from, to }: RecordChange): boolean {
  return change === 'same' || sameAddress(from, to);
}

function providerOf(input: ParsedInput<'names.publish'>, { answers, lab }: RenderedStack): Provider {
  const answered = answers.dns.mode === 'provider' ? answers.dns : null;
  const provider = input.provider ?? answered?.provider;
  const zone = input.zone ?? answered?.zone;
  if (provider !== undefined && zone !== undefined)
    return { lab, provider, zone: zone.toLowerCase().replace(/\.$/, '') };
  throw new AutoGitError({
    key: 'names.no-provider',
    message: 'Nobody has said who has the domain, and as which zone.',
    next: 'Say so: autogit names publish --provider cloudflare --zone example.org',
  });
}

function requireInside({ domain }: RenderedStack, zone: string): void {
  if (domain === zone || domain.endsWith(`.${zone}`)) return;
  throw new AutoGitError({
    key: 'names.outside-zone',
    message: `The names of the lab end in ${domain}, which is not in the zone ${zone}.`,
    next: 'Give the lab a domain in that zone (domain of the answers), or name the zone that it is in.',
  });
}

function notKept(left: readonly RecordChange[], { provider }: Provider): AutoGitError {
  const names = left.map(({ name, type, from }) => `${name} (${type}): ${from === '' ? 'nothing' : from}`);
  return new AutoGitError({
    key: 'names.not-kept',
    message: `${provider} has taken the records, and still says otherwise: ${names.slice(0, 3).join('; ')}.`,
    next: 'Ask again in a minute: autogit names publish',
    retry: true,
  });
}
