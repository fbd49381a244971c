// Webhooks of projects and of the system: create, edit, delete, test, and what was delivered.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import { listRefs, BLANK_SHA } from '../git/repository.ts';
import { deliverHook, urlRule } from '../hooks/deliver.ts';
import type { HookEvent } from '../hooks/deliver.ts';
import { inspectPush } from '../hooks/dispatch.ts';
import { refuseUrl } from '../hooks/local-address.ts';
import { renderJobHook, renderPipelineHook, renderPushHook } from '../hooks/payloads.ts';
import type { Hook, HookDelivery } from '../state.ts';
import { MAINTAINER } from './access.ts';
import { ApiError, badParameter, notFound } from './api-error.ts';
import { requireAdmin, requireUser } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { renderHook, renderHookDelivery, renderProjectHook } from './entities/hooks.ts';
import { findProjectFor, pathNumber } from './lookup.ts';
import { answerPage } from './paging.ts';
import { boolParam, parseParams, readParams, textParam } from './params.ts';
import type { RawParams } from './params.ts';

const flags = {
  push_events: boolParam.optional(),
  tag_push_events: boolParam.optional(),
  job_events: boolParam.optional(),
  pipeline_events: boolParam.optional(),
  merge_requests_events: boolParam.optional(),
  issues_events: boolParam.optional(),
  confidential_issues_events: boolParam.optional(),
  note_events: boolParam.optional(),
  confidential_note_events: boolParam.optional(),
  wiki_page_events: boolParam.optional(),
  deployment_events: boolParam.optional(),
  releases_events: boolParam.optional(),
  repository_update_events: boolParam.optional(),
  enable_ssl_verification: boolParam.optional(),
};

const editSchema = z.object({
  ...flags,
  url: textParam.optional(),
  name: textParam.nullish(),
  description: textParam.nullish(),
  token: textParam.nullish(),
  push_events_branch_filter: textParam.nullish(),
});
type HookEdit = z.infer<typeof editSchema>;

export function hookRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const base = '/projects/:id/hooks';
  const find = (c: Context<ApiEnv>): Hook => {
    const project = findProjectFor(ctx, c, MAINTAINER);
    const hook = ctx.store.hooks.get(pathNumber(c, 'hook_id'));
    if (hook?.projectId !== project.id) throw notFound();
    return hook;
  };
  app.get(base, async (c) => {
    const hooks = ctx.store.hooks.by('projectId', findProjectFor(ctx, c, MAINTAINER).id);
    return answerPage(c, await readParams(c), hooks, renderProjectHook);
  });
  app.post(base, async (c) => {
    const project = findProjectFor(ctx, c, MAINTAINER);
    return c.json(renderProjectHook(await addHook(ctx, project.id, await readParams(c))), 201);
  });
  app.get(`${base}/:hook_id`, (c) => c.json(renderProjectHook(find(c))));
  app.put(`${base}/:hook_id`, async (c) => {
    const hook = find(c);
    const wish = parseParams(editSchema, await readParams(c));
    if (Object.keys(wish).length === 0) throw badParameter('No parameters provided');
    await assertUrl(ctx, wish.url ?? hook.url, hook.projectId);
    return c.json(renderProjectHook(ctx.store.hooks.update(hook.id, hookFields(wish))));
  });
  app.delete(`${base}/:hook_id`, (c) => {
    removeHook(ctx, find(c));
    return c.body(null, 204);
  });
  app.get(`${base}/:hook_id/events`, async (c) => {
    const status = c.req.query('status');
    const deliveries = ctx.store.hookDeliveries.by('hookId', find(c).id).reverse();
    const found = deliveries.filter((one) => fitsStatus(one, status));
    return answerPage(c, await readParams(c), found, renderHookDelivery);
  });
  app.post(`${base}/:hook_id/events/:event_id/resend`, async (c) => {
    const hook = find(c);
    const old = ctx.store.hookDeliveries.get(pathNumber(c, 'event_id'));
    if (old?.hookId !== hook.id) throw notFound();
    const payload: unknown = JSON.parse(old.requestBody);
    return c.json(await testResult(ctx, c, hook, toEvent(old.event), payload), 201);
  });
  app.post(`${base}/:hook_id/test/:trigger`, async (c) => await testHook(ctx, c, find(c)));
  systemHookRoutes(ctx, app);
  return app;
}

function systemHookRoutes(ctx: SandboxContext, app: Hono<ApiEnv>): void {
  const find = (c: Context<ApiEnv>): Hook => {
    requireAdmin(c);
    const hook = ctx.store.hooks.get(pathNumber(c, 'hook_id'));
    if (hook === undefined || hook.projectId !== null) throw notFound();
    return hook;
  };
  app.get('/hooks', async (c) => {
    requireAdmin(c);
    return answerPage(c, await readParams(c), ctx.store.hooks.by('projectId', null), renderHook);
  });
  app.post('/hooks', async (c) => {
    requireAdmin(c);
    return c.json(renderHook(await addHook(ctx, null, await readParams(c))), 201);
  });
  app.get('/hooks/:hook_id', (c) => c.json(renderHook(find(c))));
  app.put('/hooks/:hook_id', async (c) => {
    const hook = find(c);
    const wish = parseParams(editSchema, await readParams(c));
    await assertUrl(ctx, wish.url ?? hook.url, null);
    return c.json(renderHook(ctx.store.hooks.update(hook.id, hookFields(wish))));
  });
  app.delete('/hooks/:hook_id', (c) => {
    const hook = find(c);
    removeHook(ctx, hook);
    return c.json(renderHook(hook));
  });
}

async function addHook(ctx: SandboxContext, projectId: number | null, raw: RawParams): Promise<Hook> {
  const wish = parseParams(editSchema.extend({ url: textParam }), raw);
  await assertUrl(ctx, wish.url, projectId);
  return ctx.store.hooks.insert({
    projectId,
    ...hookFields(wish),
    url: wish.url,
    createdAt: ctx.now().toISOString(),
  });
}

async function assertUrl(ctx: SandboxContext, url: string, projectId: number | null): Promise<void> {
  const refusal = await refuseUrl(url, urlRule(ctx, { projectId }));
  // A name that does not resolve now may do so later; GitLab accepts it too.
  if (refusal === null || refusal === 'Host cannot be resolved or invalid') return;
  ctx.log('info', 'A webhook was refused', { url, reason: refusal });
  throw new ApiError(422, { error: 'Invalid url given' });
}

function hookFields(wish: HookEdit): Partial<Omit<Hook, 'id'>> {
  const given: Record<keyof typeof flags, keyof Hook> = {
    push_events: 'pushEvents',
    tag_push_events: 'tagPushEvents',
    job_events: 'jobEvents',
    pipeline_events: 'pipelineEvents',
    merge_requests_events: 'mergeRequestsEvents',
    issues_events: 'issuesEvents',
    confidential_issues_events: 'confidentialIssuesEvents',
    note_events: 'noteEvents',
    confidential_note_events: 'confidentialNoteEvents',
    wiki_page_events: 'wikiPageEvents',
    deployment_events: 'deploymentEvents',
    releases_events: 'releasesEvents',
    repository_update_events: 'repositoryUpdateEvents',
    enable_ssl_verification: 'enableSslVerification',
  };
  const flagEntries = Object.entries(given).flatMap(([name, field]) => {
    const value: unknown = Reflect.get(wish, name);
    return typeof value === 'boolean' ? [[field, value] as const] : [];
  });
  return {
    ...Object.fromEntries(flagEntries),
    ...(wish.url === undefined ? {} : { url: wish.url }),
    ...(wish.name === undefined ? {} : { name: wish.name ?? '' }),
    ...(wish.description === undefined ? {} : { description: wish.description ?? '' }),
    ...(wish.token === undefined ? {} : { token: wish.token ?? '' }),
    ...(wish.push_events_branch_filter === undefined
      ? {}
      : { pushEventsBranchFilter: wish.push_events_branch_filter ?? '' }),
  };
}

function removeHook(ctx: SandboxContext, hook: Hook): void {
  ctx.store.transaction(() => {
    for (const one of ctx.store.hookDeliveries.by('hookId', hook.id)) ctx.store.hookDeliveries.remove(one.id);
    ctx.store.hooks.remove(hook.id);
  });
}

/** `status`: a number, or one of GitLab's classes. */
function fitsStatus(delivery: HookDelivery, status: string | undefined): boolean {
  if (status === undefined) return true;
  const code = Number(delivery.responseStatus);
  if (status === 'successful') return code >= 200 && code < 300;
  if (status === 'client_failure') return code >= 400 && code < 500;
  if (status === 'server_failure') return code >= 500 || Number.isNaN(code);
  return delivery.responseStatus === status;
}

function toEvent(name: string): HookEvent {
  return z.enum(['job_hooks', 'pipeline_hooks', 'push_hooks', 'tag_push_hooks', 'system_hooks']).parse(name);
}

async function testResult(
  ctx: SandboxContext,
  c: Context<ApiEnv>,
  hook: Hook,
  event: HookEvent,
  payload: unknown,
) {
  const baseUrl = c.get('baseUrl');
  const delivery = await deliverHook(ctx, { hook, event, payload, baseUrl, eventUuid: crypto.randomUUID() });
  if (delivery === null) throw notFound();
  return { response_status: delivery.responseStatus };
}

/** `POST …/test/push_events`: sends a real example at once. */
async function testHook(ctx: SandboxContext, c: Context<ApiEnv>, hook: Hook): Promise<Response> {
  const { user } = requireUser(c);
  const trigger = c.req.param('trigger') ?? '';
  const example = await makeExample(ctx, c, hook, trigger, user.id);
  if (typeof example === 'string') throw new ApiError(422, { message: example });
  const delivery = await deliverHook(ctx, {
    ...{ hook, ...example, baseUrl: c.get('baseUrl') },
    eventUuid: crypto.randomUUID(),
  });
  if (delivery === null) throw notFound();
  const code = Number(delivery.responseStatus);
  if (code >= 200 && code < 400) return c.json({ message: '201 Created' }, 201);
  throw new ApiError(422, {
    message: delivery.responseBody === '' ? delivery.responseStatus : delivery.responseBody,
  });
}

async function makeExample(
  ctx: SandboxContext,
  c: Context<ApiEnv>,
  hook: Hook,
  trigger: string,
  userId: number,
): Promise<{ readonly event: HookEvent; readonly payload: unknown } | string> {
  const { store } = ctx;
  const baseUrl = c.get('baseUrl');
  const project = store.projects.need(hook.projectId ?? 0);
  if (trigger === 'job_events') {
    const job = store.jobs.by('projectId', project.id).at(-1);
    if (job === undefined) return 'Ensure the project has CI jobs.';
    return { event: 'job_hooks', payload: renderJobHook(store, job, baseUrl, ctx.now()) };
  }
  if (trigger === 'pipeline_events') {
    const pipeline = store.pipelines.by('projectId', project.id).at(-1);
    if (pipeline === undefined) return 'Ensure the project has CI pipelines.';
    return { event: 'pipeline_hooks', payload: renderPipelineHook(store, pipeline, baseUrl, ctx.now()) };
  }
  if (trigger !== 'push_events' && trigger !== 'tag_push_events') {
    throw badParameter('trigger does not have a valid value');
  }
  const refType = trigger === 'tag_push_events' ? 'tag' : 'branch';
  const prefix = refType === 'tag' ? 'refs/tags/' : 'refs/heads/';
  const ref = (await listRefs(store.files.repositoryPath(project.id), prefix)).at(-1);
  if (ref === undefined) return 'Ensure the project has at least one commit.';
  const push = {
    ...({ project, user: store.users.need(userId), refType, ref: ref.name.slice(prefix.length) } as const),
    ...{ before: BLANK_SHA, after: ref.objectId },
  };
  const event = refType === 'tag' ? 'tag_push_hooks' : 'push_hooks';
  return { event, payload: renderPushHook(store, push, await inspectPush(ctx, push), baseUrl) };
}
