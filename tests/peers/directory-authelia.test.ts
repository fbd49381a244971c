// The real Authelia with its rendered configuration signs people of a real directory in.
import { request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDirectories } from '../../main/adapters/identity/directories.ts';
import { createCrypto } from '../../main/adapters/stack/crypto.ts';
import { readDirectoryRoot } from '../../main/apply/stack/directory-root.ts';
import { describeWithPeer, findAuthelia, findSlapd } from './peers.ts';
import { openAuthelia } from './real-authelia.ts';
import type { RealAuthelia } from './real-authelia.ts';
import {
  directoryAt,
  hostileName,
  personPassword,
  reader,
  readerPassword,
  startSlapd,
  suffix,
} from './slapd.ts';
import type { Slapd } from './slapd.ts';

const serverName = 'ldap.example.test';
const crypto = createCrypto();
const [authelia, slapd] = [await findAuthelia(), await findSlapd()];
const found =
  authelia.found === null || slapd.found === null ? null : { authelia: authelia.found, slapd: slapd.found };

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

describeWithPeer('Authelia with a directory', { name: 'authelia', found }, (programs) => {
  let root: string;
  let directory: Slapd;
  let at: RealAuthelia;
  const open = (address: (one: Slapd) => string, answers: Readonly<Record<string, unknown>> = {}) =>
    openWith(programs().authelia, directory, { address, answers, root });

  beforeAll(async () => {
    const authority = await crypto.authority('Directory', 'example.test', Date.now());
    root = authority.certificate;
    const tls = await crypto.leaf(authority, [serverName], Date.now());
    directory = await startSlapd(programs().slapd, { tls });
    at = await open(({ tlsPort }) => `ldaps://${serverName}:${tlsPort}`);
  });
  afterAll(async () => {
    await at.close();
    await directory.stop();
  });

  it('lets a person in with the right password, and with no other', async () => {
    expect((await signIn(at, 'ana', 'wrong')).status).toBe(401);
    expect((await signIn(at, 'ana', '')).status).not.toBe(200);
    expect((await signIn(at, 'ana', personPassword)).status, at.output()).toBe(200);
    expect((await signIn(at, 'ana@example.net', personPassword)).status).toBe(200);
  });

  it('sees their groups: the one for administrators opens the dashboards', async () => {
    const ana = await visit(at, await cookieOf(at, 'ana'));
    expect(ana).toMatchObject({
      status: 200,
      headers: { 'remote-user': 'ana', 'remote-groups': 'admins,developers' },
    });
    expect(await visit(at, await cookieOf(at, 'ben'))).toMatchObject({ status: 403 });
  });

  it.each([hostileName, '*', 'twin@example.net', 'many', 'nobody'])(
    'agrees with AutoGit whether there is one person by the name %j',
    async (name) => {
      const question = {
        directory: directoryAt(`ldaps://127.0.0.1:${directory.tlsPort}`, { serverName }),
        ...{ password: readerPassword, root },
      };
      const { people } = await createDirectories(Date.now).test(question, name);
      const letIn = (await signIn(at, name, personPassword)).status === 200;
      expect(letIn, at.output()).toBe(people.length === 1);
    },
  );

  it('does the same over StartTLS', async () => {
    const other = await open(({ port }) => `ldap://${serverName}:${port}`, { startTls: true });
    try {
      // Authelia asks what the server can right before StartTLS, and slapd may not yet have put that question off its books.
      const outstanding = 'cannot start TLS when operations are outstanding';
      let { status } = await signIn(other, 'ana', personPassword);
      for (let turn = 0; status !== 200 && turn < 3; turn += 1) {
        expect(other.output().trim().split('\n').at(-1)).toContain(outstanding);
        ({ status } = await signIn(other, 'ana', personPassword));
      }
      expect(status, other.output()).toBe(200);
    } finally {
      await other.close();
    }
  });
});

interface Opening {
  readonly address: (one: Slapd) => string;
  readonly answers: Readonly<Record<string, unknown>>;
  readonly root: string;
}

/** The answers name the directory; only where it listens is another place. */
async function openWith(
  program: string,
  directory: Slapd,
  { address, answers, root }: Opening,
): Promise<RealAuthelia> {
  const readText = async (): Promise<string> => root;
  const clock = { now: Date.now, monotonic: () => performance.now(), sleep: async () => undefined };
  const directoryRoot = await readDirectoryRoot('/srv/root.pem', { readText, crypto, clock });
  return openAuthelia(program, {
    answers: {
      directory: {
        ...{ kind: 'ldap', implementation: 'rfc2307bis', address: address(directory) },
        ...{ baseDn: suffix, user: reader, ca: '/srv/root.pem', ...answers },
      },
    },
    facts: { directoryRoot },
    secrets: { 'directory-password': readerPassword },
    configuration: (text) => text.replace(`://${serverName}:`, '://127.0.0.1:'),
  });
}

interface Asking {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function ask({ issuer, connect, root }: RealAuthelia, { path, body, headers = {} }: Asking): Promise<Answer> {
  const { hostname, host } = new URL(issuer);
  const [address = '', port = ''] = connect.split(':');
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host: address, port: Number(port), path, method: body === undefined ? 'GET' : 'POST', ca: root },
        ...{ servername: hostname, headers: { host, 'content-type': 'application/json', ...headers } },
      },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers }));
      },
    );
    asked.once('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function signIn(at: RealAuthelia, username: string, password: string): Promise<Answer> {
  return ask(at, { path: '/api/firstfactor', body: { username, password } });
}

async function cookieOf(at: RealAuthelia, username: string): Promise<string> {
  const { headers } = await signIn(at, username, personPassword);
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

/** As Traefik asks before it shows a dashboard. */
function visit(at: RealAuthelia, cookie: string): Promise<Answer> {
  // What stands before Authelia here tells it this name as the one that was asked for.
  const host = new URL(at.issuer).host.replace(/^[^.]+/, 'traefik');
  const headers = { cookie, host, 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/' };
  return ask(at, { path: '/api/authz/forward-auth', headers });
}
