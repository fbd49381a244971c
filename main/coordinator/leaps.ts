// Notices that the machine has slept, or that its clock was set forward: time went by in which nothing could happen.
import type { Instant } from '../model/world.ts';
import type { Clock } from '../ports.ts';

/** A busy machine makes the two clocks differ by less. Milliseconds. */
const toleranceMs = 2_000;

/** Gives, at each call, when the newest leap was noticed; `null`: there was none. */
export function createLeaps(clock: Pick<Clock, 'now' | 'monotonic'>): () => Instant | null {
  let last = { wall: clock.now(), monotonic: clock.monotonic() };
  let leaptAt: Instant | null = null;
  return () => {
    const now = { wall: clock.now(), monotonic: clock.monotonic() };
    if (now.wall - last.wall - (now.monotonic - last.monotonic) > toleranceMs) leaptAt = now.wall;
    last = now;
    return leaptAt;
  };
}
