// How often a pool's runners have failed in a row, from the records.
import type { PoolFailures } from '../model/world.ts';
import { interruptedStart } from '../model/runner.ts';
import type { RunnerRecord } from '../model/runner.ts';
import type { Store } from '../ports.ts';

/** A runner that has been up this long has come up well. */
const provenMs = 10_000;
/** More failures in a row than this make no difference. */
const remembered = 10;

/**
 * Failures in a row since the last runner that came up or ended well; `null` when there are none. A start that AutoGit's
 * own end cut off is none: after a crash the jobs that wait are served at once. Nor is what failed on another node.
 */
export function failuresOf(
  pool: string,
  node: string | null,
  store: Pick<Store, 'goneRunners' | 'liveRunners'>,
  now: number,
): PoolFailures | null {
  const gone = store
    .goneRunners(pool, remembered)
    .filter((record) => record.node === node && record.failure !== interruptedStart);
  const wellAt = gone.findIndex((record) => record.failure === null);
  const failed = wellAt === -1 ? gone : gone.slice(0, wellAt);
  const [last] = failed;
  if (last === undefined) return null;
  const lastAt = last.goneAt ?? last.createdAt;
  if (store.liveRunners().some((record) => record.pool === pool && hasProven(record, lastAt, now)))
    return null;
  return { pool, count: failed.length, lastAt, lastReason: last.failure ?? '' };
}

function hasProven(record: RunnerRecord, since: number, now: number): boolean {
  return record.startedAt !== null && record.startedAt > since && now - record.startedAt > provenMs;
}
