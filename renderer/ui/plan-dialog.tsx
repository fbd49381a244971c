// Plans before deeds: what will change, the same on the command line, then the button named by its effect.
import { useState } from 'react';
import type { TaskView } from '../../main/contract/snapshot.ts';
import type { Amount, Deed, DeedState, OpenDeed, PlannedStep } from '../state/deeds.ts';
import { useLab, useNow, useSnapshot } from '../state/use-live.ts';
import { capital, elapsed } from '../state/words.ts';
import { Badge } from './badge.tsx';
import { Button } from './button.tsx';
import { Command } from './copyable.tsx';
import { Dialog } from './dialog.tsx';
import { NewAccessNote } from './new-access.tsx';
import { NextStep } from './next-step.tsx';
import { ErrorNote } from './notes.tsx';
import styles from './plan-dialog.module.css';
import { Tasks } from './tasks.tsx';
import { count, t } from '../language/strings.ts';

const noTasks: readonly TaskView[] = [];
/** Milliseconds after which a wait is explained. */
const patienceMs = 10_000;
/** More rows than this are counted, not listed. */
const mostActions = 8;

/** `create-network` of `network autogit-cea3b6` is "Create": the target says what. */
function deedWords(kind: string, target: string): string {
  const [noun] = target.split(' ');
  const words = kind.split('-').filter((word) => word !== noun);
  return capital(words.join(' '));
}

function StepPlan({ step, only }: { readonly step: PlannedStep; readonly only: boolean }) {
  const actions = step.plan?.actions ?? [];
  const changes = step.plan?.changes ?? [];
  const rest = actions.length - mostActions;
  return (
    <li>
      {!only && <p>{step.words}</p>}
      {only && (actions.length === 0 || changes.length > 0) && <p>{step.plan?.message ?? step.words}</p>}
      {changes.length > 0 && (
        <ul className={styles.actions}>
          {changes.map(({ path, effect }) => (
            <li key={path}>
              <code>{path}</code>
              <span className={styles.quiet}>{effect}</span>
            </li>
          ))}
        </ul>
      )}
      {actions.length > 0 && (
        <ul className={styles.actions}>
          {actions.slice(0, mostActions).map(({ kind, target, reason }) => (
            <li key={`${kind} ${target} ${reason}`}>
              <span>
                {deedWords(kind, target)} <code>{target}</code>
              </span>
              <span className={styles.quiet}>{reason}</span>
            </li>
          ))}
          {rest > 0 && <li className={styles.quiet}>{t('and {{others}} more', { others: rest })}</li>}
        </ul>
      )}
    </li>
  );
}

function AmountField({ amount }: { readonly amount: Amount }) {
  const { deeds } = useLab();
  const [text, setText] = useState(String(amount.value));
  const change = (value: string): void => {
    setText(value);
    const number = Number(value);
    if (Number.isInteger(number) && number >= amount.min && number <= amount.max)
      deeds.ask(amount.change(number));
  };
  return (
    <label className={styles.amount}>
      {amount.label}
      <input
        type="number"
        min={amount.min}
        max={amount.max}
        value={text}
        onChange={(event) => change(event.target.value)}
      />
      <span className={styles.quiet}>{t('{{min}} to {{max}}', { min: amount.min, max: amount.max })}</span>
    </label>
  );
}

function Planned({ deed, steps }: { readonly deed: Deed; readonly steps: readonly PlannedStep[] }) {
  return (
    <>
      <h3 className={styles.title}>{t('What will be done')}</h3>
      <ol className={styles.steps} data-only={steps.length === 1 || undefined}>
        {steps.map((step) => (
          <StepPlan key={step.words} step={step} only={steps.length === 1} />
        ))}
      </ol>
      {steps.some(({ plan }) => (plan?.actions.length ?? 0) > 0) && (
        <p className={styles.quiet}>{t('Each step waits for the one before it; these come first.')}</p>
      )}
      {deed.commands.length > 0 && (
        <h3 className={styles.title}>
          {count(deed.commands.length, 'The same command', 'The same commands')}
        </h3>
      )}
      {deed.commands.map((line) => (
        <Command key={line} line={line} />
      ))}
    </>
  );
}

function Doing({
  deed,
  step,
  since,
}: {
  readonly deed: Deed;
  readonly step: number;
  readonly since: number;
}) {
  const tasks = useSnapshot((snapshot) => snapshot.tasks) ?? noTasks;
  const now = useNow();
  const words = deed.steps[step]?.words ?? deed.title;
  return (
    <>
      <p role="status">
        <Badge look={{ tone: 'running', sign: 'play', word: t('At work') }} /> {words}
        {deed.steps.length > 1
          ? ` ${t('(step {{step}} of {{steps}})', { step: step + 1, steps: deed.steps.length })}`
          : ''}
        , {elapsed(now - since)}
      </p>
      {tasks.length > 0 && <Tasks tasks={tasks} />}
      {now - since > patienceMs && (
        <p className={styles.quiet}>
          {t('It goes on when you close this; the overview shows how far it is. What it waits for:')}{' '}
          <code>autogit status</code>
        </p>
      )}
    </>
  );
}

function Planning({ since }: { readonly since: number }) {
  const asked = useNow() - since;
  return (
    <p role="status" className={styles.quiet}>
      {asked > 2_000
        ? t('Asking AutoGit what this would change, {{span}}…', { span: elapsed(asked) })
        : t('Asking AutoGit what this would change…')}
    </p>
  );
}

function Body({ deed, state }: { readonly deed: Deed; readonly state: DeedState }) {
  switch (state.phase) {
    case 'planning':
      return <Planning since={state.since} />;
    case 'planned':
      return <Planned deed={deed} steps={state.steps} />;
    case 'refused':
    case 'failed':
      return <ErrorNote problem={state.error} />;
    case 'doing':
      return <Doing deed={deed} step={state.step} since={state.since} />;
    case 'done':
      return (
        <>
          <p role="status">
            <Badge look={{ tone: 'success', sign: 'check', word: t('Done') }} /> {state.outcome.message}
          </p>
          {state.access !== null && <NewAccessNote access={state.access} />}
          {state.outcome.next !== null && <NextStep text={state.outcome.next} />}
        </>
      );
  }
}

function Actions({ deed, state }: { readonly deed: Deed; readonly state: DeedState }) {
  const { deeds } = useLab();
  const close = (word: string, look: 'plain' | 'primary' = 'plain') => (
    <Button look={look} onClick={() => deeds.dismiss()}>
      {word}
    </Button>
  );
  switch (state.phase) {
    case 'planning':
    case 'refused':
      return close(t('Close'));
    case 'planned':
      return (
        <>
          {close(t('Not now'))}
          <Button look={deed.grave ? 'grave' : 'primary'} onClick={() => deeds.confirm()}>
            {deed.effect}
          </Button>
        </>
      );
    case 'doing':
      return close(t('Close; it goes on'));
    case 'done':
      return close(state.access === null ? t('Close') : t('It is kept; close'), 'primary');
    case 'failed':
      return (
        <>
          {close(t('Close'))}
          <Button look="primary" onClick={() => deeds.confirm()}>
            {t('Try again')}
          </Button>
        </>
      );
  }
}

/** The dialog of the deed that is open. */
export function PlanDialog({ open }: { readonly open: OpenDeed }) {
  const { deeds } = useLab();
  const { deed, state } = open;
  const isShownOnce = state.phase === 'done' && state.access !== null;
  const isChoosing = state.phase === 'planning' || state.phase === 'planned' || state.phase === 'refused';
  return (
    <Dialog
      title={deed.title}
      onClose={isShownOnce ? null : () => deeds.dismiss()}
      actions={<Actions deed={deed} state={state} />}
    >
      {isChoosing && deed.note !== null && <p>{deed.note}</p>}
      {isChoosing && deed.amount !== undefined && <AmountField amount={deed.amount} />}
      <Body deed={deed} state={state} />
    </Dialog>
  );
}
