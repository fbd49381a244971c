// The machine's clock, as a clock that is never set back.
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../ports.ts';

const rawClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    wait(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      if (signal?.aborted !== true) throw error;
    }),
};

/** Differences this small are the clock being steered, or two readings that are not made at once. Milliseconds. */
const toleranceMs = 500;

/**
 * A clock whose wall time follows the machine's, also when that is set forward or the machine has slept, but goes on
 * from where it was when that is set back: whatever waits for a date would otherwise wait for it twice.
 */
export function steadyClock(raw: Clock): Required<Clock> {
  let ahead = 0;
  let last = { wall: raw.now(), monotonic: raw.monotonic() };
  const look = (): number => {
    const wall = raw.now();
    const monotonic = raw.monotonic();
    const leap = wall - last.wall - (monotonic - last.monotonic);
    if (Math.abs(leap) > toleranceMs) ahead = Math.max(0, ahead - leap);
    last = { wall, monotonic };
    return wall + ahead;
  };
  return {
    now: look,
    monotonic: () => raw.monotonic(),
    sleep: (ms, signal) => raw.sleep(ms, signal),
    aheadMs: () => {
      look();
      return ahead;
    },
  };
}

export const systemClock = steadyClock(rawClock);
