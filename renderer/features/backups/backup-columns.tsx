// What a row of the list of backups shows.
import { countsWords, gitlabWords, proofLooks } from '../../state/backups.ts';
import type { Backup } from '../../state/backups.ts';
import { dateFormat } from '../../language/locale.ts';
import { ago, bytesWords } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { RowLink } from '../../ui/row-link.tsx';
import type { Column } from '../../ui/table.tsx';
import styles from './backups.module.css';
import { t } from '../../language/strings.ts';

/** A backup as a row: known by its id. */
export interface BackupRow {
  readonly id: string;
  readonly backup: Backup;
}

export function rowOf(backup: Backup): BackupRow {
  return { id: backup.id, backup };
}

const moment = dateFormat({ dateStyle: 'medium', timeStyle: 'short' });

function When({ backup: { id, at } }: { readonly backup: Backup }) {
  return (
    <RowLink page="backups" id={id} title={id}>
      {moment.format(at)}
    </RowLink>
  );
}

/** How large it is, and what of that was new. */
function Size({ backup: { bytes, addedBytes } }: { readonly backup: Backup }) {
  if (bytes === null) return <span className={styles.quiet}>{t('unknown')}</span>;
  return (
    <span title={addedBytes === null ? undefined : t('{{size}} were new', { size: bytesWords(addedBytes) })}>
      {bytesWords(bytes)}
    </span>
  );
}

function Where({ backup: { targets } }: { readonly backup: Backup }) {
  const words = targets.join(', ');
  return <span title={words}>{words}</span>;
}

function Contents({ backup }: { readonly backup: Backup }) {
  const words = [gitlabWords(backup), countsWords(backup.counts)].filter((one) => one !== '').join(', ');
  return (
    <span className={styles.quiet} title={words}>
      {words}
    </span>
  );
}

export const backupColumns: readonly Column<BackupRow>[] = [
  { title: t('State'), track: '124px', cell: ({ backup }) => <Badge look={proofLooks[backup.proof]} /> },
  { title: t('Made'), track: 'minmax(200px, 2fr)', cell: ({ backup }) => <When backup={backup} /> },
  {
    title: t('Ago'),
    track: '96px',
    cell: ({ backup }, now) => <span className={styles.quiet}>{ago(backup.at, now)}</span>,
  },
  { title: t('At'), track: 'minmax(96px, 2fr)', cell: ({ backup }) => <Where backup={backup} /> },
  { title: t('Size'), track: '88px', align: 'end', cell: ({ backup }) => <Size backup={backup} /> },
  {
    title: t('New'),
    track: '88px',
    align: 'end',
    cell: ({ backup: { addedBytes } }) => (addedBytes === null ? t('unknown') : bytesWords(addedBytes)),
  },
  { title: t('In it'), track: 'minmax(80px, 3fr)', cell: ({ backup }) => <Contents backup={backup} /> },
];

/** Two lines a row, for narrow windows and beside an open backup. */
export const narrowBackupColumns: readonly Column<BackupRow>[] = [
  {
    title: t('Made'),
    track: 'minmax(0, 1fr)',
    cell: ({ backup }) => (
      <>
        <div className={styles.line}>
          <When backup={backup} />
        </div>
        <div className={`${styles.line} ${styles.quiet}`}>{backup.targets.join(', ')}</div>
      </>
    ),
  },
  {
    title: t('State'),
    track: '128px',
    align: 'end',
    cell: ({ backup }) => (
      <>
        <Badge look={proofLooks[backup.proof]} />
        <div className={styles.quiet}>
          <Size backup={backup} />
        </div>
      </>
    ),
  },
];
