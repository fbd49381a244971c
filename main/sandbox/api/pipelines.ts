// Pipelines of a project.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import { assertNever } from '../../model/assert.ts';
import type { SandboxContext } from '../context.ts';
import { createPipelineAt } from '../git/after-push.ts';
import { BLANK_SHA, listRefs } from '../git/repository.ts';
import { runGit } from '../git/run-git.ts';
import type { CiStatus, Job, Pipeline, Project } from '../state.ts';
import { DEVELOPER, OWNER } from './access.ts';
import { ApiError, forbidden, notFound } from './api-error.ts';
import { requireUser } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { renderJob, renderPipeline, renderPipelineBasic } from './entities/ci.ts';
import { findProject, findProjectFor, pathNumber } from './lookup.ts';
import { answerPage } from './paging.ts';
import { boolParam, oneOrMoreParam, parseParams, readParams, textParam } from './params.ts';

const STATUSES = [
  ...['created', 'waiting_for_resource', 'preparing', 'waiting_for_callback', 'pending', 'running'],
  ...['success', 'failed', 'canceling', 'canceled', 'skipped', 'manual', 'scheduled'],
];

const createSchema = z.object({
  ref: textParam,
  variables: z
    .array(
      z.object({
        key: textParam,
        value: textParam,
        variable_type: z.enum(['env_var', 'file']).default('env_var'),
      }),
    )
    .default([]),
});

const listSchema = z.object({
  scope: z.enum(['running', 'pending', 'finished', 'branches', 'tags']).optional(),
  status: textParam.optional(),
  ref: textParam.optional(),
  sha: textParam.optional(),
  source: textParam.optional(),
  username: textParam.optional(),
  name: textParam.optional(),
  yaml_errors: boolParam.optional(),
  updated_after: textParam.optional(),
  updated_before: textParam.optional(),
  order_by: z.enum(['id', 'status', 'ref', 'updated_at', 'user_id']).default('id'),
  sort: z.enum(['asc', 'desc']).default('desc'),
});

export function pipelineRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const base = '/projects/:id/pipelines';
  const show = (c: Context<ApiEnv>, pipeline: Pipeline) =>
    renderPipeline(ctx.store, pipeline, c.get('baseUrl'), ctx.now());
  app.post('/projects/:id/pipeline', async (c) => c.json(show(c, await createPipeline(ctx, c)), 201));
  app.get(base, async (c) => await listPipelines(ctx, c));
  app.get(`${base}/latest`, (c) => {
    const project = findProject(ctx, c);
    const ref = c.req.query('ref') ?? project.defaultBranch;
    const latest = ctx.store.pipelines.by('projectId', project.id).findLast((one) => one.ref === ref);
    if (latest === undefined) throw forbidden();
    return c.json(show(c, latest));
  });
  app.get(`${base}/:pipeline_id`, (c) => c.json(show(c, findPipeline(ctx, c))));
  app.get(`${base}/:pipeline_id/jobs`, async (c) => {
    const raw = await readParams(c);
    const jobs = filterJobs(
      ctx.store.jobs.by('pipelineId', findPipeline(ctx, c).id),
      parseParams(jobsSchema, raw),
    );
    return answerPage(c, raw, jobs, (job) => renderJob(ctx.store, job, c.get('baseUrl'), ctx.now()));
  });
  app.get(`${base}/:pipeline_id/bridges`, (c) => {
    findPipeline(ctx, c);
    return c.json([]);
  });
  app.get(`${base}/:pipeline_id/variables`, (c) =>
    c.json(
      findPipeline(ctx, c).variables.map((variable) => ({
        ...{ variable_type: variable.file ? 'file' : 'env_var', key: variable.key, value: variable.value },
        raw: variable.raw,
      })),
    ),
  );
  app.post(`${base}/:pipeline_id/retry`, (c) => {
    const pipeline = findPipeline(ctx, c, DEVELOPER);
    return c.json(show(c, ctx.ci.retryPipeline(pipeline.id, requireUser(c).user.id)), 201);
  });
  app.post(`${base}/:pipeline_id/cancel`, (c) => {
    const pipeline = findPipeline(ctx, c, DEVELOPER);
    return c.json(show(c, ctx.ci.cancelPipeline(pipeline.id, requireUser(c).user.id)));
  });
  app.delete(`${base}/:pipeline_id`, (c) => {
    ctx.ci.deletePipeline(findPipeline(ctx, c, OWNER).id);
    return c.body(null, 204);
  });
  return app;
}

function findPipeline(ctx: SandboxContext, c: Context<ApiEnv>, level?: number): Pipeline {
  const project = level === undefined ? findProject(ctx, c) : findProjectFor(ctx, c, level);
  const pipeline = ctx.store.pipelines.get(pathNumber(c, 'pipeline_id'));
  if (pipeline?.projectId !== project.id) throw notFound();
  return pipeline;
}

async function listPipelines(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  const raw = await readParams(c);
  const wish = parseParams(listSchema, raw);
  if (wish.status !== undefined && !STATUSES.includes(wish.status)) {
    throw new ApiError(400, { error: 'status does not have a valid value' });
  }
  const project = findProject(ctx, c);
  const finished: readonly CiStatus[] = ['success', 'failed', 'canceled'];
  const found = ctx.store.pipelines
    .by('projectId', project.id)
    .filter(
      (one) =>
        (wish.status === undefined || one.status === wish.status) &&
        (wish.ref === undefined || one.ref === wish.ref) &&
        (wish.sha === undefined || one.sha === wish.sha) &&
        (wish.source === undefined || one.source === wish.source) &&
        (wish.name === undefined || one.name === wish.name) &&
        (wish.username === undefined || ctx.store.users.get(one.userId)?.username === wish.username) &&
        (wish.yaml_errors === undefined || (one.yamlErrors !== null) === wish.yaml_errors) &&
        (wish.updated_after === undefined || one.updatedAt > wish.updated_after) &&
        (wish.updated_before === undefined || one.updatedAt < wish.updated_before) &&
        (wish.scope !== 'running' || one.status === 'running') &&
        (wish.scope !== 'pending' || one.status === 'pending') &&
        (wish.scope !== 'finished' || finished.includes(one.status)) &&
        (wish.scope !== 'branches' || !one.tag) &&
        (wish.scope !== 'tags' || one.tag),
    );
  const key = (one: Pipeline): string =>
    wish.order_by === 'status'
      ? one.status
      : wish.order_by === 'ref'
        ? one.ref
        : wish.order_by === 'updated_at'
          ? one.updatedAt
          : '';
  const sign = wish.sort === 'asc' ? 1 : -1;
  found.sort((a, b) => sign * (key(a).localeCompare(key(b)) || a.id - b.id));
  return answerPage(c, raw, found, (one) => renderPipelineBasic(ctx.store, one, c.get('baseUrl')));
}

const base400 = (message: string): ApiError => new ApiError(400, { message: { base: [message] } });

async function createPipeline(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Pipeline> {
  const project = findProjectFor(ctx, c, DEVELOPER);
  const { user } = requireUser(c);
  const wish = parseParams(createSchema, await readParams(c));
  const target = await findTarget(ctx, project, wish.ref);
  if (target === null) throw base400('Reference not found');
  const outcome = await createPipelineAt(ctx, {
    ...{ project, user, ...target, source: 'api', skip: false, beforeSha: BLANK_SHA },
    variables: wish.variables.map(({ key, value, variable_type }) => ({
      ...{ key, value, file: variable_type === 'file', public: false, masked: false, raw: false },
    })),
    serverUrl: c.get('baseUrl'),
  });
  switch (outcome.kind) {
    case 'missing_file':
      throw base400('Missing CI config file');
    case 'none':
      throw base400(outcome.reason);
    case 'created': {
      const { id, yamlErrors } = outcome.pipeline;
      if (yamlErrors === null) return outcome.pipeline;
      // Asked for by the API, GitLab keeps no pipeline that it could not make.
      ctx.ci.deletePipeline(id);
      throw new ApiError(400, { message: { base: yamlErrors.split('\n') } });
    }
    default:
      return assertNever(outcome);
  }
}

/** The branch or tag that a short or full ref name names. */
async function findTarget(
  ctx: SandboxContext,
  project: Project,
  ref: string,
): Promise<{ readonly ref: string; readonly refType: 'branch' | 'tag'; readonly sha: string } | null> {
  const directory = ctx.store.files.repositoryPath(project.id);
  const name = ref.replace(/^refs\/(heads|tags)\//, '');
  for (const refType of ['branch', 'tag'] as const) {
    const prefix = refType === 'branch' ? 'refs/heads/' : 'refs/tags/';
    if (ref.startsWith('refs/') && !ref.startsWith(prefix)) continue;
    const found = (await listRefs(directory, prefix + name)).find((one) => one.name === prefix + name);
    if (found === undefined) continue;
    const sha = await runGit(directory, ['rev-parse', `${found.commitId}^{commit}`]);
    return { ref: name, refType, sha: sha.toString('utf8').trim() };
  }
  return null;
}

export const jobsSchema = z.object({
  scope: oneOrMoreParam.default([]),
  include_retried: boolParam.default(false),
});

/** Newest first; retried jobs only when they are asked for. Raises 400 for an unknown status. */
export function filterJobs(jobs: readonly Job[], wish: z.infer<typeof jobsSchema>): Job[] {
  if (wish.scope.some((status) => !STATUSES.includes(status))) {
    throw new ApiError(400, { error: 'scope does not have a valid value' });
  }
  return jobs
    .filter((job) => wish.include_retried || !job.retried)
    .filter((job) => wish.scope.length === 0 || wish.scope.includes(job.status))
    .sort((a, b) => b.id - a.id);
}
