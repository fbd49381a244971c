// The account of whoever a provider has let in: found by identity, by e-mail address, or made.
import { assertUser, createUser } from '../api/new-user.ts';
import { ApiError } from '../api/api-error.ts';
import type { SandboxContext } from '../context.ts';
import type { User } from '../state.ts';
import type { OpenIdSettings } from './omniauth-settings.ts';
import { OpenIdError } from './openid-client.ts';
import type { OpenIdPerson } from './openid-client.ts';

const provider = 'openid_connect';

type Ctx = Pick<SandboxContext, 'store' | 'now' | 'events'>;

/** GitLab's words for why an account may not sign in; `null`: it may. */
export function refusalOf({ state }: User): string | null {
  switch (state) {
    case 'active':
    // Signing in makes it active again.
    case 'deactivated':
      return null;
    case 'blocked_pending_approval':
      return 'Your account is pending approval from your GitLab administrator and hence blocked. Please contact your GitLab administrator if you think this is an error.';
    case 'blocked':
    case 'banned':
      return 'Your account has been blocked. Please contact your GitLab administrator if you think this is an error.';
  }
}

/**
 * As GitLab's lib/gitlab/auth/o_auth/user.rb does it: the identity is what counts, whatever the person is called since.
 * Throws `OpenIdError` with what the person is told.
 */
export function accountOf(ctx: Ctx, person: OpenIdPerson, settings: OpenIdSettings): User {
  const { store } = ctx;
  const { uid, email } = person;
  const known = store.users.find(({ identities }) =>
    identities.some((one) => one.provider === provider && one.externUid === uid),
  );
  if (known !== undefined) return follow(ctx, known, person, settings);
  const sameAddress = (user: User): boolean => user.email.toLowerCase() === email?.toLowerCase();
  const linked = settings.linksByEmail && email !== null ? store.users.find(sameAddress) : undefined;
  if (linked !== undefined) return follow(ctx, link(ctx, linked, uid), person, settings);
  if (!settings.makesAccounts)
    throw new OpenIdError(
      `Signing in using your ${settings.label} account without a pre-existing GitLab account is not allowed.`,
    );
  return make(ctx, person, settings);
}

/** The identity becomes one of this account's. Throws `OpenIdError` where it is another's. */
export function link({ store }: Pick<Ctx, 'store'>, user: User, uid: string): User {
  const others = user.identities.filter((one) => one.provider !== provider);
  const owner = store.users.find(
    ({ id, identities }) =>
      id !== user.id && identities.some((one) => one.provider === provider && one.externUid === uid),
  );
  if (owner !== undefined) throw new OpenIdError('Extern uid has already been taken');
  return store.users.update(user.id, { identities: [...others, { provider, externUid: uid }] });
}

function make(ctx: Ctx, { uid, email, nickname, name }: OpenIdPerson, { blocksNew }: OpenIdSettings): User {
  if (email === null) throw new OpenIdError("Email can't be blank");
  const username = freeName(ctx, nickname ?? email.split('@')[0] ?? '');
  try {
    return ctx.store.transaction(() => {
      const { id } = createUser(ctx, { username, name: name ?? username, email });
      return ctx.store.users.update(id, {
        identities: [{ provider, externUid: uid }],
        ...(blocksNew ? { state: 'blocked_pending_approval' as const } : {}),
      });
    });
  } catch (error) {
    throw error instanceof ApiError ? new OpenIdError('Email has already been taken') : error;
  }
}

/** What names may not have is left out; one that is taken gets a number. */
function freeName(ctx: Ctx, wanted: string): string {
  const clean =
    wanted
      .replaceAll(/[^a-zA-Z0-9_.-]/g, '')
      .replace(/^-+/, '')
      .replace(/\.(?:git|atom)$/i, '') || 'user';
  for (let number = 0; ; number += 1) {
    const name = number === 0 ? clean : `${clean}${number}`;
    try {
      assertUser(ctx, { username: name });
      return name;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
}

function follow(
  { store }: Ctx,
  user: User,
  { name, email }: OpenIdPerson,
  { follows }: OpenIdSettings,
): User {
  const isFree =
    email !== null && !store.users.all().some((one) => one.id !== user.id && one.email === email);
  return store.users.update(user.id, {
    ...(follows.includes('name') && name !== null ? { name } : {}),
    ...(follows.includes('email') && isFree ? { email } : {}),
  });
}
