// How things stand: the state in one sentence, what is wrong with its cause, and what goes on.
import { CirclePlay, FlaskConical, GitBranchPlus, RefreshCw } from 'lucide-react';
import type { Snapshot } from '../../../main/contract/snapshot.ts';
import { demoDeed, refreshQueue } from '../../state/deeds.ts';
import { engineProblem } from '../../state/engine-problem.ts';
import { formatRoute } from '../../state/route.ts';
import { useLab, useSnapshot } from '../../state/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { IssueList } from '../../ui/issue-list.tsx';
import { ModeButton } from '../../ui/mode-button.tsx';
import { Skeleton } from '../../ui/notes.tsx';
import { Page, Section } from '../../ui/page.tsx';
import { BeingDone } from '../../ui/tasks.tsx';
import { JobGlance } from './job-glance.tsx';
import { LabFacts } from './lab-facts.tsx';
import { QueueChart } from './queue-chart.tsx';
import { PoolGlance } from './pool-glance.tsx';
import { SandboxCard } from './sandbox-card.tsx';
import { Tiles } from './tiles.tsx';
import { Welcome } from './welcome.tsx';
import { t } from '../../language/strings.ts';

/** Enough to see a queue build up and drain, and done within a minute. */
const demoJobs = 20;

/** The one thing to do now. */
function Actions() {
  const { deeds } = useLab();
  const kind = useSnapshot(({ gitlab }) => gitlab.kind);
  const state = useSnapshot(({ gitlab }) => gitlab.state);
  const mode = useSnapshot((snapshot) => snapshot.mode);
  const problem = useSnapshot(engineProblem);
  if (kind === null) return null;
  if (mode !== 'serve') return <ModeButton />;
  if (kind === 'server') {
    return (
      <>
        <ModeButton />
        <Button look="primary" icon={RefreshCw} onClick={() => deeds.ask(refreshQueue)}>
          {t('Read the queue now')}
        </Button>
      </>
    );
  }
  const isRunning = kind === 'sandbox' && state === 'ready';
  return (
    <>
      {isRunning && <ModeButton />}
      <Button
        look="primary"
        icon={isRunning ? GitBranchPlus : kind === 'none' ? FlaskConical : CirclePlay}
        blockedBy={problem}
        onClick={() => deeds.ask(demoDeed(demoJobs, isRunning))}
      >
        {isRunning ? t('Push demo jobs') : t('Try it in a sandbox')}
      </Button>
    </>
  );
}

function All({ page, children }: { readonly page: 'jobs' | 'pools'; readonly children: string }) {
  return <a href={formatRoute({ page })}>{children}</a>;
}

const none: Snapshot['issues'] = [];

function Content() {
  const issues = useSnapshot((snapshot) => snapshot.issues) ?? none;
  const tasks = useSnapshot((snapshot) => snapshot.tasks) ?? [];
  const kind = useSnapshot(({ gitlab }) => gitlab.kind);
  return (
    <>
      {kind !== 'none' && <Tiles />}
      {issues.length > 0 && (
        <Section title={t('To look at')}>
          <IssueList issues={issues} />
        </Section>
      )}
      <BeingDone tasks={tasks} />
      {kind === 'none' && <Welcome />}
      {kind !== 'none' && (
        <>
          <QueueChart />
          <Section title={t('Pools')} side={<All page="pools">{t('All pools')}</All>}>
            <PoolGlance />
          </Section>
          <Section title={t('Jobs')} side={<All page="jobs">{t('All jobs')}</All>}>
            <JobGlance />
          </Section>
        </>
      )}
      <Section title={t('What it stands on')}>
        <LabFacts />
      </Section>
      {kind === 'sandbox' && <SandboxCard />}
    </>
  );
}

export function OverviewPage() {
  const sentence = useSnapshot((snapshot) => snapshot.sentence);
  return (
    <Page name={t('Overview')} sentence={sentence} actions={<Actions />}>
      {sentence === null ? <Skeleton what={t('the state of the lab')} rows={6} /> : <Content />}
    </Page>
  );
}
