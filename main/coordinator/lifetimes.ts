// How long each runner has lived, by a clock that nobody sets and that stands still while the machine sleeps.
import type { RunnerRecord } from '../model/runner.ts';
import type { Clock } from '../ports.ts';

/** Milliseconds that each live runner has lived, by its id. */
export type Lifetimes = Readonly<Record<string, number>>;

/**
 * Gives the lifetimes at each call. What is older than this process is known by the date of its start alone; from then on
 * only time that has really passed counts.
 */
export function createLifetimes(
  clock: Pick<Clock, 'now' | 'monotonic'>,
): (records: readonly RunnerRecord[]) => Lifetimes {
  let lived: Lifetimes = {};
  let last = clock.monotonic();
  return (records) => {
    const at = clock.monotonic();
    const elapsed = at - last;
    last = at;
    const now = clock.now();
    lived = Object.fromEntries(
      records.flatMap(({ id, startedAt }) => {
        const before = lived[id];
        if (before !== undefined) return [[id, before + elapsed] as const];
        return startedAt === null ? [] : [[id, Math.max(0, now - startedAt)] as const];
      }),
    );
    return lived;
  };
}
