// The graphics cards of the machine: who has them, how warm they are, and why nobody gets them.
import { Gpu } from 'lucide-react';
import { useMemo } from 'react';
import type { GpuView } from '../../../main/contract/snapshot.ts';
import type { Route } from '../../state/route.ts';
import { formatRoute } from '../../state/route.ts';
import { gpusSentence } from '../../state/sentences.ts';
import { gpuLooks } from '../../state/tones.ts';
import { openBeside } from '../../state/use-route.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { gigabytes } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { EmptyState, Skeleton } from '../../ui/notes.tsx';
import { ListArea, Page } from '../../ui/page.tsx';
import { RowLink } from '../../ui/row-link.tsx';
import { Table } from '../../ui/table.tsx';
import type { Column } from '../../ui/table.tsx';
import { GpuPanel } from './gpu-panel.tsx';
import styles from './gpus.module.css';

function Name({ gpu }: { readonly gpu: GpuView }) {
  return (
    <RowLink page="gpus" id={gpu.id} title={gpu.id}>
      {gpu.model}
    </RowLink>
  );
}

/** Who has it, or why nobody gets it. */
function detailOf({ holders, why }: GpuView): string {
  return holders.length > 0 ? holders.map(({ by }) => by).join(', ') : (why ?? '');
}

function memoryOf({ memoryMiB }: GpuView): string {
  return memoryMiB === null ? 'unknown' : gigabytes(memoryMiB);
}

const state: Column<GpuView> = {
  title: 'State',
  track: '132px',
  cell: (gpu) => <Badge look={gpuLooks[gpu.state]} />,
};

const columns: readonly Column<GpuView>[] = [
  state,
  { title: 'GPU', track: 'minmax(120px, 3fr)', cell: (gpu) => <Name gpu={gpu} /> },
  { title: 'Memory', track: '80px', align: 'end', cell: memoryOf },
  {
    title: 'Temperature',
    track: '88px',
    align: 'end',
    cell: ({ celsius }) => (celsius === null ? <span className={styles.quiet}>–</span> : `${celsius} °C`),
  },
  { title: 'Machine', track: 'minmax(72px, 1fr)', cell: ({ node }) => node },
  {
    title: 'Detail',
    track: 'minmax(120px, 4fr)',
    cell: (gpu) => (
      <span className={styles.quiet} title={detailOf(gpu)}>
        {detailOf(gpu)}
      </span>
    ),
  },
];

const narrow: readonly Column<GpuView>[] = [
  {
    title: 'GPU',
    track: 'minmax(0, 1fr)',
    cell: (gpu) => (
      <>
        <div className={styles.line}>
          <Name gpu={gpu} /> {gpu.memoryMiB !== null && <span className={styles.quiet}>{memoryOf(gpu)}</span>}
        </div>
        <div className={`${styles.line} ${styles.quiet}`}>{detailOf(gpu)}</div>
      </>
    ),
  },
  { ...state, align: 'end' },
];

const empty = (
  <EmptyState
    icon={Gpu}
    title="No GPU was found"
    command="autogit gpu list"
    action={<a href={formatRoute({ page: 'engines' })}>See what the engine can do</a>}
  >
    Graphics cards of NVIDIA, AMD and Intel appear here as soon as their driver is there, with who has them.
  </EmptyState>
);

function closePanel(): void {
  openBeside(null);
}

export function GpusPage({ route }: { readonly route: Route }) {
  const gpus = useSnapshot((snapshot) => snapshot.gpus);
  const sentence = useMemo(() => (gpus === null ? null : gpusSentence(gpus)), [gpus]);
  const { id } = route;
  return (
    <Page name="GPUs" sentence={sentence} isList>
      <ListArea>
        {gpus === null ? (
          <Skeleton what="GPUs" rows={3} />
        ) : (
          <Table
            label="GPUs"
            noun="GPU"
            list="gpus"
            rows={gpus}
            all={gpus}
            columns={columns}
            narrow={narrow}
            openId={id}
            onOpen={(gpu) => openBeside(gpu.id)}
            empty={empty}
          />
        )}
        {id !== null && <GpuPanel key={id} id={id} onClose={closePanel} />}
      </ListArea>
    </Page>
  );
}
