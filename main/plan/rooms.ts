// The room that a pool has for waiting jobs, in numbers: runners that are free or coming, and those it may still start.
import type { Job } from '../model/job.ts';
import type { Pool } from '../model/pool.ts';
import type { Instant, Observed } from '../model/world.ts';
import { startsToCome } from './runners.ts';
import type { Runner } from './runners.ts';

/** An idle runner asks every 3 s; one that let a matching job wait this long is not counted on for it. */
export const idlePatienceMs = 15_000;
/** A job that so many runners have refused since it came gets no further one. */
const enoughRefusals = 2;

/** GitLab gives a job to whoever asks first, so runners of a pool are counted and not named. */
export interface Room {
  readonly pool: Pool;
  /** When each idle runner became free. */
  readonly freeSince: readonly Instant[];
  /** Jobs that were seen before this have been refused by enough runners that came after them. */
  readonly refusedBefore: Instant;
  /** Free runners on which no job is placed yet: free for so short that they may take any job yet. */
  young: number;
  /** Those that have been free for longer: only a job that has just come is placed on one. */
  old: number;
  /** Runners that are starting, on which no job is placed yet. */
  coming: number;
  /** Runners that may still be started. */
  free: number;
  /** Runners to start. */
  start: number;
  readonly jobs: Job[];
}

/** The rooms of all pools, in their order. */
export function roomsOf(
  pools: readonly Pool[],
  runners: readonly Runner[],
  inFlight: Observed['inFlight'],
  now: Instant,
): readonly Room[] {
  const byPool = Map.groupBy(runners, ({ pool }) => pool);
  return pools.map((pool) => roomOf(pool, byPool.get(pool.name) ?? [], inFlight, now));
}

function roomOf(pool: Pool, own: readonly Runner[], inFlight: Observed['inFlight'], now: Instant): Room {
  const idle = own.filter(({ state }) => state === 'idle');
  const toCome = inFlight.length === 0 ? 0 : startsToCome(pool.name, own, inFlight);
  const isOld = ({ freeSince }: Runner): boolean => now - freeSince >= idlePatienceMs;
  const old = idle.filter(isOld);
  const begun = old.map(({ record }) => record?.startedAt ?? 0).sort((a, b) => b - a);
  return {
    pool,
    freeSince: idle.map(({ freeSince }) => freeSince),
    refusedBefore: begun[enoughRefusals - 1] ?? 0,
    young: idle.length - old.length,
    old: old.length,
    coming: own.filter(({ state }) => state === 'starting').length + toCome,
    free: Math.max(0, pool.max - own.length - toCome),
    start: 0,
    jobs: [],
  };
}

/** True while anything in the room is free or coming. */
export function hasReady({ young, old, coming }: Room): boolean {
  return young + old + coming > 0;
}

function isNew(job: Job, now: Instant): boolean {
  return now - job.firstSeenAt < idlePatienceMs;
}

/** Places a job on a runner that is free or coming; false when there is none to count on. */
export function placeOnReady(room: Room, job: Job, now: Instant): boolean {
  if (room.old > 0 && isNew(job, now)) room.old -= 1;
  else if (room.young > 0) room.young -= 1;
  else if (room.coming > 0) room.coming -= 1;
  else return false;
  room.jobs.push(job);
  return true;
}

/** Starts a runner for a job; false when the pool has no room for one, or enough of them did not take the job. */
export function placeOnNew(room: Room, job: Job, now: Instant): boolean {
  if (room.free === 0 || (!isNew(job, now) && room.refusedBefore > job.firstSeenAt)) return false;
  room.free -= 1;
  room.start += 1;
  room.jobs.push(job);
  return true;
}

/** Starts what is missing of the runners that are to wait for jobs to come, after all jobs were placed. */
export function keepWarm(room: Room, wanted: number): void {
  const missing = Math.max(0, wanted - room.young - room.old - room.coming);
  const started = Math.min(missing, room.free);
  room.start += started;
  room.free -= started;
}
