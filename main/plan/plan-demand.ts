// Which pool is expected to take which waiting job, and how many more runners that needs.
import type { Issue } from '../model/issue.ts';
import { matchesTags } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import type { Pool } from '../model/pool.ts';
import type { Instant, Observed } from '../model/world.ts';
import { startsToCome } from './runners.ts';
import type { Runner } from './runners.ts';

/** An idle runner asks every 3 s; one that let a matching job wait this long is not counted on. */
const idlePatienceMs = 15_000;
/** After this a job that waits beside an idle runner is stated as an issue. */
const idleIssueMs = 60_000;
/** A job that so many runners have refused since it came gets no further one. */
const enoughRefusals = 2;

export interface PoolDemand {
  readonly pool: Pool;
  /** Jobs expected to be taken by this pool. */
  readonly jobs: readonly Job[];
  /** Runners to start for them now. */
  readonly start: number;
}

export interface Demand {
  readonly pools: readonly PoolDemand[];
  readonly issues: readonly Issue[];
  readonly wakeAt: Instant | null;
}

interface Room {
  readonly pool: Pool;
  readonly idle: readonly Runner[];
  /** Idle runners on which no job has been placed yet. */
  unplaced: readonly Runner[];
  starting: number;
  free: number;
  start: number;
  readonly jobs: Job[];
}

function roomOf(pool: Pool, runners: readonly Runner[], inFlight: Observed['inFlight']): Room {
  const own = runners.filter((runner) => runner.pool === pool.name);
  const idle = own.filter((runner) => runner.state === 'idle');
  const toCome = startsToCome(pool.name, runners, inFlight);
  return {
    pool,
    idle,
    unplaced: idle,
    starting: own.filter((runner) => runner.state === 'starting').length + toCome,
    free: Math.max(0, pool.max - own.length - toCome),
    start: 0,
    jobs: [],
  };
}

/** Since when a job and a runner that could take it have been there side by side. */
function besideSince(job: Job, runner: Runner): Instant {
  return Math.max(job.firstSeenAt, runner.freeSince);
}

/** Places a job on a runner that is free or coming; false when there is none to count on. */
function placeOnReady(room: Room, job: Job, now: Instant): boolean {
  const ready = room.unplaced.find((runner) => now - besideSince(job, runner) < idlePatienceMs);
  if (ready !== undefined) room.unplaced = room.unplaced.filter((runner) => runner !== ready);
  else if (room.starting > 0) room.starting -= 1;
  else return false;
  room.jobs.push(job);
  return true;
}

/** Starts a runner for a job; false when the pool has no room for one, or enough of them did not take the job. */
function placeOnNew(room: Room, job: Job, now: Instant): boolean {
  const refusals = room.idle.filter(
    (runner) =>
      (runner.record?.startedAt ?? 0) > job.firstSeenAt && now - besideSince(job, runner) >= idlePatienceMs,
  );
  if (room.free === 0 || refusals.length >= enoughRefusals) return false;
  room.free -= 1;
  room.start += 1;
  room.jobs.push(job);
  return true;
}

/** Fewest tags beyond the job's own first, so that special pools stay free for special jobs. */
function bestFirst(rooms: readonly Room[], job: Job): readonly Room[] {
  return rooms
    .filter((room) => room.pool.max > 0 && matchesTags(job, room.pool))
    .sort((a, b) => a.pool.tags.length - b.pool.tags.length || (a.pool.name < b.pool.name ? -1 : 1));
}

/** Oldest jobs first; a job is placed where a runner is free or coming, else where one may be started. */
export function planDemand(
  jobs: readonly Job[],
  pools: readonly Pool[],
  runners: readonly Runner[],
  inFlight: Observed['inFlight'],
  now: Instant,
): Demand {
  const waiting = jobs
    .filter((job) => job.status === 'pending')
    .sort((a, b) => a.firstSeenAt - b.firstSeenAt || a.id - b.id);
  const rooms = pools.map((pool) => roomOf(pool, runners, inFlight));
  const issues: Issue[] = [];
  const wakeUps: Instant[] = [];
  for (const job of waiting) {
    const fitting = bestFirst(rooms, job);
    const [first] = fitting;
    if (first === undefined) {
      issues.push(noPoolIssue(job, pools));
      continue;
    }
    const placed =
      fitting.find((room) => placeOnReady(room, job, now)) ??
      fitting.find((room) => placeOnNew(room, job, now));
    if (placed === undefined) first.jobs.push(job);
    const beside = fitting.flatMap((room) => room.idle.map((runner) => besideSince(job, runner)));
    if (beside.some((since) => now - since >= idleIssueMs))
      issues.push(idleIssue(job, now - job.firstSeenAt));
    const changes = beside.flatMap((since) => [since + idlePatienceMs, since + idleIssueMs]);
    wakeUps.push(...changes.filter((at) => at > now));
  }
  return {
    pools: rooms.map(({ pool, jobs: expected, start }) => ({ pool, jobs: expected, start })),
    issues,
    wakeAt: wakeUps.length === 0 ? null : Math.min(...wakeUps),
  };
}

function noPoolIssue(job: Job, pools: readonly Pool[]): Issue {
  const usable = pools.filter((pool) => pool.max > 0);
  const closest = usable
    .map((pool) => ({ pool, missing: job.tags.filter((tag) => !pool.tags.includes(tag)) }))
    .sort((a, b) => a.missing.length - b.missing.length)[0];
  const why =
    job.tags.length === 0
      ? 'it has no tags, and no pool takes untagged jobs'
      : closest === undefined
        ? 'there is no pool that may start a runner'
        : `no pool has all of its tags; pool "${closest.pool.name}" lacks ${closest.missing.join(', ')}`;
  return {
    key: 'job.no-pool',
    severity: 'warning',
    subject: `job ${job.id}`,
    message: `Job ${job.id} "${job.name}" of ${job.project} waits for ever: ${why}.`,
    next:
      job.tags.length === 0
        ? 'Set runUntagged on a pool, or give the job a tag.'
        : `Add the tag to a pool in settings.yaml, or change the job's tags.`,
  };
}

function idleIssue(job: Job, waitedMs: number): Issue {
  return {
    key: 'job.waits-beside-idle-runner',
    severity: 'warning',
    subject: `job ${job.id}`,
    message: `Job ${job.id} "${job.name}" of ${job.project} has waited ${Math.round(waitedMs / 1000)} s although a runner with its tags is idle.`,
    next: 'The project may not allow instance runners, or the job may be for protected branches only: see Settings, CI/CD, Runners in its project.',
  };
}
