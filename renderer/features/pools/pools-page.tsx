// The kinds of runners there are: whom they serve, how many, how large, and who waits for them.
import { Boxes, Plus } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import type { Route } from '../../state/route.ts';
import { poolsSentence } from '../../state/sentences.ts';
import { openBeside } from '../../state/use-route.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState, Skeleton } from '../../ui/notes.tsx';
import { ListArea, Page } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { narrowPoolColumns, poolColumns } from './pool-columns.tsx';
import { PoolDialog } from './pool-dialog.tsx';
import { PoolPanel } from './pool-panel.tsx';
import { ReadyDialog } from './ready-dialog.tsx';

const empty = (
  <EmptyState icon={Boxes} title="No pools" command="autogit pool add default --tags docker">
    A pool says which jobs its runners take, how many there may be, and how large each is.
  </EmptyState>
);

function closePanel(): void {
  openBeside(null);
}

export function PoolsPage({ route }: { readonly route: Route }) {
  const pools = useSnapshot((snapshot) => snapshot.pools);
  const rows = useMemo(() => (pools ?? []).map((pool) => ({ id: pool.name, pool })), [pools]);
  /** The pool whose settings are open; `null` for a new one. */
  const [edited, setEdited] = useState<string | null | undefined>(undefined);
  const [showsReady, setShowsReady] = useState(false);
  const closeDialog = useCallback(() => setEdited(undefined), []);
  const { id } = route;
  return (
    <Page
      name="Pools"
      sentence={pools === null ? null : poolsSentence(pools)}
      isList
      actions={
        <>
          <Button onClick={() => setShowsReady(true)}>Pools that fit</Button>
          <Button look="primary" icon={Plus} onClick={() => setEdited(null)}>
            Add a pool
          </Button>
        </>
      }
    >
      {edited !== undefined && <PoolDialog name={edited} onClose={closeDialog} />}
      {showsReady && <ReadyDialog onClose={() => setShowsReady(false)} />}
      <ListArea>
        {pools === null ? (
          <Skeleton what="pools" rows={4} />
        ) : (
          <Table
            label="Pools"
            noun="pool"
            list="pools"
            rows={rows}
            all={rows}
            columns={poolColumns}
            narrow={narrowPoolColumns}
            openId={id}
            onOpen={(row) => openBeside(row.id)}
            empty={empty}
          />
        )}
        {id !== null && <PoolPanel key={id} name={id} onEdit={() => setEdited(id)} onClose={closePanel} />}
      </ListArea>
    </Page>
  );
}
