// When it is asked whether GitLab still takes the token of a pool: as soon as its runners behave as if it did not.
import type { Job } from '../model/job.ts';
import { servesProject, takesKind } from '../model/matching.ts';
import type { Pool } from '../model/pool.ts';
import type { Action, Desired, Instant, Observed, QueueView } from '../model/world.ts';
import { freshValue } from './freshness.ts';
import { failuresOfPool } from './plan-runners.ts';

/** A job and a runner that fits it have found each other by then. Milliseconds. */
const besideMs = 20_000;

/** Pure: one question for each pool that has reason for it. */
export function planEntryChecks(desired: Desired, observed: Observed, now: Instant): readonly Action[] {
  const queue = freshValue(observed.gitlab);
  const { address } = observed;
  if (desired.mode !== 'serve' || queue === null || address === null) return [];
  const idlePools = poolsWithIdle(observed, queue, now);
  if (idlePools.size === 0 && observed.failures.length === 0) return [];
  const withEntry = new Set(
    observed.entries.flatMap(({ pool, gitlabUrl }) => (gitlabUrl === address.runnerUrl ? pool : [])),
  );
  const isOld = ({ status, firstSeenAt }: Job): boolean =>
    status === 'pending' && now - firstSeenAt >= besideMs;
  const old = idlePools.size === 0 ? [] : queue.jobs.filter(isOld);
  return desired.pools
    .filter((pool) => withEntry.has(pool.name) && !pool.paused)
    .flatMap((pool): readonly Action[] => {
      const failed = (failuresOfPool(pool, desired, observed)?.atOnce ?? 0) > 0;
      if (!failed && !(idlePools.has(pool.name) && old.some((job) => takes(pool, job)))) return [];
      const reason = failed
        ? `a runner of pool ${pool.name} ended right after its start`
        : `a job waits beside an idle runner of pool ${pool.name}`;
      const { name } = pool;
      return [
        { kind: 'check-entry', key: `check-entry:${name}`, target: `entry ${name}`, reason, pool: name },
      ];
    });
}

/** Pools of which a runner has asked for jobs for a while and got none. */
function poolsWithIdle({ records }: Observed, { lastBusy }: QueueView, now: Instant): ReadonlySet<string> {
  return new Set(
    records.flatMap(({ pool, phase, startedAt, systemId }) =>
      phase === 'started' &&
      startedAt !== null &&
      now - Math.max(startedAt, lastBusy[systemId] ?? 0) >= besideMs
        ? pool
        : [],
    ),
  );
}

function takes(pool: Pool, job: Job): boolean {
  return takesKind(job, pool) && servesProject(job, pool);
}
