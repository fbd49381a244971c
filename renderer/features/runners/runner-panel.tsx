// One runner beside the list: what it is doing, since when, on what, how to let it go, and the log of its job.
import { LogOut, Trash2 } from 'lucide-react';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { GpuView } from '../../../main/contract/snapshot.ts';
import type { CoreClient } from '../../client.ts';
import { formatRoute } from '../../state/route.ts';
import { drainRunnerDeed, removeRunnerDeed } from '../../state/row-deeds.ts';
import { canBeAsked, runnerStateWords } from '../../state/runners.ts';
import { runnerLooks } from '../../state/tones.ts';
import type { StateLook } from '../../state/tones.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useLab, useSeenNow, useSnapshot } from '../../state/use-live.ts';
import { elapsed } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { LogView } from '../../ui/log-view.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Facts, Panel, PanelBody, PanelFoot } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import styles from './runners.module.css';
import { Rich } from '../../ui/rich.tsx';
import { t } from '../../language/strings.ts';

type Shown = Output<'runner.show'>;
type Runner = Shown['runner'];

const noGpus: readonly GpuView[] = [];

const goneLook: StateLook = { tone: 'idle', sign: 'done', word: t('Gone') };

/** The job that it has, by its name where the queue knows it. */
function JobLink({ id }: { readonly id: number }) {
  const job = useSnapshot(({ jobs }) => jobs.find((one) => one.id === id) ?? null);
  return (
    <>
      <a className={styles.inText} href={formatRoute({ page: 'jobs', id: String(id) })}>
        {job === null ? t('Job {{id}}', { id }) : job.name}
      </a>
      {job !== null && (
        <span className={styles.quiet}>
          {' '}
          <Rich text={t('#{{id}} of <project/>', { id })} parts={{ project: <bdi>{job.project}</bdi> }} />
        </span>
      )}
    </>
  );
}

/** The graphics cards that it and its jobs have, by their names. */
function Gpus({ ids }: { readonly ids: readonly string[] }) {
  const gpus = useSnapshot((snapshot) => snapshot.gpus) ?? noGpus;
  return ids.map((id) => (
    <a key={id} className={styles.gpu} href={formatRoute({ page: 'hardware', id })}>
      {gpus.find((gpu) => gpu.id === id)?.model ?? id}
    </a>
  ));
}

function RunnerFacts({ runner, goneAt }: { readonly runner: Runner; readonly goneAt: number | null }) {
  const now = useSeenNow();
  const machine = useSnapshot(({ nodes }) => nodes.find(({ id }) => id === runner.node)?.name ?? null);
  const { createdAt, startedAt } = runner;
  const rows: readonly (readonly [string, ReactNode])[] = [
    [t('Container'), <Copyable key="name" text={runner.name} what={t('the name of the container')} />],
    [t('Job'), runner.jobId === null ? t('none') : <JobLink key="job" id={runner.jobId} />],
    [
      t('Pool'),
      <a key="pool" href={formatRoute({ page: 'pools', id: runner.pool })}>
        {runner.pool}
      </a>,
    ],
    [t('Machine'), machine ?? t('unknown')],
    ...(runner.gpus === undefined ? [] : [[t('GPUs'), <Gpus key="gpus" ids={runner.gpus} />] as const]),
    [t('Age'), elapsed((goneAt ?? now) - createdAt)],
    [t('Started'), startedAt === null ? t('not yet') : <Time key="start" at={startedAt} now={now} />],
    ...(goneAt === null ? [] : [[t('Gone'), <Time key="gone" at={goneAt} now={now} />] as const]),
  ];
  return <Facts rows={rows} />;
}

/** What can be done with it as it is now. */
function RunnerButtons({ runner }: { readonly runner: Runner }) {
  const { deeds } = useLab();
  const { id, state, jobId } = runner;
  if (!canBeAsked(state)) return null;
  return (
    <>
      <Button icon={LogOut} onClick={() => deeds.ask(drainRunnerDeed(id))}>
        {jobId === null ? t('Let it leave') : t('Let it finish and leave')}
      </Button>
      <Button
        icon={Trash2}
        blockedBy={jobId === null ? null : t('It has a job, and no runner with a job is removed')}
        onClick={() => deeds.ask(removeRunnerDeed(id))}
      >
        {t('Remove')}
      </Button>
    </>
  );
}

function Content({ shown }: { readonly shown: Shown }) {
  const { runner, goneAt, failure } = shown;
  const words = runnerStateWords(runner.state);
  const jobId = runner.jobId ?? shown.job?.id ?? null;
  return (
    <>
      <PanelBody>
        {failure !== null && (
          <ErrorNote
            problem={{
              key: 'runner.failed',
              message: t('It has failed: {{failure}}', { failure }),
              next: t('Another one takes its place.'),
            }}
          />
        )}
        {words !== null && <p className={styles.quiet}>{words}</p>}
        <RunnerFacts runner={runner} goneAt={goneAt} />
        <PanelFoot>
          <RunnerButtons runner={runner} />
          <Command line={`autogit runner show ${runner.id}`} />
        </PanelFoot>
      </PanelBody>
      {jobId === null ? (
        <p className={styles.note}>{t('While it has a job, the log of that stands here.')}</p>
      ) : (
        <LogView key={jobId} id={jobId} />
      )}
    </>
  );
}

/** As it is followed, or as the core remembers it when it is gone. */
function useRunner(id: string) {
  const followed = useSnapshot(
    ({ runners }) => runners.find((runner) => runner.id === id || runner.name === id) ?? null,
  );
  const isKnown = useSnapshot(() => true) ?? false;
  const isAsked = isKnown && followed === null;
  const ask = useMemo(
    () => (isAsked ? (client: CoreClient) => client.call('runner.show', { id }) : null),
    [isAsked, id],
  );
  const { value, error } = useAnswer(ask);
  const shown: Shown | null =
    followed === null ? value : { runner: followed, job: null, goneAt: null, failure: null };
  return { shown, error };
}

interface RunnerPanelProps {
  readonly id: string;
  onClose(): void;
}

export function RunnerPanel({ id, onClose }: RunnerPanelProps) {
  const { shown, error } = useRunner(id);
  const label = t('Runner {{id}}', { id });
  if (shown === null) {
    return (
      <Panel title={label} label={label} onClose={onClose}>
        <PanelBody>
          {error === null ? (
            <p role="status">{t('Looking for the runner…')}</p>
          ) : (
            <ErrorNote
              problem={error}
              action={<a href={formatRoute({ page: 'runners' })}>{t('Show all runners')}</a>}
            />
          )}
        </PanelBody>
      </Panel>
    );
  }
  const { runner } = shown;
  return (
    <Panel
      label={label}
      onClose={onClose}
      title={
        <>
          {runner.pool} {runner.id}{' '}
          <Badge look={runner.state === 'gone' ? goneLook : runnerLooks[runner.state]} />
        </>
      }
    >
      <Content shown={shown} />
    </Panel>
  );
}
