// What the machine and its container engine are: names and values, and why something is not known.
import type { Machine } from '../../../main/model/machine.ts';
import { engineFacts, machineGroups } from '../../state/machine-facts.ts';
import type { Fact } from '../../state/machine-facts.ts';
import { formatRoute } from '../../state/route.ts';
import type { Asked } from '../../state/use-answer.ts';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Facts, Section } from '../../ui/page.tsx';
import styles from './hardware.module.css';
import { t } from '../../language/strings.ts';

function Value({ fact }: { readonly fact: Fact }) {
  if (fact.value !== null) return fact.value;
  return (
    <span className={styles.quiet}>
      {t('unknown')}
      {fact.why !== null && <span className={styles.reason}>: {fact.why}</span>}
    </span>
  );
}

interface GroupProps {
  readonly title: string;
  readonly facts: readonly Fact[];
}

function Group({ title, facts }: GroupProps) {
  return (
    <section className={styles.group} aria-label={title}>
      <h3>{title}</h3>
      <Facts rows={facts.map((fact) => [fact.name, <Value key={fact.name} fact={fact} />] as const)} />
    </section>
  );
}

function EngineGroup({ machine }: { readonly machine: Machine }) {
  const facts = engineFacts(machine);
  return (
    <section className={styles.group} aria-label={t('Container engine')}>
      <h3>{t('Container engine')}</h3>
      {facts === null ? (
        <p className={styles.quiet}>{t('No container engine answers, so no job can run.')}</p>
      ) : (
        <Facts rows={facts.map((fact) => [fact.name, <Value key={fact.name} fact={fact} />] as const)} />
      )}
      <p>
        <a href={formatRoute({ page: 'engines' })}>{t('All engines')}</a>
      </p>
    </section>
  );
}

export function MachineFacts({ machine }: { readonly machine: Asked<Machine> }) {
  const { value, error } = machine;
  return (
    <Section title={t('What it is')}>
      {error !== null && <ErrorNote problem={error} />}
      {value === null ? (
        error === null && <Skeleton what={t('facts of the machine')} rows={4} />
      ) : (
        <div className={styles.groups}>
          {machineGroups(value).map((group) => (
            <Group key={group.title} {...group} />
          ))}
          <EngineGroup machine={value} />
        </div>
      )}
    </Section>
  );
}
