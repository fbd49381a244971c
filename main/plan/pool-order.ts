// Which of the pools that fit a job is the cheapest for it: what only some jobs need stays free for those.
import type { Pool } from '../model/pool.ts';

/** Smaller is cheaper; the first figure that differs decides. No limit is the largest size. */
function costOf({ memoryMiB, cpus, tags, priority }: Pool): readonly number[] {
  return [memoryMiB ?? Infinity, cpus ?? Infinity, tags.length, -priority];
}

/** Sorts the cheapest pool first, equal ones by their names. */
export function cheapestFirst(a: Pool, b: Pool): number {
  const [one, other] = [costOf(a), costOf(b)];
  const differing = one.findIndex((figure, index) => figure !== other[index]);
  if (differing === -1) return a.name < b.name ? -1 : 1;
  return (one[differing] ?? 0) < (other[differing] ?? 0) ? -1 : 1;
}
