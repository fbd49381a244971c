// Secrets in the forms that GitLab gives them.
import { randomBytes } from 'node:crypto';

/** Prefix and 20 characters, as GitLab's own tokens. */
export function createToken(prefix: 'glpat-' | 'glrt-' | 'glcbt-64_'): string {
  return prefix + randomBytes(15).toString('base64url');
}

/** A job's token; `64` stands for the database partition, as on a real instance. */
export function createJobToken(): string {
  return createToken('glcbt-64_');
}
