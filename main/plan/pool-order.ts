// Which of the pools that fit a job is the cheapest for it: what only some jobs need stays free for those.
import type { Pool } from '../model/pool.ts';

/** Smaller is cheaper; the first figure that differs decides. No limit is the largest size. */
function costOf({ gpu, memoryMiB, cpus, tags, priority }: Pool): readonly number[] {
  return [...cardCost(gpu), memoryMiB ?? Infinity, cpus ?? Infinity, tags.length, -priority];
}

/** A runner without a card is cheaper than any with one, and a part of a card cheaper than the whole. */
function cardCost(need: Pool['gpu']): readonly number[] {
  if (need === null) return [0, 0, 0];
  return [need.count, need.mode === 'exclusive' ? 1 : 0, need.memoryMiB ?? need.fractionMiB ?? 0];
}

const noneEmulated: ReadonlySet<string> = new Set();

/** Sorts the cheapest pool first, native before emulated, equal ones by their names. */
export function cheapestFirst(a: Pool, b: Pool, emulated: ReadonlySet<string> = noneEmulated): number {
  const figuresOf = (pool: Pool): readonly number[] => [emulated.has(pool.name) ? 1 : 0, ...costOf(pool)];
  const [one, other] = [figuresOf(a), figuresOf(b)];
  const differing = one.findIndex((figure, index) => figure !== other[index]);
  if (differing === -1) return a.name < b.name ? -1 : 1;
  return (one[differing] ?? 0) < (other[differing] ?? 0) ? -1 : 1;
}
