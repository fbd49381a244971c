// The kinds of runners there are: whom they serve, how many, how large, and who waits for them.
import { Boxes, CirclePause, CirclePlay, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { PoolView } from '../../../main/contract/snapshot.ts';
import { pausePoolDeed, removePoolDeed, resumePoolDeed } from '../../state/row-deeds.ts';
import { poolsSentence } from '../../state/sentences.ts';
import { useLab, useSnapshot } from '../../state/use-live.ts';
import { count, elapsed, gigabytes } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Command } from '../../ui/copyable.tsx';
import { EmptyState, Skeleton } from '../../ui/notes.tsx';
import { Facts, Page } from '../../ui/page.tsx';
import { Slots } from '../../ui/slots.tsx';
import { PoolDialog } from './pool-dialog.tsx';
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

/** `group:lab/web` in words. */
function scopeWords(scope: string): string {
  const [kind = '', path] = scope.split(':');
  return path === undefined ? 'every project' : `the ${kind} ${path}`;
}

interface PoolProps {
  readonly pool: PoolView;
  onEdit(): void;
}

function PoolButtons({ pool, onEdit }: PoolProps) {
  const { deeds } = useLab();
  const { name, paused, runners } = pool;
  return (
    <div className={styles.buttons}>
      <Button look="bare" icon={Pencil} onClick={onEdit}>
        Edit
      </Button>
      {paused ? (
        <Button icon={CirclePlay} onClick={() => deeds.ask(resumePoolDeed(name))}>
          Resume
        </Button>
      ) : (
        <Button look="bare" icon={CirclePause} onClick={() => deeds.ask(pausePoolDeed(name))}>
          Pause
        </Button>
      )}
      <Button look="bare" icon={Trash2} onClick={() => deeds.ask(removePoolDeed(name, runners.busy))}>
        Remove
      </Button>
    </div>
  );
}

function Pool({ pool, onEdit }: PoolProps) {
  return (
    <li className={styles.pool} aria-label={`Pool ${pool.name}`}>
      <div className={styles.head}>
        <h2>{pool.name}</h2>
        {pool.waiting > 0 && (
          <Badge look={{ tone: 'waiting', sign: 'clock', word: `${count(pool.waiting, 'job')} waiting` }} />
        )}
        {pool.paused && <Badge look={{ tone: 'idle', sign: 'stop', word: 'Paused' }} />}
        {!pool.ready && (
          <Badge look={{ tone: 'idle', sign: 'later', word: 'Not registered at GitLab yet' }} />
        )}
        <PoolButtons pool={pool} onEdit={onEdit} />
      </div>
      <Slots pool={pool} />
      <Facts
        rows={[
          ['Serves', servesOf(pool)],
          [
            'Of',
            `${scopeWords(pool.scope)}${pool.protectedOnly ? ', protected branches and tags only' : ''}`,
          ],
          ['Limits', limitsOf(pool)],
          ['Idle time', `${elapsed(pool.idleTime * 1000)}, then a runner leaves`],
        ]}
      />
    </li>
  );
}

export function PoolsPage() {
  const pools = useSnapshot((snapshot) => snapshot.pools);
  /** The pool whose settings are open; `null` for a new one. */
  const [edited, setEdited] = useState<string | null | undefined>(undefined);
  const add = (
    <Button look="primary" icon={Plus} onClick={() => setEdited(null)}>
      Add a pool
    </Button>
  );
  return (
    <Page name="Pools" sentence={pools === null ? null : poolsSentence(pools)} actions={add}>
      {edited !== undefined && <PoolDialog name={edited} onClose={() => setEdited(undefined)} />}
      {pools === null ? (
        <Skeleton what="pools" rows={4} />
      ) : pools.length === 0 ? (
        <EmptyState icon={Boxes} title="No pools" command="autogit pool add default --tags docker">
          A pool says which jobs its runners take, how many there may be, and how large each is.
        </EmptyState>
      ) : (
        <>
          <Card>
            {pools.map((pool) => (
              <Pool key={pool.name} pool={pool} onEdit={() => setEdited(pool.name)} />
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
