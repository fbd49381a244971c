// The sandbox's state: entities in memory, written through to one SQLite file; traces and artifacts as files.
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
import type { z } from 'zod';
import { Collection } from './collection.ts';
import type { Entity, EntityTable } from './collection.ts';
import { openDatabase } from './database.ts';
import type { StateDatabase } from './database.ts';
import { loadState } from './load-state.ts';
import type { LostEntries } from './load-state.ts';
import { openStateFiles } from './state-files.ts';
import type { StateFiles } from './state-files.ts';
import * as state from './state.ts';
import type { AppSettings } from './state.ts';
import { nameStorageError, stateError } from './storage-error.ts';

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
    pendingPushes: define('pending_push', state.pendingPushSchema, []),
  };
}

/** All kinds of entities. */
export type Collections = ReturnType<typeof createCollections>;

/** All of the sandbox's state. */
export interface SandboxStore extends Collections {
  readonly stateDir: string;
  readonly files: StateFiles;
  /** What could not be used when the state was opened. */
  readonly lost: LostEntries;
  /** The instance's settings, created on first use. */
  settings(): AppSettings;
  updateSettings(patch: Partial<Omit<AppSettings, 'id'>>): AppSettings;
  /** The `iid` of a project's next pipeline: never one that it had before, deleted ones included. */
  nextPipelineIid(projectId: number): number;
  /** A copy of the database as it is at one moment, while it is in use. */
  copyDatabase(path: string): Promise<void>;
  /** Runs synchronous work: all of its changes are stored, or none when it throws. */
  transaction<R>(work: () => R): R;
  close(): void;
}

/** Opens the state folder, or creates it. Raises a `SandboxError` with a key of `StateErrorKey`. */
export function openStore(stateDir: string, now: () => Date = () => new Date()): SandboxStore {
  makeFolder(stateDir);
  const database = openDatabase(join(stateDir, 'sandbox.db'));
  try {
    const collections = createCollections(database);
    const lost = loadState(database, collections, stateDir);
    const files = openStateFiles(stateDir, (step) => database.afterCommit(step));
    // Numbers would start again at 1 and meet the files of others.
    if (collections.users.size === 0 && files.hasContent()) {
      const detail = 'there are repositories, traces or artifacts, but the database is missing or empty';
      throw stateError('sandbox.state-damaged', stateDir, detail);
    }
    return assembleStore({ stateDir, database, collections, lost, files, now });
  } catch (error) {
    database.close();
    throw nameStorageError(error, stateDir);
  }
}

function makeFolder(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw nameStorageError(error, stateDir);
  }
}

interface StoreParts extends Pick<SandboxStore, 'stateDir' | 'files' | 'lost'> {
  readonly database: StateDatabase;
  readonly collections: Collections;
  readonly now: () => Date;
}

function assembleStore({ database, collections, now, ...rest }: StoreParts): SandboxStore {
  const settings = (): AppSettings =>
    collections.appSettings.get(1) ??
    collections.appSettings.insert({
      instanceUuid: randomUUID(),
      createdAt: now().toISOString(),
      updatedAt: now().toISOString(),
    });
  return {
    ...collections,
    ...rest,
    settings,
    updateSettings: (patch) =>
      collections.appSettings.update(settings().id, { updatedAt: now().toISOString(), ...patch }),
    nextPipelineIid: (projectId) => {
      const newest = collections.pipelines.by('projectId', projectId).at(-1);
      return database.nextNumber(`pipeline_iid:${projectId}`, newest?.iid ?? 0);
    },
    copyDatabase: (path) => database.copyTo(path),
    transaction: (work) => database.transaction(work),
    close: () => database.close(),
  };
}
