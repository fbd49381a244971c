// The sandbox: started at a press, with a pipeline, whose jobs are seen to wait, run and turn green.
import { ArrowRight, GitBranchPlus, Play } from 'lucide-react';
import { engineProblem } from '../../state/engine-problem.ts';
import { firstGreen, tryState } from '../../state/setup-green.ts';
import type { TryState } from '../../state/setup-green.ts';
import { sortJobs } from '../../state/jobs.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { useTry } from '../../state/use-try.ts';
import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import { Command } from '../../ui/copyable.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import { BeingDone } from '../../ui/tasks.tsx';
import { JobRow } from './job-row.tsx';
import { GreenNote } from './green-note.tsx';
import type { StepProps } from './setup-page.tsx';
import styles from './setup.module.css';
import { StepFrame } from './step-frame.tsx';
import type { OnButton } from './step-frame.tsx';
import { count, t } from '../../language/strings.ts';

/** Few enough to be read one by one, and enough to see them wait for one another. */
const jobs = 6;

const parts = [
  [
    'sandbox',
    t('A small GitLab'),
    t('It starts in a container of its own. Nothing outside AutoGit is touched.'),
  ],
  [
    'pipeline',
    t('A pipeline'),
    count(
      jobs,
      'A demo project is pushed to it, and its job begins to wait.',
      'A demo project is pushed to it, and its {{n}} jobs begin to wait.',
    ),
  ],
  [
    'runners',
    t('Runners that come and go'),
    t('They appear for the waiting jobs, run them, and leave when they are idle.'),
  ],
] as const;

const partLooks = {
  done: { tone: 'success', sign: 'check', word: t('Done') },
  now: { tone: 'running', sign: 'play', word: t('Now') },
  next: { tone: 'idle', sign: 'later', word: t('Next') },
} as const;

function Parts({ state, isDoing }: { readonly state: TryState; readonly isDoing: boolean }) {
  const at = { none: 0, running: 1, jobs: 2, green: 3 }[state];
  return (
    <ol className={styles.parts} aria-label={t('What happens')}>
      {parts.map(([id, title, words], index) => (
        <li key={id}>
          <Badge
            look={
              partLooks[index < at ? 'done' : index === at && (isDoing || state === 'jobs') ? 'now' : 'next']
            }
          />
          <div className={styles.words}>
            <strong>{title}</strong>
            <span className={styles.quiet}>{words}</span>
          </div>
        </li>
      ))}
    </ol>
  );
}

function LiveJobs() {
  const all = useSnapshot((snapshot) => snapshot.jobs) ?? [];
  const tasks = useSnapshot((snapshot) => snapshot.tasks) ?? [];
  return (
    <>
      <BeingDone tasks={tasks} />
      {all.length > 0 && (
        <Section title={t('Jobs')}>
          <Card>
            {sortJobs(all)
              .slice(0, 8)
              .map((job) => (
                <JobRow key={job.id} job={job} />
              ))}
          </Card>
        </Section>
      )}
    </>
  );
}

function onButton(state: TryState, isDoing: boolean, problem: string | null): OnButton {
  if (isDoing)
    return {
      words: t('It is being done…'),
      icon: Play,
      blockedBy: t('The sandbox starts, and a project is pushed to it.'),
    };
  switch (state) {
    case 'none':
      return { words: t('Start the sandbox'), icon: Play, blockedBy: problem };
    case 'running':
      return { words: t('Push the demo project'), icon: GitBranchPlus, blockedBy: problem };
    case 'jobs':
      return {
        words: t('Next'),
        icon: ArrowRight,
        blockedBy: t('It goes on as soon as a job has succeeded.'),
      };
    case 'green':
      return { words: t('Next'), icon: ArrowRight };
  }
}

export function TryStep({ isArrival, setup, next }: StepProps) {
  const state = useSnapshot(tryState) ?? 'none';
  const green = useSnapshot(firstGreen);
  const kind = useSnapshot(({ gitlab }) => gitlab.kind);
  const problem = useSnapshot(engineProblem);
  const doing = useTry<unknown>();
  const begin = (): void => {
    if (doing.isTrying) return;
    void doing.tryIt(async (client) => {
      if (state === 'none') await client.call('sandbox.start', {});
      return client.call('sandbox.seed', { jobs });
    });
  };
  const isDoing = doing.isTrying && (state === 'none' || state === 'running');
  const elsewhere =
    kind === 'server' ? t('This home serves a GitLab already; the sandbox never stands in for it.') : null;
  return (
    <StepFrame
      isArrival={isArrival}
      step="try"
      setup={setup}
      on={onButton(state, isDoing, elsewhere ?? problem)}
      onNext={state === 'green' ? next : begin}
    >
      <Parts state={state} isDoing={isDoing} />
      {doing.error !== null && <ErrorNote problem={doing.error} />}
      <GreenNote green={green} />
      {state !== 'none' || isDoing ? (
        <LiveJobs />
      ) : (
        <Section title={t('The same in a terminal')}>
          <Command line="autogit sandbox start" />
          <Command line={`autogit sandbox seed --jobs ${jobs}`} />
        </Section>
      )}
    </StepFrame>
  );
}
