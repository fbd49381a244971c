// Turns secrets into people: personal access tokens, job tokens, passwords.
import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { isOnRunner } from '../pipelines/job-steps.ts';
import type { Job, PersonalAccessToken, User } from '../state.ts';
import type { SandboxStore } from '../store.ts';

/** All scopes that a personal access token may have here. */
export const TOKEN_SCOPES = [
  'api',
  'read_api',
  'read_user',
  'create_runner',
  'manage_runner',
  'k8s_proxy',
  'self_rotate',
  'read_repository',
  'write_repository',
  'read_registry',
  'write_registry',
  'admin_mode',
  'sudo',
] as const;

export type TokenLookup =
  | { readonly kind: 'valid'; readonly token: PersonalAccessToken; readonly user: User }
  | { readonly kind: 'revoked' | 'expired' | 'unknown' };

/** Finds a personal access token. A token ends at 00:00 UTC of the day it expires. */
export function findAccessToken(store: SandboxStore, secret: string, now: Date): TokenLookup {
  const token = store.personalAccessTokens.by('token', secret)[0];
  const user = token === undefined ? undefined : store.users.get(token.userId);
  if (token === undefined || user === undefined) return { kind: 'unknown' };
  if (token.revoked) return { kind: 'revoked' };
  if (isExpired(token, now)) return { kind: 'expired' };
  return { kind: 'valid', token, user };
}

export function isExpired(token: PersonalAccessToken, now: Date): boolean {
  return token.expiresAt !== null && Date.parse(`${token.expiresAt}T00:00:00Z`) <= now.getTime();
}

/** The job of a job token, as long as it runs. */
export function findJobOfToken(store: SandboxStore, secret: string): Job | undefined {
  if (secret === '') return undefined;
  return store.jobs.by('token', secret).find(isOnRunner);
}

// Weak on purpose: sign-ins of a sandbox shall not cost a tenth of a second of processor time.
const SCRYPT = { N: 1024, r: 8, p: 1 };

/** `scrypt$<salt>$<hash>`, both hexadecimal. */
export function hashPassword(password: string): string {
  const salt = randomBytes(16);
  return `scrypt$${salt.toString('hex')}$${scryptSync(password, salt, 32, SCRYPT).toString('hex')}`;
}

export function checkPassword(password: string, stored: string | null): boolean {
  const [scheme, salt, hash] = (stored ?? '').split('$');
  if (scheme !== 'scrypt' || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, 'hex');
  const actual = scryptSync(password, Buffer.from(salt, 'hex'), expected.length, SCRYPT);
  return timingSafeEqual(actual, expected);
}
