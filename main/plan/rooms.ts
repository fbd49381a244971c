// The room that a pool has for waiting jobs, in numbers: runners that are free or coming, and those it may still start.
import type { Job } from '../model/job.ts';
import type { Pool } from '../model/pool.ts';
import type { RunnerRecord } from '../model/runner.ts';
import type { Instant, Observed } from '../model/world.ts';
import type { Cards } from './cards.ts';
import { startsToCome } from './runners.ts';
import type { Runner } from './runners.ts';

/** An idle runner asks every 3 s; one that let a matching job wait this long is not counted on for it. */
export const idlePatienceMs = 15_000;
/** How long a runner that begins is left alone by those that are only made ready. Milliseconds. */
const calmMs = 1_500;
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
  /** When the newest of all that ask for jobs, or have one, began to. */
  readonly begunAt: Instant;
  /** Of these, those that have just begun to ask for jobs and have had none yet. */
  begun: number;
  /** Those that have been free for longer: only a job that has just come is placed on one. */
  old: number;
  /** Runners that wait for the go, or whose container only has to be started, on which no job is placed yet. */
  warm: number;
  prepared: number;
  /** Runners that are starting, on which no job is placed yet. */
  coming: number;
  /** Runners that may still be started. */
  free: number;
  /** Warm and prepared runners that are to begin. */
  release: number;
  /** Runners to start for jobs. */
  start: number;
  /** Runners to start for jobs to come: they wait for the go. */
  refill: number;
  /** Warm runners that nobody wants to be there any more. */
  surplus: number;
  readonly jobs: Job[];
  readonly cards: Cards;
}

/** The rooms of all pools, in their order. */
export function roomsOf(
  pools: readonly Pool[],
  runners: readonly Runner[],
  inFlight: Observed['inFlight'],
  now: Instant,
  cards: Cards,
): readonly Room[] {
  const byPool = Map.groupBy(runners, ({ pool }) => pool);
  return pools.map((pool) => ({ ...roomOf(pool, byPool.get(pool.name) ?? [], inFlight, now), cards }));
}

function roomOf(
  pool: Pool,
  own: readonly Runner[],
  inFlight: Observed['inFlight'],
  now: Instant,
): Omit<Room, 'cards'> {
  const idle = own.filter(({ state }) => state === 'idle');
  const toCome = inFlight.length === 0 ? 0 : startsToCome(pool.name, own, inFlight);
  const isOld = ({ freeSince }: Runner): boolean => now - freeSince >= idlePatienceMs;
  const old = idle.filter(isOld);
  const begun = old.map(({ record }) => record?.startedAt ?? 0).sort((a, b) => b - a);
  return {
    pool,
    freeSince: idle.map(({ freeSince }) => freeSince),
    refusedBefore: begun[enoughRefusals - 1] ?? 0,
    begunAt: own.reduce((last, { record }) => Math.max(last, hasBegun(record) ? record.startedAt : 0), 0),
    young: idle.length - old.length,
    begun: idle.filter((runner) => !isOld(runner) && hasJustBegun(runner)).length,
    old: old.length,
    warm: own.filter(({ state }) => state === 'warm').length,
    prepared: own.filter(({ state }) => state === 'prepared').length,
    coming: own.filter(({ state }) => state === 'starting').length + toCome,
    free: Math.max(0, pool.max - own.length - toCome),
    ...{ release: 0, start: 0, refill: 0, surplus: 0 },
    jobs: [],
  };
}

function hasBegun(record: RunnerRecord | null): record is RunnerRecord & { readonly startedAt: Instant } {
  return record?.phase === 'started' && record.startedAt !== null;
}

/** It has had no job since it was started or given the go. */
function hasJustBegun({ freeSince, record }: Runner): boolean {
  return freeSince === record?.startedAt;
}

/** True while anything in the room is free or coming. */
export function hasReady({ young, old, coming, warm, prepared }: Room): boolean {
  return young + old + coming + warm + prepared > 0;
}

function isNew(job: Job, now: Instant): boolean {
  return now - job.firstSeenAt < idlePatienceMs;
}

/** Places a job on a runner that is free or coming; false when there is none to count on. */
export function placeOnReady(room: Room, job: Job, now: Instant): boolean {
  if (room.warm > 0 && placeOnWarm(room, job, now)) return true;
  if (room.old > 0 && isNew(job, now)) room.old -= 1;
  else if (room.young > 0) room.young -= 1;
  else if (room.coming > 0) room.coming -= 1;
  else if (room.prepared > 0 && !isRefused(room, job, now)) {
    room.prepared -= 1;
    room.release += 1;
  } else return false;
  room.jobs.push(job);
  return true;
}

/** The rest of a pool's runners may be seconds away from asking; only those that have just begun come before the go. */
function placeOnWarm(room: Room, job: Job, now: Instant): boolean {
  if (room.begun > 0 && room.young > 0) {
    room.begun -= 1;
    room.young -= 1;
  } else if (room.coming > 0) room.coming -= 1;
  else if (isRefused(room, job, now)) return false;
  else {
    room.warm -= 1;
    room.release += 1;
  }
  room.jobs.push(job);
  return true;
}

function isRefused(room: Room, job: Job, now: Instant): boolean {
  return !isNew(job, now) && room.refusedBefore > job.firstSeenAt;
}

/** Starts a runner for a job; false when the pool has no room for one, or enough of them did not take the job. */
export function placeOnNew(room: Room, job: Job, now: Instant): boolean {
  if (room.free === 0 || isRefused(room, job, now) || !takeCards(room, 'take')) return false;
  room.free -= 1;
  room.start += 1;
  room.jobs.push(job);
  return true;
}

/** Where there is no card for one more runner, there is no room for it. */
function takeCards(room: Room, how: 'take' | 'keep'): boolean {
  const isTaken = room.cards[how](room.pool);
  if (!isTaken) room.free = 0;
  return isTaken;
}

/**
 * After all jobs were placed: how many runners are missing that are to wait for jobs to come, or are too many. They have
 * time: while a runner begins for a job, it has the machine for itself. Gives when to look again; Infinity: only on news.
 */
export function keepWarm(room: Room, wanted: number, now: Instant): Instant {
  room.surplus = Math.max(0, room.warm - wanted);
  const missing = Math.max(0, wanted - room.warm - room.coming);
  if (missing === 0 || room.free === 0) return Infinity;
  const calmAt = room.release + room.start > 0 ? now + calmMs : room.begunAt + calmMs;
  if (calmAt > now) return calmAt;
  while (room.refill < missing && room.free > 0 && takeCards(room, 'keep')) {
    room.refill += 1;
    room.free -= 1;
  }
  return Infinity;
}
