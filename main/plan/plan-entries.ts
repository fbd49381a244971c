// One persistent runner entry at GitLab per pool: made, changed with the pool, removed with it.
import type { Pool, RunnerEntry } from '../model/pool.ts';
import type { Action, Desired, EntryAtGitlab, Observed } from '../model/world.ts';
import { freshValue } from './freshness.ts';
import { sameTags } from './plan-runners.ts';

/** Nothing is planned unless GitLab's own list of our entries is fresh: it is the only judge. */
export function planEntries(desired: Desired, observed: Observed): readonly Action[] {
  const atGitlab = freshValue(observed.entriesAtGitlab);
  const { address } = observed;
  if (atGitlab === null || address === null) return [];
  const wanted = desired.mode === 'teardown' || desired.sandbox?.state === 'absent' ? [] : desired.pools;
  const ids = new Set(atGitlab.map((entry) => entry.id));
  const ours = observed.entries.filter(
    (entry) => entry.gitlabUrl === address.runnerUrl && ids.has(entry.entryId),
  );
  const writes = wanted
    .filter((pool) => !ours.some((entry) => entry.pool === pool.name && isCurrent(entry, pool)))
    .map((pool): Action => {
      const reason = ours.some((entry) => entry.pool === pool.name)
        ? `the tags of pool ${pool.name} have changed`
        : `pool ${pool.name} has no runner entry at GitLab`;
      return {
        kind: 'write-entry',
        key: `write-entry:${pool.name}`,
        target: `entry ${pool.name}`,
        reason,
        pool,
      };
    });
  const kept = new Set(
    ours.filter((entry) => keeps(entry.pool, wanted, observed)).map((entry) => entry.entryId),
  );
  const removals = atGitlab
    .filter((entry) => !kept.has(entry.id) && !isUnknownButUsed(entry, ours, observed))
    .filter((entry) => !writes.some((action) => action.target === `entry ${poolNameOf(entry.description)}`))
    .map((entry): Action => {
      const pool = ours.find((candidate) => candidate.entryId === entry.id)?.pool ?? null;
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
  return [...writes, ...removals];
}

function poolNameOf(description: string): string {
  return description.slice(description.lastIndexOf('/') + 1).trim();
}

/** Where the database was lost, the runners of the pool came with an entry that we know no more: it stays for them. */
function isUnknownButUsed(entry: EntryAtGitlab, ours: readonly RunnerEntry[], observed: Observed): boolean {
  const pool = poolNameOf(entry.description);
  return (
    !ours.some(({ entryId }) => entryId === entry.id) &&
    observed.records.some((record) => record.pool === pool)
  );
}

function isCurrent(
  entry: { readonly tags: readonly string[]; readonly runUntagged: boolean },
  pool: Pool,
): boolean {
  return sameTags(entry.tags, pool.tags) && entry.runUntagged === pool.runUntagged;
}

/** An entry stays while its pool is wanted, and until the last of its runners has left. */
function keeps(pool: string, wanted: readonly Pool[], observed: Observed): boolean {
  return (
    wanted.some((candidate) => candidate.name === pool) ||
    observed.records.some((record) => record.pool === pool)
  );
}
