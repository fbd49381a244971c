// Git LFS over HTTP as GitLab speaks it: the batch API at `/<group>/<project>.git/info/lfs/objects/batch`, and the objects
// themselves (basic transfer) at `/<group>/<project>.git/gitlab-lfs/objects/<oid>`. Who may do what is git's own rule.
//
// https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md, …/basic-transfers.md
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import { checkGitAccess } from '../git/git-access.ts';
import type { GitOperation } from '../git/git-access.ts';
import type { Project } from '../state.ts';
import { streamBody } from '../stream-body.ts';
import { answerBatch, batchSchema, contentType, isStorable, objectSchema, wordsFor } from './batch.ts';
import { receiveObject } from './receive.ts';

const lfsPath = /^\/(.+?)\.git\/((?:info\/lfs|gitlab-lfs)\/.+)$/;
const objectPath = /^gitlab-lfs\/objects\/([0-9a-f]{64})(?:\/(verify|\d{1,16}))?$/;

/** Bytes of a request that is read whole; git-lfs asks for a hundred objects at once, which take a hundredth of it. */
const maxQuestionBytes = 1024 * 1024;

interface LfsCall {
  readonly ctx: SandboxContext;
  readonly c: Context;
  /** Of the project, as the address has it. */
  readonly path: string;
}

/** Serves the objects of every project; other paths fall through. */
export function lfsRoutes(ctx: SandboxContext): Hono {
  const app = new Hono();
  const limitBody = bodyLimit({
    maxSize: maxQuestionBytes,
    onError: (c) => refuse(c, 413, 'The request is too large: ask for fewer objects at once.'),
  });
  app.use((c, next) => (isQuestion(c.req) ? limitBody(c, next) : next()));
  app.all('*', async (c, next) => {
    const [, path, call] = lfsPath.exec(new URL(c.req.url).pathname) ?? [];
    if (path === undefined || call === undefined) {
      await next();
      return;
    }
    return await answerCall({ ctx, c, path }, call);
  });
  return app;
}

function isQuestion({ method, url }: { readonly method: string; readonly url: string }): boolean {
  return method === 'POST' && lfsPath.test(new URL(url).pathname);
}

async function answerCall(call: LfsCall, name: string): Promise<Response> {
  const { c } = call;
  const { method } = c.req;
  if (method === 'POST' && name === 'info/lfs/objects/batch') return await answerQuestion(call);
  const [, oid, rest] = objectPath.exec(name) ?? [];
  if (oid !== undefined && rest === undefined && method === 'GET') return sendObject(call, oid);
  if (oid !== undefined && rest === 'verify' && method === 'POST') return await verifyObject(call, oid);
  if (oid !== undefined && rest !== undefined && rest !== 'verify' && method === 'PUT')
    return await storeObject(call, { oid, size: Number(rest) });
  // git-lfs goes on without locks where there are none.
  return name.startsWith('info/lfs/')
    ? refuse(c, 501, 'The sandbox has the batch API of Git LFS only: no locks.')
    : refuse(c, 404, 'Not found.');
}

/** The project, or what is said to who may not. */
function admit({ ctx, c, path }: LfsCall, operation: GitOperation): Project | Response {
  const { store } = ctx;
  const project = store.projects.find((one) => one.fullPath.toLowerCase() === path.toLowerCase());
  const authorization = c.req.header('authorization') ?? null;
  const access = checkGitAccess(store, project, operation, authorization, ctx.now());
  if (access.kind === 'allowed') return access.project;
  if (access.kind === 'refused') return refuse(c, access.status, access.message);
  const realm = 'Basic realm="GitLab"';
  return refuse(c, 401, 'HTTP Basic: Access denied', {
    'LFS-Authenticate': realm,
    'WWW-Authenticate': realm,
  });
}

async function answerQuestion(call: LfsCall): Promise<Response> {
  const { ctx, c } = call;
  const question = batchSchema.safeParse(parseJson(await c.req.text()));
  if (!question.success) return refuse(c, 422, `The request is invalid: ${z.prettifyError(question.error)}`);
  const { operation, hash_algo: algorithm, transfers, objects } = question.data;
  const project = admit(call, operation === 'upload' ? 'write' : 'read');
  if (project instanceof Response) return project;
  if (algorithm !== 'sha256') return refuse(c, 409, 'Objects are named by their SHA-256 only.');
  if (transfers.length > 0 && !transfers.includes('basic'))
    return refuse(c, 422, 'Objects are transferred by the basic adapter only.');
  const answer = answerBatch({
    ...{ operation, objects },
    files: ctx.store.files.lfs,
    projectId: project.id,
    url: `${ctx.externalUrl(c.req.raw)}/${project.fullPath}.git/gitlab-lfs/objects`,
    authorization: c.req.header('authorization') ?? null,
  });
  return c.json(answer, 200, { 'Content-Type': contentType });
}

function sendObject(call: LfsCall, oid: string): Response {
  const project = admit(call, 'read');
  if (project instanceof Response) return project;
  const content = call.ctx.store.files.lfs.find(project.id, oid);
  if (content === null) return refuse(call.c, 404, wordsFor.missing);
  return new Response(streamBody(createReadStream(content.path)), {
    headers: { 'Content-Type': 'application/octet-stream', 'Content-Length': String(content.size) },
  });
}

async function storeObject(
  call: LfsCall,
  object: { readonly oid: string; readonly size: number },
): Promise<Response> {
  const { ctx, c } = call;
  const { files } = ctx.store;
  const first = admit(call, 'write');
  if (first instanceof Response) return first;
  if (!isStorable(object)) return refuse(c, 413, wordsFor.unfit);
  const upload = files.uploadPath(randomUUID());
  try {
    if (!(await receiveObject(c.req.raw.body, upload, object)))
      return refuse(c, 400, 'SHA256 or size mismatch');
    // Receiving takes a while: the project may be gone, or nothing for the sender any more.
    const project = admit(call, 'write');
    if (project instanceof Response) return project;
    files.lfs.keep(upload, project.id, object);
    return c.body(null, 200, { 'Content-Type': contentType });
  } finally {
    await rm(upload, { force: true });
  }
}

async function verifyObject(call: LfsCall, oid: string): Promise<Response> {
  const { ctx, c } = call;
  const project = admit(call, 'write');
  if (project instanceof Response) return project;
  const object = objectSchema.safeParse(parseJson(await c.req.text())).data;
  const content = ctx.store.files.lfs.find(project.id, oid);
  if (content === null) return refuse(c, 404, wordsFor.missing);
  if (object?.oid !== oid || object.size !== content.size) return refuse(c, 422, wordsFor.otherSize);
  return c.body(null, 200, { 'Content-Type': contentType });
}

type Refusal = 400 | 401 | 403 | 404 | 409 | 413 | 422 | 501;

function refuse(
  c: Context,
  status: Refusal,
  message: string,
  headers: Record<string, string> = {},
): Response {
  // What was not read to its end has the connection closed behind it: the client is told, and uses another.
  const isHalfRead = status === 413 || c.req.method === 'PUT';
  const all = { ...headers, 'Content-Type': contentType, ...(isHalfRead && { Connection: 'close' }) };
  return c.json({ message }, status, all);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
