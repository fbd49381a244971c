// One job beside the list: what it is, how it goes, whose fault it was, and its log.
import { Ban, RotateCcw } from 'lucide-react';
import { useMemo } from 'react';
import type { ExplanationView } from '../../../main/contract/explanation.ts';
import type { JobView } from '../../../main/contract/snapshot.ts';
import type { CoreClient } from '../../client.ts';
import type { Problem } from '../../state/problem.ts';
import { formatRoute } from '../../state/route.ts';
import { cancelJobDeed, retryJobDeed } from '../../state/row-deeds.ts';
import { jobLooks } from '../../state/tones.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useRepeat } from '../../state/use-repeat.ts';
import { useLab, useSeenNow, useSnapshot } from '../../state/use-live.ts';
import { capital, duration, elapsed, failureOf, ranFor, waitedFor } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { LogView } from '../../ui/log-view.tsx';
import { NextStep } from '../../ui/next-step.tsx';
import { isLong, LongText } from '../../ui/long-text.tsx';
import { Facts, Panel, PanelBody, PanelFoot } from '../../ui/page.tsx';
import { Tags } from '../../ui/tags.tsx';
import { Time } from '../../ui/time.tsx';
import styles from './jobs.module.css';
import { t } from '../../language/strings.ts';

interface Found {
  readonly job: JobView | null;
  readonly problem: Problem | null;
}

function notThere(id: number): Problem {
  return {
    key: 'job.unknown',
    message: t('AutoGit has not seen a job with the number {{id}}.', { id }),
    next: t('Choose one from the list.'),
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

/** A runner that is alive can be looked at; of one that is gone, its name is left. */
function RunnerLink({ name }: { readonly name: string }) {
  const id = useSnapshot(({ runners }) => runners.find((runner) => runner.name === name)?.id ?? null);
  if (id === null) return <Copyable text={name} what={t('the name of the runner')} />;
  return <a href={formatRoute({ page: 'runners', id })}>{name}</a>;
}

function JobFacts({ job }: { readonly job: JobView }) {
  const now = useSeenNow();
  const waited = waitedFor(job, now);
  const ran = ranFor(job, now);
  const { finishedAt } = job;
  return (
    <Facts
      rows={[
        [t('Number'), <Copyable key="id" text={String(job.id)} what={t("the job's number")} />],
        ...(isLong(job.name)
          ? [[t('Name'), <LongText key="name" text={job.name} what={t('Name')} />] as const]
          : []),
        [t('Project'), <LongText key="project" text={job.project} what={t('Project')} />],
        [t('Branch'), <LongText key="branch" text={job.ref} what={t('Branch')} />],
        [
          t('Tags'),
          <Tags key="tags" tags={job.tags} none={t('none: any runner that takes untagged jobs')} />,
        ],
        [t('Seen'), <Time key="seen" at={job.firstSeenAt} now={now} />],
        [
          t('Waited'),
          waited === null ? t('unknown') : job.status === 'pending' ? elapsed(waited) : duration(waited),
        ],
        [t('Ran'), ran === null ? t('not yet') : finishedAt === null ? elapsed(ran) : duration(ran)],
        ...(finishedAt === null ? [] : [[t('Ended'), <Time key="end" at={finishedAt} now={now} />] as const]),
        [
          t('Runner'),
          job.runner === null ? (
            job.startedAt === null ? (
              t('none yet')
            ) : (
              t('not one of this home')
            )
          ) : (
            <RunnerLink key="runner" name={job.runner} />
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
      problem={{
        key: job.failureReason ?? 'unknown',
        message: `${failure.whose}: ${failure.cause}`,
        next: failure.next,
      }}
    />
  );
}

/** How often a waiting job is explained anew. Milliseconds. */
const explainMs = 5_000;

/** The ways to what the sentence names. */
function ReasonLinks({ data }: Pick<ExplanationView, 'data'>) {
  const named = (['pool', 'job', 'runner'] as const).flatMap((kind) => {
    const id = data[kind];
    return id === undefined || Array.isArray(id) ? [] : [{ kind, id: String(id) }];
  });
  if (named.length === 0) return null;
  return (
    <p className={styles.links}>
      {named.map(({ kind, id }) => (
        <a key={kind} href={formatRoute({ page: `${kind}s`, id })}>
          {capital(kind)} {id}
        </a>
      ))}
    </p>
  );
}

/** Why it waits, in one sentence, and what to do. */
function Reason({ id }: { readonly id: number }) {
  const ask = useMemo(() => (client: CoreClient) => client.call('job.explain', { id }), [id]);
  const { value, error, again } = useAnswer(ask);
  useRepeat(again, explainMs);
  if (value === null)
    return error === null ? <p role="status">{t('Asking why it waits…')}</p> : <ErrorNote problem={error} />;
  return (
    <div className={styles.reason} role="status">
      <p className={styles.sentence}>{value.sentence}</p>
      <NextStep text={value.next} />
      <ReasonLinks data={value.data} />
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
          {t('Cancel')}
        </Button>
      );
    case 'success':
    case 'failed':
    case 'canceled':
      return (
        <Button icon={RotateCcw} onClick={() => deeds.ask(retryJobDeed(id))}>
          {t('Run again')}
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
  /** Lines of its log that the address names. */
  readonly lines: string | undefined;
  onLines(lines: string): void;
  onClose(): void;
}

export function JobPanel({ id, lines, onLines, onClose }: JobPanelProps) {
  const { job, problem } = useJob(id);
  const label = t('Job {{id}}', { id });
  if (job === null) {
    return (
      <Panel title={label} label={label} onClose={onClose}>
        <PanelBody>
          {problem === null ? (
            <p role="status">{t('Looking for the job…')}</p>
          ) : (
            <ErrorNote
              problem={problem}
              action={<a href={formatRoute({ page: 'jobs' })}>{t('Show all jobs')}</a>}
            />
          )}
        </PanelBody>
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
          <bdi className={styles.name}>{job.name}</bdi> <Badge look={jobLooks[job.status]} />
        </>
      }
    >
      <PanelBody>
        {(job.status === 'pending' || job.status === 'created') && <Reason id={id} />}
        <Failure job={job} />
        <JobFacts job={job} />
        <PanelFoot>
          <JobButtons job={job} />
          <Command line={hasBegun ? `autogit job log ${id} --follow` : `autogit job explain ${id}`} />
        </PanelFoot>
      </PanelBody>
      {hasBegun ? (
        <LogView {...{ id, lines, onLines }} />
      ) : (
        <p className={styles.note}>{t('The log begins when the job runs.')}</p>
      )}
    </Panel>
  );
}
