// Runners as people see them: create, list, edit, delete, managers, jobs. The runner's own protocol is elsewhere.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import { deleteRunner } from '../pipelines/removal.ts';
import { createToken } from '../pipelines/tokens.ts';
import type { Runner } from '../state.ts';
import { ancestorsOf, hasNamespaceRole, hasProjectRole, MAINTAINER, OWNER, ownsRunner } from './access.ts';
import { ApiError, badParameter, forbidden, notFound, unauthorized } from './api-error.ts';
import { requireAdmin, requireUser, viewerOf } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { renderJobWithProject } from './entities/ci.ts';
import { renderRunner, renderRunnerDetails, renderRunnerManager, runnerStatus } from './entities/runners.ts';
import { findGroupFor, findProjectFor, pathNumber } from './lookup.ts';
import { answerPage } from './paging.ts';
import { boolParam, intParam, listParam, parseParams, readParams, textParam } from './params.ts';

const runnerType = z.enum(['instance_type', 'group_type', 'project_type']);
const accessLevel = z.enum(['not_protected', 'ref_protected']);

const editSchema = z.object({
  description: textParam.optional(),
  active: boolParam.optional(),
  paused: boolParam.optional(),
  tag_list: listParam.optional(),
  run_untagged: boolParam.optional(),
  locked: boolParam.optional(),
  access_level: accessLevel.optional(),
  maximum_timeout: intParam.nullish(),
  maintenance_note: textParam.optional(),
});
type RunnerEdit = z.infer<typeof editSchema>;

const createSchema = editSchema.extend({
  runner_type: runnerType,
  group_id: intParam.optional(),
  project_id: intParam.optional(),
});

const filterSchema = z.object({
  type: runnerType.optional(),
  status: z.enum(['online', 'offline', 'stale', 'never_contacted', 'active', 'paused']).optional(),
  scope: textParam.optional(),
  paused: boolParam.optional(),
  tag_list: listParam.optional(),
  version_prefix: textParam.optional(),
});

export function runnerRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.post('/user/runners', async (c) => await createRunner(ctx, c));
  app.get('/runners', async (c) => {
    const { user } = requireUser(c);
    const viewer = { user, admin: false };
    return await listRunners(
      ctx,
      c,
      ctx.store.runners.filter((runner) => ownsRunner(ctx.store, viewer, runner)),
    );
  });
  app.get('/runners/all', async (c) => {
    requireAdmin(c);
    return await listRunners(ctx, c, ctx.store.runners.all());
  });
  app.get('/runners/:id', (c) => {
    const runner = findRunner(ctx, c, 'read');
    return c.json(renderRunnerDetails(ctx.store, runner, c.get('baseUrl'), ctx.now()));
  });
  app.put('/runners/:id', async (c) => await editRunner(ctx, c));
  app.delete('/runners/:id', (c) => {
    const runner = findRunner(ctx, c, 'write');
    ctx.store.transaction(() => deleteRunner(ctx.store, runner.id));
    ctx.events.emit('runner', runner.id);
    return c.body(null, 204);
  });
  app.get('/runners/:id/managers', async (c) => {
    const managers = ctx.store.runnerManagers.by('runnerId', findRunner(ctx, c, 'read').id);
    return c.json(managers.map((manager) => renderRunnerManager(ctx.store, manager, ctx.now())));
  });
  app.get('/runners/:id/jobs', async (c) => await listRunnerJobs(ctx, c));
  app.post('/runners/:id/reset_authentication_token', (c) => {
    const runner = findRunner(ctx, c, 'write');
    const { token, tokenExpiresAt } = ctx.store.runners.update(runner.id, { token: createToken('glrt-') });
    ctx.events.emit('runner', runner.id);
    return c.json({ token, token_expires_at: tokenExpiresAt }, 201);
  });
  assignmentRoutes(ctx, app);
  return app;
}

function findRunner(ctx: SandboxContext, c: Context<ApiEnv>, purpose: 'read' | 'write'): Runner {
  const viewer = viewerOf(c);
  if (viewer === null) throw unauthorized();
  const runner = ctx.store.runners.get(pathNumber(c, 'id'));
  if (runner === undefined) throw notFound();
  const open = purpose === 'read' && runner.runnerType === 'instance_type';
  if (!open && !ownsRunner(ctx.store, viewer, runner)) throw forbidden('No access granted');
  return runner;
}

async function createRunner(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  const { user, admin } = requireUser(c);
  const viewer = { user, admin };
  const wish = parseParams(createSchema, await readParams(c));
  if (wish.runner_type === 'group_type' && wish.group_id === undefined)
    throw badParameter('group_id is missing');
  if (wish.runner_type === 'project_type' && wish.project_id === undefined) {
    throw badParameter('project_id is missing');
  }
  if (wish.runner_type === 'instance_type') {
    if (!admin) throw forbidden('Insufficient permissions');
  } else if (wish.runner_type === 'group_type') {
    const group = ctx.store.namespaces.get(wish.group_id ?? 0);
    if (group?.kind !== 'group') throw notFound('Group');
    if (!hasNamespaceRole(ctx.store, viewer, group.id, OWNER)) throw forbidden('Insufficient permissions');
  } else {
    const project = ctx.store.projects.get(wish.project_id ?? 0);
    if (project === undefined) throw notFound('Project');
    if (!hasProjectRole(ctx.store, viewer, project, MAINTAINER)) throw forbidden('Insufficient permissions');
  }
  assertRunner(wish.tag_list ?? [], wish.run_untagged ?? true, wish);
  const runner = ctx.store.runners.insert({
    runnerType: wish.runner_type,
    token: createToken('glrt-'),
    ...runnerFields(wish),
    projectIds: wish.runner_type === 'project_type' ? [wish.project_id ?? 0] : [],
    groupIds: wish.runner_type === 'group_type' ? [wish.group_id ?? 0] : [],
    creatorId: user.id,
    createdAt: ctx.now().toISOString(),
  });
  ctx.events.emit('runner', runner.id);
  return c.json({ id: runner.id, token: runner.token, token_expires_at: runner.tokenExpiresAt }, 201);
}

function assertRunner(tags: readonly string[], runUntagged: boolean, wish: RunnerEdit): void {
  if (tags.length === 0 && !runUntagged) {
    throw new ApiError(400, {
      message: { tags_list: ['can not be empty when runner is not allowed to pick untagged jobs'] },
    });
  }
  if (wish.maximum_timeout !== undefined && wish.maximum_timeout !== null && wish.maximum_timeout < 600) {
    throw new ApiError(400, { message: { maximum_timeout: ['needs to be at least 10 minutes'] } });
  }
  if ((wish.maintenance_note?.length ?? 0) > 1024) {
    throw new ApiError(400, { message: { maintenance_note: ['is too long (maximum is 1024 characters)'] } });
  }
}

function runnerFields(wish: RunnerEdit): Partial<Omit<Runner, 'tags'>> & { tags?: string[] } {
  const paused = wish.paused ?? (wish.active === undefined ? undefined : !wish.active);
  return {
    ...(wish.description === undefined ? {} : { description: wish.description }),
    ...(paused === undefined ? {} : { paused }),
    ...(wish.tag_list === undefined ? {} : { tags: [...new Set(wish.tag_list)] }),
    ...(wish.run_untagged === undefined ? {} : { runUntagged: wish.run_untagged }),
    ...(wish.locked === undefined ? {} : { locked: wish.locked }),
    ...(wish.access_level === undefined ? {} : { accessLevel: wish.access_level }),
    ...(wish.maximum_timeout === undefined ? {} : { maximumTimeout: wish.maximum_timeout }),
    ...(wish.maintenance_note === undefined ? {} : { maintenanceNote: wish.maintenance_note }),
  };
}

async function editRunner(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  const runner = findRunner(ctx, c, 'write');
  const wish = parseParams(editSchema, await readParams(c));
  if (Object.keys(wish).length === 0) {
    throw badParameter(
      `${Object.keys(editSchema.shape).join(', ')} are missing, at least one parameter must be provided`,
    );
  }
  if (wish.active !== undefined && wish.paused !== undefined) {
    throw badParameter('active, paused are mutually exclusive');
  }
  assertRunner(wish.tag_list ?? runner.tags, wish.run_untagged ?? runner.runUntagged, wish);
  const edited = ctx.store.runners.update(runner.id, runnerFields(wish));
  ctx.events.emit('runner', runner.id);
  return c.json(renderRunnerDetails(ctx.store, edited, c.get('baseUrl'), ctx.now()));
}

async function listRunners(
  ctx: SandboxContext,
  c: Context<ApiEnv>,
  all: readonly Runner[],
): Promise<Response> {
  const raw = await readParams(c);
  const wish = parseParams(filterSchema, raw);
  const now = ctx.now();
  const found = all.filter((runner) => {
    const status = runnerStatus(runner.contactedAt, runner.createdAt, now);
    const paused =
      wish.paused ?? (wish.status === 'paused' ? true : wish.status === 'active' ? false : undefined);
    const byStatus = wish.status === 'active' || wish.status === 'paused' ? undefined : wish.status;
    const versions = ctx.store.runnerManagers
      .by('runnerId', runner.id)
      .map((manager) => manager.version ?? '');
    return (
      (wish.type === undefined || runner.runnerType === wish.type) &&
      (byStatus === undefined || status === byStatus) &&
      (paused === undefined || runner.paused === paused) &&
      (wish.tag_list ?? []).every((tag) => runner.tags.includes(tag)) &&
      (wish.version_prefix === undefined ||
        versions.some((version) => version.startsWith(wish.version_prefix ?? '')))
    );
  });
  const newestFirst = found.sort((a, b) => b.id - a.id);
  return answerPage(c, raw, newestFirst, (runner) => renderRunner(ctx.store, runner, c.get('baseUrl'), now));
}

async function listRunnerJobs(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  const runner = findRunner(ctx, c, 'write');
  const raw = await readParams(c);
  const schema = z.object({
    system_id: textParam.optional(),
    status: textParam.optional(),
    order_by: z.enum(['id']).optional(),
    sort: z.enum(['asc', 'desc']).default('desc'),
  });
  const wish = parseParams(schema, raw);
  // Jobs that wait have no runner, so they are never listed here.
  const jobs = ctx.store.jobs
    .by('runnerId', runner.id)
    .filter((job) => job.startedAt !== null)
    .filter((job) => wish.status === undefined || job.status === wish.status)
    .filter((job) => wish.system_id === undefined || job.systemId === wish.system_id)
    .sort((a, b) => (wish.sort === 'asc' ? a.id - b.id : b.id - a.id));
  const counting = wish.system_id === undefined ? 'counted' : 'uncounted';
  const render = (job: (typeof jobs)[number]) =>
    renderJobWithProject(ctx.store, job, c.get('baseUrl'), ctx.now());
  return answerPage(c, raw, jobs, render, counting);
}

function assignmentRoutes(ctx: SandboxContext, app: Hono<ApiEnv>): void {
  app.get('/projects/:id/runners', async (c) => {
    const project = findProjectFor(ctx, c, MAINTAINER);
    const groups = new Set(ancestorsOf(ctx.store, project.namespaceId).map((group) => group.id));
    const available = ctx.store.runners.filter(
      (runner) =>
        runner.projectIds.includes(project.id) ||
        runner.groupIds.some((id) => groups.has(id)) ||
        (runner.runnerType === 'instance_type' && project.sharedRunnersEnabled),
    );
    return await listRunners(ctx, c, available);
  });
  app.get('/groups/:id/runners', async (c) => {
    const group = findGroupFor(ctx, c, OWNER);
    return await listRunners(
      ctx,
      c,
      ctx.store.runners.filter((runner) => runner.groupIds.includes(group.id)),
    );
  });
  app.post('/projects/:id/runners', async (c) => {
    const project = findProjectFor(ctx, c, MAINTAINER);
    const wish = parseParams(z.object({ runner_id: intParam }), await readParams(c));
    const runner = ctx.store.runners.get(wish.runner_id);
    if (runner === undefined) throw notFound();
    const viewer = viewerOf(c);
    if (runner.runnerType === 'group_type') throw forbidden('Runner is a group runner');
    if (runner.runnerType === 'instance_type') throw forbidden('Runner is an instance runner');
    if (viewer?.admin !== true) {
      if (runner.locked) throw forbidden('Runner is locked');
      if (viewer === null || !ownsRunner(ctx.store, viewer, runner)) throw forbidden('No access granted');
    }
    if (runner.projectIds.includes(project.id)) {
      throw new ApiError(400, { message: { runner_projects: ['is invalid'] } });
    }
    const edited = ctx.store.runners.update(runner.id, { projectIds: [...runner.projectIds, project.id] });
    ctx.events.emit('runner', runner.id);
    return c.json(renderRunner(ctx.store, edited, c.get('baseUrl'), ctx.now()), 201);
  });
  app.delete('/projects/:id/runners/:runner_id', (c) => {
    const project = findProjectFor(ctx, c, MAINTAINER);
    const runner = ctx.store.runners.get(pathNumber(c, 'runner_id'));
    if (runner === undefined || !runner.projectIds.includes(project.id)) throw notFound('Runner');
    if (runner.projectIds.length === 1) {
      throw forbidden('Only one project associated with the runner. Please remove the runner instead');
    }
    const projectIds = runner.projectIds.filter((id) => id !== project.id);
    ctx.store.runners.update(runner.id, { projectIds });
    ctx.events.emit('runner', runner.id);
    return c.body(null, 204);
  });
}
