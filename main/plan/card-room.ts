// Idle runners that hold a card which a job of another pool waits for: they are let go, and the job need not wait for them.
import type { Pool } from '../model/pool.ts';
import type { Cards } from './cards.ts';
import type { Runner } from './runners.ts';

/** What a pool wants, as far as it matters for cards. */
export interface CardWish {
  readonly pool: Pool;
  /** Jobs expected to be taken by it. */
  readonly jobs: { readonly length: number };
  /** Runners to start for them. */
  readonly start: number;
  /** Runners that are to be there whether or not a job waits. */
  readonly warm: number;
}

/** For the first pool that lacks a card for a job: the longest idle ones, and no more than it takes; none where that is not enough. */
export function cardsInTheWay(
  wishes: readonly CardWish[],
  runners: readonly Runner[],
  cards: Cards,
): readonly Runner[] {
  const lacking = wishes.find((wish) => lacksRunner(wish, runners));
  if (lacking === undefined) return [];
  // Those that go already are as good as gone.
  const leaving = new Set(runners.filter(({ state }) => state === 'leaving').map(nameOf));
  if (cards.fitsWithout(lacking.pool, leaving)) return [];
  const spare = spareHolders(wishes, runners);
  const gone = new Set([...leaving, ...spare.map(nameOf)]);
  if (!cards.fitsWithout(lacking.pool, gone)) return [];
  return spare.toReversed().filter((runner) => {
    gone.delete(nameOf(runner));
    if (cards.fitsWithout(lacking.pool, gone)) return false;
    gone.add(nameOf(runner));
    return true;
  });
}

const ready: readonly Runner['state'][] = ['idle', 'starting', 'warm', 'prepared'];

function lacksRunner({ pool, jobs, start }: CardWish, runners: readonly Runner[]): boolean {
  if (pool.gpu === null) return false;
  const own = runners.filter((runner) => runner.pool === pool.name && ready.includes(runner.state));
  return jobs.length > own.length + start;
}

function nameOf({ record, container, id }: Runner): string {
  return record?.name ?? container?.name ?? id;
}

/** Idle runners with cards beyond those that jobs are expected to go to and those that are kept ready, the longest idle first. */
function spareHolders(wishes: readonly CardWish[], runners: readonly Runner[]): readonly Runner[] {
  return wishes
    .flatMap(({ pool, jobs, warm }) => {
      if (pool.gpu === null) return [];
      const idle = runners.filter((runner) => runner.pool === pool.name && runner.state === 'idle');
      const spare = Math.max(0, idle.length - Math.max(jobs.length, warm));
      return idle.toSorted((a, b) => a.freeSince - b.freeSince).slice(0, spare);
    })
    .filter(({ record }) => (record?.grant ?? null) !== null)
    .toSorted((a, b) => a.freeSince - b.freeSince);
}
