// `/groups` and `/namespaces`.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import type { Namespace } from '../state.ts';
import { canReadNamespace, hasNamespaceRole, MAINTAINER, namespaceAccessLevel, OWNER } from './access.ts';
import { ApiError, forbidden, invalidEntity, notFound } from './api-error.ts';
import { requireUser, viewerOf } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { renderGroup, renderNamespaceBasic, renderProjectSimple } from './entities/projects.ts';
import { findGroup, findGroupFor, namespaceByIdOrPath } from './lookup.ts';
import { removeProject } from './new-project.ts';
import { answerPage } from './paging.ts';
import { boolParam, intParam, parseParams, readParams, textParam } from './params.ts';

const editSchema = z.object({
  name: textParam.optional(),
  path: textParam.optional(),
  description: textParam.optional(),
  visibility: z.enum(['private', 'internal', 'public']).optional(),
  shared_runners_setting: z
    .enum(['enabled', 'disabled_and_overridable', 'disabled_and_unoverridable', 'disabled_with_override'])
    .optional(),
});

const createSchema = editSchema.extend({ name: textParam, path: textParam, parent_id: intParam.optional() });

const listSchema = z.object({
  search: textParam.optional(),
  owned: boolParam.default(false),
  top_level_only: boolParam.default(false),
  min_access_level: intParam.optional(),
  order_by: z.enum(['name', 'path', 'id', 'similarity']).default('name'),
  sort: z.enum(['asc', 'desc']).default('asc'),
});

export function groupRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const groups = (): Namespace[] => ctx.store.namespaces.filter((one) => one.kind === 'group');
  app.get('/groups', async (c) => await listGroups(ctx, c, groups()));
  app.get('/groups/:id/subgroups', async (c) => {
    const parent = findGroup(ctx, c);
    return await listGroups(ctx, c, ctx.store.namespaces.by('parentId', parent.id));
  });
  app.get('/groups/:id/descendant_groups', async (c) => {
    const parent = findGroup(ctx, c);
    return await listGroups(
      ctx,
      c,
      groups().filter((one) => one.fullPath.startsWith(`${parent.fullPath}/`)),
    );
  });
  app.post('/groups', async (c) => await createGroup(ctx, c));
  app.get('/groups/:id', (c) => {
    const group = findGroup(ctx, c);
    const projects = ctx.store.projects.by('namespaceId', group.id);
    return c.json({
      ...renderGroup(ctx.store, group, c.get('baseUrl')),
      projects: projects.map((project) => renderProjectSimple(ctx.store, project, c.get('baseUrl'))),
      shared_with_groups: [],
    });
  });
  app.put('/groups/:id', async (c) => await editGroup(ctx, c));
  app.delete('/groups/:id', async (c) => {
    await removeGroup(ctx, findGroupFor(ctx, c, OWNER));
    return c.json({ message: '202 Accepted' }, 202);
  });
  namespaceRoutes(ctx, app);
  return app;
}

async function listGroups(
  ctx: SandboxContext,
  c: Context<ApiEnv>,
  all: readonly Namespace[],
): Promise<Response> {
  const raw = await readParams(c);
  const wish = parseParams(listSchema, raw);
  const viewer = viewerOf(c);
  const search = wish.search?.toLowerCase() ?? '';
  const least = wish.owned ? OWNER : (wish.min_access_level ?? 0);
  const level = (group: Namespace): number =>
    viewer === null ? 0 : namespaceAccessLevel(ctx.store, viewer.user.id, group.id);
  const key = (group: Namespace): string => (wish.order_by === 'path' ? group.path : group.name);
  const sign = wish.sort === 'asc' ? 1 : -1;
  const found = all
    .filter((group) => canReadNamespace(ctx.store, viewer, group) && level(group) >= least)
    .filter((group) => !wish.top_level_only || group.parentId === null)
    .filter((group) => [group.name, group.path].some((text) => text.toLowerCase().includes(search)))
    .sort((a, b) => sign * ((wish.order_by === 'id' ? 0 : key(a).localeCompare(key(b))) || a.id - b.id));
  return answerPage(c, raw, found, (group) => renderGroup(ctx.store, group, c.get('baseUrl')));
}

async function createGroup(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  const { user, admin } = requireUser(c);
  const wish = parseParams(createSchema, await readParams(c));
  const parent = wish.parent_id === undefined ? undefined : ctx.store.namespaces.get(wish.parent_id);
  if (wish.parent_id !== undefined) {
    if (parent?.kind !== 'group') throw notFound('Group');
    if (!hasNamespaceRole(ctx.store, viewerOf(c), parent.id, MAINTAINER)) throw forbidden();
  } else if (!admin && !user.canCreateGroup) throw forbidden();
  assertGroupPath(wish.path);
  const fullPath = parent === undefined ? wish.path : `${parent.fullPath}/${wish.path}`;
  assertFree(ctx, fullPath, undefined);
  const createdAt = ctx.now().toISOString();
  const group = ctx.store.transaction(() => {
    const created = ctx.store.namespaces.insert({
      kind: 'group',
      name: wish.name,
      path: wish.path,
      fullPath,
      parentId: parent?.id ?? null,
      description: wish.description ?? '',
      visibility: wish.visibility ?? parent?.visibility ?? 'private',
      createdAt,
    });
    ctx.store.members.insert({
      sourceType: 'group',
      sourceId: created.id,
      userId: user.id,
      accessLevel: OWNER,
      createdAt,
    });
    return created;
  });
  return c.json(renderGroup(ctx.store, group, c.get('baseUrl')), 201);
}

function assertGroupPath(path: string): void {
  if (/^[a-zA-Z0-9_][a-zA-Z0-9_.-]*$/.test(path) && !/\.(git|atom)$|\.$/i.test(path)) return;
  throw new ApiError(400, {
    message:
      "Failed to save group {:path=>[\"can contain only letters, digits, '_', '-' and '.'. Cannot start with '-' or end in '.', '.git' or '.atom'.\"]}",
  });
}

function assertFree(ctx: SandboxContext, fullPath: string, self: number | undefined): void {
  const lower = fullPath.toLowerCase();
  const taken = ctx.store.namespaces.find((one) => one.id !== self && one.fullPath.toLowerCase() === lower);
  if (taken !== undefined) throw invalidEntity({ path: ['has already been taken'] });
}

async function editGroup(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  const group = findGroupFor(ctx, c, OWNER);
  const wish = parseParams(editSchema, await readParams(c));
  const path = wish.path ?? group.path;
  if (path !== group.path) {
    assertGroupPath(path);
    assertFree(ctx, group.fullPath.replace(/[^/]+$/, path), group.id);
  }
  const edited = ctx.store.transaction(() => {
    if (path !== group.path) moveTree(ctx, group, group.fullPath.replace(/[^/]+$/, path));
    return ctx.store.namespaces.update(group.id, {
      path,
      name: wish.name ?? group.name,
      description: wish.description ?? group.description,
      visibility: wish.visibility ?? group.visibility,
      sharedRunnersEnabled:
        wish.shared_runners_setting === undefined
          ? group.sharedRunnersEnabled
          : wish.shared_runners_setting === 'enabled',
    });
  });
  return c.json(renderGroup(ctx.store, edited, c.get('baseUrl')));
}

/** Gives everything below a group its new full path. */
function moveTree(ctx: SandboxContext, group: Namespace, fullPath: string): void {
  const moved = (path: string): string => fullPath + path.slice(group.fullPath.length);
  const below = (path: string): boolean => path.startsWith(`${group.fullPath}/`);
  ctx.store.namespaces.update(group.id, { fullPath });
  for (const one of ctx.store.namespaces.filter((namespace) => below(namespace.fullPath))) {
    ctx.store.namespaces.update(one.id, { fullPath: moved(one.fullPath) });
  }
  for (const one of ctx.store.projects.filter((project) => below(project.fullPath))) {
    ctx.store.projects.update(one.id, { fullPath: moved(one.fullPath) });
  }
}

async function removeGroup(ctx: SandboxContext, group: Namespace): Promise<void> {
  for (const child of ctx.store.namespaces.by('parentId', group.id)) await removeGroup(ctx, child);
  for (const project of ctx.store.projects.by('namespaceId', group.id)) await removeProject(ctx, project);
  ctx.store.transaction(() => {
    for (const member of ctx.store.members.by('sourceId', group.id)) {
      if (member.sourceType === 'group') ctx.store.members.remove(member.id);
    }
    ctx.store.namespaces.remove(group.id);
  });
}

function namespaceRoutes(ctx: SandboxContext, app: Hono<ApiEnv>): void {
  app.get('/namespaces', async (c) => {
    const { user, admin } = requireUser(c);
    const raw = await readParams(c);
    const { search } = parseParams(z.object({ search: textParam.optional() }), raw);
    const found = ctx.store.namespaces.filter(
      (one) =>
        (admin || namespaceAccessLevel(ctx.store, user.id, one.id) > 0) &&
        one.fullPath.toLowerCase().includes(search?.toLowerCase() ?? ''),
    );
    return answerPage(c, raw, found, (one) => renderNamespaceBasic(one, c.get('baseUrl')));
  });
  app.get('/namespaces/:id', (c) => {
    requireUser(c);
    const namespace = namespaceByIdOrPath(ctx, c.req.param('id'));
    if (namespace === undefined || !canReadNamespace(ctx.store, viewerOf(c), namespace)) {
      throw notFound('Namespace');
    }
    return c.json(renderNamespaceBasic(namespace, c.get('baseUrl')));
  });
}
