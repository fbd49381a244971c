// Errors with a stable key, fields, and what to do next; every key stands in docs/errors.md.
import type { Problem } from './model/world.ts';

export interface ErrorDetails {
  /** Stable, dotted, documented: `engine.unreachable`. */
  readonly key: string;
  /** What happened and why, in words a homelab owner understands. */
  readonly message: string;
  /** What to do now. */
  readonly next: string;
  readonly fields?: Readonly<Record<string, string | number | boolean>>;
  /** True when the same call may succeed later without anybody doing anything. */
  readonly retry?: boolean;
  readonly cause?: unknown;
}

/** The one error class of the core. Anything else that is thrown is a defect. */
export class AutoGitError extends Error {
  override readonly name = 'AutoGitError';
  readonly key: string;
  readonly next: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  readonly retry: boolean;

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.key = details.key;
    this.next = details.next;
    this.fields = details.fields ?? {};
    this.retry = details.retry ?? false;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system's code of something thrown (`ENOENT`), or `null`. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Anything that was thrown, as an error with a key; what has none is a defect of ours. */
export function toAutoGitError(error: unknown): AutoGitError {
  if (error instanceof AutoGitError) return error;
  return new AutoGitError({
    key: 'internal.defect',
    message: `Something unexpected happened inside AutoGit: ${messageOf(error)}`,
    next: 'The log in the home folder has the details. Report it with them if it happens again.',
    cause: error,
  });
}

/** An error as the data that plans and screens work with. */
export function problemOf(error: unknown): Problem {
  const { key, message, next } = toAutoGitError(error);
  return { key, message, next };
}
