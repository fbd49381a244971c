// `/user` and `/users`: who is asking, and the administration of people.
import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import type { User } from '../state.ts';
import { badParameter, forbidden, invalidEntity, notFound, unauthorized } from './api-error.ts';
import { requireAdmin, requireUser, viewerOf } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { hashPassword } from './credentials.ts';
import { renderUser, renderUserBasic, renderUserForAdmin } from './entities/people.ts';
import { findUser } from './lookup.ts';
import { removeProject } from './new-project.ts';
import { assertUser, createUser } from './new-user.ts';
import { answerPage } from './paging.ts';
import { boolParam, intParam, parseParams, readParams, textParam } from './params.ts';

const createSchema = z.object({
  email: textParam,
  username: textParam,
  name: textParam,
  password: textParam.optional(),
  reset_password: boolParam.optional(),
  force_random_password: boolParam.optional(),
  /** The sandbox asks nobody whether an address is theirs. */
  skip_confirmation: boolParam.optional(),
  skip_reconfirmation: boolParam.optional(),
  extern_uid: textParam.optional(),
  provider: textParam.optional(),
  admin: boolParam.optional(),
  external: boolParam.optional(),
  can_create_group: boolParam.optional(),
  projects_limit: intParam.optional(),
  bio: textParam.optional(),
});

const editSchema = createSchema.partial();

const listSchema = z.object({
  username: textParam.optional(),
  search: textParam.optional(),
  active: boolParam.optional(),
  blocked: boolParam.optional(),
  external: boolParam.optional(),
  admins: boolParam.optional(),
  humans: boolParam.optional(),
  extern_uid: textParam.optional(),
  provider: textParam.optional(),
  order_by: z.enum(['id', 'name', 'username', 'created_at', 'updated_at']).default('id'),
  sort: z.enum(['asc', 'desc']).default('desc'),
});

export function userRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.get('/user', (c) => c.json(showForAdmin(ctx, c, requireUser(c).user, requireUser(c).admin)));
  app.get('/users', async (c) => await listUsers(ctx, c));
  app.get('/users/:id', (c) => {
    const { admin, user: self } = requireUser(c);
    const user = findUser(ctx, c);
    return c.json(
      admin || self.id === user.id ? showForAdmin(ctx, c, user, admin) : renderUser(user, c.get('baseUrl')),
    );
  });
  app.post('/users', async (c) => await answerCreation(ctx, c));
  app.put('/users/:id', async (c) => await editUser(ctx, c));
  app.delete('/users/:id/identities/:provider', (c) => {
    requireAdmin(c);
    const user = findUser(ctx, c);
    const left = user.identities.filter(({ provider }) => provider !== c.req.param('provider'));
    if (left.length === user.identities.length) throw notFound('Identity');
    ctx.store.users.update(user.id, { identities: left });
    return c.body(null, 204);
  });
  app.delete('/users/:id', async (c) => {
    requireAdmin(c);
    await removeUser(ctx, findUser(ctx, c));
    return c.body(null, 204);
  });
  stateRoutes(ctx, app);
  return app;
}

function showForAdmin(ctx: SandboxContext, c: Context<ApiEnv>, user: User, asAdmin: boolean) {
  const namespace = ctx.store.namespaces.by('ownerId', user.id)[0];
  return renderUserForAdmin(user, namespace, c.get('baseUrl'), asAdmin);
}

async function listUsers(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  const raw = await readParams(c);
  const wish = parseParams(listSchema, raw);
  const viewer = viewerOf(c);
  if (viewer === null && wish.username === undefined)
    throw forbidden('Not authorized to access /api/v4/users');
  const identity = identityOf(wish);
  if (identity !== null) requireAdmin(c);
  const search = wish.search?.toLowerCase();
  const users = ctx.store.users.filter(
    (user) =>
      (wish.username === undefined || user.username.toLowerCase() === wish.username.toLowerCase()) &&
      (wish.active !== true || user.state === 'active') &&
      (wish.blocked !== true || user.state === 'blocked') &&
      (wish.external === undefined || user.external === wish.external) &&
      (wish.admins !== true || user.admin) &&
      (identity === null || hasIdentity(user, identity)) &&
      (search === undefined ||
        user.email.toLowerCase() === search ||
        [user.username, user.name].some((text) => text.toLowerCase().includes(search))),
  );
  const sign = wish.sort === 'asc' ? 1 : -1;
  const key = (user: User): string =>
    wish.order_by === 'name' ? user.name : wish.order_by === 'username' ? user.username : '';
  users.sort((a, b) => sign * (key(a).localeCompare(key(b)) || a.id - b.id));
  return answerPage(c, raw, users, (user) =>
    viewer?.admin === true ? showForAdmin(ctx, c, user, true) : renderUserBasic(user, c.get('baseUrl')),
  );
}

async function answerCreation(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  requireAdmin(c);
  const wish = parseParams(createSchema, await readParams(c));
  const random = wish.reset_password === true || wish.force_random_password === true;
  if (wish.password === undefined && !random) {
    throw badParameter(
      'password, reset_password, force_random_password are missing, at least one parameter must be provided',
    );
  }
  const identity = identityOf(wish);
  assertIdentity(ctx, identity);
  const user = createUser(ctx, {
    ...(identity === null ? {} : { identities: [identity] }),
    username: wish.username,
    name: wish.name,
    email: wish.email,
    password: wish.password ?? randomBytes(16).toString('hex'),
    ...(wish.admin === undefined ? {} : { admin: wish.admin }),
    ...(wish.external === undefined ? {} : { external: wish.external }),
    ...(wish.can_create_group === undefined ? {} : { canCreateGroup: wish.can_create_group }),
    ...(wish.projects_limit === undefined ? {} : { projectsLimit: wish.projects_limit }),
    ...(wish.bio === undefined ? {} : { bio: wish.bio }),
  });
  return c.json(showForAdmin(ctx, c, user, true), 201);
}

async function editUser(ctx: SandboxContext, c: Context<ApiEnv>): Promise<Response> {
  requireAdmin(c);
  const user = findUser(ctx, c);
  const wish = parseParams(editSchema, await readParams(c));
  assertUser(
    ctx,
    {
      ...(wish.username === undefined ? {} : { username: wish.username }),
      ...(wish.email === undefined ? {} : { email: wish.email }),
      ...(wish.password === undefined ? {} : { password: wish.password }),
    },
    user,
  );
  const identity = identityOf(wish);
  assertIdentity(ctx, identity, user);
  const edited = ctx.store.transaction(() => {
    const username = wish.username ?? user.username;
    if (username !== user.username) renameNamespace(ctx, user, username);
    return ctx.store.users.update(user.id, {
      username,
      name: wish.name ?? user.name,
      email: wish.email ?? user.email,
      admin: wish.admin ?? user.admin,
      external: wish.external ?? user.external,
      canCreateGroup: wish.can_create_group ?? user.canCreateGroup,
      projectsLimit: wish.projects_limit ?? user.projectsLimit,
      bio: wish.bio ?? user.bio,
      identities: identity === null ? user.identities : withIdentity(user, identity),
      passwordHash: wish.password === undefined ? user.passwordHash : hashPassword(wish.password),
    });
  });
  ctx.events.emit('user', edited, 'update');
  return c.json(showForAdmin(ctx, c, edited, true));
}

type Identity = User['identities'][number];

/** Of `extern_uid` and `provider`; `null`: of neither. Raises `ApiError` 400 for one alone. */
function identityOf({
  extern_uid: externUid,
  provider,
}: {
  readonly extern_uid?: string | undefined;
  readonly provider?: string | undefined;
}): Identity | null {
  if (externUid === undefined && provider === undefined) return null;
  if (externUid === undefined || provider === undefined)
    throw badParameter('extern_uid, provider provide all or none of parameters');
  return { externUid, provider };
}

function hasIdentity(user: User, { provider, externUid }: Identity): boolean {
  return user.identities.some((one) => one.provider === provider && one.externUid === externUid);
}

/** A person has one at each provider. */
function withIdentity(user: User, identity: Identity): User['identities'] {
  return [...user.identities.filter(({ provider }) => provider !== identity.provider), identity];
}

/** Raises `ApiError` 400 where the provider's person is somebody else already (GitLab: app/models/identity.rb). */
function assertIdentity(ctx: SandboxContext, identity: Identity | null, self?: User): void {
  if (identity === null) return;
  const owner = ctx.store.users.find((user) => user.id !== self?.id && hasIdentity(user, identity));
  if (owner !== undefined) throw invalidEntity({ 'identities.extern_uid': ['has already been taken'] });
}

function renameNamespace(ctx: SandboxContext, user: User, username: string): void {
  const namespace = ctx.store.namespaces.by('ownerId', user.id)[0];
  if (namespace === undefined) return;
  ctx.store.namespaces.update(namespace.id, { path: username, fullPath: username });
  for (const project of ctx.store.projects.by('namespaceId', namespace.id)) {
    ctx.store.projects.update(project.id, { fullPath: `${username}/${project.path}` });
  }
}

async function removeUser(ctx: SandboxContext, user: User): Promise<void> {
  const { store } = ctx;
  const namespace = store.namespaces.by('ownerId', user.id)[0];
  for (const project of namespace === undefined ? [] : store.projects.by('namespaceId', namespace.id)) {
    await removeProject(ctx, project);
  }
  store.transaction(() => {
    for (const token of store.personalAccessTokens.by('userId', user.id))
      store.personalAccessTokens.remove(token.id);
    for (const key of store.sshKeys.by('userId', user.id)) store.sshKeys.remove(key.id);
    for (const member of store.members.by('userId', user.id)) store.members.remove(member.id);
    if (namespace !== undefined) store.namespaces.remove(namespace.id);
    store.users.remove(user.id);
  });
  ctx.events.emit('user', user, 'destroy');
}

type StateChange = {
  readonly from: readonly User['state'][];
  readonly to: User['state'];
  readonly refusal: string;
};

// Refusals of GitLab's lib/api/users.rb.
const STATE_CHANGES: Readonly<Record<string, StateChange>> = {
  block: {
    from: ['active', 'deactivated', 'blocked_pending_approval'],
    to: 'blocked',
    refusal: '403 Forbidden',
  },
  unblock: {
    from: ['blocked'],
    to: 'active',
    refusal: '403 Forbidden - LDAP blocked users cannot be unblocked by the API',
  },
  deactivate: {
    from: ['active'],
    to: 'deactivated',
    refusal: '403 Forbidden - A blocked user cannot be deactivated by the API',
  },
  activate: {
    from: ['deactivated', 'active'],
    to: 'active',
    refusal: '403 Forbidden - A blocked user must be unblocked to be activated',
  },
  approve: {
    from: ['blocked_pending_approval'],
    to: 'active',
    refusal: 'The user you are trying to approve is not pending approval',
  },
  ban: { from: ['active'], to: 'banned', refusal: 'You cannot ban blocked users.' },
  unban: { from: ['banned'], to: 'active', refusal: 'You cannot unban active users.' },
};

function stateRoutes(ctx: SandboxContext, app: Hono<ApiEnv>): void {
  for (const [verb, change] of Object.entries(STATE_CHANGES)) {
    app.post(`/users/:id/${verb}`, (c) => {
      const admin = requireAdmin(c);
      const user = findUser(ctx, c);
      if (verb === 'block' && user.id === admin.id)
        throw forbidden('The API initiating user cannot be blocked by the API');
      if (verb === 'unblock' && user.state === 'active') return c.json(true, 201);
      if (!change.from.includes(user.state)) {
        if (verb === 'block') return c.json(user.state === 'blocked' ? false : null, 201);
        return c.json({ message: change.refusal }, 403);
      }
      ctx.store.users.update(user.id, { state: change.to });
      return c.json(verb === 'approve' ? { message: 'Success' } : true, 201);
    });
  }
}

/** The signed-in person or the user of `:id`, for administrators: for keys and the like below both. */
export function selfOrUser(ctx: SandboxContext, c: Context<ApiEnv>): User {
  const { user, admin } = requireUser(c);
  if (c.req.param('id') === undefined) return user;
  const wanted = findUser(ctx, c);
  if (wanted.id !== user.id && !admin) throw viewerOf(c) === null ? unauthorized() : notFound('User');
  return wanted;
}
