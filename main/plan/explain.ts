// Why a job is waiting: one plain sentence, short enough for a notification.
import { assertNever } from '../model/assert.ts';
import type { Job } from '../model/job.ts';
import { mismatchesOf } from '../model/matching.ts';
import { explainMismatch } from './explain-mismatch.ts';
import type { MismatchReason } from './explain-mismatch.ts';
import { explainPool } from './explain-pool.ts';
import type { PoolReason } from './explain-pool.ts';
import type { Explanation, ExplainWorld } from './explanation.ts';
import { freshValue, lastValue } from './freshness.ts';
import { sortRunners } from './runners.ts';
import type { Runner } from './runners.ts';
import { quoted, shorten } from './short-names.ts';

export type WaitReason =
  | MismatchReason
  | PoolReason
  /** The job does not wait in the queue. */
  | 'needs-earlier-jobs'
  | 'running'
  | 'canceling'
  | 'ended'
  | 'left-queue'
  /** GitLab. */
  | 'sandbox-stopped'
  | 'sandbox-leaving'
  | 'gitlab-unknown'
  | 'gitlab-unreachable'
  | 'gitlab-refuses'
  /** The lab. */
  | 'draining'
  | 'tearing-down'
  | 'engine-unknown'
  | 'engine-unreachable';

/** Total: every job in every world has exactly one sentence, of at most 160 characters. */
export function explainJob(known: Job, world: ExplainWorld): Explanation<WaitReason> {
  const queue = lastValue(world.observed.gitlab);
  const job = queue?.jobs.find(({ id }) => id === known.id) ?? known;
  if (job.status !== 'pending') return explainStatus(job, world);
  return (
    explainGitlab(job, world) ??
    explainMismatch(job, world.desired.pools) ??
    explainLab(world) ??
    explainPools(job, world)
  );
}

function explainStatus(job: Job, { observed, clockTime }: ExplainWorld): Explanation<WaitReason> {
  const since = job.startedAt === null ? '' : ` since ${clockTime(job.startedAt)}`;
  switch (job.status) {
    case 'created':
      return {
        reason: 'needs-earlier-jobs',
        sentence: 'It is not in the queue yet: earlier jobs of its pipeline come first.',
        data: {},
        next: 'Nothing to do. A manual or delayed job before it may hold it up: see its pipeline at GitLab.',
      };
    case 'running': {
      const runner = sortRunners(observed).find(({ job: taken }) => taken?.id === job.id);
      const where =
        runner === undefined ? 'on a runner that is not of this home' : `on runner ${shorten(runner.id)}`;
      return {
        reason: 'running',
        sentence: `It does not wait: it runs ${where}${since}.`,
        data: runner === undefined ? {} : { runner: runner.id },
        next: `Read along: autogit job log ${job.id} --follow`,
      };
    }
    case 'canceling':
      return {
        reason: 'canceling',
        sentence: `It does not wait: it is being cancelled, and ran${since || ' for a moment'}.`,
        data: {},
        next: 'Nothing to do: its runner ends it.',
      };
    case 'success':
    case 'failed':
    case 'canceled':
    case 'skipped':
    case 'unknown':
    case 'pending': {
      const at = job.finishedAt === null ? '' : ` at ${clockTime(job.finishedAt)}`;
      return {
        reason: 'ended',
        sentence: `It does not wait: it ended${at} (${job.status}).`,
        data: { status: job.status },
        next: `Read its log: autogit job log ${job.id}. Run it again: autogit job retry ${job.id}`,
      };
    }
    default:
      return assertNever(job.status);
  }
}

/** What keeps AutoGit from knowing the queue, or the job from being in it. */
function explainGitlab(job: Job, world: ExplainWorld): Explanation<WaitReason> | null {
  const { desired, observed, clockTime } = world;
  const seen = observed.gitlab;
  if (desired.sandbox?.state === 'stopped') {
    return {
      reason: 'sandbox-stopped',
      sentence: 'The sandbox is stopped, and its jobs wait until it runs again.',
      data: {},
      next: 'Start it: autogit sandbox start',
    };
  }
  if (desired.sandbox?.state === 'absent') {
    return {
      reason: 'sandbox-leaving',
      sentence: 'The sandbox is being removed, with all its jobs.',
      data: {},
      next: 'Nothing to do: this job is deleted with it.',
    };
  }
  switch (seen.state) {
    case 'never':
      return {
        reason: 'gitlab-unknown',
        sentence: 'GitLab has not been asked yet, or none is connected.',
        data: {},
        next: 'See how things stand: autogit status',
      };
    case 'failed':
    case 'stale': {
      const { key, message, next } = seen.error;
      const isAway = key === 'gitlab.unreachable' || key === 'gitlab.unavailable';
      const since = clockTime(seen.since);
      return {
        reason: isAway ? 'gitlab-unreachable' : 'gitlab-refuses',
        sentence: isAway
          ? `GitLab has not answered since ${since}, so no runner can get the job.`
          : `GitLab's queue cannot be read since ${since}: ${shorten(message, 90)}`,
        data: { key, since: seen.since },
        next,
      };
    }
    case 'fresh':
      if (seen.value.jobs.some(({ id }) => id === job.id)) return null;
      return {
        reason: 'left-queue',
        sentence: "It has just left GitLab's queue, and AutoGit asks what became of it.",
        data: {},
        next: `Look again in a moment: autogit job show ${job.id}`,
      };
    default:
      return assertNever(seen);
  }
}

/** What keeps every pool from starting runners. */
export function explainLab({ desired, observed, clockTime }: ExplainWorld): Explanation<WaitReason> | null {
  if (desired.mode !== 'serve') {
    return {
      reason: desired.mode === 'drain' ? 'draining' : 'tearing-down',
      sentence:
        desired.mode === 'drain'
          ? 'AutoGit is draining: no new runner starts until it is resumed.'
          : 'AutoGit is being torn down: no new runner starts until it is resumed.',
      data: {},
      next: 'Serve the queue again: autogit lab resume',
    };
  }
  if (observed.nodes.some(({ engine }) => freshValue(engine) !== null)) return null;
  for (const { name, engine } of observed.nodes) {
    if (engine.state !== 'failed' && engine.state !== 'stale') continue;
    return {
      reason: 'engine-unreachable',
      sentence: `The container engine on ${quoted(name)} cannot be used since ${clockTime(engine.since)}.`,
      data: { key: engine.error.key, node: name, since: engine.since },
      next: engine.error.next,
    };
  }
  return {
    reason: 'engine-unknown',
    sentence: 'No container engine has been found yet, so no runner can start.',
    data: {},
    next: 'See which ones there are: autogit engine list',
  };
}

/** Among the pools that take the job, the one that can soonest says why it has not. */
function explainPools(job: Job, world: ExplainWorld): Explanation<WaitReason> {
  const runners: readonly Runner[] = sortRunners(world.observed);
  const [soonest] = world.desired.pools
    .filter((pool) => mismatchesOf(job, pool).length === 0)
    .map((pool) => explainPool(job, pool, runners, world))
    .toSorted((a, b) => a.rank - b.rank);
  if (soonest === undefined) throw new Error('a job that no pool takes was explained before');
  return soonest.explanation;
}
