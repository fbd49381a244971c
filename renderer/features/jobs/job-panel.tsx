// One job beside the list: what it is, how it goes, whose fault it was, and its log.
import { Ban, RotateCcw } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import type { JobView } from '../../../main/contract/snapshot.ts';
import type { CoreClient } from '../../client.ts';
import type { Problem } from '../../state/problem.ts';
import { formatRoute } from '../../state/route.ts';
import { cancelJobDeed, retryJobDeed } from '../../state/row-deeds.ts';
import { jobLooks } from '../../state/tones.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useLab, useSeenNow, useSnapshot } from '../../state/use-live.ts';
import { duration, elapsed, failureOf, ranFor, waitedFor } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Facts, Panel } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import styles from './jobs.module.css';
import { LogView } from './log-view.tsx';

interface Found {
  readonly job: JobView | null;
  readonly problem: Problem | null;
}

function notThere(id: number): Problem {
  return {
    key: 'job.unknown',
    message: `AutoGit has not seen a job with the number ${id}.`,
    next: 'Choose one from the list.',
  };
}

const everyJob = (client: CoreClient): Promise<readonly JobView[]> =>
  client.call('job.list', { limit: 10_000 });

/** The job as it is followed, or as the core remembers it when it ended long ago. */
function useJob(id: number): Found {
  const followed = useSnapshot(({ jobs }) => jobs.find((job) => job.id === id) ?? null);
  const isKnown = useSnapshot(() => true) ?? false;
  const ask = useMemo(() => (isKnown && followed === null ? everyJob : null), [isKnown, followed]);
  const { value, error } = useAnswer(ask);
  if (followed !== null) return { job: followed, problem: null };
  const job = value?.find((one) => one.id === id) ?? null;
  return { job, problem: value !== null && job === null ? notThere(id) : error };
}

function Tags({ tags }: { readonly tags: readonly string[] }) {
  if (tags.length === 0) return 'none: any runner that takes untagged jobs';
  return (
    <span className={styles.tags}>
      {tags.map((tag) => (
        <span key={tag} className={styles.tag}>
          {tag}
        </span>
      ))}
    </span>
  );
}

function JobFacts({ job }: { readonly job: JobView }) {
  const now = useSeenNow();
  const waited = waitedFor(job, now);
  const ran = ranFor(job, now);
  const { finishedAt } = job;
  return (
    <Facts
      rows={[
        ['Number', <Copyable key="id" text={String(job.id)} what="the job's number" />],
        ['Project', job.project],
        ['Branch', job.ref],
        ['Tags', <Tags key="tags" tags={job.tags} />],
        ['Seen', <Time key="seen" at={job.firstSeenAt} now={now} />],
        [
          'Waited',
          waited === null ? 'unknown' : job.status === 'pending' ? elapsed(waited) : duration(waited),
        ],
        ['Ran', ran === null ? 'not yet' : finishedAt === null ? elapsed(ran) : duration(ran)],
        ...(finishedAt === null ? [] : [['Ended', <Time key="end" at={finishedAt} now={now} />] as const]),
        [
          'Runner',
          job.runner === null ? (
            job.startedAt === null ? (
              'none yet'
            ) : (
              'not one of this home'
            )
          ) : (
            <Copyable key="runner" text={job.runner} what="the name of the runner" />
          ),
        ],
      ]}
    />
  );
}

function Failure({ job }: { readonly job: JobView }) {
  const failure = failureOf(job);
  if (failure === null) return null;
  return (
    <ErrorNote
      problem={{ key: job.failureReason ?? 'unknown', message: `${failure.cause}.`, next: failure.next }}
    />
  );
}

/** How often a waiting job is explained anew. Milliseconds. */
const explainMs = 5_000;

/** Why it waits, in one sentence, and what to do. */
function Reason({ id }: { readonly id: number }) {
  const ask = useMemo(() => (client: CoreClient) => client.call('job.explain', { id }), [id]);
  const { value, error, again } = useAnswer(ask);
  useEffect(() => {
    const timer = setInterval(again, explainMs);
    return () => clearInterval(timer);
  }, [again]);
  if (value === null) return error === null ? null : <ErrorNote problem={error} />;
  return (
    <div className={styles.reason} role="status">
      <p>{value.sentence}</p>
      <p className={styles.quiet}>{value.next}</p>
    </div>
  );
}

/** What can be done with the job as it is now. */
function JobButtons({ job }: { readonly job: JobView }) {
  const { deeds } = useLab();
  const { id, status } = job;
  switch (status) {
    case 'created':
    case 'pending':
    case 'running':
      return (
        <Button icon={Ban} onClick={() => deeds.ask(cancelJobDeed(id, status === 'running'))}>
          Cancel
        </Button>
      );
    case 'success':
    case 'failed':
    case 'canceled':
      return (
        <Button icon={RotateCcw} onClick={() => deeds.ask(retryJobDeed(id))}>
          Run again
        </Button>
      );
    case 'canceling':
    case 'skipped':
    case 'unknown':
      return null;
  }
}

interface JobPanelProps {
  readonly id: number;
  onClose(): void;
}

export function JobPanel({ id, onClose }: JobPanelProps) {
  const { job, problem } = useJob(id);
  const label = `Job ${id}`;
  if (job === null) {
    return (
      <Panel title={label} label={label} onClose={onClose}>
        <div className={styles.details}>
          {problem === null ? (
            <p role="status">Looking for the job…</p>
          ) : (
            <ErrorNote problem={problem} action={<a href={formatRoute({ page: 'jobs' })}>Show all jobs</a>} />
          )}
        </div>
      </Panel>
    );
  }
  const hasBegun = job.startedAt !== null || !['created', 'pending', 'skipped'].includes(job.status);
  return (
    <Panel
      label={label}
      onClose={onClose}
      title={
        <>
          {job.name} <Badge look={jobLooks[job.status]} />
        </>
      }
    >
      <div className={styles.details}>
        {(job.status === 'pending' || job.status === 'created') && <Reason id={id} />}
        <Failure job={job} />
        <JobFacts job={job} />
        <div className={styles.foot}>
          <JobButtons job={job} />
          <Command line={hasBegun ? `autogit job log ${id} --follow` : `autogit job explain ${id}`} />
        </div>
      </div>
      {hasBegun ? (
        <LogView id={id} />
      ) : (
        <div className={styles.log}>
          <p className={styles.logNote}>The log begins when the job runs.</p>
        </div>
      )}
    </Panel>
  );
}
