// Makes users, their namespaces and their tokens.
import type { SandboxContext } from '../context.ts';
import { createToken } from '../pipelines/tokens.ts';
import type { PersonalAccessToken, User } from '../state.ts';
import { conflict, invalidEntity } from './api-error.ts';
import { hashPassword } from './credentials.ts';

export interface NewUser {
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly password?: string;
  readonly admin?: boolean;
  readonly external?: boolean;
  readonly canCreateGroup?: boolean;
  readonly projectsLimit?: number;
  readonly bio?: string;
  readonly identities?: User['identities'];
}

type Context = Pick<SandboxContext, 'store' | 'now' | 'events'>;

/**
 * Raises `ApiError` 400 for a name or password that GitLab refuses, and 409 when the name or address belongs to somebody
 * other than `self`.
 */
export function assertUser(
  { store }: Context,
  user: Partial<Pick<NewUser, 'username' | 'email' | 'password'>>,
  self?: User,
): void {
  const { username, email, password } = user;
  const isName = (text: string): boolean =>
    /^[a-zA-Z0-9_.][a-zA-Z0-9_.-]*$/.test(text) && !/\.(git|atom)$/i.test(text);
  if (username !== undefined && !isName(username)) {
    throw invalidEntity({ username: ["can contain only letters, digits, '_', '-' and '.'."] });
  }
  const least = store.settings().minimumPasswordLength;
  if (password !== undefined && password.length < least) {
    throw invalidEntity({ password: [`is too short (minimum is ${least} characters)`] });
  }
  const same = (one: string, other: string | undefined): boolean =>
    one.toLowerCase() === other?.toLowerCase();
  if (store.users.find((one) => one.id !== self?.id && same(one.email, email)) !== undefined)
    throw conflict('Email has already been taken');
  // A person's namespace shares its names with the groups.
  const namespace = store.namespaces.find((one) => same(one.fullPath, username));
  if (namespace !== undefined && (self === undefined || namespace.ownerId !== self.id))
    throw conflict('Username has already been taken');
}

/** Adds a user with a personal namespace. Raises what `assertUser` raises. */
export function createUser(ctx: Context, user: NewUser): User {
  const { store } = ctx;
  assertUser(ctx, user);
  const createdAt = ctx.now().toISOString();
  const { password, ...fields } = user;
  const created = store.transaction(() => {
    const entity = store.users.insert({
      ...fields,
      passwordHash: password === undefined ? null : hashPassword(password),
      createdAt,
    });
    store.namespaces.insert({
      kind: 'user',
      name: user.name,
      path: user.username,
      fullPath: user.username,
      ownerId: entity.id,
      createdAt,
    });
    return entity;
  });
  ctx.events.emit('user', created, 'create');
  return created;
}

export interface NewAccessToken {
  readonly userId: number;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly description?: string;
  /** `YYYY-MM-DD`; without one the token lasts for GitLab's maximum of 365 days, with `null` for ever. */
  readonly expiresAt?: string | null;
  /** Instead of a random one: for tests and for a token that somebody knows beforehand. */
  readonly secret?: string;
}

/** Adds a personal access token; its secret is `token`. */
export function createAccessToken(ctx: Context, token: NewAccessToken): PersonalAccessToken {
  const now = ctx.now();
  return ctx.store.personalAccessTokens.insert({
    userId: token.userId,
    name: token.name,
    description: token.description ?? '',
    token: token.secret ?? createToken('glpat-'),
    scopes: [...token.scopes],
    expiresAt: token.expiresAt === undefined ? dateAfter(now, 365) : token.expiresAt,
    createdAt: now.toISOString(),
  });
}

/** The date, `YYYY-MM-DD` in UTC, some days from now. */
export function dateAfter(now: Date, days: number): string {
  return new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}
