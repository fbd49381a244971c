// Another set-up: the answers as they are, what would be done with others, and doing it.
import { ArrowLeft, ListChecks, Play } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { stackTabHref } from '../../state/stack.ts';
import type { StackStatus } from '../../state/stack.ts';
import { draftOf, emptyDraft, givenAnswers, withGiven, withValue } from '../../state/stack-draft.ts';
import type { Draft, DraftValue, StackQuestions } from '../../state/stack-draft.ts';
import { blockedBy, decidedFiles, noDecisions } from '../../state/stack-plan.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { usePlanned } from '../../state/use-planned.ts';
import type { Planned } from '../../state/use-planned.ts';
import { useTry } from '../../state/use-try.ts';
import { listed } from '../../state/words.ts';
import { Button } from '../../ui/button.tsx';
import { TickField } from '../../ui/field.tsx';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Rich } from '../../ui/rich.tsx';
import { AnswersForm } from '../../ui/stack/answers-form.tsx';
import { PlanView } from '../../ui/stack/plan-view.tsx';
import { useLeadToWrong } from '../../ui/stack/use-lead-to-wrong.ts';
import styles from './stack.module.css';
import { t } from '../../language/strings.ts';

type Up = Output<'stack.up'>;

function askQuestions(client: CoreClient): Promise<StackQuestions> {
  return client.call('stack.questions', {});
}

interface ChangeProps {
  readonly status: StackStatus;
  /** Answers that another page has put into the address. */
  readonly given: string | undefined;
  /** Why nothing can be done now; `null`: it can. */
  readonly blocked: string | null;
  /** The run has begun. */
  onBegun(run: number): void;
}

/** What is being given, what it would do, and whether the plan is looked at. */
function useChange({ status, given }: Pick<ChangeProps, 'status' | 'given'>, questions: StackQuestions) {
  // As it was when the form was opened: what is typed must not go because something else was changed meanwhile.
  const [present] = useState<Draft>(() => (status.answers === null ? emptyDraft : draftOf(status.answers)));
  const [start] = useState<Draft>(() => withGiven(present, given));
  const [draft, setDraft] = useState(start);
  const [decisions, setDecisions] = useState(noDecisions);
  // Who comes with answers wants to see what they do.
  const [isPlan, setPlan] = useState(start !== present);
  const [wasAsked, setAsked] = useState(start !== present);
  const [isWithoutBackup, setWithoutBackup] = useState(false);
  const wish = useMemo(
    () => ({ answers: givenAnswers(draft, questions), ...decidedFiles(decisions) }),
    [draft, decisions, questions],
  );
  const planned = usePlanned(wish);
  return {
    present,
    draft,
    setDraft,
    decisions,
    setDecisions,
    isPlan,
    setPlan,
    wasAsked,
    setAsked,
    isWithoutBackup,
    setWithoutBackup,
    wish,
    planned,
  };
}

type Change = ReturnType<typeof useChange>;

function whyNot({ value, isAsking, error }: Planned, blocked: string | null): string | null {
  if (blocked !== null) return blocked;
  if (isAsking) return t('The plan is being made');
  if (error !== null || value === null) return t('There is no plan');
  if (value.plan === null) return t('Answers have to be mended first');
  return value.plan.isNothing ? t('There is nothing to do') : blockedBy(value.plan);
}

interface StepProps extends Pick<ChangeProps, 'blocked' | 'onBegun'> {
  readonly change: Change;
  readonly questions: StackQuestions;
}

function FormStep({ change, questions }: StepProps) {
  const { present, draft, setDraft, planned, wasAsked, setAsked, setPlan } = change;
  const element = useRef<HTMLFormElement>(null);
  const problems = planned.value?.problems ?? [];
  const lead = useLeadToWrong(element, problems.length);
  const goOn = (): void => {
    setAsked(true);
    if (problems.length > 0) lead();
    else if (planned.value?.plan != null && !planned.isAsking) setPlan(true);
  };
  return (
    <form
      ref={element}
      aria-label={t('Set-up')}
      className={styles.steps}
      onSubmit={(event) => {
        event.preventDefault();
        goOn();
      }}
    >
      <AnswersForm {...{ questions, draft, present, problems, wasAsked }} onChange={setDraft} />
      {planned.error !== null && (
        <ErrorNote
          problem={planned.error}
          action={<Button onClick={planned.again}>{t('Ask again')}</Button>}
        />
      )}
      <div className={styles.foot}>
        <Button look="primary" type="submit" icon={ListChecks}>
          {t('Show what changes')}
        </Button>
        <span role="status" className={wasAsked && problems.length > 0 ? styles.alert : styles.quiet}>
          {planned.isAsking
            ? t('Looking at what it would do…')
            : wasAsked && problems.length > 0
              ? t('Some answers have to be mended first, in red.')
              : t('Nothing is changed before you have seen the plan.')}
        </span>
      </div>
    </form>
  );
}

/** What a template wants beyond the rules is given, or taken back. */
function withGrant(draft: Draft, grant: string, isGiven: boolean): Draft {
  const present = draft['grants'];
  const given: readonly DraftValue[] = Array.isArray(present) ? present : [];
  const others = given.filter((one) => one !== grant);
  return withValue(draft, 'grants', isGiven ? [...others, grant] : others);
}

/** Only where services would be upgraded, and what stands be backed up before that. */
function BackupTick({ change }: Pick<StepProps, 'change'>) {
  const { planned, isWithoutBackup, setWithoutBackup } = change;
  const services = planned.value?.backsUp ?? [];
  if (services.length === 0) return null;
  return (
    <TickField
      name="without-backup"
      label={t('Upgrade {{services}} without a backup', { services: listed(services) })}
      help={t(
        'Otherwise what stands is backed up first, and nothing is upgraded when that fails. An upgrade migrates data: from then on only a backup leads back.',
      )}
      isOn={isWithoutBackup}
      onChange={setWithoutBackup}
    />
  );
}

function useBeginning({ change, blocked, onBegun }: StepProps) {
  const { wish, planned, isWithoutBackup } = change;
  const { value } = planned;
  const beginning = useTry<Up>();
  const why = beginning.isTrying ? t('It begins') : whyNot(planned, blocked);
  const begin = (): void => {
    const hash = value?.plan?.hash;
    if (why !== null || hash === undefined) return;
    // What was ticked for another plan is nothing that this one asks.
    const isWithout = isWithoutBackup && (value?.backsUp ?? []).length > 0;
    const without = isWithout ? { withoutBackup: true } : {};
    void beginning.tryIt(async (client) => {
      const up = await client.call('stack.up', { ...wish, ...without, plan: hash, wait: false });
      if (up.run !== null) onBegun(up.run);
      return up;
    });
  };
  return { beginning, why, begin };
}

function PlanStep(props: StepProps) {
  const { change } = props;
  const { draft, setDraft, decisions, setDecisions, setPlan, planned } = change;
  const { beginning, why, begin } = useBeginning(props);
  const { value } = planned;
  return (
    <div className={styles.steps}>
      {value === null && planned.error === null && <Skeleton what={t('the plan')} rows={6} />}
      {planned.error !== null && (
        <ErrorNote
          problem={planned.error}
          action={<Button onClick={planned.again}>{t('Ask again')}</Button>}
        />
      )}
      {value !== null && (
        <PlanView
          planned={value}
          decisions={decisions}
          onDecide={(path, decision) => setDecisions({ ...decisions, [path]: decision })}
          onGrant={(grant, isGiven) => setDraft(withGrant(draft, grant, isGiven))}
          onSecret={planned.again}
        />
      )}
      <BackupTick change={change} />
      {beginning.error !== null && (
        <ErrorNote
          problem={beginning.error}
          action={
            <Button
              onClick={() => {
                beginning.forget();
                planned.again();
              }}
            >
              {t('Make the plan anew')}
            </Button>
          }
        />
      )}
      <div className={styles.foot}>
        <Button icon={ArrowLeft} onClick={() => setPlan(false)}>
          {t('Change answers')}
        </Button>
        <Button look="primary" icon={Play} blockedBy={why} onClick={begin}>
          {beginning.isTrying ? t('It begins…') : t('Apply this plan')}
        </Button>
        <span role="status" className={styles.quiet}>
          {why ?? ''}
        </span>
      </div>
    </div>
  );
}

function Steps({ questions, ...props }: ChangeProps & { readonly questions: StackQuestions }) {
  const change = useChange(props, questions);
  const { blocked, onBegun } = props;
  const step = { change, questions, blocked, onBegun };
  // What is wrong with answers stands in the form alone.
  const isPlan = change.isPlan && (change.planned.value === null || change.planned.value.plan !== null);
  return isPlan ? <PlanStep {...step} /> : <FormStep {...step} />;
}

export function ChangeStack(props: ChangeProps) {
  const { value, error, again } = useAnswer(askQuestions);
  if (props.blocked !== null)
    return (
      <p className={`${styles.quiet} ${styles.inline}`}>
        <Rich
          text={t('<reason/>. <run>See how far it is</run>')}
          parts={{ reason: props.blocked, run: (text) => <a href={stackTabHref('run')}>{text}</a> }}
        />
      </p>
    );
  if (value !== null) return <Steps key={props.given ?? ''} {...props} questions={value} />;
  if (error !== null)
    return <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />;
  return <Skeleton what={t('what can be answered')} rows={8} />;
}
