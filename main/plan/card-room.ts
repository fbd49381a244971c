// Runners that nobody waits for and that hold a card which a job of another pool waits for: they are let go, and the job need not wait for them.
import type { Instant } from '../model/world.ts';
import type { Cards } from './cards.ts';
import type { Runner } from './runners.ts';
import { patienceMs, spareRunners, waitsSince } from './spare-runners.ts';
import type { Wanting } from './spare-runners.ts';

/** What a pool wants, as far as it matters for cards. */
export interface CardWish extends Wanting {
  /** Runners to start for its jobs. */
  readonly start: number;
}

/** For the first pool that lacks a card for a job: the spare ones first, and no more than it takes; none where that is not enough. */
export function cardsInTheWay(
  wishes: readonly CardWish[],
  runners: readonly Runner[],
  cards: Cards,
  now: Instant,
): readonly Runner[] {
  const lacking = wishes.find((wish) => lacksRunner(wish, runners));
  if (lacking === undefined) return [];
  // Those that go already are as good as gone.
  const leaving = new Set(runners.filter(({ state }) => state === 'leaving').map(nameOf));
  if (cards.fitsWithout(lacking.pool, leaving)) return [];
  const isLong = now - waitsSince(lacking.jobs, now) >= patienceMs;
  const spare = spareRunners(runners, wishes, isLong).filter(
    ({ record }) => (record?.grant ?? null) !== null,
  );
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
