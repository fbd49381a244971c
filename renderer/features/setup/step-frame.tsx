// The frame of every step: which there are and where one is, the step itself, and the ways back and on.
import { ArrowLeft, ArrowRight, Check } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { formatRoute } from '../../state/route.ts';
import { listedStep, previousStep, stepsOf, stepWords } from '../../state/setup-steps.ts';
import type { SetupStep, SetupWay } from '../../state/setup-steps.ts';
import type { Setup } from '../../state/use-setup.ts';
import { Button } from '../../ui/button.tsx';
import styles from './setup.module.css';
import { t } from '../../language/strings.ts';

interface StepListProps {
  readonly step: SetupStep;
  readonly way: SetupWay | null;
}

/** The steps in a row. Those behind are ways back; those ahead are not, as they stand on answers. */
export function StepList({ step, way }: StepListProps) {
  const steps = stepsOf(way);
  const here = steps.indexOf(listedStep(step));
  return (
    <nav aria-label={t('Steps')}>
      <ol className={styles.steps}>
        {steps.map((one, at) => (
          <li
            key={one}
            data-state={at < here ? 'behind' : at === here ? 'here' : 'ahead'}
            aria-current={at === here ? 'step' : undefined}
          >
            <span className={styles.number} aria-hidden>
              {at < here ? <Check size={14} /> : at + 1}
            </span>
            {at < here ? (
              <a href={formatRoute({ page: 'setup', id: one })}>{stepWords[one].short}</a>
            ) : (
              <span>{stepWords[one].short}</span>
            )}
          </li>
        ))}
        {way === null && <li data-state="ahead">{t('and what follows from it')}</li>}
      </ol>
    </nav>
  );
}

interface KeptProps extends Pick<Setup, 'keeping' | 'failure'> {
  /** Of a step whose answers are not kept; missing: they are. `null`: there is nothing to say. */
  readonly own?: string | null | undefined;
}

function Kept({ keeping, failure, own }: KeptProps) {
  const words =
    keeping === 'failed'
      ? t('Your answers are not kept: {{message}}', { message: failure?.message ?? '' })
      : own !== undefined
        ? own
        : keeping === 'soon'
          ? t('Keeping your answers…')
          : t('Your answers are kept: you can leave this page, and come back to it.');
  if (words === null) return null;
  return (
    <p className={styles.kept} data-failed={keeping === 'failed' || undefined} role="status">
      {words}
    </p>
  );
}

export interface OnButton {
  readonly words: string;
  readonly icon?: LucideIcon;
  /** Why it does not go on yet. */
  readonly blockedBy?: string | null;
}

interface StepFrameProps {
  readonly step: SetupStep;
  readonly setup: Pick<Setup, 'draft' | 'keeping' | 'failure'>;
  /** Somebody has come here from another step: the reader begins here, too. */
  readonly isArrival: boolean;
  /** `null`: there is nothing to press here. */
  readonly on?: OnButton | null;
  /** Beside the button that goes on. */
  readonly side?: ReactNode;
  /** There are forms in it, so it is none itself. */
  readonly hasForms?: boolean;
  /** False: what is done cannot be taken back by going there. */
  readonly hasBack?: boolean;
  /** In place of the sentence that answers are kept, where none are; `null`: none. */
  readonly kept?: string | null;
  onNext?(): void;
  readonly children: ReactNode;
}

const usual: OnButton = { words: t('Next') };

interface GoOnProps {
  readonly on: OnButton;
  /** `null`: the form around it hears of it. */
  readonly onPress: (() => void) | null;
}

function GoOn({ on: { words, icon = ArrowRight, blockedBy = null }, onPress }: GoOnProps) {
  const how = onPress === null ? { type: 'submit' as const } : { onClick: onPress };
  return (
    <Button {...how} look="primary" icon={icon} blockedBy={blockedBy}>
      {words}
    </Button>
  );
}

interface FootProps extends Pick<StepFrameProps, 'step' | 'side'> {
  readonly way: SetupWay | null;
  readonly on: OnButton | null;
  readonly hasBack: boolean;
  readonly onPress: GoOnProps['onPress'];
}

function Foot({ step, way, on, side, hasBack, onPress }: FootProps) {
  const back = hasBack ? previousStep(step, way) : null;
  return (
    <footer className={styles.foot}>
      {back === null ? (
        <span />
      ) : (
        <a className={styles.back} href={formatRoute({ page: 'setup', id: back })}>
          <ArrowLeft size={16} aria-hidden />
          {t('Back')}
        </a>
      )}
      <div className={styles.ways}>
        {side}
        {on !== null && <GoOn on={on} onPress={onPress} />}
      </div>
      {on !== null && on.blockedBy !== undefined && on.blockedBy !== null && (
        <p className={styles.blocked}>{on.blockedBy}</p>
      )}
    </footer>
  );
}

/** Enter in any field goes on, as the button does. */
export function StepFrame(props: StepFrameProps) {
  const {
    step,
    setup,
    isArrival,
    on = usual,
    side,
    hasForms = false,
    hasBack = true,
    kept,
    onNext,
    children,
  } = props;
  const region = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isArrival) region.current?.focus();
  }, [isArrival]);
  const way = setup.draft?.way ?? null;
  const press = (): void => {
    if (on !== null && (on.blockedBy ?? null) === null) onNext?.();
  };
  const inside = (
    <>
      <div className={styles.content}>{children}</div>
      <Foot {...{ step, way, on, side, hasBack }} onPress={hasForms ? press : null} />
    </>
  );
  return (
    <section ref={region} tabIndex={-1} className={styles.frame} aria-label={stepWords[step].sentence}>
      {hasForms ? (
        <div className={styles.form}>{inside}</div>
      ) : (
        <form
          className={styles.form}
          aria-label={stepWords[step].short}
          onSubmit={(event) => {
            event.preventDefault();
            press();
          }}
        >
          {inside}
        </form>
      )}
      <Kept keeping={setup.keeping} failure={setup.failure} own={kept} />
    </section>
  );
}
