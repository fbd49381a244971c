// The machine and its graphics cards: what they are, what they do now and did before, and which programs run on them.
import { Gpu, RefreshCw } from 'lucide-react';
import { useMemo } from 'react';
import type { Snapshot } from '../../../main/contract/snapshot.ts';
import type { CoreClient } from '../../client.ts';
import { gpuCards, otherHardwareIssues } from '../../state/gpu-cards.ts';
import type { GpuCard as CardOf } from '../../state/gpu-cards.ts';
import { rangeOf } from '../../state/ranges.ts';
import type { Problem } from '../../state/problem.ts';
import type { Route } from '../../state/route.ts';
import { hardwareSentence } from '../../state/sentences.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { openBeside } from '../../state/use-route.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { useSamples } from '../../state/use-samples.ts';
import type { Samples } from '../../state/use-samples.ts';
import { Button } from '../../ui/button.tsx';
import { Command } from '../../ui/copyable.tsx';
import { IssueList } from '../../ui/issue-list.tsx';
import { NextStep } from '../../ui/next-step.tsx';
import { EmptyState, ErrorNote } from '../../ui/notes.tsx';
import { ListArea, Page, Section } from '../../ui/page.tsx';
import { Architectures } from './architectures.tsx';
import { GpuCard } from './gpu-card.tsx';
import { FiguresAhead } from './gpu-figures.tsx';
import { GpuPanel } from './gpu-panel.tsx';
import styles from './hardware.module.css';
import { HostCharts } from './host-charts.tsx';
import { MachineFacts } from './machine-facts.tsx';
import { t } from '../../language/strings.ts';

type Issue = Snapshot['issues'][number];

const none: readonly never[] = [];

function detectMachine(client: CoreClient) {
  return client.call('machine.detect', {});
}

function findTrouble(client: CoreClient) {
  return client.call('doctor.run', { area: 'hardware' });
}

function CardsAhead() {
  return (
    <ul className={styles.gpus} role="status" aria-label={t('Reading GPUs')}>
      {[0, 1].map((index) => (
        <li key={index} className={styles.gpu} aria-hidden>
          <div className={styles.bone} />
          <FiguresAhead />
        </li>
      ))}
    </ul>
  );
}

interface CardsProps {
  readonly cards: readonly CardOf[] | null;
  /** Why it is not known which there are; `null`: it is. */
  readonly unseen: Problem | null;
  readonly visits: number;
  readonly openId: string | null;
}

function NoCards({ unseen }: Pick<CardsProps, 'unseen'>) {
  if (unseen !== null)
    return (
      <EmptyState icon={Gpu} title={t('The GPUs are not known')} action={<NextStep text={unseen.next} />}>
        {unseen.message}
      </EmptyState>
    );
  return (
    <EmptyState icon={Gpu} title={t('No GPU was found')} command="autogit doctor --area hardware">
      {t(
        'Graphics cards of NVIDIA, AMD and Intel appear here as soon as their driver is there. Jobs that need none run all the same.',
      )}
    </EmptyState>
  );
}

function Cards({ cards, unseen, visits, openId }: CardsProps) {
  const hasNode = new Set(cards?.map(({ view }) => view.node)).size > 1;
  return (
    <Section title={t('GPUs')} side={<Command line="autogit gpu watch" />}>
      {cards === null ? (
        <CardsAhead />
      ) : cards.length === 0 ? (
        <div className={styles.box}>
          <NoCards unseen={unseen} />
        </div>
      ) : (
        <ul className={styles.gpus} aria-label={t('GPUs')}>
          {cards.map((card) => (
            <GpuCard
              key={`${card.view.node} ${card.view.id}`}
              card={card}
              visits={visits}
              hasNode={hasNode}
              isOpen={card.view.id === openId}
            />
          ))}
        </ul>
      )}
    </Section>
  );
}

function closePanel(): void {
  openBeside(null);
}

function useCards(samples: Samples): readonly CardOf[] | null {
  const gpus = useSnapshot((snapshot) => snapshot.gpus);
  const issues = useSnapshot((snapshot) => snapshot.issues);
  const { sample } = samples;
  return useMemo(() => gpus && gpuCards(gpus, sample, issues ?? none), [gpus, sample, issues]);
}

interface OthersProps {
  readonly cards: readonly CardOf[] | null;
  /** What the doctor has found. */
  readonly findings: readonly Issue[];
}

/** What is wrong with the machine, and with nothing else on the page. */
function Others({ cards, findings }: OthersProps) {
  const issues = useSnapshot((snapshot) => snapshot.issues);
  const others = otherHardwareIssues(issues ?? none, findings, cards ?? none);
  return others.length === 0 ? null : <IssueList issues={others} />;
}

export function HardwarePage({ route }: { readonly route: Route }) {
  const samples = useSamples();
  const { sample, error, visits } = samples;
  const cards = useCards(samples);
  const gpus = useSnapshot((snapshot) => snapshot.gpus);
  const unseen = useSnapshot((snapshot) => snapshot.gpusUnseen ?? null);
  const architectures = useSnapshot((snapshot) => snapshot.architectures ?? none);
  const machine = useAnswer(detectMachine);
  const doctor = useAnswer(findTrouble);
  const lookAgain = (): void => {
    machine.again();
    doctor.again();
  };
  const { id } = route;
  return (
    <Page
      name={t('Hardware')}
      sentence={gpus === null ? null : hardwareSentence({ gpus, unseen }, sample?.host ?? null)}
      isList
      actions={
        <Button
          icon={RefreshCw}
          blockedBy={machine.isAsking ? t('Looking at the machine already') : null}
          onClick={lookAgain}
        >
          {machine.isAsking ? t('Looking…') : t('Look again')}
        </Button>
      }
    >
      <ListArea>
        <div className={styles.scroller} data-beside={id !== null || undefined}>
          {error !== null && <ErrorNote problem={error} />}
          {error === null && doctor.error !== null && <ErrorNote problem={doctor.error} />}
          <Others cards={cards} findings={doctor.value?.findings ?? none} />
          <Cards cards={cards} unseen={unseen} visits={visits} openId={id} />
          <HostCharts
            host={sample?.host ?? null}
            range={rangeOf(route.query)}
            route={route}
            visits={visits}
          />
          <Architectures rows={architectures} />
          <MachineFacts machine={machine} />
        </div>
        {id !== null && <GpuPanel key={id} id={id} cards={cards} onClose={closePanel} />}
      </ListArea>
    </Page>
  );
}
