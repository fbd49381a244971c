// One core per home: a lock that the kernel releases when its process dies, however it dies.
import { AutoGitError } from '../../errors.ts';
import { openConnection } from './database.ts';
import { codeOf, namedError } from './sqlite-error.ts';

export interface CoreLock {
  release(): void;
}

/**
 * Long enough for the winner of two simultaneous starts to see the loser let go of its shared lock, short enough
 * for the loser to say at once that it lost. Milliseconds.
 */
const contentionMs = 100;

/**
 * Takes the home's exclusive lock, held until `release` or the end of this process. Node has no file locks, but
 * SQLite has them on every platform: the lock file is an empty database in an exclusive transaction.
 * Nothing else in this process may open the lock file: POSIX drops all locks of a process on a file when any of
 * its handles is closed (https://www.sqlite.org/howtocorrupt.html, 2.2).
 * Rejects with `core.already-running`, `store.cannot-open`, `store.read-only`, `store.driver-missing`.
 */
export async function acquireCoreLock(paths: { readonly coreLock: string }): Promise<CoreLock> {
  const path = paths.coreLock;
  const connection = openConnection(path, contentionMs);
  try {
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (codeOf(error).startsWith('SQLITE_BUSY')) throw alreadyRunning(path, error);
    throw namedError(error, path);
  }
  return Promise.resolve({ release: () => void connection.close() });
}

function alreadyRunning(path: string, cause: unknown): AutoGitError {
  return new AutoGitError({
    key: 'core.already-running',
    message: 'AutoGit is already running with this home.',
    next: 'Use the one that runs (`autogit status`), or stop it first.',
    fields: { lock: path },
    cause,
  });
}
