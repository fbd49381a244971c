// What templates may read: answers, machine and each other, all of it there, `null` where it is not known.
import { acmeVariables } from './acme-providers.ts';
import { holds } from './liquid.ts';
import type { Scope } from './liquid.ts';
import { byBothNames, defaultsOf } from './select.ts';
import type { TemplateAnswers } from './select.ts';
import type { Settled } from './settle.ts';
import type { Subnet } from './subnets.ts';
import { acmeOf, authorityOf, needsTrial } from '../model/stack/acme.ts';
import { adminGroupOf, hasOwnRoot } from '../model/stack/answers.ts';
import type { Directory, Tls } from '../model/stack/answers.ts';
import { oidcProviders } from '../model/oidc-providers.ts';
import { placeOfDirectory } from '../model/stack/directory.ts';
import type { StackFacts } from '../model/stack/stack.ts';
import type { TemplateSource } from '../model/stack/template.ts';

export const networkNames = ['edge', 'inner', 'socket'] as const;
export type NetworkName = (typeof networkNames)[number];
export type Subnets = ReadonlyMap<NetworkName, Subnet>;

/** Names below the domain that every stack keeps for itself. */
export const commonNames = ['gitlab', 'auth', 'registry', 'traefik'] as const;

export function projectOf(lab: string): string {
  return `autogit-${lab}`;
}

/** An address with its port where the scheme would mean another. */
export function addressOf(scheme: 'https' | 'http', host: string, port: number): string {
  return `${scheme}://${host}${port === (scheme === 'https' ? 443 : 80) ? '' : `:${port}`}`;
}

/** Address of GitLab's SSH: `ssh://git@gitlab.lab.home.arpa:2222`. */
export function sshAddress(domain: string, port: number): string {
  return `ssh://git@gitlab.${domain}${port === 22 ? '' : `:${port}`}`;
}

/** Rootful Docker's own place, for a plan on a machine whose engine is not known. */
export const usualSocket = '/var/run/docker.sock';

/** Engine API that knows `start_interval` of health checks: Docker 25. https://docs.docker.com/reference/api/engine/version-history/ */
function knowsStartInterval(engine: StackFacts['engine']): boolean {
  if (engine?.kind !== 'docker') return false;
  const [major = 0, minor = 0] = engine.apiVersion.split('.').map(Number);
  return major > 1 || (major === 1 && minor >= 44);
}

/** Everything in the scope but which templates are chosen and their answers. */
export function baseScope(settled: Settled, facts: StackFacts): Scope {
  const { answers, domain, address, address6, sizes, email, upstream } = settled;
  const { lab, data, ports, tls, dns } = answers;
  const isTrial = needsTrial(tls, domain, facts.acmeProven ?? []);
  return {
    lab: {
      ...{ name: lab, domain, data, project: projectOf(lab), address, address6 },
      timezone: facts.timezone ?? 'UTC',
      gitlabUrl: addressOf('https', `gitlab.${domain}`, ports.https),
      sshUrl: sshAddress(domain, ports.ssh),
      ...{ httpsPort: ports.https, httpPort: ports.http, sshPort: ports.ssh, dnsPort: ports.dns },
      hsts: !isTrial && isTrustedEverywhere(tls),
    },
    tls: tlsScope(tls, isTrial),
    sso: answers.sso,
    directory: directoryScope(answers.directory, facts),
    oidc: oidcScope(answers, facts),
    dns: {
      ...{ mode: dns.mode, upstream },
      provider: dns.mode === 'provider' ? dns.provider : null,
      zone: dns.mode === 'provider' ? dns.zone : null,
    },
    ...{ ssh: answers.ssh, ports, preset: sizes, policy: answers.policy },
    engine: {
      kind: facts.engine?.kind ?? 'docker',
      rootless: facts.engine?.rootless ?? false,
      version: facts.engine?.version ?? null,
      socket: facts.engine?.socket ?? usualSocket,
      start_interval: knowsStartInterval(facts.engine),
    },
    admin: { username: answers.admin.username, email },
    user: { uid: facts.uid, gid: facts.gid },
  };
}

/** Who keeps people; what an implementation knows by itself is left to Authelia. */
function directoryScope(directory: Directory, { directoryRoot }: StackFacts): Scope {
  if (directory.kind === 'file') return { kind: 'file', adminGroup: adminGroupOf(directory), root: null };
  const { host, port, isTls } = placeOfDirectory(directory);
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    ...directory,
    // With its port: Authelia's own is the one for TLS, whatever the scheme.
    address: `${isTls ? 'ldaps' : 'ldap'}://${name}:${port}`,
    // Of IPv6 Authelia's schema knows no such name; its own default is the same.
    serverName: directory.serverName ?? (host.includes(':') ? null : host),
    root: directory.ca === null ? null : (directoryRoot?.certificates ?? null),
  };
}

/** Another provider of sign-in, and what GitLab may believe of what it says; `null`: none. */
function oidcScope({ sso, oidc }: Settled['answers'], { oidcRoot }: StackFacts): Scope | null {
  if (sso !== 'oidc' || oidc === null) return null;
  const {
    title = oidc.provider,
    scopes = [],
    linksByEmail = false,
    holdsNew = true,
  } = oidcProviders[oidc.provider] ?? {};
  return {
    ...{
      issuer: oidc.issuer,
      clientId: oidc.clientId,
      label: oidc.label ?? title,
      scopes,
      linksByEmail,
      holdsNew,
    },
    root: oidc.ca === null ? null : (oidcRoot?.certificates ?? null),
  };
}

/** Whether every device trusts it without being told: only then may browsers be made to insist on it. */
function isTrustedEverywhere(tls: Tls): boolean {
  switch (tls.mode) {
    case 'local-ca':
    case 'own':
      return false;
    case 'acme-dns':
    case 'acme-http':
      return !tls.staging && tls.server === null;
  }
}

/** `isTrial`: the staging authority is asked, whatever the answers say, until that has worked. */
function tlsScope(tls: Tls, isTrial: boolean): Scope {
  const acme = acmeOf(tls);
  const provider = acme?.mode === 'acme-dns' ? acme.provider : null;
  const authority = acme === null ? null : authorityOf(acme, isTrial);
  return {
    mode: tls.mode,
    resolver: acme === null ? null : 'letsencrypt',
    provider,
    email: acme?.email ?? null,
    staging: acme !== null && (isTrial || acme.staging),
    ca: hasOwnRoot(tls),
    server: authority?.url ?? null,
    storage: authority?.storage ?? null,
    // Authorities of one's own mostly give a day; with more, Traefik only looks more often than it has to.
    hours: acme === null || acme.server === null ? null : 24,
    environment:
      provider === null ? [] : acmeVariables(provider).map(({ name, secret }) => ({ name, secret })),
    options: acme?.mode === 'acme-dns' ? givenOptions(acme.options) : [],
    askers: acme?.mode === 'acme-dns' ? askersOf(acme) : [],
  };
}

/**
 * Name servers that are asked whether a record can be seen: public ones for Let's Encrypt, and never the lab's own, which
 * answers for the same domain without the record. For an authority of one's own, whoever takes the record, or the machine's.
 */
function askersOf({
  server,
  provider,
  options,
}: Extract<Tls, { readonly mode: 'acme-dns' }>): readonly string[] {
  if (server === null) return ['1.1.1.1:53', '9.9.9.9:53'];
  const own = options['DNSUPDATE_NAMESERVER'];
  if (provider !== 'rfc2136' || own === undefined) return [];
  return [/:\d+$/.test(own.replace(/^\[.*?\]/, '')) ? own : `${own}:53`];
}

function givenOptions(options: Readonly<Record<string, string>>): readonly Scope[] {
  const given = Object.entries(options).filter(([, value]) => value !== '');
  return given.map(([name, value]) => ({ name, value }));
}

/** The scope with what the templates are to each other: which there are, what each answers, names and networks. */
export function fullScope(
  base: Scope,
  {
    settled,
    all,
    chosen,
    answers,
    subnets,
  }: {
    readonly settled: Settled;
    readonly all: readonly TemplateSource[];
    readonly chosen: readonly TemplateSource[];
    readonly answers: TemplateAnswers;
    readonly subnets: Subnets;
  },
): Scope {
  const {
    domain,
    answers: { lab, ports },
  } = settled;
  const hosts = [...commonNames, ...labelsOf(chosen)].map((name) => [name, `${name}.${domain}`] as const);
  const scope = {
    ...base,
    names: byBothNames(hosts),
    urls: byBothNames(hosts.map(([name, host]) => [name, addressOf('https', host, ports.https)])),
    networks: Object.fromEntries(
      [...subnets].map(([name, { subnet, gateway }]) => [
        name,
        { name: networkOf(lab, name), subnet, gateway },
      ]),
    ),
    has: hasScope(all, chosen),
    of: byBothNames(
      all.map(({ manifest }) => [
        manifest.id,
        { ...defaultsOf(manifest.questions), ...answers[manifest.id] },
      ]),
    ),
  };
  return { ...scope, hosts: publicNames(chosen, scope).map(({ name }) => `${name}.${domain}`) };
}

function labelsOf(chosen: readonly TemplateSource[]): readonly string[] {
  return chosen.flatMap(({ manifest }) => manifest.names.map(({ name }) => name));
}

/** The names below the domain that lead to Traefik in this stack, each once; a `when` that can not be read does not hold. */
export function publicNames(
  chosen: readonly TemplateSource[],
  scope: Scope,
): readonly { readonly name: string; readonly what: string }[] {
  const there = chosen
    .flatMap(({ manifest }) => manifest.names)
    .filter((entry) => {
      try {
        return holds(entry.when, scope);
      } catch {
        return false;
      }
    });
  return there.filter(({ name }, index) => there.findIndex((other) => other.name === name) === index);
}

/** Name of a network as the engine knows it. */
export function networkOf(lab: string, name: NetworkName): string {
  return `${projectOf(lab)}_${name}`;
}

/** `has`: which of all templates are chosen. */
export function hasScope(
  all: readonly TemplateSource[],
  chosen: readonly TemplateSource[],
): Readonly<Record<string, boolean>> {
  return byBothNames(all.map((template) => [template.manifest.id, chosen.includes(template)]));
}

/** The scope of one template: with its own answers and images. */
export function ownScope(full: Scope, { manifest }: TemplateSource, answers: TemplateAnswers): Scope {
  return {
    ...full,
    answers: { ...defaultsOf(manifest.questions), ...answers[manifest.id] },
    images: byBothNames(manifest.images.map(({ name, reference }) => [name, reference])),
  };
}
