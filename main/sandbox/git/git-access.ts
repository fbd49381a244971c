// Who may read and write a repository over HTTP, and what they are told when they may not.
import { canReadProject, DEVELOPER, hasProjectRole, projectAccessLevel, REPORTER } from '../api/access.ts';
import { checkPassword, findAccessToken, findJobOfToken } from '../api/credentials.ts';
import type { Project, User } from '../state.ts';
import type { SandboxStore } from '../store.ts';

export type GitOperation = 'read' | 'write';

export type GitAccess =
  | { readonly kind: 'allowed'; readonly user: User | null; readonly project: Project }
  /** Not signed in, or with a wrong secret: git asks for a password. */
  | { readonly kind: 'unauthorized' }
  | { readonly kind: 'refused'; readonly status: 403 | 404; readonly message: string };

type Actor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly user: User; readonly scopes: readonly string[] | 'all' }
  | { readonly kind: 'job'; readonly user: User; readonly projectId: number };

const NOT_FOUND =
  "The project you were looking for could not be found or you don't have permission to view it.";

/** Decides about one request; `authorization` is the header. */
export function checkGitAccess(
  store: SandboxStore,
  project: Project | undefined,
  operation: GitOperation,
  authorization: string | null,
  now: Date,
): GitAccess {
  const actor =
    authorization === null ? { kind: 'anonymous' as const } : findActor(store, authorization, now);
  if (actor === null) return { kind: 'unauthorized' };
  if (actor.kind === 'anonymous') {
    if (project === undefined || operation === 'write' || !canReadProject(store, null, project)) {
      return { kind: 'unauthorized' };
    }
    return { kind: 'allowed', user: null, project };
  }
  if (actor.user.state !== 'active') {
    return { kind: 'refused', status: 403, message: 'Your account has been blocked.' };
  }
  if (project === undefined) return { kind: 'refused', status: 404, message: NOT_FOUND };
  return actor.kind === 'job'
    ? checkJob(store, actor, project, operation)
    : checkUser(store, actor, project, operation);
}

function checkJob(
  store: SandboxStore,
  actor: Extract<Actor, { kind: 'job' }>,
  project: Project,
  operation: GitOperation,
): GitAccess {
  // Without an allow list, a job token reaches its own project and what is public.
  if (actor.projectId !== project.id && !canReadProject(store, null, project)) {
    return { kind: 'refused', status: 404, message: NOT_FOUND };
  }
  if (operation === 'write') {
    return { kind: 'refused', status: 403, message: 'You are not allowed to upload code.' };
  }
  return { kind: 'allowed', user: actor.user, project };
}

function checkUser(
  store: SandboxStore,
  actor: Extract<Actor, { kind: 'user' }>,
  project: Project,
  operation: GitOperation,
): GitAccess {
  const viewer = { user: actor.user, admin: actor.user.admin };
  if (!canReadProject(store, viewer, project)) return { kind: 'refused', status: 404, message: NOT_FOUND };
  const scopes = actor.scopes;
  const wanted =
    operation === 'write' ? ['api', 'write_repository'] : ['api', 'read_repository', 'write_repository'];
  if (scopes !== 'all' && !wanted.some((scope) => scopes.includes(scope))) return { kind: 'unauthorized' };
  if (operation === 'write') {
    if (project.archived) {
      return {
        kind: 'refused',
        status: 403,
        message: "You can't push code to this project. It is archived.",
      };
    }
    if (!hasProjectRole(store, viewer, project, DEVELOPER)) {
      return { kind: 'refused', status: 403, message: 'You are not allowed to push code to this project.' };
    }
  } else if (
    project.visibility === 'private' &&
    !viewer.admin &&
    projectAccessLevel(store, actor.user.id, project) < REPORTER
  ) {
    return {
      kind: 'refused',
      status: 403,
      message: 'You are not allowed to download code from this project.',
    };
  }
  return { kind: 'allowed', user: actor.user, project };
}

function findActor(store: SandboxStore, authorization: string, now: Date): Actor | null {
  const [scheme, value] = authorization.split(' ');
  if (scheme?.toLowerCase() === 'bearer') return findTokenActor(store, value ?? '', now);
  if (scheme?.toLowerCase() !== 'basic') return null;
  const decoded = Buffer.from(value ?? '', 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const login = colon < 0 ? decoded : decoded.slice(0, colon);
  const password = colon < 0 ? '' : decoded.slice(colon + 1);
  if (login === 'gitlab-ci-token') {
    const job = findJobOfToken(store, password);
    const user = job === undefined ? undefined : store.users.get(job.userId);
    return job === undefined || user === undefined ? null : { kind: 'job', user, projectId: job.projectId };
  }
  return findTokenActor(store, password, now) ?? findPasswordActor(store, login, password);
}

function findTokenActor(store: SandboxStore, secret: string, now: Date): Actor | null {
  const found = findAccessToken(store, secret, now);
  return found.kind === 'valid' ? { kind: 'user', user: found.user, scopes: found.token.scopes } : null;
}

function findPasswordActor(store: SandboxStore, login: string, password: string): Actor | null {
  if (!store.settings().passwordAuthenticationEnabledForGit) return null;
  const user =
    store.users.by('username', login)[0] ?? store.users.find((candidate) => candidate.email === login);
  if (user === undefined || !checkPassword(password, user.passwordHash)) return null;
  return { kind: 'user', user, scopes: 'all' };
}
