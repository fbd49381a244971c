// Stacks for the tests on real programs: every two answers that matter meet in at least one of them.
import { rootCertificates } from 'node:tls';
import { pairwise } from './pairwise.ts';
import { renderStack } from '../../main/templates/render-stack.ts';
import type { StackAnswers } from '../../main/model/stack/answers.ts';
import type { RenderedStack, StackFacts } from '../../main/model/stack/stack.ts';
import { bundledTemplates, someAnswers, someFacts } from '../fakes/stack-templates.ts';

/** One choice of a question: what it changes. */
interface Choice {
  readonly name: string;
  readonly answers?: Readonly<Record<string, unknown>>;
  readonly templates?: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;
  readonly facts?: Partial<StackFacts>;
}

export interface StackCase {
  readonly title: string;
  readonly answers: StackAnswers;
  readonly facts: StackFacts;
  readonly stack: RenderedStack;
}

const mail = { host: 'smtp.example.org', from: "o'brien@example.org" };
/** An engine of an ordinary user, as it tells of itself. */
function rootlessEngine(engine: Pick<NonNullable<StackFacts['engine']>, 'kind' | 'version' | 'apiVersion'>) {
  const socket = `/run/user/1000/${engine.kind}/engine.sock`;
  return { engine: { ...engine, rootless: true, architecture: 'arm64', socket, lowestPort: 1 } };
}

/** An engine of Fedora, or of RHEL. */
const withSelinux: Partial<StackFacts> = {
  engine: {
    ...{ kind: 'docker', rootless: false, version: '28.5.2', apiVersion: '1.51', architecture: 'amd64' },
    ...{ socket: '/var/run/docker.sock', lowestPort: null, selinux: true },
  },
};

/** Certificates of every kind, with a domain that each of them can have. */
const tls: readonly Choice[] = [
  { name: 'local-ca', answers: { tls: { mode: 'local-ca' } } },
  { name: 'own', answers: { tls: { mode: 'own', certificate: '/srv/cert.pem', key: '/srv/key.pem' } } },
  {
    name: 'acme-dns',
    answers: {
      tls: { mode: 'acme-dns', email: 'admin@example.org', provider: 'netcup' },
      domain: 'lab.example.org',
    },
  },
  {
    name: 'acme-dns-staging',
    answers: {
      tls: { mode: 'acme-dns', email: 'admin@example.org', provider: 'route53', staging: true },
      domain: 'example.org',
    },
  },
  {
    name: 'acme-http',
    answers: { tls: { mode: 'acme-http', email: 'admin@example.org' }, domain: 'git.example.org' },
  },
];

const sso: readonly Choice[] = [
  { name: 'authelia', answers: { sso: 'authelia' } },
  { name: 'sso-off', answers: { sso: 'off' } },
  {
    name: 'keycloak',
    answers: {
      sso: 'oidc',
      oidc: {
        ...{ provider: 'keycloak', issuer: 'https://id.example.org/realms/main', clientId: "it's-gitlab" },
        ...{ label: 'Our "own" #{id}', ca: '/srv/id.pem' },
      },
    },
    facts: { oidcRoot: { certificates: [['MIIB', 'AA==']] } },
  },
  {
    name: 'google',
    answers: {
      sso: 'oidc',
      oidc: {
        provider: 'google',
        issuer: 'https://accounts.google.com',
        clientId: '1-a.apps.googleusercontent.com',
      },
    },
  },
  { name: 'two-factor', templates: { authelia: { factors: 'two_factor', rememberDays: 1, theme: 'grey' } } },
  { name: 'sessions-in-redis', templates: { authelia: { sessions: 'redis' } } },
];

const ssh: readonly Choice[] = [
  { name: 'ssh-direct', answers: { ssh: 'direct' } },
  { name: 'ssh-traefik', answers: { ssh: 'traefik' } },
];

const registry: readonly Choice[] = [
  { name: 'no-registry' },
  { name: 'registry', templates: { registry: { deleteImages: false } } },
];

const ports: readonly Choice[] = [
  { name: 'usual-ports' },
  { name: 'other-ports', answers: { ports: { http: 8090, https: 8443, ssh: 8091, dns: 5353 } } },
];

const reader = { kind: 'ldap', baseDn: 'dc=example,dc=org', user: 'cn=reader,dc=example,dc=org' };
/** Any certificate does. */
const [, ...someRoot] = (rootCertificates[0] ?? '').trim().split('\n');

/** Where Authelia has its people. */
const directory: readonly Choice[] = [
  { name: 'people-on-file' },
  {
    name: 'ldap',
    answers: {
      directory: {
        ...{
          ...reader,
          implementation: 'rfc2307bis',
          address: 'ldaps://ldap.example.org',
          ca: '/srv/root.pem',
        },
        additionalUsersDn: 'ou=people',
        additionalGroupsDn: 'ou=groups',
      },
    },
    facts: { directoryRoot: { certificates: [someRoot.slice(0, -1)] } },
  },
  {
    name: 'active-directory',
    answers: {
      directory: {
        ...{ ...reader, implementation: 'activedirectory', address: 'ldap://10.0.0.5:3890', startTls: true },
        ...{ user: 'reader@example.org', serverName: 'dc1.example.org', adminGroup: 'Domain Admins' },
        changesPasswords: true,
      },
    },
  },
  {
    name: 'ldap-custom',
    answers: {
      directory: {
        ...{ ...reader, implementation: 'custom', address: 'ldap://directory.example.org', plain: true },
        usersFilter: '(&({username_attribute}={input})(objectClass=person)(!(o=it\'s "odd" \\5c $HOME #1)))',
        groupsFilter: '(&(member={dn})(objectClass=groupOfNames))',
      },
    },
  },
  ...(['freeipa', 'lldap', 'glauth'] as const).map((implementation) => ({
    name: implementation,
    answers: { directory: { ...reader, implementation, address: 'ldaps://ldap.example.org:6360' } },
  })),
];

/** Answers that Traefik's configuration depends on. */
const traefikQuestions = [tls, sso, ssh, registry, ports] as const;

const otherQuestions: readonly (readonly Choice[])[] = [
  directory,
  [
    { name: 'coredns', answers: { dns: { mode: 'coredns', upstream: ['9.9.9.9', 'tls://1.1.1.1'] } } },
    {
      name: 'coredns-ipv6',
      answers: { dns: { mode: 'coredns' }, address6: '2001:db8::10' },
      templates: { coredns: { ttl: 300, logQueries: true } },
    },
    { name: 'own-dns', answers: { dns: { mode: 'own' } } },
    {
      name: 'dns-provider',
      answers: {
        dns: { mode: 'provider', provider: 'cloudflare', zone: 'example.org' },
        domain: 'a.b.example.org',
      },
    },
  ],
  [
    { name: 'no-mail' },
    { name: 'mail', templates: { mail: { ...mail, username: 'lab@example.org' } } },
    { name: 'mail-tls', templates: { mail: { ...mail, username: 'lab', port: 465, security: 'tls' } } },
    { name: 'mail-open', templates: { mail: { ...mail, port: 25, security: 'none' } } },
  ],
  [
    { name: 'by-memory' },
    { name: 'minimal', answers: { preset: 'minimal' } },
    { name: 'homelab', answers: { preset: 'homelab' } },
    { name: 'team', answers: { preset: 'team' } },
    { name: 'beast', answers: { preset: 'beast' }, facts: { memoryBytes: 64 * 2 ** 30, threads: 32 } },
  ],
  [
    { name: 'rootful' },
    { name: 'rootless', facts: rootlessEngine({ kind: 'docker', version: '24.0.9', apiVersion: '1.43' }) },
    { name: 'podman', facts: rootlessEngine({ kind: 'podman', version: '5.4.0', apiVersion: '1.41' }) },
    { name: 'root', facts: { uid: 0, gid: 0 } },
    { name: 'selinux', facts: withSelinux },
  ],
  [
    { name: 'plain-path', answers: { data: '/srv/lab', bind: '192.168.1.10' } },
    { name: 'bound-to-ipv6', answers: { bind: 'fd00::10' } },
    { name: 'odd-path', answers: { data: `/srv/it's my "lab" $HOME \${x} #1` } },
  ],
];

/** All of them in one; the later ones win. */
function together<Part extends object>(parts: readonly (Part | undefined)[]): Partial<Part> {
  return parts.reduce<Partial<Part>>((all, part) => ({ ...all, ...part }), {});
}

function cases(questions: readonly (readonly Choice[])[]): readonly StackCase[] {
  const templates = bundledTemplates();
  return pairwise(questions.map((choices) => choices.length)).map((row) => {
    const chosen = row.flatMap((choice, question) => questions[question]?.[choice] ?? []);
    const title = chosen.map(({ name }) => name).join(' ');
    // Where two choices name a domain, that of the provider's zone comes last and wins.
    const answers = someAnswers({
      ...together(chosen.map((choice) => choice.answers)),
      templates: together(chosen.map((choice) => choice.templates)),
    });
    const facts = someFacts(together(chosen.map((choice) => choice.facts)));
    const rendering = renderStack({ answers, templates, facts });
    if (!rendering.ok) throw new Error(`${title}: ${JSON.stringify(rendering.problems)}`);
    return { title, answers, facts, stack: rendering.stack };
  });
}

/** Every two answers of all questions. */
export function stackCases(): readonly StackCase[] {
  return cases([...traefikQuestions, ...otherQuestions]);
}

/** Every two of those answers that Traefik's configuration depends on. */
export function traefikCases(): readonly StackCase[] {
  return cases(traefikQuestions);
}

/** Content of a rendered file. */
export function contentOf(stack: RenderedStack, path: string): string {
  const file = stack.files.find((one) => one.path === path);
  if (file === undefined) throw new Error(`there is no ${path}`);
  return file.content;
}
