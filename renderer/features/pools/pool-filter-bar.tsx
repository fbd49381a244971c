// Narrowing the list of pools.
import { useMemo } from 'react';
import type { PoolView } from '../../../main/contract/snapshot.ts';
import { filterPools, poolGroups, poolQueryOf } from '../../state/pool-filter.ts';
import type { PoolFilter, PoolGroup } from '../../state/pool-filter.ts';
import { formatRoute } from '../../state/route.ts';
import type { Route } from '../../state/route.ts';
import { replaceRoute } from '../../state/use-route.ts';
import { FilterBar } from '../../ui/filter-bar.tsx';
import { t } from '../../language/strings.ts';

const words: Readonly<Record<PoolGroup, string>> = {
  all: t('All'),
  waiting: t('Jobs wait'),
  trouble: t('To look at'),
  paused: t('Paused'),
};

interface PoolFilterBarProps {
  readonly route: Route;
  readonly filter: PoolFilter;
  readonly pools: readonly PoolView[];
}

export function PoolFilterBar({ route, filter, pools }: PoolFilterBarProps) {
  const { text } = filter;
  const groups = useMemo(
    () => poolGroups.map((group) => ({ group, count: filterPools(pools, { group, text }).length })),
    [pools, text],
  );
  return (
    <FilterBar
      label={t('Pools')}
      find={t('Words to look for in pools')}
      hint={t('Name, tag or project')}
      current={filter.group}
      text={text}
      onText={(typed) => replaceRoute({ ...route, query: poolQueryOf({ ...filter, text: typed }) })}
      groups={groups.map(({ group, count }) => ({
        name: group,
        words: words[group],
        count,
        href: formatRoute({ page: 'pools', id: route.id, query: poolQueryOf({ group, text }) }),
      }))}
    />
  );
}
