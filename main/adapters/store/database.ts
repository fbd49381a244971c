// An open SQLite database: rows are unknown, errors are named, settings are the durable ones.
import { closeSync, openSync } from 'node:fs';
import { z } from 'zod';
import { type Driver, loadDriver } from './driver.ts';
import { corruptError, namedError } from './sqlite-error.ts';

export type SqlValue = string | number | bigint | null;
export type Parameters = Readonly<Record<string, SqlValue>>;

/** A prepared statement. Parameters are named: `@pool` in the SQL is `pool` here. */
export interface Statement {
  /** Number of rows changed. */
  run(parameters?: Parameters): number;
  get(parameters?: Parameters): unknown;
  all(parameters?: Parameters): readonly unknown[];
}

/** Every method may raise the errors of sqlite-error.ts. */
export interface Database {
  readonly path: string;
  prepare(sql: string): Statement;
  /** Statements without parameters or results. */
  exec(sql: string): void;
  /** All of `work` or nothing of it. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Milliseconds to wait for another program's lock; the event loop stands still meanwhile. */
const busyTimeoutMs = 1000;

/**
 * Opens or creates a database file (mode 0600) for durable writing; `:memory:` for one without a file.
 * Raises `store.driver-missing`, `store.corrupt`, `store.locked`, `store.read-only`, `store.full`,
 * `store.cannot-open`, `store.disk-error`.
 */
export function openDatabase(path: string): Database {
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw namedError(error, path);
    }
  };
  const raw = openConnection(path, busyTimeoutMs);
  const database: Database = {
    path,
    prepare: (sql) => {
      const statement = guard(() => raw.prepare(sql));
      return {
        run: (parameters = {}) => guard(() => statement.run(parameters).changes),
        get: (parameters = {}) => guard(() => statement.get(parameters)),
        all: (parameters = {}) => guard(() => statement.all(parameters)),
      };
    },
    exec: (sql) => guard(() => raw.exec(sql)),
    transaction: (work) => guard(() => raw.transaction(work).immediate()),
    close: () => guard(() => raw.close()),
  };
  try {
    configure(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** A bare connection: what it raises later has SQLite's own codes. `timeoutMs`: how long to wait for locks. */
export function openConnection(path: string, timeoutMs: number): InstanceType<Driver> {
  const Library = loadDriver();
  try {
    if (path !== ':memory:') createPrivate(path);
    return new Library(path, { timeout: timeoutMs });
  } catch (error) {
    throw namedError(error, path);
  }
}

/** SQLite gives its -wal and -shm files the mode of the database. */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function configure(database: Database): void {
  // FULL: each commit reaches the disk before it returns; WAL alone would defer that to a checkpoint.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  const found = database.prepare('PRAGMA quick_check(1)').get();
  const verdict = z.object({ quick_check: z.string() }).parse(found).quick_check;
  if (verdict !== 'ok') throw corruptError(database.path, verdict);
}
