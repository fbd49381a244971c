// What a row of the audit log shows.
import { doorWords, outcomeLook } from '../../state/audit.ts';
import type { AuditRecord, AuditRow } from '../../state/audit.ts';
import { Badge } from '../../ui/badge.tsx';
import { RowLink } from '../../ui/row-link.tsx';
import type { Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import styles from './audit.module.css';
import { t } from '../../language/strings.ts';

function Outcome({ record }: { readonly record: AuditRecord }) {
  const look = outcomeLook(record);
  return <Badge look={look} />;
}

function Request({ row }: { readonly row: AuditRow }) {
  return (
    <RowLink page="audit" id={row.id} title={row.record.request}>
      {row.record.request}
    </RowLink>
  );
}

function About({ record }: { readonly record: AuditRecord }) {
  return record.subject === undefined ? null : <span title={record.subject}>{record.subject}</span>;
}

function Key({ outcome }: AuditRecord) {
  return outcome === 'done' ? null : <code title={outcome}>{outcome}</code>;
}

export const auditColumns: readonly Column<AuditRow>[] = [
  { title: t('Outcome'), track: '156px', cell: ({ record }) => <Outcome record={record} /> },
  { title: t('Request'), track: 'minmax(120px, 2fr)', cell: (row) => <Request row={row} /> },
  { title: t('About'), track: 'minmax(96px, 3fr)', cell: ({ record }) => <About record={record} /> },
  { title: t('Why'), track: 'minmax(96px, 2fr)', cell: ({ record }) => <Key {...record} /> },
  { title: t('Door'), track: '120px', cell: ({ record }) => doorWords[record.door] },
  {
    title: t('When'),
    track: '112px',
    align: 'end',
    cell: ({ record }, now) => <Time at={record.at} now={now} />,
  },
];

/** Two lines a row, for narrow windows and beside an open request. */
export const narrowAuditColumns: readonly Column<AuditRow>[] = [
  {
    title: t('Request'),
    track: 'minmax(0, 1fr)',
    cell: (row) => (
      <>
        <div className={styles.line}>
          <Request row={row} />
        </div>
        <div className={`${styles.line} ${styles.quiet}`}>
          {row.record.subject ?? doorWords[row.record.door]}
        </div>
      </>
    ),
  },
  {
    title: t('Outcome'),
    track: '148px',
    align: 'end',
    cell: ({ record }, now) => (
      <>
        <Outcome record={record} />
        <div className={styles.quiet}>
          <Time at={record.at} now={now} />
        </div>
      </>
    ),
  },
];
