// Brings a database to the newest schema: step by step, each in one transaction, after a copy of the file.
import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { AutoGitError } from '../../errors.ts';
import type { Database } from './database.ts';
import { namedError } from './sqlite-error.ts';

/** One step of the schema. Never changed once released; its SQL is understood by SQLite 3.45. */
export interface Migration {
  /** 1, 2, 3, …: the database's `user_version` after it. */
  readonly version: number;
  readonly sql: string;
}

/**
 * Applies the steps that the database lacks. Raises `store.from-future` for a database that knows more steps
 * than this program, and the errors of the database.
 */
export function migrate(database: Database, steps: readonly Migration[]): void {
  checkMonotonic(steps);
  const current = schemaVersion(database);
  if (current > steps.length) throw fromFuture(database.path, current, steps.length);
  const missing = steps.slice(current);
  if (missing.length > 0 && current > 0) copyFile(database, current);
  for (const { version, sql } of missing) {
    database.transaction(() => {
      database.exec(sql);
      database.exec(`PRAGMA user_version = ${String(version)}`);
    });
  }
}

/** The number of steps that a database has seen. */
export function schemaVersion(database: Database): number {
  const row = z.object({ user_version: z.int() }).parse(database.prepare('PRAGMA user_version').get());
  return row.user_version;
}

function checkMonotonic(steps: readonly Migration[]): void {
  steps.forEach(({ version }, index) => {
    if (version !== index + 1) {
      throw new Error(`Migration ${String(version)} stands where ${String(index + 1)} is expected`);
    }
  });
}

/** `<path>.before-<next version>`. VACUUM INTO does not sync its output: https://www.sqlite.org/lang_vacuum.html */
function copyFile(database: Database, current: number): void {
  if (database.path === ':memory:') return;
  const copy = `${database.path}.before-${String(current + 1)}`;
  try {
    rmSync(copy, { force: true });
    closeSync(openSync(copy, 'wx', 0o600));
    database.prepare('VACUUM INTO @copy').run({ copy });
    const file = openSync(copy, 'r+');
    fsyncSync(file);
    closeSync(file);
  } catch (error) {
    throw namedError(error, copy);
  }
}

function fromFuture(path: string, found: number, known: number): AutoGitError {
  return new AutoGitError({
    key: 'store.from-future',
    message: `The database ${path} was written by a newer AutoGit (schema ${String(found)}, this one knows ${String(known)}).`,
    next: `Start the newer AutoGit again, or stop it and put the copy ${path}.before-${String(known + 1)} in its place.`,
    fields: { path, found, known },
  });
}
