// The first few jobs of the queue; the whole of it has a page of its own.
import { useMemo } from 'react';
import { sortJobs } from '../../state/jobs.ts';
import { formatRoute } from '../../state/route.ts';
import { jobLooks } from '../../state/tones.ts';
import { useSeenNow, useSnapshot } from '../../state/use-live.ts';
import { elapsed, failureOf, ranFor, waitedFor } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import styles from './overview.module.css';
import { t } from '../../language/strings.ts';

const shown = 6;

export function JobGlance() {
  const jobs = useSnapshot((snapshot) => snapshot.jobs);
  const now = useSeenNow();
  const first = useMemo(() => sortJobs(jobs ?? []).slice(0, shown), [jobs]);
  if (first.length === 0) return <p className={styles.quiet}>{t('No job waits, runs, or ended lately.')}</p>;
  return (
    <Card>
      {first.map((job) => {
        const failure = failureOf(job);
        const span = ranFor(job, now) ?? waitedFor(job, now);
        return (
          <li key={job.id} className={styles.job}>
            <Badge look={jobLooks[job.status]} />
            <a href={formatRoute({ page: 'jobs', id: String(job.id) })}>{job.name}</a>
            <span className={styles.project}>
              {failure === null ? job.project : `${failure.whose}: ${failure.cause}`}
            </span>
            <span className={styles.span}>{span === null ? '' : elapsed(span)}</span>
          </li>
        );
      })}
    </Card>
  );
}
