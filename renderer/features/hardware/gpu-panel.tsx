// One graphics card beside the page: everything that is known of it, and why the rest is not.
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { GpuView } from '../../../main/contract/snapshot.ts';
import type { GpuMetrics } from '../../../main/model/gpu-metrics.ts';
import { keeperOf } from '../../state/gpu-cards.ts';
import type { GpuCard as Card } from '../../state/gpu-cards.ts';
import { detailFacts, metricFacts } from '../../state/gpu-facts.ts';
import type { Fact } from '../../state/machine-facts.ts';
import type { Problem } from '../../state/problem.ts';
import { gpuLooks } from '../../state/tones.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { gigabytes } from '../../state/words.ts';
import type { CoreClient } from '../../client.ts';
import { Badge } from '../../ui/badge.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Facts, Panel, PanelBody, PanelFoot } from '../../ui/page.tsx';
import { SignIcon } from '../../ui/sign-icon.tsx';
import { Health, Users } from './gpu-card.tsx';
import { GpuSwitch } from './gpu-switch.tsx';
import styles from './hardware.module.css';
import { t } from '../../language/strings.ts';

function rowsOf(facts: readonly Fact[]): readonly (readonly [string, ReactNode])[] {
  return facts.map(({ name, value, why }) => [
    name,
    value ?? (
      <span key={name} className={styles.quiet}>
        {t('unknown')}
        {why !== null && `: ${why}`}
      </span>
    ),
  ]);
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={styles.part} aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

const stepSigns = { ok: 'check', missing: 'cross', unknown: 'question' } as const;

/** What the card is, as its driver and the vendor's tools tell. */
function Details({ id }: { readonly id: string }) {
  const ask = useMemo(() => (client: CoreClient) => client.call('gpu.show', { id }), [id]);
  const { value, error } = useAnswer(ask);
  if (error !== null) return <ErrorNote problem={error} />;
  if (value === null) return <p className={styles.quiet}>{t('Reading what its driver tells…')}</p>;
  const { containers } = value;
  return (
    <>
      <Part title={t('In containers')}>
        {containers.why !== null && <p>{containers.why}</p>}
        {containers.fix !== null && <p className={styles.quiet}>{containers.fix}</p>}
        <ul className={styles.steps}>
          {containers.steps.map(({ name, state, says }) => (
            <li key={name} data-state={state}>
              <SignIcon sign={stepSigns[state]} />
              <span>{says}</span>
            </li>
          ))}
        </ul>
      </Part>
      <Part title={t('The card')}>
        <Facts isRoomy rows={rowsOf(detailFacts(value))} />
      </Part>
    </>
  );
}

function Now({ metrics, isAlone }: { readonly metrics: GpuMetrics; readonly isAlone: boolean }) {
  return (
    <Part title={isAlone ? t('Now') : t('{{model}}, now', { model: metrics.model })}>
      <Facts isRoomy rows={rowsOf(metricFacts(metrics))} />
    </Part>
  );
}

function Processes({ metrics }: { readonly metrics: readonly GpuMetrics[] }) {
  const processes = metrics.flatMap((one) => one.processes ?? []);
  if (processes.length === 0) return null;
  return (
    <Part title={t('Processes')}>
      <table className={styles.processes}>
        <thead>
          <tr>
            <th scope="col">{t('Program')}</th>
            <th scope="col">{t('Of')}</th>
            <th scope="col" data-align="end">
              {t('Memory')}
            </th>
            <th scope="col" data-align="end">
              {t('Process')}
            </th>
          </tr>
        </thead>
        <tbody>
          {processes.map(({ pid, name, title, job, runner, memoryMiB }) => (
            <tr key={pid}>
              <td>{title === null ? name : `${title} (${name})`}</td>
              <td>
                {job !== null
                  ? t('job {{id}}', { id: job })
                  : runner !== null
                    ? t('a runner')
                    : t('somebody else')}
              </td>
              <td data-align="end">{memoryMiB === null ? t('unknown') : gigabytes(memoryMiB)}</td>
              <td data-align="end">{pid}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Part>
  );
}

/** A slice has no card of its own on the page. */
function cardFor(view: GpuView, cards: readonly Card[] | null): Card {
  const card = cards?.find((one) => one.view.id === view.id && one.view.node === view.node);
  return card ?? { view, slices: [], metrics: [], issues: [] };
}

function Content({ card }: { readonly card: Card }) {
  const { view, metrics } = card;
  return (
    <>
      <div className={styles.gpuFoot}>
        <span className={styles.label}>{t('Available to jobs')}</span>
        <GpuSwitch gpu={view} keeper={keeperOf(card)} />
      </div>
      <Users card={card} />
      {view.parent === null ? <Health card={card} /> : view.why !== null && <p>{view.why}</p>}
      <Facts
        isRoomy
        rows={[
          [t('Id'), <Copyable key="id" text={view.id} what={t('the id of the GPU')} />],
          ...(view.parent === null ? [] : [[t('Slice of'), view.parent] as const]),
          [t('Machine'), view.node],
        ]}
      />
      {metrics.map((one) => (
        <Now key={one.id} metrics={one} isAlone={metrics.length === 1} />
      ))}
      <Processes metrics={metrics} />
      <Details id={view.id} />
      <PanelFoot>
        <Command line={`autogit gpu show ${view.id}`} />
      </PanelFoot>
    </>
  );
}

function unknown(id: string): Problem {
  return {
    key: 'gpu.unknown',
    message: t('There is no GPU {{id}}.', { id }),
    next: t('It may have been taken out. Choose one from the page.'),
  };
}

interface GpuPanelProps {
  readonly id: string;
  readonly cards: readonly Card[] | null;
  onClose(): void;
}

export function GpuPanel({ id, cards, onClose }: GpuPanelProps) {
  const view = useSnapshot(({ gpus }) => gpus.find((one) => one.id === id) ?? null);
  const isKnown = useSnapshot(() => true) ?? false;
  const unseen = useSnapshot(({ gpusUnseen }) => gpusUnseen ?? null);
  const title =
    view === null ? (
      t('GPU {{id}}', { id })
    ) : (
      <>
        {view.model} <Badge look={gpuLooks[view.state]} />
      </>
    );
  return (
    <Panel title={title} label={t('GPU {{id}}', { id })} onClose={onClose}>
      <PanelBody isAll>
        {view === null ? (
          isKnown && <ErrorNote problem={unseen ?? unknown(id)} />
        ) : (
          <Content card={cardFor(view, cards)} />
        )}
      </PanelBody>
    </Panel>
  );
}
