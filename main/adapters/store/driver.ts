// Which SQLite library this runtime can load, and what the store needs of either: the one place that knows there are two.
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { AutoGitError } from '../../errors.ts';

/** A prepared statement as both libraries have it. Parameters are named. */
interface PreparedStatement {
  run(parameters: object): { readonly changes: number };
  get(parameters: object): unknown;
  all(parameters: object): readonly unknown[];
}

/** What the store uses of a connection. */
export interface Connection {
  prepare(sql: string): PreparedStatement;
  exec(sql: string): unknown;
  /** All of `work` or nothing of it, once the result is called. */
  transaction<T>(work: () => T): { immediate(): T };
  readonly inTransaction: boolean;
  /** An online copy of the whole database into a file; `libsql` has none. */
  backup?(file: string): Promise<unknown>;
  close(): unknown;
}

/** `timeout`: milliseconds to wait for another's lock. */
export type Driver = new (path: string, options?: { readonly timeout?: number }) => Connection;

const load = createRequire(import.meta.url);

/**
 * The library for a Node-API version (`process.versions.napi`). better-sqlite3 crashes the process below 10, so
 * it is not even loaded there; `libsql` runs everywhere but is only present where somebody installed it.
 */
export function driverName(napi: string | undefined): 'better-sqlite3' | 'libsql' {
  return Number(napi ?? 0) >= 10 ? 'better-sqlite3' : 'libsql';
}

const versionSchema = z.object({ version: z.string() });

/** The version of SQLite inside the library. Raises `store.driver-missing`. */
export function sqliteVersion(): string {
  const connection = new (loadDriver())(':memory:');
  try {
    return versionSchema.parse(connection.prepare('SELECT sqlite_version() AS version').get({})).version;
  } finally {
    connection.close();
  }
}

/** Loads the library. Raises `store.driver-missing`. */
export function loadDriver(name = driverName(process.versions.napi)): Driver {
  try {
    const library: unknown = load(name);
    if (!isDriver(library)) throw new TypeError(`${name} does not export a database class`);
    return name === 'libsql' ? likeBetterSqlite3(library) : library;
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

/** `libsql` with the habits of better-sqlite3 that the store relies on. */
function likeBetterSqlite3(Library: Driver): Driver {
  return class implements Connection {
    readonly #raw: Connection;
    readonly #path: string;

    constructor(path: string, options: { readonly timeout?: number } = {}) {
      this.#path = path;
      this.#raw = this.#coded(() => new Library(path, options));
    }

    get inTransaction(): boolean {
      return this.#raw.inTransaction;
    }

    prepare(sql: string): PreparedStatement {
      const statement = this.#coded(() => this.#raw.prepare(sql));
      return {
        run: (parameters) => this.#coded(() => statement.run(parameters)),
        get: (parameters) => this.#coded(() => withoutMetadata(statement.get(parameters))),
        all: (parameters) => this.#coded(() => statement.all(parameters)),
      };
    }

    exec(sql: string): void {
      this.#coded(() => this.#raw.exec(sql));
    }

    transaction<T>(work: () => T): { immediate(): T } {
      return {
        immediate: () => {
          this.exec('BEGIN IMMEDIATE');
          try {
            const result = work();
            this.exec('COMMIT');
            return result;
          } catch (error) {
            // Some failures, a full disk among them, have rolled back already.
            if (this.inTransaction) this.exec('ROLLBACK');
            throw error;
          }
        },
      };
    }

    /**
     * The file is held open until the garbage collector has found the statements, so the log is written into it
     * here: a real close would do that. https://www.sqlite.org/c3ref/close.html
     */
    close(): void {
      try {
        if (!this.inTransaction) this.#raw.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      } catch {
        // Another reader, or a file that cannot be written: the log stays, and the next opening reads it.
      }
      this.#raw.close();
    }

    #coded<R>(work: () => R): R {
      try {
        return work();
      } catch (error) {
        throw withCode(error, this.#path);
      }
    }
  };
}

/** The result of `get` carries how long it took, as if that were a column. */
function withoutMetadata(row: unknown): unknown {
  if (typeof row === 'object' && row !== null) Reflect.deleteProperty(row, '_metadata');
  return row;
}

/** An error of opening has its code at the end of the message only; one that means "not writable" is unspecific. */
function withCode(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error;
  const given = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const primary = Number(/: (\d+)"\)$/.exec(error.message)?.[1] ?? 0) & 0xff;
  const code = given === '' && primary > 0 ? `UNKNOWN_SQLITE_ERROR_${String(primary)}` : given;
  const cannotOpen = code === 'SQLITE_CANTOPEN' || code === 'UNKNOWN_SQLITE_ERROR_14';
  return Object.assign(error, { code: cannotOpen && isFile(path) ? 'SQLITE_READONLY' : code });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
