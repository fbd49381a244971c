// How many requests may be made for single projects: what is asked of all at once has no need of it.
import { fullBucket, takeTokens } from '../model/token-bucket.ts';
import type { Clock } from '../ports.ts';

export interface RequestBudget {
  /** False when so many requests may not be made now. */
  take(requests: number): boolean;
}

/** Spends at most `perMinute`, and after a rest a few seconds' worth of them at once; by the monotonic clock. */
export function createBudget(perMinute: number, clock: Pick<Clock, 'monotonic'>): RequestBudget {
  const limits = { perMinute, burst: Math.max(2, perMinute / 5) };
  let bucket = fullBucket(limits, clock.monotonic());
  return {
    take: (requests) => {
      const after = takeTokens(bucket, limits, requests, clock.monotonic());
      bucket = after ?? bucket;
      return after !== null;
    },
  };
}

/** Waits for `work`, but not for longer than `ms`: then it goes on alone. Never rejects for the time. */
export async function waitBriefly(
  work: Promise<unknown>,
  ms: number,
  clock: Pick<Clock, 'sleep'>,
): Promise<void> {
  const done = new AbortController();
  await Promise.race([work.finally(() => done.abort()), clock.sleep(ms, done.signal)]);
}
