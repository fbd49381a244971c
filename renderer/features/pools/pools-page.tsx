// The kinds of runners there are: whom they serve, how many, how large, and who waits for them.
import { Boxes } from 'lucide-react';
import type { PoolView } from '../../../main/contract/snapshot.ts';
import { poolsSentence } from '../../state/sentences.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { count, elapsed, gigabytes } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import { Command } from '../../ui/copyable.tsx';
import { EmptyState, Skeleton } from '../../ui/notes.tsx';
import { Facts, Page } from '../../ui/page.tsx';
import { Slots } from '../../ui/slots.tsx';
import styles from './pools.module.css';

function limitsOf({ cpus, memoryMiB }: PoolView): string {
  const parts = [
    ...(cpus === null ? [] : [count(cpus, 'CPU')]),
    ...(memoryMiB === null ? [] : [`${gigabytes(memoryMiB)} of memory`]),
  ];
  return parts.length === 0 ? 'none: as much as the machine has' : `${parts.join(', ')} for each runner`;
}

function servesOf({ tags, runUntagged }: PoolView): string {
  const tagged = tags.length === 0 ? '' : `Jobs whose tags are among ${tags.join(', ')}`;
  if (tagged === '') return runUntagged ? 'Jobs without tags' : 'No job: it has no tags';
  return runUntagged ? `${tagged}, and jobs without tags` : tagged;
}

function Pool({ pool }: { readonly pool: PoolView }) {
  return (
    <li className={styles.pool} aria-label={`Pool ${pool.name}`}>
      <div className={styles.head}>
        <h2>{pool.name}</h2>
        {pool.waiting > 0 && (
          <Badge look={{ tone: 'waiting', sign: 'clock', word: `${count(pool.waiting, 'job')} waiting` }} />
        )}
        {!pool.ready && (
          <Badge look={{ tone: 'idle', sign: 'later', word: 'Not registered at GitLab yet' }} />
        )}
      </div>
      <Slots pool={pool} />
      <Facts
        rows={[
          ['Serves', servesOf(pool)],
          ['Limits', limitsOf(pool)],
          ['Idle time', `${elapsed(pool.idleTime * 1000)}, then a runner leaves`],
        ]}
      />
    </li>
  );
}

export function PoolsPage() {
  const pools = useSnapshot((snapshot) => snapshot.pools);
  return (
    <Page name="Pools" sentence={pools === null ? null : poolsSentence(pools)}>
      {pools === null ? (
        <Skeleton what="pools" rows={4} />
      ) : pools.length === 0 ? (
        <EmptyState icon={Boxes} title="No pools" command="autogit settings show">
          A pool says which jobs its runners take, how many there may be, and how large each is. Pools stand
          in the settings file.
        </EmptyState>
      ) : (
        <>
          <Card>
            {pools.map((pool) => (
              <Pool key={pool.name} pool={pool} />
            ))}
          </Card>
          <p className={styles.hint}>
            Pools stand in the settings file. Where it is, and what is in force:{' '}
            <Command line="autogit settings show" />
          </p>
        </>
      )}
    </Page>
  );
}
