// Finds what a path names, and refuses what the asker may not see: 404 hides what a stranger may not know.
import type { Context } from 'hono';
import type { SandboxContext } from '../context.ts';
import type { Namespace, Project, User } from '../state.ts';
import { canReadNamespace, canReadProject, hasNamespaceRole, hasProjectRole } from './access.ts';
import { forbidden, notFound, unauthorized } from './api-error.ts';
import { viewerOf } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';

/** The project of `:id` (a number or a full path) that the asker may read. */
export function findProject(ctx: SandboxContext, c: Context<ApiEnv>): Project {
  const id = c.req.param('id') ?? '';
  const project = projectByIdOrPath(ctx, id);
  const principal = c.get('principal');
  // A job token reaches its own project and what is public, as in git.
  const isOwn = principal.kind !== 'job' || principal.job.projectId === project?.id;
  const viewer = isOwn ? viewerOf(c) : null;
  if (project !== undefined && canReadProject(ctx.store, viewer, project)) return project;
  throw notFound('Project');
}

export function projectByIdOrPath(ctx: SandboxContext, id: string): Project | undefined {
  if (/^\d+$/.test(id)) return ctx.store.projects.get(Number(id));
  return (
    ctx.store.projects.by('fullPath', id)[0] ??
    ctx.store.projects.find((project) => project.fullPath.toLowerCase() === id.toLowerCase())
  );
}

/** The project, if the asker has at least this role in it; otherwise 401, 403 or 404. */
export function findProjectFor(ctx: SandboxContext, c: Context<ApiEnv>, level: number): Project {
  const viewer = viewerOf(c);
  if (viewer === null) throw unauthorized();
  const project = findProject(ctx, c);
  if (!hasProjectRole(ctx.store, viewer, project, level)) throw forbidden();
  return project;
}

export function namespaceByIdOrPath(ctx: SandboxContext, id: string): Namespace | undefined {
  if (/^\d+$/.test(id)) return ctx.store.namespaces.get(Number(id));
  return (
    ctx.store.namespaces.by('fullPath', id)[0] ??
    ctx.store.namespaces.find((namespace) => namespace.fullPath.toLowerCase() === id.toLowerCase())
  );
}

/** The group of `:id` that the asker may read. */
export function findGroup(ctx: SandboxContext, c: Context<ApiEnv>): Namespace {
  const namespace = namespaceByIdOrPath(ctx, c.req.param('id') ?? '');
  if (namespace?.kind !== 'group' || !canReadNamespace(ctx.store, viewerOf(c), namespace)) {
    throw notFound('Group');
  }
  return namespace;
}

export function findGroupFor(ctx: SandboxContext, c: Context<ApiEnv>, level: number): Namespace {
  const group = findGroup(ctx, c);
  const viewer = viewerOf(c);
  if (viewer === null) throw unauthorized();
  if (!hasNamespaceRole(ctx.store, viewer, group.id, level)) throw forbidden();
  return group;
}

/** A number in the path, or 404. */
export function pathNumber(c: Context<ApiEnv>, name: string, what = ''): number {
  const text = c.req.param(name) ?? '';
  if (!/^\d+$/.test(text)) throw notFound(what);
  return Number(text);
}

/** The user of a path parameter. */
export function findUser(ctx: SandboxContext, c: Context<ApiEnv>, name = 'id'): User {
  const user = ctx.store.users.get(pathNumber(c, name, 'User'));
  if (user === undefined) throw notFound('User');
  return user;
}

/** Where the project is seen in a browser. */
export function projectUrl(c: Context<ApiEnv>, project: Project): string {
  return `${c.get('baseUrl')}/${project.fullPath}`;
}
