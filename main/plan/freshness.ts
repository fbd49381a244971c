// What may be concluded from an observation: unknown is not absent.
import type { Seen } from '../model/world.ts';

/** The newest value, however old; `null` when there never was one. */
export function lastValue<T>(seen: Seen<T>): T | null {
  return seen.state === 'fresh' || seen.state === 'stale' ? seen.value : null;
}

/** The value if it is fresh: the only ground for anything destructive. */
export function freshValue<T>(seen: Seen<T>): T | null {
  return seen.state === 'fresh' ? seen.value : null;
}

/** True when the observation began after `instant`, so that what it lacks is really missing. */
export function sawSince<T>(seen: Seen<T>, instant: number): boolean {
  return seen.state === 'fresh' && seen.at > instant;
}
