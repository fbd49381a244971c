// Git LFS over HTTP: what the batch API answers, and what of objects is kept, as git-lfs asks for it.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createAccessToken } from '../../../../main/sandbox/api/new-user.ts';
import { idOf, startManagementServer } from '../management-server.ts';
import type { ManagementServer } from '../management-server.ts';

const type = 'application/vnd.git-lfs+json';
let server: ManagementServer;
let count = 0;

beforeAll(async () => {
  server = await startManagementServer();
});
afterAll(async () => await server.close());

const oidOf = (content: string): string => createHash('sha256').update(content).digest('hex');
const objectOf = (content: string) => ({ oid: oidOf(content), size: Buffer.byteLength(content) });
const basic = (token: string, login = 'oauth2'): string =>
  `Basic ${Buffer.from(`${login}:${token}`).toString('base64')}`;
const state = (...path: readonly string[]): string => join(server.folder, 'state', ...path);
const contentPath = (oid: string): string => state('lfs', oid.slice(0, 2), oid.slice(2, 4), oid.slice(4));

async function newProject(options: object = {}): Promise<{ readonly id: number; readonly path: string }> {
  count += 1;
  const name = `lfs-${count}`;
  return { id: idOf(await server.api('POST', '/projects', { name, ...options })), path: `root/${name}` };
}

interface Call {
  readonly authorization?: string | null;
  readonly body?: string | ReadableStream<Uint8Array>;
}

async function call(method: string, path: string, { authorization, body }: Call = {}): Promise<Response> {
  const who = authorization === undefined ? basic(server.token) : authorization;
  return await fetch(`${server.url}/${path}`, {
    ...{ method, redirect: 'manual' },
    headers: { ...(who !== null && { authorization: who }), accept: type, 'content-type': type },
    ...(body !== undefined && { body, duplex: 'half' }),
  });
}

const actionSchema = z.object({ href: z.string(), header: z.record(z.string(), z.string()) });
const answerSchema = z.object({
  transfer: z.literal('basic'),
  objects: z.array(
    z.object({
      oid: z.string(),
      size: z.number(),
      actions: z.record(z.string(), actionSchema).optional(),
      error: z.object({ code: z.number(), message: z.string() }).optional(),
    }),
  ),
});

const ask = async (path: string, question: unknown, authorization?: string | null): Promise<Response> =>
  await call('POST', `${path}.git/info/lfs/objects/batch`, {
    body: JSON.stringify(question),
    ...(authorization !== undefined && { authorization }),
  });

async function batch(path: string, operation: string, ...objects: readonly object[]) {
  const answer = await ask(path, { operation, transfers: ['ssh', 'basic'], objects });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe(type);
  return answerSchema.parse(await answer.json()).objects;
}

const put = async (path: string, { oid, size }: { oid: string; size: number }, body: string, who?: string) =>
  await call('PUT', `${path}.git/gitlab-lfs/objects/${oid}/${size}`, {
    body,
    ...(who !== undefined && { authorization: who }),
  });

async function get(path: string, oid: string, authorization?: string | null): Promise<Response> {
  return await call('GET', `${path}.git/gitlab-lfs/objects/${oid}`, {
    ...(authorization !== undefined && { authorization }),
  });
}

const uploads = (): readonly string[] => readdirSync(state('uploads'));

describe('an object', () => {
  it('goes up, is verified and comes down by what the batch API says, and is kept by its digest', async () => {
    const { path } = await newProject();
    const object = objectOf('hello');
    const [asked] = await batch(path, 'upload', object);
    expect(asked).toMatchObject({ ...object, actions: { upload: {}, verify: {} } });
    const { upload, verify } = asked?.actions ?? {};
    expect(upload?.header['Authorization']).toBe(basic(server.token));
    const follow = async (href: string | undefined, method: string, body?: string) =>
      await fetch(href ?? '', {
        ...{ method, headers: { authorization: basic(server.token) } },
        ...(body !== undefined && { body }),
      });
    expect((await follow(verify?.href, 'POST', JSON.stringify(object))).status).toBe(404);
    expect((await follow(upload?.href, 'PUT', 'hello')).status).toBe(200);
    expect((await follow(verify?.href, 'POST', JSON.stringify(object))).status).toBe(200);
    expect((await follow(verify?.href, 'POST', JSON.stringify({ ...object, size: 4 }))).status).toBe(422);
    expect(readFileSync(contentPath(object.oid), 'utf8')).toBe('hello');
    const [known] = await batch(path, 'upload', object);
    expect(known?.actions).toBeUndefined();
    const [found] = await batch(path, 'download', object);
    const down = await follow(found?.actions?.['download']?.href, 'GET');
    expect(down.headers.get('content-length')).toBe('5');
    expect(await down.text()).toBe('hello');
  });

  it('may be empty', async () => {
    const { path } = await newProject();
    expect((await put(path, objectOf(''), '')).status).toBe(200);
    expect(await (await get(path, oidOf(''))).text()).toBe('');
  });

  it.each([
    ['another content', objectOf('right'), 'wrong'],
    ['less than announced', objectOf('announced'), 'announce'],
    ['more than announced', objectOf('announced'), 'announced!'],
    ['a digest of less', { oid: oidOf('begin'), size: 5 }, 'beginning'],
    ['a size of more', { oid: oidOf('begin'), size: 9 }, 'begin'],
    ['nothing', objectOf('something'), ''],
  ])('is refused, and nothing of it is left, when %s comes', async (_what, object, body) => {
    const { path } = await newProject();
    const answer = await put(path, object, body);
    expect({ status: answer.status, body: await answer.json() }).toEqual({
      status: 400,
      body: { message: 'SHA256 or size mismatch' },
    });
    expect(existsSync(contentPath(object.oid))).toBe(false);
    expect(uploads()).toEqual([]);
    expect((await get(path, object.oid)).status).toBe(404);
  });

  it('is taken no further than announced, however much comes', async () => {
    const { path } = await newProject();
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const href = `${path}.git/gitlab-lfs/objects/${oidOf('x')}/100000`;
    const status = await call('PUT', href, { body: endless }).then(
      (answer) => answer.status,
      // The server has answered and hung up while the rest was under way.
      () => 400,
    );
    expect(status).toBe(400);
    expect(sent).toBeLessThan(10_000);
    expect(uploads()).toEqual([]);
  });

  it('belongs to the projects that have sent it, and goes with the last of them', async () => {
    const [one, two] = [await newProject(), await newProject()];
    const object = objectOf('shared');
    await put(one.path, object, 'shared');
    // Who knows the digest alone gets nothing.
    expect((await get(two.path, object.oid)).status).toBe(404);
    expect(await batch(two.path, 'download', object)).toMatchObject([{ ...object, error: { code: 404 } }]);
    expect((await batch(two.path, 'upload', object))[0]?.actions).toHaveProperty('upload');
    await put(two.path, object, 'shared');
    await server.api('DELETE', `/projects/${one.id}`);
    expect(await (await get(two.path, object.oid)).text()).toBe('shared');
    await server.api('DELETE', `/projects/${two.id}`);
    expect(existsSync(contentPath(object.oid))).toBe(false);
  });

  it('does not stay when its project goes while it comes', async () => {
    const { id, path } = await newProject();
    const object = objectOf('ab');
    let rest: () => void = () => undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(Buffer.from('a'));
        rest = () => {
          controller.enqueue(Buffer.from('b'));
          controller.close();
        };
      },
    });
    const answer = call('PUT', `${path}.git/gitlab-lfs/objects/${object.oid}/2`, { body });
    await expect.poll(() => uploads().length).toBe(1);
    await server.api('DELETE', `/projects/${id}`);
    rest();
    expect((await answer).status).toBe(404);
    expect(existsSync(contentPath(object.oid))).toBe(false);
    expect(uploads()).toEqual([]);
  });
});

describe('a name that is no digest', () => {
  const digest = oidOf('x');
  it.each([
    '../../sandbox.db',
    '../'.repeat(22).slice(0, 64),
    '/etc/passwd',
    digest.toUpperCase(),
    digest.slice(1),
    `${digest}\n`,
    `${digest}/../x`,
    '',
  ])('%j is refused by the batch API, beside what is right', async (oid) => {
    const { path } = await newProject();
    const good = objectOf('good');
    for (const operation of ['upload', 'download']) {
      const [bad, other] = await batch(path, operation, { oid, size: 1 }, good);
      expect(bad).toMatchObject({ oid, error: { code: 422 } });
      expect(bad?.actions).toBeUndefined();
      expect(other?.error?.code).toBe(operation === 'upload' ? undefined : 404);
    }
  });

  it.each([
    ...['..%2f..%2f..%2fsandbox.db', '%2e%2e/%2e%2e/sandbox.db', digest.toUpperCase(), `${digest}%00`],
    `${digest}/x`,
  ])('reads and writes nothing as %j in an address', async (name) => {
    const { path } = await newProject();
    const before = readdirSync(state('lfs'));
    for (const method of ['GET', 'PUT']) {
      const answer = await call(
        method,
        `${path}.git/gitlab-lfs/objects/${name}${method === 'PUT' ? '/1' : ''}`,
        {
          ...(method === 'PUT' && { body: 'x' }),
        },
      );
      expect(answer.status).toBe(404);
    }
    expect(readdirSync(state('lfs'))).toEqual(before);
  });

  it.each([-1, 1.5, 5 * 1024 ** 3 + 1, 1e300])('nor is there an object of %d bytes', async (size) => {
    const { path } = await newProject();
    expect(await batch(path, 'upload', { oid: digest, size })).toMatchObject([{ error: { code: 422 } }]);
  });

  it('takes no upload that is announced to be too large', async () => {
    const { path } = await newProject();
    expect((await put(path, { oid: digest, size: 9_999_999_999_999 }, 'x')).status).toBe(413);
  });
});

describe('who may', () => {
  const object = objectOf('secret');
  const upload = { operation: 'upload', objects: [object] };
  const download = { operation: 'download', objects: [object] };

  it('is asked for, of whoever is not signed in or gives a wrong secret', async () => {
    const { path } = await newProject();
    for (const who of [null, basic('glpat-wrong')]) {
      for (const question of [upload, download]) {
        const answer = await ask(path, question, who);
        expect(answer.status).toBe(401);
        expect(answer.headers.get('lfs-authenticate')).toContain('Basic');
      }
      expect((await get(path, object.oid, who)).status).toBe(401);
    }
    expect((await ask('root/nowhere', download, null)).status).toBe(401);
  });

  it('finds nothing in what it may not see, and writes to nothing that it only reads', async () => {
    const [hidden, open] = [await newProject(), await newProject({ visibility: 'public' })];
    for (const { path } of [hidden, open]) await put(path, object, 'secret');
    const stranger = basic(server.person('stranger').token);
    for (const question of [upload, download])
      expect((await ask(hidden.path, question, stranger)).status).toBe(404);
    expect((await get(hidden.path, object.oid, stranger)).status).toBe(404);
    expect((await put(hidden.path, object, 'secret', stranger)).status).toBe(404);
    expect((await ask(open.path, download, stranger)).status).toBe(200);
    expect((await ask(open.path, upload, stranger)).status).toBe(403);
    expect((await put(open.path, object, 'secret', stranger)).status).toBe(403);
    expect(await (await get(open.path, object.oid, null)).text()).toBe('secret');
    expect((await ask(open.path, upload, null)).status).toBe(401);
  });

  it('reads with a token that may only read, and with the token of a running job', async () => {
    const { id, path } = await newProject();
    await put(path, object, 'secret');
    const { root, ctx } = server;
    const scopes = ['read_repository'];
    const reader = basic(createAccessToken(ctx, { userId: root.id, name: 'r', scopes }).token);
    expect((await ask(path, download, reader)).status).toBe(200);
    expect((await ask(path, upload, reader)).status).toBe(401);
    const token = await runningJob(id);
    const job = basic(token, 'gitlab-ci-token');
    expect(await (await get(path, object.oid, job)).text()).toBe('secret');
    expect((await ask(path, upload, job)).status).toBe(403);
    expect((await put(path, object, 'secret', job)).status).toBe(403);
    const other = await newProject();
    expect((await ask(other.path, download, job)).status).toBe(404);
  });

  it('writes no more when the project is archived', async () => {
    const { id, path } = await newProject();
    await server.api('POST', `/projects/${id}/archive`);
    expect((await ask(path, upload)).status).toBe(403);
  });
});

/** The token of a job that a runner has. */
async function runningJob(projectId: number): Promise<string> {
  const { ctx, root } = server;
  const file = { action: 'create', file_path: '.gitlab-ci.yml', content: 'build:\n  script: [make]\n' };
  await server.api('POST', `/projects/${projectId}/repository/commits`, {
    ...{ branch: 'main', commit_message: 'Start', actions: [file] },
  });
  const runner = ctx.store.runners.insert({
    ...{ runnerType: 'instance_type', token: 'glrt-x', creatorId: root.id },
    createdAt: ctx.now().toISOString(),
  });
  const [job] = ctx.store.jobs.by('projectId', projectId);
  return ctx.ci.assignJob(job?.id ?? 0, { runner, systemId: null, features: [] })?.token ?? '';
}

describe('a question', () => {
  it.each([
    ['no JSON', 'x', 422],
    ['another operation', { operation: 'delete', objects: [objectOf('x')] }, 422],
    ['no object', { operation: 'download', objects: [] }, 422],
    ['another digest', { operation: 'download', objects: [objectOf('x')], hash_algo: 'md5' }, 409],
    ['other transfers only', { operation: 'download', objects: [objectOf('x')], transfers: ['ssh'] }, 422],
    ['far too many', { operation: 'download', objects: Array(20_000).fill(objectOf('x')) }, 413],
  ])('with %s is refused with a reason', async (_what, question, status) => {
    const { path } = await newProject();
    const answer = await ask(path, question);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ message: expect.any(String) as unknown });
  });

  it('about locks, or by the API of old, is not served', async () => {
    const { path } = await newProject();
    for (const name of ['locks', 'locks/verify', 'objects'])
      expect((await call('POST', `${path}.git/info/lfs/${name}`, { body: '{}' })).status).toBe(501);
  });
});
