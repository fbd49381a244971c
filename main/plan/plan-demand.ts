// Which pool is expected to take which waiting job, and how many more runners that needs.
import type { Issue } from '../model/issue.ts';
import type { Job } from '../model/job.ts';
import type { Pool } from '../model/pool.ts';
import { wantedWarm } from '../model/warm.ts';
import type { Instant, Observed, RecentUse } from '../model/world.ts';
import { anyProcessors } from './architectures.ts';
import type { Processors } from './architectures.ts';
import { idleIssues } from './idle-issues.ts';
import type { Beside } from './idle-issues.ts';
import { anyCards } from './cards.ts';
import type { Cards } from './cards.ts';
import { hasReady, idlePatienceMs, keepWarm, placeOnNew, placeOnReady, roomsOf } from './rooms.ts';
import type { Room } from './rooms.ts';
import type { Runner } from './runners.ts';
import { turnOf } from './turn.ts';
import type { JobKind, Turn } from './turn.ts';

/** After this a job that waits beside an idle runner is stated as an issue. */
const idleIssueMs = 60_000;
/** Of jobs that wait for the same kind of reason, so many are named; the others are counted. */
const mostNamed = 50;

export interface PoolDemand {
  readonly pool: Pool;
  /** Jobs expected to be taken by this pool. */
  readonly jobs: readonly Job[];
  /** Warm and prepared runners that are to begin for them now. */
  readonly release: number;
  /** Runners to start for them now. */
  readonly start: number;
  /** Runners to start for jobs to come. */
  readonly refill: number;
  /** Warm runners that are to leave. */
  readonly surplus: number;
}

export interface Demand {
  readonly pools: readonly PoolDemand[];
  /** The pool of each runner to start, the most urgent first. */
  readonly order: readonly string[];
  readonly issues: readonly Issue[];
  readonly wakeAt: Instant | null;
}

/** What jobs of one kind find. */
interface Fit {
  /** The rooms that such a job fits, the cheapest first. */
  readonly rooms: readonly Room[];
  /** Those with a runner that is free or coming; and those that may start one. Both only get fewer. */
  ready: readonly Room[];
  open: readonly Room[];
  readonly idle: IdleTimes;
}

/** Since when runners that fit have been free: the first of all, and the first of those free for less than … */
interface IdleTimes {
  readonly first: Instant;
  readonly withinPatience: Instant;
  readonly withinIssue: Instant;
}

/** One value for every call, since what is known of a queue is remembered by it. */
const nothingUsed: RecentUse = {};

/**
 * Jobs in their turn (see fair-share.ts); each is placed where a runner is free or coming, else where one may be started,
 * in the cheapest pool that fits. `recent`: what projects have used lately. `cards`: what is left of the graphics cards.
 * `processors`: which pools are emulated or cannot run.
 */
export function planDemand(
  jobs: readonly Job[],
  pools: readonly Pool[],
  runners: readonly Runner[],
  inFlight: Observed['inFlight'],
  now: Instant,
  recent: RecentUse = nothingUsed,
  cards: Cards = anyCards,
  processors: Processors = anyProcessors,
): Demand {
  const rooms = roomsOf(pools, runners, inFlight, now, {
    ...cards,
    take: (pool) => !processors.unavailable.has(pool.name) && cards.take(pool),
    keep: (pool) => !processors.unavailable.has(pool.name) && cards.keep(pool),
  });
  const turn = turnOf(jobs, pools, recent, processors.emulated);
  const fitOf = fitFinder(rooms, now);
  const order: string[] = [];
  const beside: Beside[] = [];
  let wakeAt = Infinity;
  turn.jobs.forEach((job, place) => {
    const fit = fitOf(turn.kindOf[place]);
    if (fit === null) return;
    const started = putIn(fit, job, now);
    if (started !== null) order.push(started.pool.name);
    // Where no runner is free, nothing changes for the job by time alone.
    if (fit.idle.first === Infinity) return;
    const idle = fit.rooms.find(({ freeSince }) => freeSince.length > 0);
    const isLong = now - Math.max(job.firstSeenAt, fit.idle.first) >= idleIssueMs;
    if (isLong && idle !== undefined) beside.push({ job, pool: idle.pool });
    wakeAt = Math.min(wakeAt, nextChange(fit.idle, job, now));
  });
  for (const room of rooms) wakeAt = Math.min(wakeAt, keepWarm(room, wantedWarm(room.pool, now), now));
  return {
    pools: rooms.map(({ pool, jobs: expected, release, start, refill, surplus }) => ({
      ...{ pool, jobs: expected, release, start, refill, surplus },
    })),
    order,
    issues: [...noPoolIssues(turn.homeless), ...idleIssues(beside, now, mostNamed)],
    wakeAt: wakeAt === Infinity ? null : wakeAt,
  };
}

/** Finds what jobs of a kind find, once for each kind. */
function fitFinder(rooms: readonly Room[], now: Instant): (kind: JobKind | undefined) => Fit | null {
  const known: (Fit | undefined)[] = [];
  return (kind) => {
    if (kind === undefined) return null;
    const found = known[kind.index];
    if (found !== undefined) return found;
    const fitting = kind.takers.map((place) => rooms[place]).filter((room) => room !== undefined);
    const made = { rooms: fitting, ready: fitting, open: fitting, idle: idleTimes(fitting, now) };
    known[kind.index] = made;
    return made;
  };
}

function idleTimes(rooms: readonly Room[], now: Instant): IdleTimes {
  const free = rooms.flatMap(({ freeSince }) => freeSince);
  const firstAfter = (age: number): Instant =>
    free.reduce((first, at) => (now - at < age ? Math.min(first, at) : first), Infinity);
  return {
    first: firstAfter(Infinity),
    withinPatience: firstAfter(idlePatienceMs),
    withinIssue: firstAfter(idleIssueMs),
  };
}

/** The room in which a runner is to be started for the job; `null` when none is. */
function putIn(fit: Fit, job: Job, now: Instant): Room | null {
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

function noPoolIssues(homeless: Turn['homeless']): readonly Issue[] {
  const more = homeless.length - mostNamed;
  const named = homeless.slice(0, mostNamed).map(({ job, kind }): Issue => {
    const { sentence = '', next = '' } = kind.mismatch ?? {};
    return {
      key: 'job.no-pool',
      severity: 'warning',
      subject: `job ${job.id}`,
      message: `Job ${job.id} "${job.name}" of ${job.project} waits for ever. ${sentence}`,
      next,
    };
  });
  if (more <= 0) return named;
  const message = `${more.toLocaleString('en-US')} more ${more === 1 ? 'job waits' : 'jobs wait'} for ever: no pool takes them.`;
  const next = 'Ask why one of them waits with: autogit job explain ID';
  return [...named, { key: 'job.no-pool', severity: 'warning', subject: 'jobs', message, next }];
}
