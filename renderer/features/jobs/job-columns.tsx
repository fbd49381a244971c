// What a row of the list of jobs shows.
import type { JobView } from '../../../main/contract/snapshot.ts';
import { jobLooks } from '../../state/tones.ts';
import { duration, elapsed, failureOf, ranFor, waitedFor } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { RowLink } from '../../ui/row-link.tsx';
import type { Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import styles from './jobs.module.css';
import { t } from '../../language/strings.ts';

/** A container's name without what all of them begin with. */
function shortRunner(name: string): string {
  return name.replace(/^autogit-runner-/, '');
}

/** Why the job is where it is: what failed, what it needs, who runs it. */
function detailOf(job: JobView): string {
  const failure = failureOf(job);
  if (failure !== null) return `${failure.whose}: ${failure.cause}`;
  switch (job.status) {
    case 'created':
      return t('After earlier jobs of its pipeline');
    case 'pending':
      return job.tags.length === 0 ? t('Any runner') : t('Needs {{list}}', { list: job.tags.join(', ') });
    default:
      return shortRunner(job.runner ?? '');
  }
}

function spanOf(job: JobView, now: number): string {
  const ran = ranFor(job, now);
  if (ran !== null) return job.finishedAt === null ? elapsed(ran) : duration(ran);
  const waited = waitedFor(job, now);
  return waited === null ? '' : elapsed(waited);
}

function Unknown() {
  return (
    <span className={styles.quiet} aria-label={t('unknown')}>
      –
    </span>
  );
}

function Waited({ job, now }: { readonly job: JobView; readonly now: number }) {
  const waited = waitedFor(job, now);
  if (waited === null) return <Unknown />;
  return job.status === 'pending' ? elapsed(waited) : duration(waited);
}

function Ran({ job, now }: { readonly job: JobView; readonly now: number }) {
  const ran = ranFor(job, now);
  if (ran === null) return <Unknown />;
  return job.finishedAt === null ? elapsed(ran) : duration(ran);
}

const state: Column<JobView> = {
  title: t('State'),
  track: '100px',
  cell: (job) => <Badge look={jobLooks[job.status]} />,
};

export const jobColumns: readonly Column<JobView>[] = [
  state,
  {
    title: t('Job'),
    track: 'minmax(120px, 3fr)',
    cell: (job) => (
      <>
        <RowLink page="jobs" id={String(job.id)} title={job.name}>
          {job.name}
        </RowLink>{' '}
        <span className={styles.quiet}>#{job.id}</span>
      </>
    ),
  },
  {
    title: t('Project'),
    track: 'minmax(124px, 3fr)',
    cell: (job) => (
      <span title={`${job.project} · ${job.ref}`}>
        <bdi>{job.project}</bdi> <bdi className={styles.quiet}>{job.ref}</bdi>
      </span>
    ),
  },
  {
    title: t('Detail'),
    track: 'minmax(108px, 4fr)',
    cell: (job) => (
      <span className={job.status === 'failed' ? styles.failed : styles.quiet} title={detailOf(job)}>
        {detailOf(job)}
      </span>
    ),
  },
  { title: t('Waited'), track: '80px', align: 'end', cell: (job, now) => <Waited job={job} now={now} /> },
  { title: t('Ran'), track: '80px', align: 'end', cell: (job, now) => <Ran job={job} now={now} /> },
  {
    title: t('Seen'),
    track: '80px',
    align: 'end',
    cell: (job, now) => (
      <span className={styles.quiet}>
        <Time at={job.firstSeenAt} now={now} />
      </span>
    ),
  },
];

/** Two lines a row, for narrow windows and beside an open job. */
export const narrowJobColumns: readonly Column<JobView>[] = [
  state,
  {
    title: t('Job'),
    track: 'minmax(0, 1fr)',
    cell: (job) => (
      <>
        <div className={styles.line}>
          <RowLink page="jobs" id={String(job.id)} title={job.name}>
            {job.name}
          </RowLink>{' '}
          <span className={styles.quiet}>#{job.id}</span>
        </div>
        <div className={`${styles.line} ${job.status === 'failed' ? styles.failed : styles.quiet}`}>
          {job.status === 'failed' ? (
            detailOf(job)
          ) : (
            <>
              <bdi>{job.project}</bdi> · <bdi>{job.ref}</bdi>
            </>
          )}
        </div>
      </>
    ),
  },
  {
    title: t('Time'),
    track: '72px',
    align: 'end',
    cell: (job, now) => <span className={styles.quiet}>{spanOf(job, now)}</span>,
  },
];
