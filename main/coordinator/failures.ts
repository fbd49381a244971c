// How often a pool's runners have failed in a row, from the records.
import type { PoolFailures } from '../model/world.ts';
import { endCodeOf, interruptedStart } from '../model/runner.ts';
import type { RunnerRecord } from '../model/runner.ts';
import type { Log } from '../log.ts';
import type { Clock, Store } from '../ports.ts';

/** Under this name the store keeps when a person had a pool's failures forgotten. */
export function recoveredNote(pool: string): string {
  return `recovered.${pool}`;
}

/** A runner that has been up this long has come up well. */
const provenMs = 10_000;
/** More failures in a row than this make no difference. */
const remembered = 10;

/**
 * Failures in a row since the last runner that came up or ended well; `null` when there are none. A start that AutoGit's
 * own end cut off is none: after a crash the jobs that wait are served at once. Nor is what failed on another node, or
 * before `since`, when a person had it forgotten. One whose runner had come up well says nothing about the pool.
 */
export function failuresOf(
  pool: string,
  node: string | null,
  store: Pick<Store, 'goneRunners' | 'liveRunners'>,
  now: number,
  since = -Infinity,
): PoolFailures | null {
  const gone = store
    .goneRunners(pool, remembered)
    .filter((record) => record.node === node && record.failure !== interruptedStart)
    .filter(({ goneAt, createdAt }) => (goneAt ?? createdAt) > since);
  const wellAt = gone.findIndex((record) => record.failure === null || cameUpWell(record));
  const failed = wellAt === -1 ? gone : gone.slice(0, wellAt);
  const [last] = failed;
  if (last === undefined) return null;
  const lastAt = last.goneAt ?? last.createdAt;
  if (store.liveRunners().some((record) => record.pool === pool && hasProven(record, lastAt, now)))
    return null;
  const other = failed.findIndex((record) => !endedAtOnce(record));
  const { specHash, failure } = last;
  const count = failed.length;
  const atOnce = other === -1 ? count : other;
  return { pool, count, lastAt, lastReason: failure ?? '', specHash, ...(atOnce === 0 ? {} : { atOnce }) };
}

/** It had been up for long enough before it failed. */
function cameUpWell({ failure, startedAt, goneAt }: RunnerRecord): boolean {
  return endCodeOf(failure) !== null && startedAt !== null && (goneAt ?? 0) - startedAt > provenMs;
}

/** As with a registration that is refused; codes from 128 on are of signals, which somebody else sent. */
function endedAtOnce({ failure, startedAt, outOfMemoryAt }: RunnerRecord): boolean {
  const code = endCodeOf(failure);
  return code !== null && code < 128 && startedAt !== null && outOfMemoryAt === undefined;
}

function hasProven(record: RunnerRecord, since: number, now: number): boolean {
  return record.startedAt !== null && record.startedAt > since && now - record.startedAt > provenMs;
}

/** A program that asks for more again and again is ended again and again: so often is it written down. Milliseconds. */
const outOfMemoryMs = 5_000;

/** Keeps that the kernel ended something of this runner for want of memory; of other containers it is no news. */
export function keepOutOfMemory(
  container: string,
  {
    store,
    clock,
    log,
  }: {
    readonly store: Pick<Store, 'liveRunners' | 'updateRunner'>;
    readonly clock: Pick<Clock, 'now'>;
    readonly log: Log;
  },
): void {
  const record = store.liveRunners().find(({ name }) => name === container);
  const now = clock.now();
  if (record === undefined || now - (record.outOfMemoryAt ?? 0) < outOfMemoryMs) return;
  try {
    store.updateRunner(record.id, { outOfMemoryAt: now });
    log.warn(`${container} ran out of memory`, { pool: record.pool });
  } catch (error) {
    log.warn('a want of memory could not be written down', { error });
  }
}
