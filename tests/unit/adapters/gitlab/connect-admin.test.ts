// The administrator's side of GitLab on the sandbox server, over HTTP and over TLS with a root of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import { request as ask } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAdmin, connectGitlabAdmin } from '../../../../main/adapters/gitlab/connect-admin.ts';
import { startSandbox } from '../../../../main/sandbox/server.ts';
import { someAuthority } from '../../../fakes/some-authority.ts';

const token = 'glpat-admin-suite-root';
const name = 'gitlab.lab.home.arpa';
const day = 86_400_000;

let stateDir: string;
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let door: Server;
let port: number;
let root: string;
const seen: { host: string | undefined; servername: string | false | null }[] = [];

beforeAll(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'autogit-admin-'));
  sandbox = await startSandbox({ stateDir, host: '127.0.0.1', port: 0, rootToken: token });
  const { authority, certificate, key } = await someAuthority([name]);
  root = authority;
  door = createServer({ cert: certificate, key }, (incoming, answer) => {
    const socket = incoming.socket as typeof incoming.socket & { servername?: string | false };
    seen.push({ host: incoming.headers.host, servername: socket.servername ?? null });
    const { hostname, port: inner } = new URL(sandbox.url);
    const onward = ask(
      { hostname, port: inner, path: incoming.url, method: incoming.method, headers: incoming.headers },
      (reply) => {
        answer.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(answer);
      },
    );
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const address = door.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(async () => {
  door.closeAllConnections();
  door.close();
  await sandbox.close();
  await rm(stateDir, { recursive: true });
});

const plain = (given = token) => connectGitlabAdmin({ url: sandbox.url, ca: null, reach: null }, given);

describe('the administrator of GitLab', () => {
  it('says version, administrator, scopes and when the token ends', async () => {
    const who = await plain().who();
    expect(who).toMatchObject({ username: 'root', admin: true });
    expect(who.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(who.scopes).toContain('api');
  });

  it('changes settings and answers how they are then', async () => {
    const change = {
      ...{ signup_enabled: false, minimum_password_length: 12, session_expire_delay: 10_080 },
      ...{ default_branch_name: 'trunk', outbound_local_requests_whitelist: ['192.168.1.10'] },
    };
    expect(await plain().changeSettings(change)).toMatchObject(change);
    expect(await plain().settings()).toMatchObject(change);
  });

  it('answers how a setting really is when GitLab does not take it', async () => {
    await expect(plain().changeSettings({ minimum_password_length: 3 })).rejects.toMatchObject({
      key: 'gitlab.unexpected',
      message: expect.stringContaining('minimum_password_length') as string,
    });
  });

  it('rotates its token and goes on with the new one, while the old one is refused', async () => {
    const made = await makeToken();
    const admin = plain(made);
    const at = Date.now() + 90 * day;
    const next = await admin.rotateToken(at);
    expect(next).not.toBe(made);
    const day90 = new Date(at).toISOString().slice(0, 10);
    expect((await admin.who()).expiresAt).toBe(Date.parse(day90));
    await expect(plain(made).who()).rejects.toMatchObject({ key: 'gitlab.unauthorized' });
  });

  it('sets the address of its owner', async () => {
    await plain().setEmail('somebody@lab.home.arpa');
    const headers = { 'PRIVATE-TOKEN': token };
    const answer = await fetch(`${sandbox.url}/api/v4/user`, { headers });
    expect(await answer.json()).toMatchObject({ email: 'somebody@lab.home.arpa' });
  });

  it('adds a system hook, lists it and removes it', async () => {
    await plain().addSystemHook('http://192.168.1.10:9252/bell', 'whose-there');
    const hooks = await plain().systemHooks();
    expect(hooks.map(({ url }) => url)).toEqual(['http://192.168.1.10:9252/bell']);
    for (const { id } of [...hooks, ...hooks]) await plain().removeSystemHook(id);
    expect(await plain().systemHooks()).toEqual([]);
  });

  it('is refused for a token that only reads', async () => {
    const reading = plain(await makeToken(['read_api']));
    await expect(reading.changeSettings({ signup_enabled: true })).rejects.toMatchObject({
      key: 'gitlab.forbidden',
    });
  });

  it('says that nothing answers', async () => {
    const admin = connectGitlabAdmin({ url: 'http://127.0.0.1:9', ca: null, reach: null }, token);
    await expect(admin.who()).rejects.toMatchObject({ key: 'gitlab.unreachable' });
  });

  it('does not wait for an answer for ever', async () => {
    const admin = connectAdmin({ url: sandbox.url, ca: null, reach: null }, token, { timeoutMs: 0 });
    await expect(admin.who()).rejects.toMatchObject({ key: 'gitlab.unreachable' });
  });
});

async function makeToken(scopes: readonly string[] = ['api', 'create_runner']): Promise<string> {
  const answer = await fetch(`${sandbox.url}/api/v4/users/1/personal_access_tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'PRIVATE-TOKEN': token },
    body: JSON.stringify({ name: 'autogit', scopes }),
  });
  return ((await answer.json()) as { token: string }).token;
}

describe('a GitLab with an authority of its own', () => {
  it('is reached at another place, with the name in handshake and Host', async () => {
    seen.length = 0;
    const admin = connectGitlabAdmin({ url: `https://${name}`, ca: root, reach: `127.0.0.1:${port}` }, token);
    expect((await admin.who()).username).toBe('root');
    expect(new Set(seen.map((one) => `${one.host} ${String(one.servername)}`))).toEqual(
      new Set([`${name} ${name}`]),
    );
  });

  it('is not trusted without its root', async () => {
    const admin = connectGitlabAdmin({ url: `https://${name}`, ca: null, reach: `127.0.0.1:${port}` }, token);
    await expect(admin.who()).rejects.toMatchObject({
      key: 'gitlab.certificate',
    });
  });

  it('is not taken for another name, whatever the place', async () => {
    const admin = connectGitlabAdmin(
      { url: 'https://other.home.arpa', ca: root, reach: `127.0.0.1:${port}` },
      token,
    );
    await expect(admin.who()).rejects.toMatchObject({
      key: 'gitlab.certificate',
      message: expect.stringContaining('other names') as string,
    });
  });

  it('is not taken for an address either, although an address has no name in the handshake', async () => {
    const admin = connectGitlabAdmin(
      { url: 'https://192.0.2.7', ca: root, reach: `127.0.0.1:${port}` },
      token,
    );
    await expect(admin.who()).rejects.toMatchObject({ key: 'gitlab.certificate' });
  });

  it('is not spoken to where no TLS is spoken', async () => {
    const { host } = new URL(sandbox.url);
    const admin = connectGitlabAdmin({ url: `https://${name}`, ca: root, reach: host }, token);
    await expect(admin.who()).rejects.toMatchObject({
      key: 'gitlab.unexpected',
      message: expect.stringContaining('does not speak TLS') as string,
    });
  });

  it('refuses a root that is none and a place that is none', () => {
    expect(() => connectGitlabAdmin({ url: `https://${name}`, ca: 'x', reach: null }, token)).toThrow(
      expect.objectContaining({ key: 'gitlab.certificate' }),
    );
    for (const reach of ['nowhere', 'host:0', 'host:70000', 'a b:1', 'user@host:1', ':443'])
      expect(() => connectGitlabAdmin({ url: `https://${name}`, ca: null, reach }, token)).toThrow(
        expect.objectContaining({ key: 'gitlab.reach-invalid' }),
      );
  });
});
