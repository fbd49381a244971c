// Whether this machine can do it: looked at while somebody reads, each problem with what mends it.
import { RefreshCw, Wrench } from 'lucide-react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { engineProblem } from '../../state/engine-problem.ts';
import { fixDeed, machineSentence } from '../../state/setup-machine.ts';
import type { Finding } from '../../state/setup-machine.ts';
import { severityLooks } from '../../state/tones.ts';
import { useAnswer } from '../../state/use-answer.ts';
import type { Asked } from '../../state/use-answer.ts';
import { useAfterDeeds } from '../../state/use-deed.ts';
import { useLab, useSnapshot } from '../../state/use-live.ts';
import { engineWords } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { NextStep } from '../../ui/next-step.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import styles from './setup.module.css';
import { t } from '../../language/strings.ts';

type Doctor = Output<'doctor.run'>;
type Machine = Output<'machine.detect'>;

function askMachine(client: CoreClient): Promise<Machine> {
  return client.call('machine.detect', {});
}

function askDoctor(client: CoreClient): Promise<Doctor> {
  return client.call('doctor.run', {});
}

function FindingRow({ finding }: { readonly finding: Finding }) {
  const { deeds } = useLab();
  const { severity, message, next, evidence, key, fix } = finding;
  return (
    <li className={styles.finding}>
      <Badge look={severityLooks[severity]} />
      <div className={styles.words}>
        <p>{message}</p>
        <NextStep text={next} />
        {evidence.length > 0 && <p className={styles.quiet}>{evidence.join(' · ')}</p>}
        <p className={styles.quiet}>
          <Copyable text={key} what={t('the key of this problem')} />
        </p>
      </div>
      {fix !== undefined && (
        <Button
          icon={Wrench}
          aria-label={t('Mend it: {{problem}}', { problem: message })}
          onClick={() => deeds.ask(fixDeed(finding))}
        >
          {t('Mend it')}
        </Button>
      )}
    </li>
  );
}

interface SentenceProps {
  readonly machine: Asked<Machine>;
  readonly doctor: Asked<Doctor>;
  readonly isAsking: boolean;
  readonly hasEngine: boolean;
}

/** What the machine is, and whether anything stands in the way: no more than is known. */
function Sentence({ machine, doctor, isAsking, hasEngine }: SentenceProps) {
  const nodes = useSnapshot((snapshot) => snapshot.nodes) ?? [];
  const used = nodes.find(({ engine }) => engine.state === 'fresh')?.engine;
  const looking = t('Looking at processor, memory, disks, ports and the container engine…');
  if (machine.value === null)
    return <p role="status">{isAsking ? looking : t('It could not be looked at.')}</p>;
  const isGood = doctor.value?.findings.length === 0 && hasEngine;
  const words = [
    machineSentence(machine.value),
    ...(used === undefined ? [] : [t('{{engine}} answers.', { engine: engineWords(used) })]),
    ...(doctor.value === null && doctor.isAsking ? [t('Looking for what could stand in the way…')] : []),
    ...(isGood ? [t('Nothing stands in the way.')] : []),
  ];
  return <p role="status">{words.join(' ')}</p>;
}

export function MachineCheck() {
  const machine = useAnswer(askMachine);
  const doctor = useAnswer(askDoctor);
  const engine = useSnapshot(engineProblem);
  useAfterDeeds(doctor.again);
  const isAsking = machine.isAsking || doctor.isAsking;
  const again = (): void => {
    machine.again();
    doctor.again();
  };
  const findings = doctor.value?.findings ?? [];
  const error = machine.error ?? doctor.error;
  const unknown = doctor.value?.unknown ?? [];
  return (
    <Section
      title={t('This machine')}
      side={
        <Button icon={RefreshCw} blockedBy={isAsking ? t('It is being looked at') : null} onClick={again}>
          {isAsking ? t('Looking…') : t('Look again')}
        </Button>
      }
    >
      <div className={styles.machine}>
        <Sentence {...{ machine, doctor, isAsking }} hasEngine={engine === null} />
        {engine !== null && (
          <div className={styles.finding}>
            <Badge look={severityLooks.error} />
            <div className={styles.words}>
              <p>{t('There is no container engine that AutoGit can use.')}</p>
              <NextStep text={engine} />
            </div>
          </div>
        )}
        {findings.length > 0 && (
          <ul className={styles.findings} aria-label={t('Problems of this machine')}>
            {findings.map((finding) => (
              <FindingRow key={`${finding.key} ${finding.subject}`} finding={finding} />
            ))}
          </ul>
        )}
        {unknown.length > 0 && (
          <p className={styles.quiet}>{t('Not known: {{unknown}}', { unknown: unknown.join(' ') })}</p>
        )}
        {error !== null && <ErrorNote problem={error} />}
      </div>
    </Section>
  );
}
