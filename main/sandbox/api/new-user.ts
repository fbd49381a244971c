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
}

type Context = Pick<SandboxContext, 'store' | 'now' | 'events'>;

/** Adds a user with a personal namespace. Raises `ApiError` 409 when the name or address is taken, 400 for what GitLab refuses. */
export function createUser(ctx: Context, user: NewUser): User {
  const { store } = ctx;
  if (!/^[a-zA-Z0-9_.][a-zA-Z0-9_.-]*$/.test(user.username) || /\.(git|atom)$/i.test(user.username)) {
    throw invalidEntity({ username: ["can contain only letters, digits, '_', '-' and '.'."] });
  }
  if (user.password !== undefined && user.password.length < store.settings().minimumPasswordLength) {
    const least = store.settings().minimumPasswordLength;
    throw invalidEntity({ password: [`is too short (minimum is ${least} characters)`] });
  }
  const lower = (text: string): string => text.toLowerCase();
  if (store.users.find((one) => lower(one.email) === lower(user.email)))
    throw conflict('Email has already been taken');
  if (store.namespaces.find((one) => lower(one.fullPath) === lower(user.username))) {
    throw conflict('Username has already been taken');
  }
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
  /** `YYYY-MM-DD`; without one the token lasts for GitLab's maximum of 365 days. */
  readonly expiresAt?: string;
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
    expiresAt: token.expiresAt ?? dateAfter(now, 365),
    createdAt: now.toISOString(),
  });
}

/** The date, `YYYY-MM-DD` in UTC, some days from now. */
export function dateAfter(now: Date, days: number): string {
  return new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}
