// How long a page that crashed stays away: a moment, and longer where it crashes again and again.

const firstMs = 1000;
const mostMs = 60_000;
/** A page that lived for so long has not crashed again, but anew. */
const healthyMs = 2 * mostMs;

/** Milliseconds until the next attempt. `lastMs`: the pause before this page; `livedMs`: how long ago that began. */
export function crashPause(lastMs: number | null, livedMs: number): number {
  if (lastMs === null || livedMs > healthyMs) return firstMs;
  return Math.min(2 * lastMs, mostMs);
}
