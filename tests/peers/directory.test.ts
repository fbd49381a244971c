// A real directory (Debian's slapd), asked as Authelia asks: what works, and what each thing that does not is called.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { DirectoryTest } from '../../main/access-ports.ts';
import { createDirectories } from '../../main/adapters/identity/directories.ts';
import { createCrypto } from '../../main/adapters/stack/crypto.ts';
import type { LdapDirectory } from '../../main/model/stack/directory.ts';
import { freePorts } from './peer-process.ts';
import { describeWithPeer, findSlapd } from './peers.ts';
import { directoryAt, hostileName, reader, readerPassword, startSlapd } from './slapd.ts';
import type { Slapd } from './slapd.ts';
import { openStallingLine } from './stalling-line.ts';

const run = promisify(execFile);
const year = 365 * 24 * 3_600_000;
const serverName = 'ldap.example.test';
const crypto = createCrypto();
const directories = createDirectories(Date.now);

interface Tls {
  readonly certificate: string;
  readonly key: string;
}

/** `good bad skipped skipped …`, for the eye. */
function states({ steps }: DirectoryTest): Readonly<Record<string, string>> {
  return Object.fromEntries(steps.map(({ key, state }) => [key.replace('directory.', ''), state]));
}

function messageOf({ steps }: DirectoryTest, name: string): string {
  return steps.find(({ key }) => key === `directory.${name}`)?.message ?? '';
}

function nextOf({ steps }: DirectoryTest, name: string): string {
  return steps.find(({ key }) => key === `directory.${name}`)?.next ?? '';
}

describeWithPeer('slapd', await findSlapd(), (program) => {
  let slapd: Slapd;
  let root: string;
  let tls: Tls;
  const running: Slapd[] = [];
  const start = async (
    ...options: Parameters<typeof startSlapd> extends [string, ...infer R] ? R : never
  ) => {
    const one = await startSlapd(program(), ...options);
    running.push(one);
    return one;
  };
  beforeAll(async () => {
    const authority = await crypto.authority('Directory', 'example.test', Date.now());
    tls = await crypto.leaf(authority, [serverName], Date.now());
    root = authority.certificate;
    slapd = await start({ tls });
  });
  afterAll(async () => {
    for (const one of running) await one.stop();
  });

  const plain = (): LdapDirectory => directoryAt(`ldap://127.0.0.1:${slapd.port}`, { plain: true });
  const startTls = (): LdapDirectory =>
    directoryAt(`ldap://127.0.0.1:${slapd.port}`, { startTls: true, serverName, ca: '/srv/root.pem' });
  const ldaps = (change: Partial<LdapDirectory> = {}, at: Slapd = slapd): LdapDirectory =>
    directoryAt(`ldaps://127.0.0.1:${at.tlsPort}`, { serverName, ca: '/srv/root.pem', ...change });
  const ask = (
    directory: LdapDirectory,
    search: string | null = null,
    more: { readonly password?: string; readonly root?: string | null } = {},
  ): Promise<DirectoryTest> =>
    directories.test(
      {
        directory,
        password: more.password ?? readerPassword,
        root: more.root === undefined ? root : more.root,
      },
      search,
    );

  it.each([
    ['ldaps', ldaps],
    ['StartTLS', startTls],
  ] as const)('is asked by %s, and finds a person with groups', async (_, make) => {
    const test = await ask(make(), 'ana');
    expect(test.people).toEqual([
      { name: 'ana', displayName: 'Person ana', email: 'ana@example.net', groups: ['admins', 'developers'] },
    ]);
    expect(
      test.steps.every(({ state }) => state === 'good'),
      JSON.stringify(test.steps),
    ).toBe(true);
  });

  it('finds the same person by the e-mail address, as Authelia does', async () => {
    const { people } = await ask(ldaps(), 'ana@example.net');
    expect(people.map(({ name }) => name)).toEqual(['ana']);
  });

  it('says that passwords would cross the network unencrypted, and shows everybody but the entry that is odd', async () => {
    const test = await ask(plain());
    expect(states(test)).toMatchObject({
      tls: 'warning',
      search: 'warning',
      mail: 'warning',
      groups: 'good',
    });
    expect(messageOf(test, 'search')).toContain('cn=many,ou=people,dc=example,dc=net has 2 values of uid');
    expect(messageOf(test, 'search')).toContain('other directories was not followed');
    expect(messageOf(test, 'mail')).toContain('cem has no mail');
    expect(test.people.map(({ name }) => name).toSorted()).toEqual(
      [hostileName, 'ana', 'ben', 'cem', 'twice', 'twin'].toSorted(),
    );
  });

  it.each([hostileName, '*', 'ana)(uid=*', 'ana\0', '(&', '\\2a', '{dn}', 'ana*'])(
    'takes %j for a name and nothing else',
    async (name) => {
      const { people, steps } = await ask(ldaps(), name);
      expect(people.map((person) => person.name)).toEqual(name === hostileName ? [hostileName] : []);
      if (name === hostileName) expect(people[0]?.groups).toEqual(['developers']);
      else
        expect(steps.find(({ key }) => key === 'directory.search')?.message).toContain('Nobody by the name');
    },
  );

  it('refuses a name that two people have, and one that has two names', async () => {
    expect(messageOf(await ask(ldaps(), 'twin@example.net'), 'search')).toContain('More than one person');
    const many = await ask(ldaps(), 'many');
    expect(states(many)).toMatchObject({ search: 'bad', groups: 'skipped' });
  });

  it('says where nobody is found', async () => {
    const nobody = await ask(ldaps({ additionalUsersDn: 'ou=groups' }));
    expect(messageOf(nobody, 'search')).toContain('Nobody was found below ou=groups,dc=example,dc=net');
    const nowhere = await ask(ldaps({ additionalUsersDn: 'ou=nowhere' }));
    expect(messageOf(nowhere, 'search')).toContain('there is no ou=nowhere,dc=example,dc=net');
    const away = await ask(ldaps({ baseDn: 'cn=elsewhere,ou=away,dc=example,dc=net' }));
    expect(messageOf(away, 'search')).toContain('sends on to another directory');
  });

  it('says what is wrong with who searches, and never the password', async () => {
    const wrong = await ask(ldaps(), null, { password: 'not-the-secret' });
    expect(states(wrong)).toMatchObject({ tls: 'good', bind: 'bad', search: 'skipped' });
    expect(messageOf(wrong, 'bind')).toContain('its password is wrong, or there is no such user');
    const unknown = await ask(ldaps({ user: 'cn=nobody,dc=example,dc=net' }));
    expect(messageOf(unknown, 'bind')).toContain('does not accept cn=nobody');
    const none = await ask(ldaps(), null, { password: '' });
    expect(messageOf(none, 'bind')).toContain('There is no password');
    const odd = await ask(ldaps({ user: 'no name at all' }));
    expect(messageOf(odd, 'bind')).toContain('distinguished name');
    expect(JSON.stringify([wrong, unknown, none, odd])).not.toMatch(/not-the-secret|reader-secret/);
  });

  it('says that the account is locked', async () => {
    const own = await start({ tls });
    for (let attempt = 0; attempt < 3; attempt += 1) await ask(ldaps({}, own), null, { password: 'wrong' });
    expect(messageOf(await ask(ldaps({}, own)), 'bind')).toContain(`${reader}: The account is locked.`);
  });

  it('lists everybody for the page of people, sorted, without the odd one', async () => {
    const { people, isCut } = await directories.people({
      directory: ldaps(),
      password: readerPassword,
      root,
    });
    expect(people.map(({ name }) => name)).toEqual([hostileName, 'ana', 'ben', 'cem', 'twice', 'twin']);
    expect(people.find(({ name }) => name === 'ana')?.groups).toEqual(['admins', 'developers']);
    expect(isCut).toBe(false);
    await expect(directories.people({ directory: ldaps(), password: 'wrong', root })).rejects.toMatchObject({
      key: 'directory.refused',
    });
  });

  describe('its certificate', () => {
    it.each([
      ['of a root that nobody named', {}, { root: null }, 'leads to a root that is not known'],
      ['for another name', { serverName: 'other.example.test' }, {}, 'not for other.example.test'],
      ['for no address', { serverName: null }, {}, 'not for 127.0.0.1'],
    ] as const)('is refused when it is %s', async (_, change, more, said) => {
      const test = await ask(ldaps(change), null, more);
      expect(states(test)).toMatchObject({ connect: 'good', tls: 'bad', bind: 'skipped' });
      expect(messageOf(test, 'tls')).toContain(said);
      const overStart = await ask({ ...startTls(), ...change }, null, more);
      expect(messageOf(overStart, 'tls')).toContain(said);
    });

    it('is refused when it has ended, and when it is not valid yet', async () => {
      const old = await crypto.authority('Directory', 'example.test', Date.now() - 3 * year);
      const ended = await start({ tls: await crypto.leaf(old, [serverName], Date.now() - 3 * year) });
      const test = await ask(ldaps({}, ended), null, { root: old.certificate });
      expect(messageOf(test, 'tls')).toContain('has ended');
      const authority = await crypto.authority('Directory', 'example.test', Date.now());
      const early = await start({ tls: await crypto.leaf(authority, [serverName], Date.now() + year) });
      const later = await ask(ldaps({}, early), null, { root: authority.certificate });
      expect(messageOf(later, 'tls')).toContain('not valid yet');
    });

    it('is refused when only its subject has the name, as Authelia refuses it', async () => {
      const own = await onlySubject(serverName);
      const at = await start({ tls: own });
      const test = await ask(ldaps({}, at), null, { root: own.certificate });
      expect(messageOf(test, 'tls')).toContain('only as its subject');
    });
  });

  it('says that TLS is too old', async () => {
    const old = await start({ tls, priority: 'NORMAL:-VERS-ALL:+VERS-TLS1.1' });
    expect(messageOf(await ask(ldaps({}, old)), 'tls')).toContain('too old');
  });

  it('says that StartTLS is not offered, and that there is no TLS on the port', async () => {
    const bare = await start();
    const test = await ask({ ...startTls(), address: `ldap://127.0.0.1:${bare.port}` });
    expect(states(test)).toMatchObject({ connect: 'good', tls: 'bad', bind: 'skipped' });
    expect(messageOf(test, 'tls')).toContain('does not offer StartTLS');
    const other = await ask(ldaps({ address: `ldaps://127.0.0.1:${bare.port}` }));
    expect(nextOf(other, 'tls')).toContain('startTls');
  });

  it('warns of a directory that tells people to everybody, and of one that takes an empty password', async () => {
    const open = await start({ isOpen: true });
    const at = (one: Slapd) => directoryAt(`ldap://127.0.0.1:${one.port}`, { plain: true });
    expect(messageOf(await ask(at(open)), 'anonymous')).toContain('without signing in');
    const empty = await start({ takesEmpty: true });
    expect(messageOf(await ask(at(empty)), 'anonymous')).toContain('without a password for signed in');
  });

  it('names the filter that finds groups where the directory does not know pwdReset', async () => {
    const bare = await start({ withoutPolicy: true });
    const directory = directoryAt(`ldap://127.0.0.1:${bare.port}`, { plain: true });
    const test = await ask(directory, 'ana');
    expect(test.people[0]?.groups).toEqual([]);
    const given = /groupsFilter: "(.+)"$/.exec(nextOf(test, 'groups'))?.[1] ?? '';
    const mended = await ask({ ...directory, groupsFilter: given }, 'ana');
    expect(mended.people[0]?.groups).toEqual(['admins', 'developers']);
  });

  it('says that nothing listens, and that a name leads nowhere', async () => {
    const [port = 0] = await freePorts(1);
    const down = await ask(ldaps({ address: `ldaps://127.0.0.1:${port}` }));
    expect(states(down)).toMatchObject({ connect: 'bad', tls: 'skipped' });
    expect(messageOf(down, 'connect')).toContain('nothing listens');
    const nowhere = await ask(ldaps({ address: 'ldaps://directory.invalid' }));
    expect(messageOf(nowhere, 'connect')).toContain('leads nowhere');
    await expect(
      directories.people({
        directory: down.steps.length > 0 ? ldaps({ address: `ldaps://127.0.0.1:${port}` }) : plain(),
        password: readerPassword,
        root,
      }),
    ).rejects.toMatchObject({ key: 'directory.unreachable', retry: true });
  });

  it('gives up on one that has fallen silent, whenever that was', { timeout: 120_000 }, async () => {
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const { port } = z.object({ port: z.number() }).parse(mute.address());
    const line = await openStallingLine(slapd.port);
    // The answer to who signs in comes through, and nothing after it.
    void line.stallAfter(20);
    try {
      const [inTls, inBind, later] = await Promise.all([
        ask(ldaps({ address: `ldaps://127.0.0.1:${port}` })),
        ask({ ...plain(), address: `ldap://127.0.0.1:${port}` }),
        ask({ ...plain(), address: `ldap://127.0.0.1:${line.port}` }),
      ]);
      expect(messageOf(inTls, 'tls')).toContain('has begun no TLS within 10 s');
      expect(messageOf(inBind, 'bind')).toContain('no answer came within 10 s');
      expect(messageOf(later, 'search')).toContain('no answer came within 10 s');
    } finally {
      await line.close();
      mute.close();
    }
  });

  it('sees the same as the client library alone', async () => {
    const client = new Client({ url: `ldap://127.0.0.1:${slapd.port}` });
    try {
      await client.bind(reader, readerPassword);
      const { searchEntries } = await client.search('dc=example,dc=net', {
        filter: '(objectClass=inetOrgPerson)',
      });
      expect(searchEntries).toHaveLength(7);
    } finally {
      await client.unbind();
    }
  });
});

/** As old guides make them: signed by itself, with the name in its subject alone. */
async function onlySubject(name: string): Promise<Tls> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-subject-'));
  const at = (file: string): string => join(folder, file);
  try {
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`],
      ...['-keyout', at('key.pem'), '-out', at('certificate.pem')],
    ]);
    return {
      certificate: await readFile(at('certificate.pem'), 'utf8'),
      key: await readFile(at('key.pem'), 'utf8'),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
