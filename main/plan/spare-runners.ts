// Runners that nobody waits for: they leave where a job of another pool needs their room, or their card.
import type { Pool } from '../model/pool.ts';
import type { Instant } from '../model/world.ts';
import type { Runner } from './runners.ts';

/**
 * A job that finds no room waits so long before nothing else may take the room that comes free, and before runners make
 * room that are kept ready for jobs to come. Milliseconds.
 */
export const patienceMs = 600_000;

/** What a pool wants, as far as it matters for room. */
export interface Wanting {
  readonly pool: Pool;
  /** Jobs expected to be taken by it, with the time since when they are known. */
  readonly jobs: readonly { readonly firstSeenAt: Instant }[];
  /** Runners that are to be there whether or not a job waits. */
  readonly warm: number;
}

/** Since when the oldest of these jobs has waited. */
export function waitsSince(jobs: Wanting['jobs'], now: Instant): Instant {
  return jobs.reduce((first, { firstSeenAt }) => Math.min(first, firstSeenAt), now);
}

/**
 * Idle runners beyond those that jobs are expected to go to and those that are kept ready, the longest idle first; after
 * them, once a job has waited for long (`isLong`), all that are ready in pools for which no job waits.
 */
export function spareRunners(
  runners: readonly Runner[],
  wanting: readonly Wanting[],
  isLong: boolean,
): readonly Runner[] {
  const byPool = Map.groupBy(
    runners.filter(({ state }) => state === 'idle' || state === 'warm'),
    ({ pool }) => pool,
  );
  const spare = wanting.map(({ pool, jobs, warm }) => {
    const ready = byPool.get(pool.name) ?? [];
    const idle = ready.filter(({ state }) => state === 'idle').toSorted(longestFirst);
    const beyond = idle.slice(0, Math.max(0, idle.length - Math.max(jobs.length, warm)));
    const kept = ready.filter((runner) => !beyond.includes(runner));
    return { beyond, kept: isLong && jobs.length === 0 ? kept : [] };
  });
  return [
    ...spare.flatMap(({ beyond }) => beyond).toSorted(longestFirst),
    ...spare.flatMap(({ kept }) => kept).toSorted(longestFirst),
  ];
}

function longestFirst(a: Runner, b: Runner): number {
  return a.freeSince - b.freeSince;
}
