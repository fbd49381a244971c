// One persistent runner entry at GitLab per pool: made, changed with the pool, removed with it.
import { sameScope } from '../model/pool.ts';
import type { EntryTerms, Pool, RunnerEntry } from '../model/pool.ts';
import type { Action, Desired, Observed } from '../model/world.ts';
import { freshValue } from './freshness.ts';
import { sameTags } from './plan-runners.ts';

/**
 * Nothing is planned unless GitLab's own list of our entries is fresh: it is the only judge. An entry stays while its
 * pool is wanted, and until the last of its runners has left. Where the database was lost, the runners of the pool came
 * with an entry that we know no more: it stays for them.
 */
export function planEntries(desired: Desired, observed: Observed): readonly Action[] {
  const atGitlab = freshValue(observed.entriesAtGitlab);
  const { address } = observed;
  if (atGitlab === null || address === null) return [];
  const wanted = desired.mode === 'teardown' || desired.sandbox?.state === 'absent' ? [] : desired.pools;
  const ids = new Set(atGitlab.map((entry) => entry.id));
  const ours = observed.entries.filter(
    (entry) => entry.gitlabUrl === address.runnerUrl && ids.has(entry.entryId),
  );
  const ownOf = Map.groupBy(ours, ({ pool }) => pool);
  const writes = wanted
    .filter((pool) => !ownOf.get(pool.name)?.some((entry) => isCurrent(entry, pool)))
    .map((pool): Action => {
      const reason = ownOf.has(pool.name)
        ? `what pool ${pool.name} takes has changed`
        : `pool ${pool.name} has no runner entry at GitLab`;
      return {
        kind: 'write-entry',
        key: `write-entry:${pool.name}`,
        target: `entry ${pool.name}`,
        reason,
        pool,
      };
    });
  const poolOf = new Map(ours.map(({ entryId, pool }) => [entryId, pool]));
  const names = new Set(wanted.map(({ name }) => name));
  const written = new Set(writes.map(({ target }) => target));
  const removals = atGitlab
    .filter(({ id }) => !names.has(poolOf.get(id) ?? ''))
    .filter(({ id, description }) => !mayHaveRunners(poolOf.get(id) ?? poolNameOf(description), observed))
    .filter(({ description }) => !written.has(`entry ${poolNameOf(description)}`))
    .map((entry): Action => {
      const pool = poolOf.get(entry.id) ?? null;
      const reason = pool === null ? 'a runner entry of ours that nobody uses' : `pool ${pool} is gone`;
      return {
        kind: 'remove-entry',
        key: `remove-entry:${entry.id}`,
        target: `entry ${poolNameOf(entry.description)}`,
        reason,
        entryId: entry.id,
        pool,
      };
    });
  const vanished = observed.entries.filter(
    (entry) => entry.gitlabUrl === address.runnerUrl && !ids.has(entry.entryId),
  );
  return [...writes, ...removals, ...planVanished(vanished, wanted)];
}

/** What somebody has removed at GitLab is forgotten, unless it is written anew. */
function planVanished(entries: readonly RunnerEntry[], wanted: readonly Pool[]): readonly Action[] {
  return entries
    .filter((entry) => !wanted.some((pool) => pool.name === entry.pool))
    .map(({ entryId, pool }) => ({
      kind: 'remove-entry',
      key: `remove-entry:${pool}`,
      target: `entry ${pool}`,
      reason: `the runner entry of pool ${pool} is gone at GitLab`,
      entryId,
      pool,
    }));
}

function poolNameOf(description: string): string {
  return description.slice(description.lastIndexOf('/') + 1).trim();
}

/** Whether a runner of the pool is recorded, is there, or may be there where nobody can look now. */
function mayHaveRunners(pool: string, { records, nodes }: Observed): boolean {
  return (
    nodes.length === 0 ||
    records.some((record) => record.pool === pool) ||
    nodes.some(({ engine }) => {
      const containers = freshValue(engine)?.containers;
      return containers?.some((container) => container.role === 'runner' && container.pool === pool) ?? true;
    })
  );
}

function isCurrent(entry: EntryTerms, pool: Pool): boolean {
  return (
    sameTags(entry.tags, pool.tags) &&
    entry.runUntagged === pool.runUntagged &&
    entry.protectedOnly === pool.protectedOnly &&
    entry.paused === pool.paused &&
    sameScope(entry, pool)
  );
}
