// The containers that run jobs: they come when a job waits and go when they are idle.
import { Container, LogOut, Trash2 } from 'lucide-react';
import { useMemo } from 'react';
import type { RunnerView } from '../../../main/contract/snapshot.ts';
import { formatRoute } from '../../state/route.ts';
import type { Route } from '../../state/route.ts';
import { drainRunnerDeed, removeRunnerDeed } from '../../state/row-deeds.ts';
import {
  canBeAsked,
  countRunnerGroups,
  filterRunners,
  runnerFilterOf,
  runnerGroups,
  runnerQueryOf,
} from '../../state/runners.ts';
import type { RunnerFilter, RunnerGroup } from '../../state/runners.ts';
import { runnersSentence } from '../../state/sentences.ts';
import { runnerLooks } from '../../state/tones.ts';
import { openBeside, replaceRoute } from '../../state/use-route.ts';
import { useLab, useSnapshot } from '../../state/use-live.ts';
import { elapsed } from '../../state/words.ts';
import { count, t } from '../../language/strings.ts';
import { Badge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import { FilterBar } from '../../ui/filter-bar.tsx';
import { ModeButton } from '../../ui/mode-button.tsx';
import { EmptyState, Skeleton } from '../../ui/notes.tsx';
import { ListArea, Page } from '../../ui/page.tsx';
import { RowLink } from '../../ui/row-link.tsx';
import { Table } from '../../ui/table.tsx';
import type { Column } from '../../ui/table.tsx';
import { RunnerPanel } from './runner-panel.tsx';
import styles from './runners.module.css';

function JobOf({ runner }: { readonly runner: RunnerView }) {
  const name = useSnapshot(({ jobs }) => jobs.find(({ id }) => id === runner.jobId)?.name ?? null);
  if (runner.jobId === null) return <span className={styles.quiet}>{t('no job')}</span>;
  return (
    <a className={styles.above} href={formatRoute({ page: 'jobs', id: String(runner.jobId) })} tabIndex={-1}>
      {name ?? t('Job')} <span className={styles.quiet}>#{runner.jobId}</span>
    </a>
  );
}

/** The pool, and how many GPUs the runner has. */
function PoolOf({ runner: { pool, gpus = [] } }: { readonly runner: RunnerView }) {
  if (gpus.length === 0) return pool;
  return (
    <>
      {pool} <span className={styles.quiet}>{count(gpus.length, '{{n}} GPU', '{{n}} GPUs')}</span>
    </>
  );
}

function Name({ runner }: { readonly runner: RunnerView }) {
  return (
    <RowLink page="runners" id={runner.id} title={runner.name}>
      {runner.id}
    </RowLink>
  );
}

/** For the pointer; by keyboard they are in the panel of the row, so that the way there is short. */
function RunnerButtons({ runner }: { readonly runner: RunnerView }) {
  const { deeds } = useLab();
  const { id, state: at, jobId } = runner;
  if (!canBeAsked(at)) return null;
  return (
    <span className={styles.buttons}>
      <IconButton
        icon={LogOut}
        tabIndex={-1}
        label={t('Let runner {{id}} finish and leave', { id })}
        onClick={() => deeds.ask(drainRunnerDeed(id))}
      />
      {jobId === null && (
        <IconButton
          icon={Trash2}
          tabIndex={-1}
          label={t('Remove runner {{id}}', { id })}
          onClick={() => deeds.ask(removeRunnerDeed(id))}
        />
      )}
    </span>
  );
}

const state: Column<RunnerView> = {
  title: t('State'),
  track: '108px',
  cell: (runner) => <Badge look={runnerLooks[runner.state]} />,
};
const age: Column<RunnerView> = {
  title: t('Age'),
  track: '88px',
  align: 'end',
  cell: ({ createdAt }, now) => <span className={styles.quiet}>{elapsed(now - createdAt)}</span>,
};

const buttons: Column<RunnerView> = {
  title: t('Actions'),
  track: '64px',
  align: 'end',
  cell: (runner) => <RunnerButtons runner={runner} />,
};

const columns: readonly Column<RunnerView>[] = [
  state,
  { title: t('Runner'), track: 'minmax(96px, 2fr)', cell: (runner) => <Name runner={runner} /> },
  { title: t('Pool'), track: 'minmax(88px, 2fr)', cell: (runner) => <PoolOf runner={runner} /> },
  { title: t('Job'), track: 'minmax(88px, 3fr)', cell: (runner) => <JobOf runner={runner} /> },
  age,
  buttons,
];

const narrow: readonly Column<RunnerView>[] = [
  state,
  {
    title: t('Runner'),
    track: 'minmax(0, 1fr)',
    cell: (runner) => (
      <>
        <div className={styles.line}>
          <Name runner={runner} /> <span className={styles.quiet}>{runner.pool}</span>
        </div>
        <JobOf runner={runner} />
      </>
    ),
  },
  age,
];

const words: Readonly<Record<RunnerGroup, string>> = {
  all: t('All'),
  busy: t('Busy'),
  ready: t('Idle'),
  starting: t('Starting'),
  leaving: t('Leaving'),
};

interface RunnerFilterBarProps {
  readonly route: Route;
  readonly filter: RunnerFilter;
  readonly runners: readonly RunnerView[];
}

function RunnerFilterBar({ route, filter, runners }: RunnerFilterBarProps) {
  const counts = useMemo(
    () => countRunnerGroups(filterRunners(runners, { ...filter, group: 'all' })),
    [runners, filter],
  );
  return (
    <FilterBar
      label={t('Runners')}
      find={t('Words to look for in runners')}
      hint={t('Name, pool or job')}
      current={filter.group}
      text={filter.text}
      onText={(text) => replaceRoute({ ...route, query: runnerQueryOf({ ...filter, text }) })}
      groups={runnerGroups.map((group) => ({
        name: group,
        words: words[group],
        count: counts[group],
        href: formatRoute({ page: 'runners', id: route.id, query: runnerQueryOf({ ...filter, group }) }),
      }))}
    />
  );
}

function NoRunners({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState
        icon={Container}
        title={t('No runner fits this filter')}
        action={<a href={formatRoute({ page: 'runners' })}>{t('Show all runners')}</a>}
      >
        {t('Runners are found by their name, their pool and the number of their job.')}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={Container}
      title={t('No runner is alive')}
      command="autogit runner list"
      action={<a href={formatRoute({ page: 'pools' })}>{t('See which pools there are')}</a>}
    >
      {t('A runner is a container that appears when a job waits and is removed when it has been idle.')}
    </EmptyState>
  );
}

const none: readonly RunnerView[] = [];

function closePanel(): void {
  openBeside(null);
}

export function RunnersPage({ route }: { readonly route: Route }) {
  const runners = useSnapshot((snapshot) => snapshot.runners);
  const mode = useSnapshot((snapshot) => snapshot.mode);
  const filter = useMemo(() => runnerFilterOf(route.query), [route.query]);
  const rows = useMemo(() => filterRunners(runners ?? none, filter), [runners, filter]);
  const { id } = route;
  return (
    <Page
      name={t('Runners')}
      sentence={runners === null || mode === null ? null : runnersSentence(runners, mode)}
      isList
      actions={<ModeButton />}
    >
      {runners !== null && runners.length > 0 && <RunnerFilterBar {...{ route, filter, runners }} />}
      <ListArea>
        {runners === null ? (
          <Skeleton what="runners" rows={6} />
        ) : (
          <Table
            label={t('Runners')}
            fresh={(number) => count(number, '{{n}} new runner', '{{n}} new runners')}
            list={`${filter.group} ${filter.text}`}
            rows={rows}
            all={runners}
            columns={columns}
            narrow={narrow}
            openId={id}
            onOpen={(runner) => openBeside(runner.id)}
            empty={<NoRunners isFiltered={runners.length > 0} />}
          />
        )}
        {id !== null && <RunnerPanel key={id} id={id} onClose={closePanel} />}
      </ListArea>
    </Page>
  );
}
