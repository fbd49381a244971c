// Brings the stored entities into memory. What is damaged is set aside when the rest makes sense without it, together
// with what hangs on it; otherwise the state as a whole is damaged.
import type { Collection, Entity } from './collection.ts';
import type { StateDatabase, StoredRow } from './database.ts';
import { SandboxError } from './errors.ts';
import { stateError } from './storage-error.ts';
import type { Collections } from './store.ts';

/** Everything else hangs on these: what they were cannot be guessed, and nobody would notice a smaller world. */
const essential: readonly string[] = ['app_settings', 'user', 'namespace', 'project'];

/** How many entities of each kind were set aside. */
export type LostEntries = ReadonlyMap<string, number>;

/** Fills the collections. Raises `sandbox.state-damaged`. */
export function loadState(database: StateDatabase, collections: Collections, path: string): LostEntries {
  const lost = new Map<string, number>();
  const setAside = (kind: string, row: StoredRow, reason: string): void => {
    if (essential.includes(kind)) {
      throw stateError('sandbox.state-damaged', path, `${kind} ${row.id}: ${reason}`);
    }
    database.setAside(kind, row, reason);
    lost.set(kind, (lost.get(kind) ?? 0) + 1);
  };
  database.transaction(() => {
    for (const collection of Object.values(collections)) {
      for (const row of database.rowsOf(collection.kind)) {
        const reason = loadRow(collection, row);
        if (reason !== null) setAside(collection.kind, row, reason);
      }
    }
    for (const { kind, orphans, unload } of listReferences(collections)) {
      for (const orphan of orphans()) {
        setAside(kind, { id: orphan.id, json: JSON.stringify(orphan) }, 'it belongs to what is gone');
        unload(orphan.id);
      }
    }
  });
  return lost;
}

/** Why the row cannot be used; `null` when it can. */
function loadRow(collection: { load(id: number, value: unknown): void }, row: StoredRow): string | null {
  try {
    collection.load(row.id, JSON.parse(row.json));
    return null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof SandboxError) return error.message;
    throw error;
  }
}

interface References {
  readonly kind: string;
  readonly orphans: () => readonly Entity[];
  readonly unload: (id: number) => void;
}

/** What belongs to what, in such an order that whatever belongs to something set aside follows it. */
function listReferences(all: Collections): readonly References[] {
  const belongs = <T extends Entity, New, Index extends keyof T>(
    collection: Collection<T, New, Index>,
    hasAll: (entity: T) => boolean,
  ): References => ({
    kind: collection.kind,
    orphans: () => collection.filter((entity) => !hasAll(entity)),
    unload: (id) => collection.unload(id),
  });
  const { users, namespaces, projects, pipelines, jobs, runners, hooks } = all;
  const ofProject = ({ projectId }: { readonly projectId: number }): boolean => projects.has(projectId);
  const ofUser = ({ userId }: { readonly userId: number }): boolean => users.has(userId);
  return [
    belongs(namespaces, ({ parentId }) => parentId === null || namespaces.has(parentId)),
    belongs(projects, ({ namespaceId }) => namespaces.has(namespaceId)),
    belongs(all.personalAccessTokens, ofUser),
    belongs(all.sshKeys, ofUser),
    belongs(all.members, (one) => {
      const sources = one.sourceType === 'project' ? projects : namespaces;
      return ofUser(one) && sources.has(one.sourceId);
    }),
    belongs(all.protectedBranches, ofProject),
    belongs(all.protectedTags, ofProject),
    belongs(all.projectVariables, ofProject),
    belongs(hooks, ({ projectId }) => projectId === null || projects.has(projectId)),
    belongs(all.hookDeliveries, ({ hookId }) => hooks.has(hookId)),
    belongs(all.runnerManagers, ({ runnerId }) => runners.has(runnerId)),
    belongs(pipelines, ofProject),
    belongs(jobs, (job) => ofProject(job) && pipelines.has(job.pipelineId)),
    belongs(all.artifacts, ({ jobId }) => jobs.has(jobId)),
    belongs(all.pendingPushes, (push) => ofProject(push) && ofUser(push)),
  ];
}
