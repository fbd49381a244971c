// The SQLite file behind all collections: opened and checked, written through, with transactions.
//
// Every mutation is in the file before it returns, so a killed process loses nothing it has answered for.
// (`synchronous=NORMAL`: a power cut may take the last moments; a killed process may not.)
import { backup, DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { EntityTable } from './collection.ts';
import { nameStorageError, stateError } from './storage-error.ts';

const schemaVersion = 1;
/** Pages of 4 KiB that are copied before somebody else may write again. */
const copyPages = 256;

/** A stored entity as it is in the file. */
export interface StoredRow {
  readonly id: number;
  readonly json: string;
}

export interface StateDatabase extends EntityTable {
  /** Runs synchronous work: all of its changes are stored, or none when it throws. Nested calls join the outer one. */
  transaction<R>(work: () => R): R;
  /** Called when the running transaction is stored, or at once without one. Its failure does not undo anything. */
  afterCommit(step: () => void): void;
  rowsOf(kind: string): readonly StoredRow[];
  /** Takes an entity out of use; what it held stays in the file, with the reason. */
  setAside(kind: string, row: StoredRow, reason: string): void;
  /** The next number of a series that never gives one twice, above `floor`. */
  nextNumber(series: string, floor: number): number;
  /** A copy of the file as it is at one moment, made while others write; `path` must not be there yet. */
  copyTo(path: string): Promise<void>;
  close(): void;
}

/** Opens the file or creates it. Raises a `SandboxError` with a key of `StateErrorKey`. */
export function openDatabase(path: string): StateDatabase {
  try {
    const database = new DatabaseSync(path);
    try {
      prepareFile(database, path);
      return createTable(database);
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw nameStorageError(error, path);
  }
}

function prepareFile(database: DatabaseSync, path: string): void {
  // Exclusive locking: a second sandbox on the same folder is refused instead of diverging in memory.
  database.exec('PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;');
  const { user_version: version } = z
    .object({ user_version: z.number() })
    .parse(database.prepare('PRAGMA user_version').get());
  if (version > schemaVersion) {
    throw stateError(
      'sandbox.state-from-future',
      path,
      `format ${version}, this one knows up to ${schemaVersion}`,
    );
  }
  // Entities are read one by one and whole, but only this notices a part of the file that is not reached any more.
  const { quick_check: verdict } = z
    .object({ quick_check: z.string() })
    .parse(database.prepare('PRAGMA quick_check(1)').get());
  if (verdict !== 'ok') throw stateError('sandbox.state-damaged', path, verdict);
  database.exec(`
    CREATE TABLE IF NOT EXISTS entity (kind TEXT NOT NULL, id INTEGER NOT NULL, json TEXT NOT NULL,
      PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS sequence (kind TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS set_aside (kind TEXT NOT NULL, id INTEGER NOT NULL, json TEXT NOT NULL,
      reason TEXT NOT NULL) STRICT;
    INSERT INTO sequence SELECT kind, max(id) FROM entity WHERE true GROUP BY kind
      ON CONFLICT (kind) DO UPDATE SET last = max(last, excluded.last) WHERE last < excluded.last;
    PRAGMA user_version = ${schemaVersion};`);
}

function createTable(database: DatabaseSync): StateDatabase {
  const write = database.prepare('INSERT OR REPLACE INTO entity (kind, id, json) VALUES (?, ?, ?)');
  const remove = database.prepare('DELETE FROM entity WHERE kind = ? AND id = ?');
  const select = database.prepare('SELECT id, json FROM entity WHERE kind = ? ORDER BY id');
  const keepAside = database.prepare('INSERT INTO set_aside (kind, id, json, reason) VALUES (?, ?, ?, ?)');
  const next = database.prepare(
    `INSERT INTO sequence (kind, last) VALUES (?1, ?2 + 1)
      ON CONFLICT (kind) DO UPDATE SET last = max(last, ?2) + 1 RETURNING last`,
  );
  const nextNumber = (series: string, floor: number): number =>
    z.object({ last: z.number() }).parse(next.get(series, floor)).last;
  const steps = createTransactions(database);
  return {
    ...steps,
    write: (kind, id, json) => void write.run(kind, id, json),
    remove: (kind, id) => void remove.run(kind, id),
    nextId: (kind) => nextNumber(kind, 0),
    nextNumber,
    rowsOf: (kind) => z.array(z.object({ id: z.number(), json: z.string() })).parse(select.all(kind)),
    setAside: (kind, { id, json }, reason) => {
      keepAside.run(kind, id, json, reason);
      remove.run(kind, id);
    },
    copyTo: async (path) => {
      await backup(database, path, { rate: copyPages });
    },
    close: () => database.close(),
  };
}

type Transactions = Pick<StateDatabase, 'transaction' | 'onRollback' | 'afterCommit'>;

function createTransactions(database: DatabaseSync): Transactions {
  let running: { readonly undo: (() => void)[]; readonly after: (() => void)[] } | null = null;
  return {
    onRollback: (step) => void running?.undo.push(step),
    afterCommit: (step) => {
      if (running === null) runQuietly(step);
      else running.after.push(step);
    },
    transaction: (work) => {
      if (running !== null) return work();
      database.exec('BEGIN IMMEDIATE');
      const mine = { undo: new Array<() => void>(), after: new Array<() => void>() };
      running = mine;
      try {
        const result = work();
        database.exec('COMMIT');
        running = null;
        for (const step of mine.after) runQuietly(step);
        return result;
      } catch (error) {
        running = null;
        for (const step of mine.undo.reverse()) step();
        // After some failures, such as a full disk, SQLite has ended the transaction itself.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
  };
}

/** The change is stored already; a file that could not be removed is swept away at the next start. */
function runQuietly(step: () => void): void {
  try {
    step();
  } catch {
    return;
  }
}
