// Whose programs run here: by the processor itself, by an emulator, or not at all, and what was tried.
import { FlaskConical } from 'lucide-react';
import type { ArchitectureView } from '../../../main/contract/snapshot.ts';
import {
  disableArchitectureDeed,
  enableArchitectureDeed,
  testArchitectureDeed,
} from '../../state/row-deeds.ts';
import { architectureLooks } from '../../state/tones.ts';
import { useLab, useSeenNow } from '../../state/use-live.ts';
import { listed } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Command } from '../../ui/copyable.tsx';
import { NextStep } from '../../ui/next-step.tsx';
import { Skeleton } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import styles from './hardware.module.css';
import { Rich } from '../../ui/rich.tsx';
import { t } from '../../language/strings.ts';

/** What was tried, and what came of it. */
function Tried({ probe }: Pick<ArchitectureView, 'probe'>) {
  const now = useSeenNow();
  if (probe === null) return t('Not tried in a container yet.');
  const { at, machine, failure } = probe;
  const parts = { when: <Time at={at} now={now} />, machine };
  if (failure !== null) return <Rich text={t('Tried <when/>.')} parts={parts} />;
  return machine === null ? (
    <Rich text={t('Tried <when/>: a program of it ran.')} parts={parts} />
  ) : (
    <Rich text={t('Tried <when/>: a program of it ran and saw <machine/>.')} parts={parts} />
  );
}

function Actions({ row }: { readonly row: ArchitectureView }) {
  const { deeds } = useLab();
  const { architecture, state, fix } = row;
  return (
    <div className={styles.rowActions}>
      <Button
        icon={FlaskConical}
        aria-label={t('Try {{architecture}}', { architecture })}
        onClick={() => deeds.ask(testArchitectureDeed(architecture))}
      >
        {t('Try it')}
      </Button>
      {(state === 'missing' || state === 'broken' || state === 'unknown') && (
        <Button
          aria-label={t('Emulate {{architecture}}', { architecture })}
          onClick={() => deeds.ask(enableArchitectureDeed(architecture, fix))}
        >
          {t('Emulate…')}
        </Button>
      )}
      {state === 'qemu' && (
        <Button
          aria-label={t('Emulate {{architecture}} no more', { architecture })}
          onClick={() => deeds.ask(disableArchitectureDeed(architecture))}
        >
          {t('Disable…')}
        </Button>
      )}
    </div>
  );
}

function Row({ row, hasNode }: { readonly row: ArchitectureView; readonly hasNode: boolean }) {
  const { architecture, node, state, reason, fix, slowdown, pools, probe } = row;
  return (
    <li
      className={styles.architecture}
      aria-label={hasNode ? t('{{architecture}} on {{node}}', { architecture, node }) : architecture}
    >
      <div className={styles.archName}>
        <h3>{architecture}</h3>
        {hasNode && <span className={styles.quiet}>{node}</span>}
      </div>
      <Badge look={architectureLooks[state]} />
      <div className={styles.archWords}>
        {reason !== null && <p>{reason}</p>}
        {reason === null && slowdown !== null && <p>{slowdown}</p>}
        {fix !== null && <NextStep text={fix} />}
        <p className={styles.quiet}>
          <span>
            <Tried probe={probe} />
          </span>{' '}
          {pools.length === 1 && t('Pool {{pool}} asks for it.', { pool: listed(pools) })}
          {pools.length > 1 && t('Pools {{pools}} ask for it.', { pools: listed(pools) })}
        </p>
      </div>
      <Actions row={row} />
    </li>
  );
}

/** Those that run first, then those that somebody asks for; the rest is what could be had. */
function sorted(rows: readonly ArchitectureView[]): readonly ArchitectureView[] {
  const weightOf = ({ state, pools }: ArchitectureView): number => {
    if (state === 'native') return 0;
    if (pools.length > 0) return 1;
    return state === 'missing' ? 3 : 2;
  };
  return rows.toSorted((a, b) => weightOf(a) - weightOf(b));
}

interface ArchitecturesProps {
  /** `null` before the first look. */
  readonly rows: readonly ArchitectureView[] | null;
}

export function Architectures({ rows }: ArchitecturesProps) {
  const hasNode = rows !== null && new Set(rows.map(({ node }) => node)).size > 1;
  return (
    <Section title={t('Architectures')} side={<Command line="autogit arch list" />}>
      {rows === null ? (
        <Skeleton what="architectures" rows={3} />
      ) : rows.length === 0 ? (
        <p className={styles.quiet}>{t('Known as soon as a container engine answers.')}</p>
      ) : (
        <Card>
          {sorted(rows).map((row) => (
            <Row key={`${row.node} ${row.architecture}`} row={row} hasNode={hasNode} />
          ))}
        </Card>
      )}
    </Section>
  );
}
