// Issues of samples that come every second: told once they last, and taken back once they have been gone for a while.
import type { Issue } from '../model/issue.ts';
import type { Clock } from '../ports.ts';

/** A moment of heat is nobody's business. Milliseconds. */
const lastsMs = 10_000;
/** Milliseconds. */
const goneMs = 60_000;

interface Known {
  readonly issue: Issue;
  /** By the monotonic clock. */
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface SteadyIssues {
  /** What one sample shows. */
  see(issues: readonly Issue[]): void;
  /** `isWatched`: while nobody looks, nothing is known, and what was seen last is no longer told. */
  current(isWatched: boolean): readonly Issue[];
}

export function createSteadyIssues(clock: Pick<Clock, 'monotonic'>): SteadyIssues {
  const known = new Map<string, Known>();
  return {
    see: (issues) => {
      const now = clock.monotonic();
      for (const [key, { lastAt }] of known) if (now - lastAt > goneMs) known.delete(key);
      for (const issue of issues) {
        const key = `${issue.key} ${issue.subject}`;
        known.set(key, { issue, firstAt: known.get(key)?.firstAt ?? now, lastAt: now });
      }
    },
    current: (isWatched) => {
      const now = clock.monotonic();
      if (!isWatched) known.clear();
      return [...known.values()]
        .filter(({ firstAt, lastAt }) => lastAt - firstAt >= lastsMs && now - lastAt <= goneMs)
        .map(({ issue }) => issue);
    },
  };
}
