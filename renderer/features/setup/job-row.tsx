// A job in a line: how it stands, its name, and for how long.
import type { JobView } from '../../../main/contract/snapshot.ts';
import { formatRoute } from '../../state/route.ts';
import { jobLooks } from '../../state/tones.ts';
import { useSeenNow } from '../../state/use-live.ts';
import { elapsed, failureOf, ranFor, waitedFor } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import styles from './setup.module.css';

export function JobRow({ job }: { readonly job: JobView }) {
  const now = useSeenNow();
  const failure = failureOf(job);
  const span = ranFor(job, now) ?? waitedFor(job, now);
  return (
    <li className={styles.job}>
      <Badge look={jobLooks[job.status]} />
      <a href={formatRoute({ page: 'jobs', id: String(job.id) })}>{job.name}</a>
      <span className={styles.quiet}>
        {failure === null ? job.project : `${failure.whose}: ${failure.cause}`}
      </span>
      <span className={styles.span}>{span === null ? '' : elapsed(span)}</span>
    </li>
  );
}
