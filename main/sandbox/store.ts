// The sandbox's state: entities in memory, written through to one SQLite file; traces and artifacts as files.
//
// Every mutation is in the file before it returns, so a killed process loses nothing it has answered for.
// (`synchronous=NORMAL`: a power cut may take the last moments; a killed process may not.)
//
//   const store = openStore('/some/folder');              // creates it, or opens it again
//   const user = store.users.insert({ username, name, email, createdAt });   // fields with defaults are optional
//   store.users.get(7); store.users.need(7);              // undefined | SandboxError when absent
//   store.users.update(7, { admin: true });               // returns the new entity
//   store.users.all(); store.users.find((u) => …); store.users.filter((u) => …);   // in order of id
//   store.jobs.by('pipelineId', 3);                       // indexed fields only: no scan
//   store.transaction(() => { … });                       // all or nothing, nested calls join the outer one
//   store.settings(); store.updateSettings({ adminMode: true });
//   store.files.appendTrace(jobId, bytes); store.files.readTrace(jobId); …
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { z } from 'zod';
import { Collection } from './collection.ts';
import type { Entity, EntityTable } from './collection.ts';
import { SandboxError } from './errors.ts';
import { openStateFiles } from './state-files.ts';
import type { StateFiles } from './state-files.ts';
import * as state from './state.ts';
import type { AppSettings } from './state.ts';

const SCHEMA_VERSION = 1;

function createCollections(table: EntityTable) {
  const define = <T extends Entity, New, Index extends keyof T>(
    kind: string,
    schema: z.ZodType<T, New>,
    indexes: readonly Index[],
  ): Collection<T, New, Index> => new Collection<T, New, Index>(kind, schema, indexes, table);
  return {
    users: define('user', state.userSchema, ['username']),
    personalAccessTokens: define('personal_access_token', state.personalAccessTokenSchema, [
      'userId',
      'token',
    ]),
    sshKeys: define('ssh_key', state.sshKeySchema, ['userId']),
    namespaces: define('namespace', state.namespaceSchema, ['fullPath', 'ownerId', 'parentId']),
    projects: define('project', state.projectSchema, ['fullPath', 'namespaceId']),
    members: define('member', state.memberSchema, ['sourceId', 'userId']),
    protectedBranches: define('protected_branch', state.protectedBranchSchema, ['projectId']),
    protectedTags: define('protected_tag', state.protectedTagSchema, ['projectId']),
    projectVariables: define('project_variable', state.projectVariableSchema, ['projectId']),
    instanceVariables: define('instance_variable', state.instanceVariableSchema, []),
    hooks: define('hook', state.hookSchema, ['projectId']),
    hookDeliveries: define('hook_delivery', state.hookDeliverySchema, ['hookId']),
    runners: define('runner', state.runnerSchema, ['token']),
    runnerManagers: define('runner_manager', state.runnerManagerSchema, ['runnerId']),
    pipelines: define('pipeline', state.pipelineSchema, ['projectId', 'status']),
    jobs: define('job', state.jobSchema, ['pipelineId', 'projectId', 'status', 'token', 'runnerId']),
    artifacts: define('artifact', state.artifactSchema, ['jobId', 'projectId']),
    appSettings: define('app_settings', state.appSettingsSchema, []),
  };
}

/** All of the sandbox's state. */
export interface SandboxStore extends ReturnType<typeof createCollections> {
  readonly stateDir: string;
  readonly files: StateFiles;
  /** The instance's settings, created on first use. */
  settings(): AppSettings;
  updateSettings(patch: Partial<Omit<AppSettings, 'id'>>): AppSettings;
  /** Runs synchronous work: all of its changes are stored, or none when it throws. */
  transaction<R>(work: () => R): R;
  close(): void;
}

/**
 * Opens the state folder, or creates it.
 * Raises `SandboxError`: `sandbox_state_damaged`, `sandbox_state_locked`, `sandbox_state_newer`.
 */
export function openStore(stateDir: string, now: () => Date = () => new Date()): SandboxStore {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const database = openDatabase(join(stateDir, 'sandbox.db'));
  try {
    const table = createEntityTable(database);
    const collections = createCollections(table);
    loadAll(database, Object.values(collections));
    const settings = (): AppSettings =>
      collections.appSettings.get(1) ??
      collections.appSettings.insert({
        instanceUuid: randomUUID(),
        createdAt: now().toISOString(),
        updatedAt: now().toISOString(),
      });
    return {
      ...collections,
      stateDir,
      files: openStateFiles(stateDir),
      settings,
      updateSettings: (patch) =>
        collections.appSettings.update(settings().id, { updatedAt: now().toISOString(), ...patch }),
      transaction: (work) => table.transaction(work),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // Exclusive locking: a second sandbox on the same folder is refused instead of diverging in memory.
    database.exec('PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;');
    const version = z
      .object({ user_version: z.number() })
      .parse(database.prepare('PRAGMA user_version').get());
    if (version.user_version > SCHEMA_VERSION) {
      throw new SandboxError('sandbox_state_newer', `${path} was written by a newer sandbox`);
    }
    database.exec(`
      CREATE TABLE IF NOT EXISTS entity (kind TEXT NOT NULL, id INTEGER NOT NULL, json TEXT NOT NULL,
        PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS sequence (kind TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
      PRAGMA user_version = ${SCHEMA_VERSION};`);
    return database;
  } catch (error) {
    database.close();
    throw nameSqliteError(error, path);
  }
}

function nameSqliteError(error: unknown, path: string): unknown {
  const code = z.object({ errcode: z.number() }).safeParse(error).data?.errcode;
  const base = code === undefined ? undefined : code & 0xff; // https://sqlite.org/rescode.html
  if (base === 5)
    return new SandboxError('sandbox_state_locked', `${path} is in use by another sandbox`, error);
  if (base === 11 || base === 26) {
    return new SandboxError('sandbox_state_damaged', `${path} is not a readable SQLite database`, error);
  }
  return error;
}

function loadAll(
  database: DatabaseSync,
  collections: readonly { kind: string; load(value: unknown): void }[],
): void {
  const rowSchema = z.object({ json: z.string() });
  const select = database.prepare('SELECT json FROM entity WHERE kind = ? ORDER BY id');
  for (const collection of collections) {
    try {
      for (const row of select.iterate(collection.kind))
        collection.load(JSON.parse(rowSchema.parse(row).json));
    } catch (error) {
      if (error instanceof SyntaxError) {
        throw new SandboxError('sandbox_state_damaged', `A stored ${collection.kind} is not JSON`, error);
      }
      throw nameSqliteError(error, 'The state file');
    }
  }
}

function createEntityTable(database: DatabaseSync): EntityTable & { transaction<R>(work: () => R): R } {
  const write = database.prepare('INSERT OR REPLACE INTO entity (kind, id, json) VALUES (?, ?, ?)');
  const remove = database.prepare('DELETE FROM entity WHERE kind = ? AND id = ?');
  const next = database.prepare(
    'INSERT INTO sequence (kind, last) VALUES (?, 1) ON CONFLICT (kind) DO UPDATE SET last = last + 1 RETURNING last',
  );
  let undo: (() => void)[] | null = null;
  const transaction = <R>(work: () => R): R => {
    if (undo !== null) return work();
    const undone: (() => void)[] = [];
    undo = undone;
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      for (const step of undone.reverse()) step();
      throw error;
    } finally {
      undo = null;
    }
  };
  return {
    write: (kind, id, json) => run(write, kind, id, json),
    remove: (kind, id) => run(remove, kind, id),
    nextId: (kind) => z.object({ last: z.number() }).parse(next.get(kind)).last,
    onRollback: (step) => void undo?.push(step),
    transaction,
  };
}

function run(statement: StatementSync, ...values: (string | number)[]): void {
  statement.run(...values);
}
