// One graphics card beside the list: what it is, who has it, why nobody gets it, and keeping it for its owner.
import { Ban, CirclePlay } from 'lucide-react';
import type { ReactNode } from 'react';
import type { GpuView } from '../../../main/contract/snapshot.ts';
import { vendorWords } from '../../state/gpu-need.ts';
import type { Problem } from '../../state/problem.ts';
import { formatRoute } from '../../state/route.ts';
import { releaseGpuDeed, reserveGpuDeed } from '../../state/row-deeds.ts';
import { gpuLooks } from '../../state/tones.ts';
import { useLab, useSeenNow, useSnapshot } from '../../state/use-live.ts';
import { gigabytes } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Facts, Panel, PanelBody, PanelFoot } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import styles from './gpus.module.css';

/** `job 41 of lab/app` leads to the job. */
function Holder({ by }: { readonly by: string }) {
  const id = /^job (\d+) of /.exec(by)?.[1];
  return id === undefined ? by : <a href={formatRoute({ page: 'jobs', id })}>{by}</a>;
}

function Holders({ holders }: Pick<GpuView, 'holders'>) {
  const now = useSeenNow();
  if (holders.length === 0) return 'nobody';
  return (
    <ul>
      {holders.map(({ by, since }) => (
        <li key={by}>
          <Holder by={by} />
          {since > 0 && (
            <span className={styles.quiet}>
              , since <Time at={since} now={now} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Content({ gpu }: { readonly gpu: GpuView }) {
  const { deeds } = useLab();
  const { id, memoryMiB, celsius, parent, why, state } = gpu;
  const rows: readonly (readonly [string, ReactNode])[] = [
    ['Id', <Copyable key="id" text={id} what="the id of the GPU" />],
    ['Made by', vendorWords(gpu.vendor)],
    ['Memory', memoryMiB === null ? 'unknown' : gigabytes(memoryMiB)],
    ['Temperature', celsius === null ? 'unknown' : `${celsius} °C`],
    ['Machine', gpu.node],
    ...(parent === null ? [] : [['Slice of', parent] as const]),
    ['Has it', <Holders key="holders" holders={gpu.holders} />],
  ];
  return (
    <>
      {why !== null && <p className={styles.why}>{why}</p>}
      <Facts rows={rows} />
      <PanelFoot>
        {state === 'reserved' ? (
          <Button look="primary" icon={CirclePlay} onClick={() => deeds.ask(releaseGpuDeed(id))}>
            Let jobs have it
          </Button>
        ) : (
          <Button icon={Ban} onClick={() => deeds.ask(reserveGpuDeed(id))}>
            Keep it for its owner
          </Button>
        )}
        <Command line="autogit gpu list" />
      </PanelFoot>
    </>
  );
}

function unknown(id: string): Problem {
  return {
    key: 'gpu.unknown',
    message: `There is no GPU ${id}.`,
    next: 'It may have been taken out. Choose one from the list.',
  };
}

interface GpuPanelProps {
  readonly id: string;
  onClose(): void;
}

export function GpuPanel({ id, onClose }: GpuPanelProps) {
  const gpu = useSnapshot(({ gpus }) => gpus.find((one) => one.id === id) ?? null);
  const isKnown = useSnapshot(() => true) ?? false;
  const title =
    gpu === null ? (
      `GPU ${id}`
    ) : (
      <>
        {gpu.model} <Badge look={gpuLooks[gpu.state]} />
      </>
    );
  return (
    <Panel title={title} label={`GPU ${id}`} onClose={onClose}>
      <PanelBody isAll>
        {gpu === null ? isKnown && <ErrorNote problem={unknown(id)} /> : <Content gpu={gpu} />}
      </PanelBody>
    </Panel>
  );
}
