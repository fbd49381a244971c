import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { stat, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AutoGitError } from '../../../main/errors.ts';
import { mostPemBytes } from '../../../main/model/stack/pem.ts';
import { startServe } from '../../../main/serve/serve.ts';
import { keepToken } from '../../../main/serve/token.ts';
import { keptLog, openDoors, send } from '../../fakes/open-doors.ts';
import type { OpenDoors, Received, Sent } from '../../fakes/open-doors.ts';

let doors: OpenDoors;

beforeEach(async () => {
  doors = await openDoors();
});
afterEach(() => doors.close());

const local = (sent: Sent): Promise<Received> => send({ socketPath: doors.socket }, sent);
const web = (sent: Sent): Promise<Received> =>
  send(
    { host: '127.0.0.1', port: doors.port },
    { ...sent, headers: { authorization: `Bearer ${doors.token}`, ...sent.headers } },
  );
/** What the socket answers to these very bytes. */
async function raw(socketPath: string, request: string): Promise<string> {
  const connection = connect(socketPath);
  connection.write(request);
  return text(connection);
}
/** Matches an answer that carries an error of this key. */
function errorOf(key: string): unknown {
  const error: unknown = expect.objectContaining({ key });
  return { ok: false, error };
}

it('a request is known by the door through which it came', async () => {
  await local({ path: '/api/v1/status' });
  await web({ path: '/api/v1/status' });
  expect(doors.core.doors).toEqual(['cli', 'http']);
});

describe('the unix socket', () => {
  it('answers queries without a token', async () => {
    const answer = await local({ path: '/api/v1/status' });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ ok: true, value: { sentence: 'Nothing to do.' } });
  });

  it('is open to its owner alone', async () => {
    expect((await stat(doors.socket)).mode & 0o777).toBe(0o600);
  });

  it('replaces the socket of a core that died', async () => {
    await writeFile(`${doors.folder}/stale.sock`, '');
    const paths = { ...doors.paths, socket: `${doors.folder}/stale.sock` };
    const log = keptLog([]);
    const second = await startServe({ core: doors.core, paths, log });
    expect((await send({ socketPath: paths.socket }, { path: '/health' })).status).toBe(200);
    await second.close();
  });
});

describe('the HTTP door', () => {
  it('answers /health without a token, in the old shape', async () => {
    const answer = await send({ host: '127.0.0.1', port: doors.port }, { path: '/health' });
    expect([answer.status, answer.json]).toEqual([200, { status: 'ok' }]);
  });

  it.each(['/api/v1/status', '/status', '/runners', '/ready', '/openapi.json', '/nothing'])(
    'refuses %s without the token',
    async (path) => {
      const bare = await send({ host: '127.0.0.1', port: doors.port }, { path });
      expect([bare.status, bare.json]).toEqual([401, errorOf('http.token-wrong')]);
      const wrong = await web({ path, headers: { authorization: `Bearer ${doors.token}x` } });
      expect(wrong.status).toBe(401);
    },
  );

  it('answers with the token', async () => {
    expect((await web({ path: '/api/v1/pool/list' })).json).toMatchObject({
      ok: true,
      value: [{ name: 'demo' }],
    });
  });

  it('keeps the addresses of earlier releases', async () => {
    expect((await web({ path: '/status' })).json).toMatchObject({ ok: true, value: { mode: 'serve' } });
    expect((await web({ path: '/runners' })).json).toEqual({ ok: true, value: [] });
  });

  it('keeps its token in a file that only its owner reads, over restarts', async () => {
    expect((await stat(doors.paths.httpToken)).mode & 0o777).toBe(0o600);
    expect(doors.token).toMatch(/^[\w-]{43}$/);
    expect(await keepToken(doors.paths.httpToken)).toBe(doors.token);
  });

  it.each(['evil.example', 'localhost', '127.0.0.1:1'])('refuses the Host %j', async (host) => {
    const answer = await web({ path: '/health', headers: { host } });
    expect([answer.status, answer.json]).toEqual([403, errorOf('http.host-foreign')]);
  });

  it.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])(
    'takes the Host %s with its port',
    async (name) => {
      const answer = await web({ path: '/health', headers: { host: `${name}:${doors.port}` } });
      expect(answer.status).toBe(200);
    },
  );

  it('refuses pages of other origins and gives none of them CORS', async () => {
    for (const origin of ['https://evil.example', 'null', `https://127.0.0.1:${doors.port}`]) {
      const answer = await web({ path: '/api/v1/status', headers: { origin } });
      expect([answer.status, answer.json]).toEqual([403, errorOf('http.origin-foreign')]);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    expect((await web({ path: '/api/v1/status', headers: { origin: doors.address } })).status).toBe(200);
  });

  it('says that a port is taken', async () => {
    const log = keptLog([]);
    const paths = { ...doors.paths, socket: `${doors.folder}/other.sock` };
    const second = startServe({ core: doors.core, paths, log, port: doors.port });
    await expect(second).rejects.toMatchObject({ key: 'core.port-taken' });
    expect((await web({ path: '/health' })).status).toBe(200);
  });
});

describe('inputs', () => {
  it('types query parameters by the contract', async () => {
    await local({ path: '/api/v1/job/list?limit=7&status=pending' });
    expect(doors.core.calls).toEqual([{ name: 'job.list', input: { limit: 7, status: 'pending' } }]);
  });

  it('takes commands as JSON bodies, and no body as no input', async () => {
    await local({ method: 'POST', path: '/api/v1/sandbox/seed', body: '{"jobs":3,"dryRun":true}' });
    await local({ method: 'POST', path: '/api/v1/lab/drain' });
    expect(doors.core.calls).toEqual([
      { name: 'sandbox.seed', input: { jobs: 3, dryRun: true } },
      { name: 'lab.drain', input: { dryRun: false } },
    ]);
  });

  it('takes a POST that tells no length, with or without a body', async () => {
    const sent = (rest: string): Promise<string> =>
      raw(doors.socket, `POST /api/v1/queue/refresh HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${rest}`);
    expect(await sent('\r\n')).toMatch(/^HTTP\/1.1 200/);
    expect(await sent('Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n')).toMatch(/^HTTP\/1.1 200/);
  });

  it('takes a long query by POST', async () => {
    const body = JSON.stringify({ text: `# ${'x'.repeat(200_000)}` });
    const answer = await local({ method: 'POST', path: '/api/v1/settings/validate', body });
    expect(answer.json).toEqual({ ok: true, value: { valid: true, problems: [] } });
  });

  it.each([
    ['/api/v1/job/list?limit=0', 'usage.invalid-value', 'from 1 to 10000'],
    ['/api/v1/job/list?limit=1e9', 'usage.invalid-value', 'from 1 to 10000'],
    ['/api/v1/job/list?limit=', 'usage.invalid-value', 'from 1 to 10000'],
    ['/api/v1/job/list?limit=1&limit=2', 'usage.invalid-value', 'limit'],
    ['/api/v1/job/list?status=nope', 'usage.invalid-value', 'pending'],
    ['/api/v1/job/list?stauts=pending', 'usage.unknown-option', 'Did you mean status'],
    ['/api/v1/job/list?__proto__=1', 'usage.unknown-option', ''],
    ['/api/v1/job/log', 'usage.missing-value', 'id'],
    ['/api/v1/job/log?id=x&follow=maybe', 'usage.invalid-value', 'whole number'],
  ])('refuses %s', async (path, key, words) => {
    const answer = await local({ path });
    expect([answer.status, answer.json]).toEqual([400, errorOf(key)]);
    expect(answer.text).toContain(words);
  });

  it.each([
    ['{', 'http.body-not-json', 400],
    ['[]', 'usage.invalid-value', 400],
    ['null', 'usage.invalid-value', 400],
    ['{"jobs":"6"}', 'usage.invalid-value', 400],
    [`{"jobs":${' '.repeat(4_200_000)}6}`, 'http.body-too-large', 413],
  ])('refuses the body %.20j', async (body, key, status) => {
    const answer = await local({ method: 'POST', path: '/api/v1/sandbox/seed', body });
    expect([answer.status, answer.json]).toEqual([status, errorOf(key)]);
    expect(doors.core.calls).toEqual([]);
  });

  it('gets a certificate with its key, each as long as the judge reads, as far as the judge', async () => {
    // With the line ends that JSON writes as two characters each.
    const most = 'x'
      .repeat(64)
      .concat('\n')
      .repeat(Math.ceil(mostPemBytes / 65) + 1);
    const ask = (text: string) =>
      local({
        ...{ method: 'POST', path: '/api/v1/certificate/check' },
        body: JSON.stringify({ pasted: { certificate: text, key: text } }),
      });
    await ask(most);
    expect(doors.core.calls.at(-1)?.name).toBe('certificate.check');
    const tooLarge = await ask('x'.repeat(10_000_000));
    expect([tooLarge.status, tooLarge.json]).toEqual([413, errorOf('http.body-too-large')]);
    expect(tooLarge.text).toContain('4 MiB');
    expect(tooLarge.text).toContain('by their paths');
  });

  it.each(['/sso/check?secret=x', '/directory/test?password=x', '/certificate/check?domain=x'])(
    'asks for no secret in an address: %s',
    async (path) => {
      const answer = await local({ path: `/api/v1${path}` });
      expect([answer.status, answer.json]).toEqual([405, errorOf('http.method-wrong')]);
      expect(answer.text).toContain('secrets');
      expect(doors.core.calls).toEqual([]);
    },
  );

  it('refuses a command by GET and an address that does not exist, with the nearest one', async () => {
    const wrong = await local({ path: '/api/v1/lab/drain' });
    expect([wrong.status, wrong.json]).toEqual([405, errorOf('http.method-wrong')]);
    const typo = await local({ path: '/api/v1/runner/lits' });
    expect(typo.status).toBe(404);
    expect(typo.text).toContain('/api/v1/runner/list');
  });
});

describe('answers', () => {
  it.each([
    ['engine.unreachable', 503],
    ['gitlab.unauthorized', 503],
    ['job.unknown', 404],
    ['settings.invalid', 422],
    ['core.stopping', 503],
  ])('gives the error %s the status %i', async (key, status) => {
    doors.core.failNext(
      'lab.drain',
      new AutoGitError({ key, message: 'why', next: 'what now', fields: { a: 1 } }),
    );
    const answer = await local({ method: 'POST', path: '/api/v1/lab/drain' });
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({
      ok: false,
      error: { key, message: 'why', next: 'what now', fields: { a: 1 }, retry: false },
    });
  });

  it('reports a defect with a key and logs it', async () => {
    doors.core.failNext('lab.drain', new TypeError('x is not a function'));
    const answer = await local({ method: 'POST', path: '/api/v1/lab/drain' });
    expect([answer.status, answer.json]).toEqual([500, errorOf('internal.defect')]);
    expect(doors.logged.some((record) => record.level === 'error')).toBe(true);
  });

  it('repeats a request id, makes one where there is none or an odd one, and logs it', async () => {
    expect(
      (await local({ path: '/health', headers: { 'x-request-id': 'abc-1' } })).headers['x-request-id'],
    ).toBe('abc-1');
    const odd = await local({ path: '/health', headers: { 'x-request-id': 'a b"c' } });
    expect(odd.headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
    const line = doors.logged.find((record) => record.fields.id === 'abc-1');
    expect(line).toMatchObject({
      topic: 'http',
      fields: { method: 'GET', path: '/health', status: 200, door: 'socket' },
    });
  });

  it('logs no query and no token', async () => {
    await web({ path: '/api/v1/job/list?project=hidden/name' });
    const text = JSON.stringify(doors.logged);
    expect(text).toContain('/api/v1/job/list');
    expect(text).not.toContain('hidden');
    expect(text).not.toContain(doors.token);
  });

  it('is ready when engine and GitLab answer, and says why not otherwise', async () => {
    expect(await local({ path: '/ready' })).toMatchObject({ status: 200, json: { status: 'ready' } });
    doors.core.world.change((state) => ({
      snapshot: { ...state.snapshot, gitlab: { ...state.snapshot.gitlab, kind: 'server', state: 'failed' } },
    }));
    const answer = await local({ path: '/ready' });
    expect(answer).toMatchObject({ status: 503, json: { reasons: ['GitLab is failed.'] } });
  });
});
