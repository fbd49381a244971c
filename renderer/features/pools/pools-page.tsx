// The kinds of runners there are: whom they serve, how many, how large, and who waits for them.
import { Boxes, Plus } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import type { PoolView } from '../../../main/contract/snapshot.ts';
import { filterPools, poolFilterOf } from '../../state/pool-filter.ts';
import { formatRoute } from '../../state/route.ts';
import type { Route } from '../../state/route.ts';
import { poolsSentence } from '../../state/sentences.ts';
import { openBeside } from '../../state/use-route.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState, Skeleton } from '../../ui/notes.tsx';
import { ListArea, Page } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { narrowPoolColumns, poolColumns } from './pool-columns.tsx';
import type { PoolRow } from './pool-columns.tsx';
import { PoolDialog } from './pool-dialog.tsx';
import { PoolFilterBar } from './pool-filter-bar.tsx';
import { PoolPanel } from './pool-panel.tsx';
import { ReadyDialog } from './ready-dialog.tsx';
import { count, t } from '../../language/strings.ts';

const empty = (
  <EmptyState icon={Boxes} title={t('No pools')} command="autogit pool add default --tags docker">
    {t('A pool says which jobs its runners take, how many there may be, and how large each is.')}
  </EmptyState>
);

const nothingFits = (
  <EmptyState
    icon={Boxes}
    title={t('No pool fits this filter')}
    action={<a href={formatRoute({ page: 'pools' })}>{t('Show all pools')}</a>}
  >
    {t('Pools are found by their name, their tags and the project or group that they serve.')}
  </EmptyState>
);

/** So many are seen at a glance: a filter would only be in the way. */
const fewPools = 6;

function rowOf(pool: PoolView): PoolRow {
  return { id: pool.name, pool };
}

function closePanel(): void {
  openBeside(null);
}

export function PoolsPage({ route }: { readonly route: Route }) {
  const pools = useSnapshot((snapshot) => snapshot.pools);
  const filter = useMemo(() => poolFilterOf(route.query), [route.query]);
  const all = useMemo(() => (pools ?? []).map(rowOf), [pools]);
  const rows = useMemo(() => filterPools(pools ?? [], filter).map(rowOf), [pools, filter]);
  const isFiltered = filter.group !== 'all' || filter.text !== '';
  /** The pool whose settings are open; `null` for a new one. */
  const [edited, setEdited] = useState<string | null | undefined>(undefined);
  const [showsReady, setShowsReady] = useState(false);
  const closeDialog = useCallback(() => setEdited(undefined), []);
  const { id } = route;
  return (
    <Page
      name={t('Pools')}
      sentence={pools === null ? null : poolsSentence(pools)}
      isList
      actions={
        <>
          <Button onClick={() => setShowsReady(true)}>{t('Pools that fit')}</Button>
          <Button look="primary" icon={Plus} onClick={() => setEdited(null)}>
            {t('Add a pool')}
          </Button>
        </>
      }
    >
      {edited !== undefined && <PoolDialog name={edited} onClose={closeDialog} />}
      {showsReady && <ReadyDialog onClose={() => setShowsReady(false)} />}
      {pools !== null && (pools.length > fewPools || isFiltered) && (
        <PoolFilterBar {...{ route, filter, pools }} />
      )}
      <ListArea>
        {pools === null ? (
          <Skeleton what="pools" rows={4} />
        ) : (
          <Table
            label={t('Pools')}
            fresh={(number) => count(number, '{{n}} new pool', '{{n}} new pools')}
            list={`${filter.group} ${filter.text}`}
            rows={rows}
            all={all}
            columns={poolColumns}
            narrow={narrowPoolColumns}
            openId={id}
            onOpen={(row) => openBeside(row.id)}
            empty={isFiltered && all.length > 0 ? nothingFits : empty}
          />
        )}
        {id !== null && <PoolPanel key={id} name={id} onEdit={() => setEdited(id)} onClose={closePanel} />}
      </ListArea>
    </Page>
  );
}
