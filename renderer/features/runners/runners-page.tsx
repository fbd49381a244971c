// The containers that run jobs: they come when a job waits and go when they are idle.
import { Container, LogOut, Trash2 } from 'lucide-react';
import type { RunnerView } from '../../../main/contract/snapshot.ts';
import { formatRoute } from '../../state/route.ts';
import { drainRunnerDeed, removeRunnerDeed } from '../../state/row-deeds.ts';
import { runnersSentence } from '../../state/sentences.ts';
import { runnerLooks } from '../../state/tones.ts';
import { useLab, useSnapshot } from '../../state/use-live.ts';
import { Badge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { ModeButton } from '../../ui/mode-button.tsx';
import { EmptyState, Skeleton } from '../../ui/notes.tsx';
import { ListArea, Page } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import type { Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import styles from './runners.module.css';

function JobOf({ runner }: { readonly runner: RunnerView }) {
  if (runner.jobId === null) return <span className={styles.quiet}>no job</span>;
  return <a href={formatRoute({ page: 'jobs', id: String(runner.jobId) })}>Job {runner.jobId}</a>;
}

function RunnerButtons({ runner }: { readonly runner: RunnerView }) {
  const { deeds } = useLab();
  const { id, state: at, jobId } = runner;
  if (at !== 'idle' && at !== 'busy') return null;
  return (
    <span className={styles.buttons}>
      <IconButton
        icon={LogOut}
        label={`Let runner ${id} finish and leave`}
        onClick={() => deeds.ask(drainRunnerDeed(id))}
      />
      {jobId === null && (
        <IconButton
          icon={Trash2}
          label={`Remove runner ${id}`}
          onClick={() => deeds.ask(removeRunnerDeed(id))}
        />
      )}
    </span>
  );
}

const state: Column<RunnerView> = {
  title: 'State',
  track: '108px',
  cell: (runner) => <Badge look={runnerLooks[runner.state]} />,
};
const since: Column<RunnerView> = {
  title: 'Since',
  track: '96px',
  align: 'end',
  cell: (runner, now) => <Time at={runner.createdAt} now={now} />,
};

const buttons: Column<RunnerView> = {
  title: '',
  track: '76px',
  align: 'end',
  cell: (runner) => <RunnerButtons runner={runner} />,
};

const columns: readonly Column<RunnerView>[] = [
  state,
  {
    title: 'Runner',
    track: 'minmax(160px, 3fr)',
    cell: (runner) => <Copyable text={runner.name} what="the name of the container" />,
  },
  { title: 'Job', track: 'minmax(88px, 1fr)', cell: (runner) => <JobOf runner={runner} /> },
  { title: 'Pool', track: 'minmax(88px, 1fr)', cell: ({ pool }) => pool },
  since,
  buttons,
];

const narrow: readonly Column<RunnerView>[] = [
  state,
  {
    title: 'Runner',
    track: 'minmax(0, 1fr)',
    cell: (runner) => (
      <>
        <div>
          {runner.id} <span className={styles.quiet}>{runner.pool}</span>
        </div>
        <JobOf runner={runner} />
      </>
    ),
  },
  since,
  buttons,
];

export function RunnersPage() {
  const runners = useSnapshot((snapshot) => snapshot.runners);
  const mode = useSnapshot((snapshot) => snapshot.mode);
  return (
    <Page
      name="Runners"
      sentence={runners === null || mode === null ? null : runnersSentence(runners, mode)}
      isList
      actions={<ModeButton />}
    >
      <ListArea>
        {runners === null ? (
          <Skeleton what="runners" rows={6} />
        ) : (
          <Table
            label="Runners"
            noun="runner"
            list="runners"
            rows={runners}
            all={runners}
            columns={columns}
            narrow={narrow}
            empty={
              <EmptyState
                icon={Container}
                title="No runner is alive"
                command="autogit runner list"
                action={<a href={formatRoute({ page: 'pools' })}>See which pools there are</a>}
              >
                A runner is a container that appears when a job waits and is removed when it has been idle.
              </EmptyState>
            }
          />
        )}
      </ListArea>
    </Page>
  );
}
