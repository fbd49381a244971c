// The HTTP door as browsers meet it: the page, its login, and what other pages cannot do.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, openDoors, send } from '../../fakes/open-doors.ts';
import type { OpenDoors, Received, Sent } from '../../fakes/open-doors.ts';

let folder: string;
let page: string;
let doors: OpenDoors;
let now = Date.now();

beforeEach(async () => {
  now = Date.now();
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-page-'));
  page = path.join(folder, 'renderer');
  await mkdir(path.join(page, 'assets'), { recursive: true });
  await writeFile(path.join(page, 'index.html'), '<!doctype html><title>AutoGit</title>');
  await writeFile(path.join(page, 'assets', 'index-1a2b.js'), 'export {};');
  await writeFile(path.join(folder, 'secret.js'), 'outside');
  doors = await openDoors({ page, now: () => now });
});
afterEach(async () => {
  await doors.close();
  await rm(folder, { recursive: true, force: true });
});

const visits = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'sec-fetch-site': 'none' };
const ask = (sent: Sent): Promise<Received> => send({ host: '127.0.0.1', port: doors.port }, sent);
const visit = (at: string): Promise<Received> => ask({ path: at, headers: visits });
/** What our own page sends. */
const fromPage = (sent: Sent): Promise<Received> =>
  ask({
    ...sent,
    headers: {
      'sec-fetch-site': 'same-origin',
      ...(sent.method === undefined ? {} : { origin: doors.address }),
      ...sent.headers,
    },
  });
const login = (token: string): Promise<Received> =>
  fromPage({ method: 'POST', path: '/session', body: JSON.stringify({ token }) });

function cookieFrom(answer: Received): string {
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}
function keyOf(answer: Received): unknown {
  expect(answer.json).toMatchObject({ ok: false, error: { key: expect.any(String) as unknown } });
  return /"key":"([\w.-]+)"/.exec(answer.text)?.[1];
}

describe('the page', () => {
  it.each(['/', '/jobs', '/jobs/41', '/status', '/runners', '/no/such/page'])(
    'is shown at %s without a login, and never kept',
    async (at) => {
      const answer = await visit(at);
      expect([answer.status, answer.text]).toEqual([200, '<!doctype html><title>AutoGit</title>']);
      expect(answer.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
      });
    },
  );

  it('has files that browsers keep for ever, because their names change with them', async () => {
    const answer = await ask({ path: '/assets/index-1a2b.js' });
    expect(answer).toMatchObject({
      status: 200,
      text: 'export {};',
      headers: {
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
      },
    });
    expect((await visit('/assets/index-gone.js')).status).toBe(404);
  });

  it('answers HEAD like GET, without a body', async () => {
    const answer = await ask({ method: 'HEAD', path: '/', headers: visits });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  it('is shown to browsers with rules that leave no way out', async () => {
    for (const answer of [
      await visit('/'),
      await ask({ path: '/api/v1/status' }),
      await visit('/openapi.json'),
    ]) {
      expect(answer.headers).toMatchObject({
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(answer.headers['permissions-policy']).toContain('camera=()');
    }
  });

  it('consists of the files in its folder and of nothing else', async () => {
    await symlink(path.join(folder, 'secret.js'), path.join(page, 'assets', 'link.js'));
    await writeFile(path.join(page, '.hidden.js'), 'hidden');
    await writeFile(path.join(page, 'assets', 'odd.bin'), 'odd');
    for (const at of [
      '/../secret.js',
      '/assets/../../secret.js',
      '/assets/..%2f..%2fsecret.js',
      '/assets/%2e%2e/%2e%2e/secret.js',
      '/assets/..\\..\\secret.js',
      '//secret.js',
      '/%2e%2e/secret.js',
      '/assets/link.js',
      '/.hidden.js',
      '/assets/odd.bin',
      '/assets/',
      `${folder}/secret.js`,
      '/assets/index-1a2b.js%00.html',
    ]) {
      for (const answer of [await ask({ path: at }), await visit(at)]) {
        expect(answer.text).not.toMatch(/outside|hidden|odd/);
        if (answer.status === 200) expect(answer.text).toContain('<title>AutoGit</title>');
      }
    }
  });

  it('may be built anew, and be missing, while the door is open', async () => {
    await writeFile(path.join(page, 'assets', 'index-3c4d.js'), 'new');
    await visit('/');
    expect((await ask({ path: '/assets/index-3c4d.js' })).text).toBe('new');
    await rm(page, { recursive: true });
    const answer = await visit('/jobs');
    expect([answer.status, answer.headers['content-type']]).toEqual([503, 'text/html; charset=UTF-8']);
    expect(answer.text).toContain('npm run build');
  });

  it('is not mistaken for the API', async () => {
    expect((await visit('/api/v1/pool/list')).status).toBe(401);
    expect((await visit('/api/v1')).status).toBe(401);
    expect((await visit('/health')).json).toEqual({ status: 'ok' });
    expect(keyOf(await ask({ method: 'POST', path: '/', headers: visits }))).toBe('http.token-wrong');
    const old = await ask({
      path: '/runners',
      headers: { ...visits, authorization: `Bearer ${doors.token}` },
    });
    expect(old.json).toEqual({ ok: true, value: [] });
  });
});

describe('a session', () => {
  it('begins with the token, is known by its cookie, and ends', async () => {
    expect((await fromPage({ path: '/session' })).status).toBe(401);
    const begun = await login(doors.token);
    expect([begun.status, begun.text]).toEqual([204, '']);
    const cookie = cookieFrom(begun);
    expect((await fromPage({ path: '/session', headers: { cookie } })).status).toBe(204);
    expect((await fromPage({ path: '/api/v1/pool/list', headers: { cookie } })).json).toMatchObject({
      ok: true,
    });
    expect((await fromPage({ method: 'POST', path: '/api/v1/lab/drain', headers: { cookie } })).status).toBe(
      200,
    );
    const ended = await fromPage({ method: 'DELETE', path: '/session', headers: { cookie } });
    expect([ended.status, ended.headers['set-cookie']?.[0]]).toEqual([
      204,
      expect.stringMatching(/=; .*Max-Age=0/),
    ]);
  });

  it('takes a token as people paste it, and nothing else', async () => {
    expect((await login(` ${doors.token}\n`)).status).toBe(204);
    for (const body of ['', '{', '"x"', '{"token":1}', '{"token":"x","more":1}', '[]']) {
      const answer = await fromPage({ method: 'POST', path: '/session', body });
      expect([answer.status, keyOf(answer)]).toEqual([
        400,
        expect.stringMatching(/request.invalid|body-not-json/),
      ]);
    }
  });

  it('carries streams', async () => {
    const cookie = cookieFrom(await login(doors.token));
    const headers = { cookie, 'sec-fetch-site': 'same-origin', accept: 'application/x-ndjson' };
    const answer = await begin({ host: '127.0.0.1', port: doors.port }, { path: '/api/v1/events', headers });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    answer.destroy();
  });

  it('goes on while it is used', async () => {
    const cookie = cookieFrom(await login(doors.token));
    const use = (): Promise<Received> => fromPage({ path: '/api/v1/status', headers: { cookie } });
    expect((await use()).headers['set-cookie']).toBeUndefined();
    now += 20 * 24 * 3_600_000;
    const fresh = cookieFrom(await use());
    expect(fresh).not.toBe(cookie);
    now += 20 * 24 * 3_600_000;
    expect((await use()).status).toBe(401);
    expect((await fromPage({ path: '/api/v1/status', headers: { cookie: fresh } })).status).toBe(200);
  });

  it('lets nobody in who also sends a wrong token', async () => {
    const cookie = cookieFrom(await login(doors.token));
    const answer = await fromPage({ path: '/api/v1/status', headers: { cookie, authorization: 'Bearer x' } });
    expect(keyOf(answer)).toBe('http.token-wrong');
  });

  it('is refused to one who tries tokens, even the right one, until some seconds have passed', async () => {
    for (let count = 0; count < 6; count += 1) {
      expect(keyOf(await login('wrong'))).toBe('http.token-wrong');
      now += count < 5 ? 0 : 1;
      if (count === 4) now += 1_000;
    }
    const refused = await login(doors.token);
    expect([refused.status, refused.headers['retry-after'], keyOf(refused)]).toEqual([
      429,
      '2',
      'http.too-many-tries',
    ]);
    expect(
      (await ask({ path: '/api/v1/status', headers: { authorization: `Bearer ${doors.token}` } })).status,
    ).toBe(200);
    now += 2_000;
    expect((await login(doors.token)).status).toBe(204);
  });
});

describe('a page of another origin', () => {
  const bearer = (): Record<string, string> => ({ authorization: `Bearer ${doors.token}` });

  it.each([
    ['another port of this machine', { 'sec-fetch-site': 'same-site' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port, in a form', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' }],
    ['nowhere', { 'sec-fetch-site': 'cross-site', origin: 'null' }],
  ])('cannot use the session: %s', async (_name, headers) => {
    const cookie = cookieFrom(await login(doors.token));
    for (const method of ['GET', 'POST']) {
      const answer = await ask({
        method,
        path: '/api/v1/settings/validate',
        headers: { cookie, ...headers },
      });
      expect([answer.status, keyOf(answer)]).toEqual([403, 'http.origin-foreign']);
    }
    expect(doors.core.calls).toEqual([]);
    expect(keyOf(await ask({ path: '/api/v1/status', headers: { ...bearer(), ...headers } }))).toBe(
      'http.origin-foreign',
    );
  });

  it('cannot change anything where a browser does not say who asks', async () => {
    const cookie = cookieFrom(await login(doors.token));
    const drain = { method: 'POST', path: '/api/v1/lab/drain' };
    const local = `http://localhost:${doors.port}`;
    for (const headers of [
      {},
      { origin: doors.address },
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'same-origin', origin: local },
    ]) {
      const answer = await ask({ ...drain, headers: { cookie, ...headers } });
      expect(keyOf(answer)).toBe('http.origin-foreign');
    }
    expect(doors.core.calls).toEqual([]);
  });

  it('cannot log in or out', async () => {
    const headers = { 'sec-fetch-site': 'same-site' };
    const body = JSON.stringify({ token: doors.token });
    for (const sent of [{ method: 'POST', body }, { method: 'DELETE' }]) {
      const answer = await ask({ ...sent, path: '/session', headers });
      expect([keyOf(answer), answer.headers['set-cookie']]).toEqual(['http.origin-foreign', undefined]);
    }
  });

  it('may link to ours', async () => {
    const answer = await ask({ path: '/jobs', headers: { ...visits, 'sec-fetch-site': 'cross-site' } });
    expect(answer.status).toBe(200);
  });

  it('cannot reach it under a name of its own', async () => {
    expect(keyOf(await ask({ path: '/', headers: { ...visits, host: `evil.example:${doors.port}` } }))).toBe(
      'http.host-foreign',
    );
  });
});

it('the unix socket has no page and no session', async () => {
  for (const at of ['/', '/session', '/assets/index-1a2b.js'])
    expect((await send({ socketPath: doors.socket }, { path: at, headers: visits })).status).toBe(404);
});
