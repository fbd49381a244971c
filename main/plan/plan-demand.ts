// Which pool is expected to take which waiting job, and how many more runners that needs.
import type { Issue } from '../model/issue.ts';
import type { Job } from '../model/job.ts';
import { servesProject, takesKind } from '../model/matching.ts';
import type { Pool } from '../model/pool.ts';
import { wantedWarm } from '../model/warm.ts';
import type { Instant, Observed, RecentUse } from '../model/world.ts';
import { explainMismatch } from './explain-mismatch.ts';
import type { MismatchReason } from './explain-mismatch.ts';
import type { Explanation } from './explanation.ts';
import { inTurn } from './fair-share.ts';
import { cheapestFirst } from './pool-order.ts';
import { hasReady, idlePatienceMs, keepWarm, placeOnNew, placeOnReady, roomsOf } from './rooms.ts';
import type { Room } from './rooms.ts';
import type { Runner } from './runners.ts';

/** After this a job that waits beside an idle runner is stated as an issue. */
const idleIssueMs = 60_000;

export interface PoolDemand {
  readonly pool: Pool;
  /** Jobs expected to be taken by this pool. */
  readonly jobs: readonly Job[];
  /** Runners to start for them now. */
  readonly start: number;
}

export interface Demand {
  readonly pools: readonly PoolDemand[];
  /** The pool of each runner to start, the most urgent first. */
  readonly order: readonly string[];
  readonly issues: readonly Issue[];
  readonly wakeAt: Instant | null;
}

/** What jobs with the same tags, of a ref that is protected alike and of projects with the same runners, have in common. */
interface Fit {
  /** The rooms that such a job fits, the cheapest first. */
  readonly rooms: readonly Room[];
  /** Those with a runner that is free or coming; and those that may start one. Both only get fewer. */
  ready: readonly Room[];
  open: readonly Room[];
  readonly priority: number;
  readonly idle: IdleTimes;
  /** Why no pool takes them; `null` when one does. */
  readonly mismatch: Explanation<MismatchReason> | null;
}

/** Since when runners that fit have been free: the first of all, and the first of those free for less than … */
interface IdleTimes {
  readonly first: Instant;
  readonly withinPatience: Instant;
  readonly withinIssue: Instant;
}

/** A waiting job and its fit. */
interface Placed {
  readonly job: Job;
  readonly fit: Fit;
  readonly priority: number;
}

/**
 * Jobs in their turn (see fair-share.ts); each is placed where a runner is free or coming, else where one may be started,
 * in the cheapest pool that fits. `recent`: what projects have used lately.
 */
export function planDemand(
  jobs: readonly Job[],
  pools: readonly Pool[],
  runners: readonly Runner[],
  inFlight: Observed['inFlight'],
  now: Instant,
  recent: RecentUse = {},
): Demand {
  const rooms = roomsOf(pools, runners, inFlight, now);
  const fitOf = fitFinder(rooms, now);
  const waiting = jobs
    .filter((job) => job.status === 'pending')
    .map((job): Placed => {
      const fit = fitOf(job);
      return { job, fit, priority: fit.priority };
    });
  const order: string[] = [];
  const issues: Issue[] = [];
  let wakeAt = Infinity;
  for (const { job, fit } of inTurn(waiting, jobs, recent)) {
    if (fit.mismatch !== null) {
      issues.push(noPoolIssue(job, fit.mismatch));
      continue;
    }
    const started = place(fit, job, now);
    if (started !== null) order.push(started.pool.name);
    // Where no runner is free, nothing changes for the job by time alone.
    if (fit.idle.first === Infinity) continue;
    const beside = Math.max(job.firstSeenAt, fit.idle.first);
    if (now - beside >= idleIssueMs) issues.push(idleIssue(job, now - job.firstSeenAt));
    wakeAt = Math.min(wakeAt, nextChange(fit.idle, job, now));
  }
  for (const room of rooms) keepWarm(room, wantedWarm(room.pool, now));
  return {
    pools: rooms.map(({ pool, jobs: expected, start }) => ({ pool, jobs: expected, start })),
    order,
    issues,
    wakeAt: wakeAt === Infinity ? null : wakeAt,
  };
}

/** Finds what fits a job, once for all jobs that are alike. */
function fitFinder(rooms: readonly Room[], now: Instant): (job: Job) => Fit {
  const cheapest = rooms.toSorted((a, b) => cheapestFirst(a.pool, b.pool));
  const pools = rooms.map(({ pool }) => pool);
  const isScoped = pools.some(({ scope }) => scope.kind !== 'instance');
  const root = new Branch();
  return (job) => {
    let kind = root;
    for (const tag of job.tags) kind = kind.next(tag);
    kind = kind.next(String(job.protectedRef));
    const known = kind.next(String(job.instanceRunners)).next(isScoped ? job.project : '');
    if (known.fit !== null) return known.fit;
    kind.taking ??= cheapest.filter(({ pool }) => takesKind(job, pool));
    const serving = kind.taking.filter(({ pool }) => servesProject(job, pool));
    known.fit = fitWith(serving, job, pools, now);
    return known.fit;
  };
}

/** What is known of jobs that are alike, found by name after name: one joined name per job would be 10,000 new strings. */
class Branch {
  readonly #next = new Map<string, Branch>();
  /** The rooms that take jobs like this one, whatever their project. */
  taking: readonly Room[] | null = null;
  fit: Fit | null = null;

  next(name: string): Branch {
    const known = this.#next.get(name);
    if (known !== undefined) return known;
    const made = new Branch();
    this.#next.set(name, made);
    return made;
  }
}

function fitWith(rooms: readonly Room[], job: Job, pools: readonly Pool[], now: Instant): Fit {
  const free = rooms.flatMap(({ freeSince }) => freeSince);
  const firstAfter = (age: number): Instant =>
    free.reduce((first, at) => (now - at < age ? Math.min(first, at) : first), Infinity);
  return {
    rooms,
    ready: rooms,
    open: rooms,
    priority: rooms.reduce((most, { pool }) => Math.max(most, pool.priority), -Infinity),
    idle: {
      first: firstAfter(Infinity),
      withinPatience: firstAfter(idlePatienceMs),
      withinIssue: firstAfter(idleIssueMs),
    },
    mismatch: rooms.length === 0 ? explainMismatch(job, pools) : null,
  };
}

/** The room in which a runner is to be started for the job; `null` when none is. */
function place(fit: Fit, job: Job, now: Instant): Room | null {
  const [firstReady, firstOpen] = [fit.ready[0], fit.open[0]];
  if (firstReady !== undefined && !hasReady(firstReady)) fit.ready = fit.ready.filter(hasReady);
  if (firstOpen?.free === 0) fit.open = fit.open.filter(({ free }) => free > 0);
  if (fit.ready.some((room) => placeOnReady(room, job, now))) return null;
  const started = fit.open.find((room) => placeOnNew(room, job, now));
  if (started !== undefined) return started;
  fit.rooms[0]?.jobs.push(job);
  return null;
}

/** When a job and a runner will have been side by side for so long that it matters; Infinity: never. */
function nextChange(idle: IdleTimes, { firstSeenAt }: Job, now: Instant): Instant {
  const beside = (within: number, since: Instant): Instant =>
    now - firstSeenAt < within ? Math.max(firstSeenAt, idle.first) : since;
  return Math.min(
    beside(idlePatienceMs, idle.withinPatience) + idlePatienceMs,
    beside(idleIssueMs, idle.withinIssue) + idleIssueMs,
  );
}

function noPoolIssue(job: Job, { sentence, next }: Explanation<MismatchReason>): Issue {
  return {
    key: 'job.no-pool',
    severity: 'warning',
    subject: `job ${job.id}`,
    message: `Job ${job.id} "${job.name}" of ${job.project} waits for ever. ${sentence}`,
    next,
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
