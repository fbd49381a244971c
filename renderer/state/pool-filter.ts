// Which pools a list shows, from the filter that stands in the address.
import type { PoolView } from '../../main/contract/snapshot.ts';
import { poolLook } from './pools.ts';

/** What the buttons above the list choose between. `trouble`: red, or nobody can say. */
export const poolGroups = ['all', 'waiting', 'trouble', 'paused'] as const;
export type PoolGroup = (typeof poolGroups)[number];

export interface PoolFilter {
  readonly group: PoolGroup;
  /** Words that all have to occur somewhere in the row. */
  readonly text: string;
}

const fits: Readonly<Record<PoolGroup, (pool: PoolView) => boolean>> = {
  all: () => true,
  waiting: ({ waiting }) => waiting > 0,
  trouble: (pool) => ['failed', 'unknown'].includes(poolLook(pool).tone),
  paused: ({ paused }) => paused,
};

/** Reads the filter of an address; what it does not know means all. */
export function poolFilterOf(query: Readonly<Record<string, string>>): PoolFilter {
  return { group: poolGroups.find((name) => name === query.state) ?? 'all', text: query.text ?? '' };
}

/** The part of the address that says this filter. */
export function poolQueryOf({ group, text }: PoolFilter): Readonly<Record<string, string>> {
  return { state: group === 'all' ? '' : group, text };
}

/** The pools that the filter lets through, in the same order. */
export function filterPools(pools: readonly PoolView[], { group, text }: PoolFilter): readonly PoolView[] {
  const needles = text.toLowerCase().split(/\s+/).filter(Boolean);
  return pools.filter((pool) => {
    const words = [pool.name, ...pool.tags, pool.scope].join('\n').toLowerCase();
    return fits[group](pool) && needles.every((needle) => words.includes(needle));
  });
}
