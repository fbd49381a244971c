// What a row of the list of pools shows.
import type { PoolView } from '../../../main/contract/snapshot.ts';
import { poolLook, sizeWords } from '../../state/pools.ts';
import { Badge } from '../../ui/badge.tsx';
import { RowLink } from '../../ui/row-link.tsx';
import { Slots } from '../../ui/slots.tsx';
import type { Column } from '../../ui/table.tsx';
import styles from './pools.module.css';
import { numeral } from '../../language/locale.ts';
import { t } from '../../language/strings.ts';

/** A pool as a row: known by its name. */
export interface PoolRow {
  readonly id: string;
  readonly pool: PoolView;
}

const state: Column<PoolRow> = {
  title: t('State'),
  track: '108px',
  cell: ({ pool }) => <Badge look={poolLook(pool)} />,
};

/** With a word where its limits could be others. */
function Name({ pool }: { readonly pool: PoolView }) {
  const advice = pool.advice?.map(({ sentence }) => sentence).join(' ') ?? '';
  return (
    <>
      <RowLink page="pools" id={pool.name} title={pool.name}>
        {pool.name}
      </RowLink>
      {advice !== '' && (
        <span className={styles.advice} title={advice}>
          {' '}
          {t('advice')}
        </span>
      )}
    </>
  );
}

function tagWords({ tags, runUntagged }: PoolView): string {
  const all = runUntagged ? [...tags, 'untagged'] : tags;
  return all.length === 0 ? t('no job') : all.join(', ');
}

function Waiting({ waiting }: PoolView) {
  if (waiting === 0) return <span className={styles.quiet}>{t('none')}</span>;
  return <strong className={styles.waiting}>{numeral(waiting)}</strong>;
}

export const poolColumns: readonly Column<PoolRow>[] = [
  state,
  { title: t('Pool'), track: 'minmax(96px, 2fr)', cell: ({ pool }) => <Name pool={pool} /> },
  { title: t('Runners'), track: 'minmax(168px, 3fr)', cell: ({ pool }) => <Slots pool={pool} isShort /> },
  { title: t('Waiting'), track: '72px', align: 'end', cell: ({ pool }) => <Waiting {...pool} /> },
  { title: t('Each runner'), track: '128px', cell: ({ pool }) => sizeWords(pool) },
  {
    title: t('Takes'),
    track: 'minmax(88px, 3fr)',
    cell: ({ pool }) => (
      <span className={styles.quiet} title={tagWords(pool)}>
        {tagWords(pool)}
      </span>
    ),
  },
];

/** Two lines a row, for narrow windows and beside an open pool. */
export const narrowPoolColumns: readonly Column<PoolRow>[] = [
  {
    title: t('Pool'),
    track: 'minmax(0, 1fr)',
    cell: ({ pool }) => (
      <>
        <div className={styles.line}>
          <Name pool={pool} /> <span className={styles.quiet}>{sizeWords(pool)}</span>
        </div>
        <Slots pool={pool} isShort />
      </>
    ),
  },
  {
    title: t('State'),
    track: '108px',
    align: 'end',
    cell: ({ pool }) => (
      <>
        <Badge look={poolLook(pool)} />
        {pool.waiting > 0 && (
          <div className={styles.quiet}>{t('{{waiting}} waiting', { waiting: numeral(pool.waiting) })}</div>
        )}
      </>
    ),
  },
];
