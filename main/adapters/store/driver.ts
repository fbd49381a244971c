// Which SQLite library this runtime can load: the one place that knows there are two.
import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';
import { AutoGitError } from '../../errors.ts';

/** What the store uses of a library: `better-sqlite3` and `libsql` share this shape. */
export type Driver = new (path: string, options?: { readonly timeout?: number }) => BetterSqlite3.Database;

const load = createRequire(import.meta.url);

/**
 * The library for a Node-API version (`process.versions.napi`). better-sqlite3 crashes the process below 10, so
 * it is not even loaded there; `libsql` runs everywhere but is only present where somebody installed it.
 */
export function driverName(napi: string | undefined): 'better-sqlite3' | 'libsql' {
  return Number(napi ?? 0) >= 10 ? 'better-sqlite3' : 'libsql';
}

/** Loads the library. Raises `store.driver-missing`. */
export function loadDriver(name = driverName(process.versions.napi)): Driver {
  try {
    const library: unknown = load(name);
    if (isDriver(library)) return library;
    throw new TypeError(`${name} does not export a database class`);
  } catch (cause) {
    throw new AutoGitError({
      key: 'store.driver-missing',
      message: `The database library ${name} cannot be loaded by this Node (${process.version}).`,
      next: 'Start AutoGit with Node 22.14 or newer and run its installation again.',
      fields: { library: name, node: process.version },
      cause,
    });
  }
}

function isDriver(library: unknown): library is Driver {
  return typeof library === 'function';
}
