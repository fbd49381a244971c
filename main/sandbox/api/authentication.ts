// Who makes a REST or GraphQL request, and with which scopes: GitLab's token rules.
import { createMiddleware } from 'hono/factory';
import type { Context } from 'hono';
import type { SandboxContext } from '../context.ts';
import type { Job, PersonalAccessToken, User } from '../state.ts';
import type { Viewer } from './access.ts';
import { ApiError, forbidden, notFound, unauthorized } from './api-error.ts';
import { findAccessToken, findJobOfToken } from './credentials.ts';

export type Principal =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'user';
      readonly user: User;
      readonly token: PersonalAccessToken;
      readonly admin: boolean;
    }
  | { readonly kind: 'job'; readonly user: User; readonly job: Job };

/** Hono's variables for every route of the API. */
export interface ApiEnv {
  Variables: { principal: Principal; baseUrl: string };
}

/** Scopes that open a path besides `api` (and `read_api` for reading). */
export function extraScopes(method: string, path: string): readonly string[] {
  const reading = method === 'GET' || method === 'HEAD';
  if (path === '/user/runners' && method === 'POST') return ['create_runner'];
  if (/^\/runners\/\d+/.test(path)) return ['manage_runner'];
  if (reading && /^\/(user|users)(\/|$)/.test(path)) return ['read_user'];
  if (/\/repository\/(files\/.*|archive.*|blobs\/.*)$/.test(path) && reading) return ['read_repository'];
  if (path === '/personal_access_tokens/self/rotate') return ['self_rotate'];
  // A token may always look at itself and revoke itself.
  if (path === '/personal_access_tokens/self') return ['*'];
  return [];
}

function assertScope(token: PersonalAccessToken, method: string, path: string): void {
  const extra = extraScopes(method, path);
  const reading = method === 'GET' || method === 'HEAD' || path === '/graphql';
  const allowed = ['api', ...(reading ? ['read_api'] : []), ...extra];
  if (extra.includes('*') || allowed.some((scope) => token.scopes.includes(scope))) return;
  throw new ApiError(403, {
    error: 'insufficient_scope',
    error_description: 'The request requires higher privileges than provided by the access token.',
    scope: allowed.join(' '),
  });
}

/** Finds out who asks; a wrong secret is refused here, a missing one where a person is needed. */
export function authenticate(ctx: SandboxContext) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const path = c.req.path.replace(/^\/api\/(v4)?\/?/, '/').replace(/\/+$/, '');
    c.set('baseUrl', ctx.externalUrl(c.req.raw));
    c.set('principal', findPrincipal(ctx, c, path));
    await next();
  });
}

function findPrincipal(ctx: SandboxContext, c: Context, path: string): Principal {
  const bearer = /^Bearer\s+(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  const secret =
    c.req.header('private-token') ?? c.req.query('private_token') ?? bearer ?? c.req.query('access_token');
  const jobToken = c.req.header('job-token') ?? c.req.query('job_token');
  if (secret !== undefined && secret !== '') return findUserPrincipal(ctx, c, secret, path);
  if (jobToken !== undefined && jobToken !== '') return findJobPrincipal(ctx, c, jobToken, path);
  return { kind: 'anonymous' };
}

function findUserPrincipal(ctx: SandboxContext, c: Context, secret: string, path: string): Principal {
  const found = findAccessToken(ctx.store, secret, ctx.now());
  if (found.kind === 'unknown') throw unauthorized();
  if (found.kind !== 'valid') {
    const why = found.kind === 'revoked' ? 'revoked' : 'expired';
    throw new ApiError(401, {
      error: 'invalid_token',
      error_description:
        why === 'revoked'
          ? 'Token was revoked. You have to re-authorize from the user.'
          : 'Token is expired. You can either do re-authorization or token refresh.',
    });
  }
  const { token, user } = found;
  if (user.state !== 'active') throw forbidden('Your account has been blocked.');
  assertScope(token, c.req.method, path);
  noteUse(ctx, token);
  const admin = user.admin && (!ctx.store.settings().adminMode || token.scopes.includes('admin_mode'));
  const principal = { kind: 'user' as const, user, token, admin };
  const sudo = c.req.header('sudo') ?? c.req.query('sudo');
  return sudo === undefined ? principal : becomeUser(ctx, principal, sudo);
}

/** As GitLab: not on every request, but every ten minutes. */
function noteUse(ctx: SandboxContext, token: PersonalAccessToken): void {
  const now = ctx.now();
  if (token.lastUsedAt !== null && now.getTime() - Date.parse(token.lastUsedAt) < 600_000) return;
  ctx.store.personalAccessTokens.update(token.id, { lastUsedAt: now.toISOString() });
}

function becomeUser(
  ctx: SandboxContext,
  principal: Extract<Principal, { kind: 'user' }>,
  who: string,
): Principal {
  if (!principal.admin) throw forbidden('Must be admin to use sudo');
  if (!principal.token.scopes.includes('sudo')) {
    throw new ApiError(403, {
      error: 'insufficient_scope',
      error_description: 'The request requires higher privileges than provided by the access token.',
      scope: 'sudo',
    });
  }
  const user = ctx.store.users.by('username', who)[0] ?? ctx.store.users.get(Number(who));
  if (user === undefined) throw notFound(`User with ID or username '${who}'`);
  return { ...principal, user, admin: user.admin };
}

/** Paths that a job token opens (https://docs.gitlab.com/ci/jobs/ci_job_token/), of those served here. */
function jobTokenOpens(method: string, path: string): boolean {
  if (path === '/job') return true;
  return method === 'GET' && /^\/projects\/[^/]+\/jobs\/(\d+\/artifacts|artifacts\/)/.test(path);
}

function findJobPrincipal(ctx: SandboxContext, c: Context, secret: string, path: string): Principal {
  const job = findJobOfToken(ctx.store, secret);
  const user = job === undefined ? undefined : ctx.store.users.get(job.userId);
  if (job === undefined || user === undefined) throw unauthorized();
  if (user.state !== 'active') throw forbidden('Your account has been blocked.');
  return jobTokenOpens(c.req.method, path) ? { kind: 'job', user, job } : { kind: 'anonymous' };
}

/** The signed-in person, or 401. */
export function requireUser(c: Context<ApiEnv>): { readonly user: User; readonly admin: boolean } {
  const principal = c.get('principal');
  if (principal.kind !== 'user') throw unauthorized();
  return { user: principal.user, admin: principal.admin };
}

/** An administrator, or 401 or 403. */
export function requireAdmin(c: Context<ApiEnv>): User {
  const { user, admin } = requireUser(c);
  if (!admin) throw forbidden();
  return user;
}

/** The person for visibility rules; jobs see what their user sees. */
export function viewerOf(c: Context<ApiEnv>): Viewer {
  const principal = c.get('principal');
  if (principal.kind === 'anonymous') return null;
  return { user: principal.user, admin: principal.kind === 'user' && principal.admin };
}
