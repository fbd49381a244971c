// Pools that fit this machine, beside those that there are; the missing ones are added with one button.
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { sizeWords } from '../../state/pools.ts';
import { addReadyPoolsDeed } from '../../state/row-deeds.ts';
import type { StateLook } from '../../state/tones.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useLab } from '../../state/use-live.ts';
import { count, t } from '../../language/strings.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import styles from './pools.module.css';

type Ready = Output<'pool.ready'>['pools'][number];

const looks: Readonly<Record<Ready['state'], StateLook>> = {
  there: { tone: 'success', sign: 'check', word: t('There') },
  changed: { tone: 'idle', sign: 'question', word: t('There, set otherwise') },
  missing: { tone: 'waiting', sign: 'later', word: t('Missing') },
};

const look = (client: CoreClient): Promise<Output<'pool.ready'>> => client.call('pool.ready', {});

function takenWords({ tags, runUntagged }: Ready): string {
  const list = tags.join(', ');
  if (tags.length === 0) return runUntagged ? t('No tags, and jobs without tags') : t('No tags');
  return runUntagged ? t('Tags {{list}}, and jobs without tags', { list }) : t('Tags {{list}}', { list });
}

function ReadyRow({ pool }: { readonly pool: Ready }) {
  return (
    <li className={styles.ready}>
      <div>
        <strong>{pool.name}</strong>{' '}
        <span className={styles.quiet}>
          {t('{{size}} each, at most {{runners}}', {
            size: sizeWords(pool),
            runners: count(pool.max, '{{n}} runner', '{{n}} runners'),
          })}
        </span>
        <p>{pool.purpose}</p>
        <p className={styles.quiet}>{takenWords(pool)}</p>
      </div>
      <Badge look={looks[pool.state]} />
    </li>
  );
}

export function ReadyDialog({ onClose }: { onClose(): void }) {
  const { deeds } = useLab();
  const { value, error } = useAnswer(look);
  const missing = value?.pools.filter(({ state }) => state === 'missing') ?? [];
  const add = (): void => {
    onClose();
    deeds.ask(addReadyPoolsDeed(missing.map(({ name }) => name)));
  };
  return (
    <Dialog
      title={t('Pools that fit this machine')}
      isWide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('Close')}</Button>
          {missing.length > 0 && (
            <Button look="primary" onClick={add}>
              {count(missing.length, 'Add {{n}} missing pool', 'Add {{n}} missing pools')}
            </Button>
          )}
        </>
      }
    >
      {value === null ? (
        error === null ? (
          <Skeleton what={t('what the machine has')} rows={5} />
        ) : (
          <ErrorNote problem={error} />
        )
      ) : (
        <>
          <p>{value.message}</p>
          {value.pools.length > 0 && (
            <Card>
              {value.pools.map((pool) => (
                <ReadyRow key={pool.name} pool={pool} />
              ))}
            </Card>
          )}
          <p className={styles.quiet}>{t('A pool that is there is never changed by this.')}</p>
        </>
      )}
    </Dialog>
  );
}
