// Debian's slapd with its own configuration, data, ports and user: never the machine's service.
import { execFile } from 'node:child_process';
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, vi } from 'vitest';
import { directorySchema } from '../../main/model/stack/answers.ts';
import type { LdapDirectory } from '../../main/model/stack/directory.ts';
import { freePorts, startPeer } from './peer-process.ts';

const run = promisify(execFile);

export const suffix = 'dc=example,dc=net';
export const reader = `cn=reader,${suffix}`;
export const readerPassword = 'reader-secret';
/** Of everybody in it. */
export const personPassword = 'correct horse';

/** A person whose name is made of the signs that filters are made of. */
export const hostileName = '*)(uid=*';

interface SlapdPerson {
  readonly uid: string;
  readonly mail?: string;
  readonly lines?: readonly string[];
}

const people: readonly SlapdPerson[] = [
  { uid: 'ana', mail: 'ana@example.net' },
  { uid: 'ben', mail: 'ben@example.net' },
  { uid: 'cem' },
  { uid: hostileName, mail: 'hostile@example.net' },
  { uid: 'twice', mail: 'twin@example.net' },
  { uid: 'twin', mail: 'twin@example.net' },
  { uid: 'many', mail: 'many@example.net', lines: ['uid: manifold'] },
];

function entryOf({ uid, mail, lines = [] }: SlapdPerson): string {
  return [
    // By another name than the uid, which may hold anything.
    `dn: cn=${nameOf(uid)},ou=people,${suffix}`,
    'objectClass: inetOrgPerson',
    ...[`cn: ${nameOf(uid)}`, `sn: ${nameOf(uid)}`, `displayName: Person ${nameOf(uid)}`],
    `uid:: ${Buffer.from(uid).toString('base64')}`,
    ...(mail === undefined ? [] : [`mail: ${mail}`]),
    ...[`userPassword: ${personPassword}`, ...lines],
  ].join('\n');
}

function nameOf(uid: string): string {
  return uid.replaceAll(/[^a-z]/g, '') || 'odd';
}

function groupOf(name: string, members: readonly string[]): string {
  return [
    ...[`dn: cn=${name},ou=groups,${suffix}`, 'objectClass: groupOfNames', `cn: ${name}`],
    ...members.map((uid) => `member: cn=${nameOf(uid)},ou=people,${suffix}`),
  ].join('\n');
}

const unit = (name: string): string =>
  [`dn: ou=${name},${suffix}`, 'objectClass: organizationalUnit', `ou: ${name}`].join('\n');

const entries = [
  [`dn: ${suffix}`, 'objectClass: dcObject', 'objectClass: organization', 'dc: example', 'o: Example'].join(
    '\n',
  ),
  [
    ...[
      `dn: ${reader}`,
      'objectClass: organizationalRole',
      'objectClass: simpleSecurityObject',
      'cn: reader',
    ],
    `userPassword: ${readerPassword}`,
  ].join('\n'),
  ...[unit('people'), unit('groups'), unit('away')],
  [
    ...[`dn: cn=elsewhere,ou=away,${suffix}`, 'objectClass: referral', 'objectClass: extensibleObject'],
    ...['cn: elsewhere', 'ref: ldap://127.0.0.1:1/dc=elsewhere'],
  ].join('\n'),
  [
    ...[`dn: cn=policy,${suffix}`, 'objectClass: organizationalRole', 'objectClass: pwdPolicy', 'cn: policy'],
    ...['pwdAttribute: userPassword', 'pwdLockout: TRUE', 'pwdMaxFailure: 3', 'pwdLockoutDuration: 0'],
  ].join('\n'),
  ...people.map(entryOf),
  groupOf('admins', ['ana']),
  groupOf('developers', ['ana', 'ben', hostileName]),
];

export interface SlapdOptions {
  /** PEM of certificate and key; without them it knows no TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** GnuTLS's words for what TLS it speaks. */
  readonly priority?: string;
  /** Everybody may read, also who has not signed in. */
  readonly isOpen?: boolean;
  /** It takes a name without a password for signed in. */
  readonly takesEmpty?: boolean;
  /** Without the overlay that knows of locked accounts; filters that name its attributes match nothing then. */
  readonly withoutPolicy?: boolean;
}

export interface Slapd {
  readonly port: number;
  readonly tlsPort: number;
  output(): string;
  stop(): Promise<void>;
}

function configuration(folder: string, options: SlapdOptions): string {
  const { tls, priority, isOpen = false, takesEmpty = false, withoutPolicy = false } = options;
  return [
    ...['core', 'cosine', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema`),
    ...['modulepath /usr/lib/ldap', 'moduleload back_mdb', 'moduleload ppolicy'].slice(
      0,
      withoutPolicy ? 2 : 3,
    ),
    `pidfile ${folder}/slapd.pid`,
    ...(tls === undefined
      ? []
      : [`TLSCertificateFile ${folder}/certificate.pem`, `TLSCertificateKeyFile ${folder}/key.pem`]),
    ...(priority === undefined ? [] : [`TLSCipherSuite ${priority}`]),
    ...(takesEmpty ? ['allow bind_anon_dn'] : []),
    ...['database mdb', `suffix "${suffix}"`, `directory ${folder}/data`, 'maxsize 10485760'],
    `rootdn "cn=root,${suffix}"`,
    ...(withoutPolicy
      ? []
      : ['overlay ppolicy', `ppolicy_default "cn=policy,${suffix}"`, 'ppolicy_use_lockout']),
    'access to attrs=userPassword by anonymous auth by * none',
    `access to * by dn.exact="${reader}" read by * ${isOpen ? 'read' : 'none'}`,
  ].join('\n');
}

/** Gives all of a folder to the user that Debian has for it; only root can. */
async function giveAway(folder: string): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return [];
  const ids = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'openldap'])).stdout)),
  );
  const [uid = 0, gid = 0] = ids;
  for (const name of ['', ...(await readdir(folder, { recursive: true }))])
    await chown(join(folder, name), uid, gid);
  return ['-u', 'openldap', '-g', 'openldap'];
}

/** Answers when it resolves. `program`: Debian's, of which a copy is started, as only that one is confined to its places. */
export async function startSlapd(program: string, options: SlapdOptions = {}): Promise<Slapd> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-slapd-'));
  const at = (name: string): string => join(folder, name);
  const [port = 0, tlsPort = 0] = await freePorts(2);
  await mkdir(at('data'));
  await copyFile(program, at('slapd'));
  await chmod(at('slapd'), 0o755);
  await writeFile(at('slapd.conf'), configuration(folder, options));
  const loaded =
    options.withoutPolicy === true ? entries.filter((one) => !one.includes('pwdPolicy')) : entries;
  await writeFile(at('people.ldif'), `${loaded.join('\n\n')}\n`);
  if (options.tls !== undefined) {
    await writeFile(at('certificate.pem'), options.tls.certificate);
    await writeFile(at('key.pem'), options.tls.key, { mode: 0o600 });
  }
  await run(at('slapd'), ['-T', 'add', '-f', at('slapd.conf'), '-l', at('people.ldif')]);
  const user = await giveAway(folder);
  const addresses = [
    `ldap://127.0.0.1:${port}/`,
    ...(options.tls === undefined ? [] : [`ldaps://127.0.0.1:${tlsPort}/`]),
  ];
  const started = startPeer(
    at('slapd'),
    ['-d', 'stats', '-h', addresses.join(' '), '-f', at('slapd.conf'), ...user],
    { cwd: folder },
  );
  await vi.waitFor(() => answers(port, started.output), { timeout: 20_000, interval: 50 });
  return {
    ...{ port, tlsPort, output: started.output },
    stop: async () => {
      await started.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(port: number, output: () => string): Promise<void> {
  const isThere = await new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => undefined);
    socket.once('connect', () => socket.destroy());
  });
  expect(isThere, output()).toBe(true);
}

/** The answers for one of these. */
export function directoryAt(address: string, change: Partial<LdapDirectory> = {}): LdapDirectory {
  const parsed = directorySchema.parse({
    ...{ kind: 'ldap', implementation: 'rfc2307bis', address, baseDn: suffix, user: reader },
    ...change,
  });
  if (parsed.kind !== 'ldap') throw new Error('it is no directory');
  return parsed;
}
