// Commits, and files through the API: read, create, update, delete.
import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import { disposition } from '../downloads.ts';
import { FileActionError, writeCommit } from '../git/commit-files.ts';
import type { FileAction } from '../git/commit-files.ts';
import {
  BLANK_SHA,
  countCommits,
  listCommits,
  listTree,
  readCommit,
  readFileAt,
  resolveCommit,
} from '../git/repository.ts';
import { GitCommandError } from '../git/run-git.ts';
import { changeRef } from '../git/web-change.ts';
import type { Project } from '../state.ts';
import { DEVELOPER } from './access.ts';
import { ApiError, badParameter, forbidden, notFound } from './api-error.ts';
import { requireUser } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { renderCommit } from './entities/repository.ts';
import { findProject, findProjectFor, projectUrl } from './lookup.ts';
import { answerNumberedPage } from './paging.ts';
import { boolParam, intParam, parseParams, readParams, textParam } from './params.ts';
import type { RawParams } from './params.ts';

const encoding = z.enum(['text', 'base64']).default('text');

const commitSchema = z.object({
  branch: textParam,
  commit_message: textParam,
  start_branch: textParam.optional(),
  start_sha: textParam.optional(),
  author_name: textParam.optional(),
  author_email: textParam.optional(),
  actions: z.array(
    z.object({
      action: z.enum(['create', 'update', 'delete', 'move', 'chmod']),
      file_path: textParam,
      previous_path: textParam.optional(),
      content: textParam.optional(),
      encoding,
      execute_filemode: boolParam.optional(),
    }),
  ),
});
type CommitWish = z.infer<typeof commitSchema>;

const fileSchema = z.object({
  branch: textParam,
  commit_message: textParam,
  start_branch: textParam.optional(),
  author_name: textParam.optional(),
  author_email: textParam.optional(),
  content: textParam.optional(),
  encoding,
  execute_filemode: boolParam.optional(),
});

export function commitRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.get('/projects/:id/repository/commits', async (c) => await listAll(ctx, c));
  app.post('/projects/:id/repository/commits', async (c) => {
    const project = findProjectFor(ctx, c, DEVELOPER);
    const wish = parseParams(commitSchema, await readParams(c));
    const id = await commit(ctx, c, project, wish);
    const created = await readCommit(ctx.store.files.repositoryPath(project.id), id);
    if (created === null) throw notFound('Commit');
    return c.json(
      { ...renderCommit(created, projectUrl(c, project)), status: null, project_id: project.id },
      201,
    );
  });
  app.get('/projects/:id/repository/commits/:sha', async (c) => {
    const project = findProject(ctx, c);
    const directory = ctx.store.files.repositoryPath(project.id);
    const id = await resolveCommit(directory, c.req.param('sha'));
    const found = id === null ? null : await readCommit(directory, id);
    if (found === null) throw notFound('Commit');
    const last = ctx.store.pipelines.by('projectId', project.id).findLast((pipeline) => pipeline.sha === id);
    return c.json({
      ...renderCommit(found, projectUrl(c, project)),
      status: last?.status ?? null,
      project_id: project.id,
      last_pipeline:
        last === undefined ? null : { id: last.id, sha: last.sha, ref: last.ref, status: last.status },
    });
  });
  app.get('/projects/:id/repository/tree', async (c) => await showTree(ctx, c));
  fileRoutes(ctx, app);
  return app;
}

async function listAll(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  const project = findProject(ctx, c);
  const raw = await readParams(c);
  const schema = z.object({
    ref_name: textParam.optional(),
    path: textParam.optional(),
    since: textParam.optional(),
    until: textParam.optional(),
    page: intParam.pipe(z.number().min(1).max(1_000_000)).default(1),
    per_page: intParam.default(20),
  });
  const wish = parseParams(schema, raw);
  const directory = ctx.store.files.repositoryPath(project.id);
  const range = await resolveCommit(directory, wish.ref_name ?? project.defaultBranch ?? 'HEAD');
  if (range === null) {
    if (wish.ref_name === undefined) return c.json([]);
    throw notFound('Ref');
  }
  const perPage = Math.min(100, Math.max(1, wish.per_page));
  const commits = await listCommits(directory, {
    range,
    maxCount: perPage,
    skip: (wish.page - 1) * perPage,
    ...(wish.path === undefined ? {} : { path: wish.path }),
    ...(wish.since === undefined ? {} : { since: wish.since }),
    ...(wish.until === undefined ? {} : { until: wish.until }),
  });
  const total = await countCommits(directory, range, wish.path ?? '');
  c.header('X-Page', String(wish.page));
  c.header('X-Per-Page', String(perPage));
  c.header('X-Next-Page', wish.page * perPage < total ? String(wish.page + 1) : '');
  c.header('X-Prev-Page', wish.page > 1 ? String(wish.page - 1) : '');
  return c.json(commits.map((one) => renderCommit(one, projectUrl(c, project))));
}

async function showTree(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  const project = findProject(ctx, c);
  const raw = await readParams(c);
  const schema = z.object({
    ref: textParam.optional(),
    path: textParam.default(''),
    recursive: boolParam.default(false),
  });
  const wish = parseParams(schema, raw);
  const directory = ctx.store.files.repositoryPath(project.id);
  const id = await resolveCommit(directory, wish.ref ?? project.defaultBranch ?? 'HEAD');
  if (id === null) throw notFound('Tree');
  const entries = await listTree(directory, id, wish.path, wish.recursive);
  if (entries.length === 0 && wish.path !== '') throw notFound('invalid revision or path');
  return answerNumberedPage(c, raw, entries, (entry) => ({
    id: entry.id,
    name: entry.path.split('/').at(-1),
    type: entry.type,
    path: entry.path,
    mode: entry.mode,
  }));
}

/** Makes the commit, moves the branch, and lets everything follow that follows a push. Returns its id. */
async function commit(
  ctx: SandboxContext,
  c: Context<ApiEnv>,
  project: Project,
  wish: CommitWish,
): Promise<string> {
  const { user } = requireUser(c);
  const directory = ctx.store.files.repositoryPath(project.id);
  const tip = await resolveCommit(directory, `refs/heads/${wish.branch}`);
  const start = wish.start_sha ?? wish.start_branch;
  const parent = tip ?? (start === undefined ? null : await resolveCommit(directory, start));
  const isFirst = project.defaultBranch === null;
  if (parent === null && !isFirst) {
    throw new ApiError(400, { message: 'You can only create or edit files when you are on a branch' });
  }
  try {
    const after = await writeCommit(directory, {
      message: wish.commit_message,
      authorName: wish.author_name ?? user.name,
      authorEmail: wish.author_email ?? user.email,
      committerName: user.name,
      committerEmail: user.email,
      parent,
      actions: wish.actions.map(toFileAction),
    });
    const refusal = await changeRef(ctx, {
      ...{ project, user, ref: `refs/heads/${wish.branch}` },
      ...{ before: tip ?? BLANK_SHA, after, serverUrl: c.get('baseUrl') },
    });
    if (refusal !== null) throw forbidden(refusal);
    return after;
  } catch (error) {
    if (error instanceof FileActionError) throw new ApiError(400, { message: error.message });
    if (error instanceof GitCommandError) {
      throw new ApiError(400, { message: 'Could not update the branch. Please refresh and try again.' });
    }
    throw error;
  }
}

function toFileAction(wish: CommitWish['actions'][number]): FileAction {
  const path = wish.file_path;
  const content = wish.content === undefined ? null : decode(wish.content, wish.encoding);
  switch (wish.action) {
    case 'create':
    case 'update':
      return { action: wish.action, path, content: content ?? Buffer.alloc(0) };
    case 'delete':
      return { action: 'delete', path };
    case 'chmod':
      return { action: 'chmod', path, executable: wish.execute_filemode ?? false };
    case 'move':
      if (wish.previous_path === undefined) throw badParameter('actions[0][previous_path] is missing');
      return { action: 'move', path, from: wish.previous_path, content };
  }
}

function decode(content: string, how: 'text' | 'base64'): Buffer {
  return Buffer.from(content, how === 'base64' ? 'base64' : 'utf8');
}

function fileRoutes(ctx: SandboxContext, app: Hono<ApiEnv>): void {
  const base = '/projects/:id/repository/files/:path';
  app.get(`${base}/raw`, async (c) => {
    const { file, path } = await findFile(ctx, c);
    c.header('Content-Disposition', disposition('inline', path.split('/').at(-1) ?? ''));
    c.header('Content-Type', 'text/plain; charset=utf-8');
    return c.body(new Uint8Array(file.content));
  });
  app.get(base, async (c) => c.json(await describeFile(ctx, c)));
  for (const [method, action, status] of [
    ['POST', 'create', 201],
    ['PUT', 'update', 200],
    ['DELETE', 'delete', 204],
  ] as const) {
    app.on(method, base, async (c) => {
      const project = findProjectFor(ctx, c, DEVELOPER);
      const raw: RawParams = await readParams(c);
      const wish = parseParams(fileSchema, raw);
      if (action !== 'delete' && wish.content === undefined) throw badParameter('content is missing');
      const path = c.req.param('path');
      const one = { action, file_path: path, content: wish.content, encoding: wish.encoding };
      await commit(ctx, c, project, { ...wish, actions: [one] });
      if (status === 204) return c.body(null, 204);
      return c.json({ file_path: path, branch: wish.branch }, status);
    });
  }
}

async function findFile(ctx: SandboxContext, c: Context<ApiEnv>) {
  const project = findProject(ctx, c);
  const path = c.req.param('path') ?? '';
  const ref = c.req.query('ref') ?? project.defaultBranch ?? 'HEAD';
  const directory = ctx.store.files.repositoryPath(project.id);
  const id = await resolveCommit(directory, ref);
  if (id === null) throw notFound('Commit');
  const file = await readFileAt(directory, id, path);
  if (file === null) throw notFound('File');
  return { project, path, ref, id, directory, file };
}

async function describeFile(ctx: SandboxContext, c: Context<ApiEnv>) {
  const { path, ref, id, directory, file } = await findFile(ctx, c);
  const [last] = await listCommits(directory, { range: id, maxCount: 1, path });
  return {
    file_name: path.split('/').at(-1),
    file_path: path,
    size: file.content.length,
    encoding: 'base64',
    content_sha256: createHash('sha256').update(file.content).digest('hex'),
    ref,
    blob_id: file.blobId,
    commit_id: id,
    last_commit_id: last?.id ?? id,
    execute_filemode: file.mode === '100755',
    content: file.content.toString('base64'),
  };
}
