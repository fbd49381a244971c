// `/projects`: list, create, show, edit, delete.
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import { listRefs, setDefaultBranch } from '../git/repository.ts';
import type { Namespace, Project, User } from '../state.ts';
import {
  canReadProject,
  DEVELOPER,
  hasNamespaceRole,
  MAINTAINER,
  OWNER,
  projectAccessLevel,
} from './access.ts';
import type { Viewer } from './access.ts';
import { ApiError, badParameter, invalidEntity, notFound } from './api-error.ts';
import { requireAdmin, requireUser, viewerOf } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { renderUserBasic } from './entities/people.ts';
import { renderProject, renderProjectSimple } from './entities/projects.ts';
import { findGroup, findProject, findProjectFor, findUser, namespaceByIdOrPath } from './lookup.ts';
import { assertProjectFree, assertProjectPath, createProject, removeProject } from './new-project.ts';
import type { ProjectSettings } from './new-project.ts';
import { answerPage } from './paging.ts';
import { boolParam, intParam, listParam, parseParams, readParams, textParam } from './params.ts';
import type { RawParams } from './params.ts';

const visibility = z.enum(['private', 'internal', 'public']);
const accessLevel = z.enum(['disabled', 'private', 'enabled', 'public']);

const settingsSchema = z.object({
  description: textParam.nullish(),
  visibility: visibility.optional(),
  default_branch: textParam.optional(),
  topics: listParam.optional(),
  tag_list: listParam.optional(),
  shared_runners_enabled: boolParam.optional(),
  group_runners_enabled: boolParam.optional(),
  jobs_enabled: boolParam.optional(),
  builds_access_level: accessLevel.optional(),
  ci_config_path: textParam.nullish(),
  build_timeout: intParam.optional(),
  ci_default_git_depth: intParam.nullish(),
  build_git_strategy: z.enum(['fetch', 'clone']).optional(),
  auto_cancel_pending_pipelines: z.enum(['enabled', 'disabled']).optional(),
  keep_latest_artifact: boolParam.optional(),
});

const createSchema = settingsSchema.extend({
  name: textParam.optional(),
  path: textParam.optional(),
  namespace_id: textParam.optional(),
  initialize_with_readme: boolParam.optional(),
});

const editSchema = settingsSchema.extend({ name: textParam.optional(), path: textParam.optional() });

export function projectRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.get('/projects', async (c) => listProjects(ctx, c, ctx.store.projects.all()));
  app.get('/users/:id/projects', async (c) => {
    const user = findOwner(ctx, c);
    const namespace = ctx.store.namespaces.by('ownerId', user.id)[0];
    return listProjects(
      ctx,
      c,
      namespace === undefined ? [] : ctx.store.projects.by('namespaceId', namespace.id),
    );
  });
  app.get('/groups/:id/projects', async (c) => {
    const group = findGroup(ctx, c);
    const wish = parseParams(z.object({ include_subgroups: boolParam.optional() }), await readParams(c));
    const below = wish.include_subgroups === true;
    return listProjects(
      ctx,
      c,
      ctx.store.projects.filter(
        (one) => one.namespaceId === group.id || (below && one.fullPath.startsWith(`${group.fullPath}/`)),
      ),
    );
  });
  app.post('/projects', async (c) => {
    const { user } = requireUser(c);
    return await answerCreation(ctx, c, user, await readParams(c));
  });
  app.post('/projects/user/:user_id', async (c) => {
    requireAdmin(c);
    return await answerCreation(ctx, c, findUser(ctx, c, 'user_id'), await readParams(c));
  });
  app.get('/projects/:id', (c) => c.json(show(ctx, c, findProject(ctx, c))));
  app.put('/projects/:id', async (c) => await editProject(ctx, c));
  app.delete('/projects/:id', async (c) => {
    await removeProject(ctx, findProjectFor(ctx, c, OWNER));
    return c.json({ message: '202 Accepted' }, 202);
  });
  app.post('/projects/:id/archive', (c) => setArchived(ctx, c, true));
  app.post('/projects/:id/unarchive', (c) => setArchived(ctx, c, false));
  app.get('/projects/:id/users', async (c) => {
    const project = findProject(ctx, c);
    const users = ctx.store.users.filter((user) => projectAccessLevel(ctx.store, user.id, project) > 0);
    return answerPage(c, await readParams(c), users, (user) => renderUserBasic(user, c.get('baseUrl')));
  });
  return app;
}

function show(ctx: SandboxContext, c: Context<ApiEnv>, project: Project) {
  return renderProject(ctx.store, project, c.get('baseUrl'), viewerOf(c));
}

function findOwner(ctx: SandboxContext, c: Context<ApiEnv>): User {
  const id = c.req.param('id') ?? '';
  const user = /^\d+$/.test(id) ? ctx.store.users.get(Number(id)) : ctx.store.users.by('username', id)[0];
  if (user === undefined) throw notFound('User');
  return user;
}

const listSchema = z.object({
  membership: boolParam.default(false),
  owned: boolParam.default(false),
  simple: boolParam.default(false),
  archived: boolParam.optional(),
  visibility: visibility.optional(),
  search: textParam.optional(),
  search_namespaces: boolParam.default(false),
  topic: listParam.optional(),
  min_access_level: intParam.optional(),
  with_programming_language: textParam.optional(),
  last_activity_after: textParam.optional(),
  last_activity_before: textParam.optional(),
  id_after: intParam.optional(),
  id_before: intParam.optional(),
  order_by: z
    .enum(['id', 'name', 'path', 'created_at', 'updated_at', 'last_activity_at', 'star_count', 'similarity'])
    .default('created_at'),
  sort: z.enum(['asc', 'desc']).default('desc'),
});

async function listProjects(
  ctx: SandboxContext,
  c: Context<ApiEnv>,
  all: readonly Project[],
): Promise<Response> {
  const raw = await readParams(c);
  const wish = parseParams(listSchema, raw);
  const viewer = viewerOf(c);
  const projects = sortProjects(
    all.filter(
      (project) => canReadProject(ctx.store, viewer, project) && matches(ctx, viewer, project, wish),
    ),
    wish.order_by,
    wish.sort,
  );
  const simple = wish.simple || viewer === null;
  return answerPage(c, { sort: wish.sort, ...raw }, projects, (project) =>
    simple ? renderProjectSimple(ctx.store, project, c.get('baseUrl')) : show(ctx, c, project),
  );
}

function matches(
  ctx: SandboxContext,
  viewer: Viewer,
  project: Project,
  wish: z.infer<typeof listSchema>,
): boolean {
  const level = viewer === null ? 0 : projectAccessLevel(ctx.store, viewer.user.id, project);
  const search = wish.search?.toLowerCase() ?? '';
  const texts = [
    project.name,
    project.path,
    project.description,
    ...(wish.search_namespaces ? [project.fullPath] : []),
  ];
  return (
    (!wish.membership || level > 0) &&
    (!wish.owned || level >= OWNER) &&
    level >= (wish.min_access_level ?? 0) &&
    (wish.archived === undefined || project.archived === wish.archived) &&
    (wish.visibility === undefined || project.visibility === wish.visibility) &&
    (wish.topic ?? []).every((topic) => project.topics.includes(topic)) &&
    (wish.last_activity_after === undefined || project.lastActivityAt >= wish.last_activity_after) &&
    (wish.last_activity_before === undefined || project.lastActivityAt <= wish.last_activity_before) &&
    project.id > (wish.id_after ?? 0) &&
    project.id < (wish.id_before ?? Infinity) &&
    texts.some((text) => text.toLowerCase().includes(search))
  );
}

function sortProjects(
  projects: readonly Project[],
  orderBy: z.infer<typeof listSchema>['order_by'],
  sort: 'asc' | 'desc',
): Project[] {
  const key = (project: Project): string => {
    if (orderBy === 'name') return project.name.toLowerCase();
    if (orderBy === 'path') return project.path.toLowerCase();
    if (orderBy === 'created_at') return project.createdAt;
    return orderBy === 'updated_at' || orderBy === 'last_activity_at' ? project.lastActivityAt : '';
  };
  const sign = sort === 'asc' ? 1 : -1;
  return [...projects].sort((a, b) => sign * (key(a).localeCompare(key(b)) || a.id - b.id));
}

async function answerCreation(
  ctx: SandboxContext,
  c: Context<ApiEnv>,
  owner: User,
  raw: RawParams,
): Promise<Response> {
  const wish = parseParams(createSchema, raw);
  if (wish.name === undefined && wish.path === undefined) {
    throw badParameter('name, path are missing, at least one parameter must be provided');
  }
  const project = await createProject(ctx, {
    creator: owner,
    namespace: targetNamespace(ctx, c, owner, wish.namespace_id),
    ...(wish.name === undefined ? {} : { name: wish.name }),
    ...(wish.path === undefined ? {} : { path: wish.path }),
    ...(wish.visibility === undefined ? {} : { visibility: wish.visibility }),
    ...(wish.default_branch === undefined ? {} : { defaultBranch: wish.default_branch }),
    description: wish.description ?? '',
    initializeWithReadme: wish.initialize_with_readme ?? false,
    settings: settingsOf(wish),
    serverUrl: c.get('baseUrl'),
  });
  return c.json(show(ctx, c, project), 201);
}

function targetNamespace(
  ctx: SandboxContext,
  c: Context<ApiEnv>,
  owner: User,
  namespaceId: string | undefined,
): Namespace {
  if (namespaceId === undefined) {
    const own = ctx.store.namespaces.by('ownerId', owner.id)[0];
    if (own === undefined) throw notFound('Namespace');
    return own;
  }
  const namespace = namespaceByIdOrPath(ctx, namespaceId);
  if (namespace === undefined || !hasNamespaceRole(ctx.store, viewerOf(c), namespace.id, DEVELOPER)) {
    throw invalidEntity({ namespace: ['is not valid'] });
  }
  return namespace;
}

function settingsOf(wish: z.infer<typeof settingsSchema>): ProjectSettings {
  const jobs =
    wish.jobs_enabled ??
    (wish.builds_access_level === undefined ? undefined : wish.builds_access_level !== 'disabled');
  const topics = wish.topics ?? wish.tag_list;
  const set = <K extends keyof ProjectSettings>(key: K, value: ProjectSettings[K] | null): ProjectSettings =>
    value === undefined || value === null ? {} : { [key]: value };
  return {
    ...set('topics', topics),
    ...set('sharedRunnersEnabled', wish.shared_runners_enabled),
    ...set('groupRunnersEnabled', wish.group_runners_enabled),
    ...set('jobsEnabled', jobs),
    ...(wish.ci_config_path === null ? { ciConfigPath: '' } : set('ciConfigPath', wish.ci_config_path)),
    ...set('buildTimeout', wish.build_timeout),
    ...set('ciDefaultGitDepth', wish.ci_default_git_depth),
    ...set('buildGitStrategy', wish.build_git_strategy),
    ...set('autoCancelPendingPipelines', wish.auto_cancel_pending_pipelines),
    ...set('keepLatestArtifact', wish.keep_latest_artifact),
  };
}

async function editProject(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  const project = findProjectFor(ctx, c, MAINTAINER);
  const wish = parseParams(editSchema, await readParams(c));
  if (wish.path !== undefined) assertProjectPath(wish.path);
  const path = wish.path ?? project.path;
  const assertFree = (): void =>
    assertProjectFree(ctx, project.namespaceId, path, wish.name ?? project.name, project.id);
  assertFree();
  if (wish.default_branch !== undefined && project.defaultBranch !== null) {
    await changeDefaultBranch(ctx, project, wish.default_branch);
  }
  // Somebody else may have been faster.
  assertFree();
  const edited = ctx.store.projects.update(project.id, {
    path,
    fullPath: `${ctx.store.namespaces.need(project.namespaceId).fullPath}/${path}`,
    ...(wish.name === undefined ? {} : { name: wish.name }),
    ...(wish.description === undefined ? {} : { description: wish.description ?? '' }),
    ...(wish.visibility === undefined ? {} : { visibility: wish.visibility }),
    ...settingsOf(wish),
  });
  ctx.events.emit('project', edited, path === project.path ? 'update' : 'rename');
  return c.json(show(ctx, c, edited));
}

async function changeDefaultBranch(ctx: SandboxContext, project: Project, branch: string): Promise<void> {
  const directory = ctx.store.files.repositoryPath(project.id);
  const branches = await listRefs(directory, `refs/heads/${branch}`);
  if (!branches.some((ref) => ref.name === `refs/heads/${branch}`)) {
    throw new ApiError(400, {
      message: {
        base: [
          `Could not set the default branch. Do you have a branch named '${branch}' in your repository?`,
        ],
      },
    });
  }
  await setDefaultBranch(directory, branch);
  ctx.store.projects.update(project.id, { defaultBranch: branch });
}

function setArchived(ctx: SandboxContext, c: Context<ApiEnv>, archived: boolean): Response {
  const project = findProjectFor(ctx, c, OWNER);
  return c.json(show(ctx, c, ctx.store.projects.update(project.id, { archived })), 201);
}
