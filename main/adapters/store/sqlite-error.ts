// SQLite's result codes as errors with a name and a way out.
import { AutoGitError, messageOf } from '../../errors.ts';

interface Failure {
  readonly key: string;
  readonly message: (path: string) => string;
  readonly next: (path: string) => string;
  readonly retry?: boolean;
}

const corrupt: Failure = {
  key: 'store.corrupt',
  message: (path) => `The database ${path} is damaged and cannot be trusted.`,
  next: (path) =>
    `Stop AutoGit and move ${path} and its -wal and -shm files away. Put a copy back (${path}.before-* or your ` +
    'backup), or start without one: runners that still work are adopted, the history starts anew.',
};

const locked: Failure = {
  key: 'store.locked',
  message: (path) => `Another program holds the database ${path} locked.`,
  next: () => 'Close the program that has it open (a database browser, a copy in progress), then try again.',
  retry: true,
};

/** By the start of the result code: https://www.sqlite.org/rescode.html */
const failures: readonly (readonly [prefix: string, failure: Failure])[] = [
  ['SQLITE_CORRUPT', corrupt],
  ['SQLITE_NOTADB', corrupt],
  ['SQLITE_BUSY', locked],
  ['SQLITE_LOCKED', locked],
  [
    'SQLITE_READONLY',
    {
      key: 'store.read-only',
      message: (path) => `The database ${path} cannot be written.`,
      next: (path) =>
        `Check who owns ${path} and its folder, and that the disk is not mounted read-only; then start AutoGit again.`,
    },
  ],
  [
    'SQLITE_FULL',
    {
      key: 'store.full',
      message: (path) => `There is no space left to write the database ${path}.`,
      next: () => 'Free some space on that disk. Nothing was lost: AutoGit goes on as soon as it can write.',
      retry: true,
    },
  ],
  [
    'SQLITE_CANTOPEN',
    {
      key: 'store.cannot-open',
      message: (path) => `The database ${path} cannot be opened.`,
      next: (path) => `Check that the folder of ${path} exists and that you may write to it.`,
    },
  ],
  [
    'SQLITE_IOERR',
    {
      key: 'store.disk-error',
      message: (path) => `The disk reported an error while the database ${path} was used.`,
      next: () => "Look at the system's log for disk errors, and make a backup of the AutoGit home now.",
    },
  ],
];

/** The same failures as file system calls report them. */
const systemCodes: Readonly<Record<string, string>> = {
  EACCES: 'SQLITE_READONLY',
  EPERM: 'SQLITE_READONLY',
  EROFS: 'SQLITE_READONLY',
  ENOSPC: 'SQLITE_FULL',
  EDQUOT: 'SQLITE_FULL',
  ENOENT: 'SQLITE_CANTOPEN',
  ENOTDIR: 'SQLITE_CANTOPEN',
  EISDIR: 'SQLITE_CANTOPEN',
  EIO: 'SQLITE_IOERR',
};

/** libsql gives extended codes as numbers only; their low byte is the primary code. */
const primaryCodes: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  19: 'SQLITE_CONSTRAINT',
  26: 'SQLITE_NOTADB',
};

/** SQLite's or the system's code of something thrown, e.g. `SQLITE_BUSY`; empty when it has none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return '';
  const extended = /^UNKNOWN_SQLITE_ERROR_(\d+)$/.exec(error.code)?.[1];
  if (extended !== undefined) return primaryCodes[Number(extended) & 0xff] ?? error.code;
  return systemCodes[error.code] ?? error.code;
}

/** A thrown error of the database at `path` as a named one; anything unknown is returned as it is. */
export function namedError(error: unknown, path: string): unknown {
  if (error instanceof AutoGitError) return error;
  const code = codeOf(error);
  const failure = failures.find(([prefix]) => code.startsWith(prefix))?.[1];
  if (failure === undefined) return error;
  return new AutoGitError({
    key: failure.key,
    message: failure.message(path),
    next: failure.next(path),
    fields: { path, code, reason: messageOf(error) },
    retry: failure.retry ?? false,
    cause: error,
  });
}

/** `store.corrupt` for damage that the integrity check found rather than an operation. */
export function corruptError(path: string, reason: string): AutoGitError {
  return new AutoGitError({
    key: corrupt.key,
    message: corrupt.message(path),
    next: corrupt.next(path),
    fields: { path, reason },
  });
}
