// A run of the stack as it goes on: which steps are done, what is done now and for how long, and how it has ended.
import { Badge } from '../badge.tsx';
import { Command } from '../copyable.tsx';
import { ErrorNote } from '../notes.tsx';
import {
  isOver,
  paceOf,
  remainingMs,
  remainingWords,
  runLook,
  runSteps,
  stepLooks,
} from '../../state/stack-run.ts';
import type { Pull, RunStep, StackProgress } from '../../state/stack-run.ts';
import { useSeenNow } from '../../state/use-live.ts';
import type { FollowedRun } from '../../state/use-stack-run.ts';
import { elapsed, rateWords } from '../../state/words.ts';
import { count, t } from '../../language/strings.ts';
import styles from './progress.module.css';
import { imageName, imageSize } from './sizes.ts';

function pullWords({ current, total, done }: Pull): string {
  if (done) return t('is here');
  if (total === 0) return t('waits; its size is not known yet');
  return t('{{received}} of {{total}}', {
    received: imageSize(current),
    total: imageSize(total),
  });
}

function PullRow({ pull }: { readonly pull: Pull }) {
  const { reference, current, total, done } = pull;
  return (
    <li className={styles.pull}>
      <div className={styles.pullWords}>
        <code>{imageName(reference)}</code>
        <span className={styles.quiet}>{pullWords(pull)}</span>
      </div>
      {!done && total > 0 && (
        <progress className={styles.bar} value={current} max={total} aria-label={imageName(reference)} />
      )}
    </li>
  );
}

function Pulls({ followed, pulls }: { readonly followed: FollowedRun; readonly pulls: readonly Pull[] }) {
  const now = useSeenNow();
  const pace = paceOf(followed.samples, now);
  const left = remainingWords(remainingMs(pulls, pace));
  const here = pulls.filter(({ done }) => done).length;
  const images = count(pulls.length, '{{n}} image', '{{n}} images');
  const words = [
    here === 1
      ? t('1 of {{images}} is here', { images })
      : t('{{here}} of {{images}} are here', { here, images }),
    ...(pace === null ? [] : [rateWords(pace)]),
    ...(left === null ? [] : [left]),
  ];
  return (
    <>
      <p className={styles.quiet}>{words.join(', ')}</p>
      <ul className={styles.pulls}>
        {pulls.map((pull) => (
          <PullRow key={pull.reference} pull={pull} />
        ))}
      </ul>
    </>
  );
}

function Since({ at }: { readonly at: number }) {
  const now = useSeenNow();
  return <span className={styles.since}>{elapsed(now - at)}</span>;
}

interface StepProps {
  readonly step: RunStep;
  readonly progress: StackProgress;
  readonly followed: FollowedRun;
}

function Step({ step: { step, words, state }, progress, followed }: StepProps) {
  const isNow = state === 'now';
  const { message, pulls } = progress;
  return (
    <li className={styles.step} data-state={state} aria-current={isNow ? 'step' : undefined}>
      <Badge look={stepLooks[state]} quiet={state === 'next' || state === 'left'} />
      <div className={styles.words}>
        <p className={styles.title}>{words}</p>
        {isNow && message !== '' && <p className={styles.quiet}>{message}</p>}
        {isNow && step === 'pull' && pulls.length > 0 && <Pulls followed={followed} pulls={pulls} />}
      </div>
      {isNow && followed.stepSince !== null && <Since at={followed.stepSince} />}
    </li>
  );
}

export interface ProgressViewProps {
  readonly followed: FollowedRun;
}

/** Nothing here is guessed: a bar stands only where bytes are counted, a time only where it was measured. */
export function ProgressView({ followed }: ProgressViewProps) {
  const { progress, error } = followed;
  if (progress === null)
    return error === null ? (
      <p role="status" className={styles.quiet}>
        {t('Asking AutoGit how far it is…')}
      </p>
    ) : (
      <ErrorNote problem={error} />
    );
  const isEnded = isOver(progress);
  const { outcome, message } = progress;
  return (
    <div className={styles.progress}>
      <div role="status" className={styles.head}>
        <Badge look={runLook(progress)} />
        {isEnded && outcome !== null && message !== '' && progress.error?.message !== message && (
          <p>{message}</p>
        )}
      </div>
      {progress.error !== null && <ErrorNote problem={progress.error} />}
      {error !== null && !isEnded && <ErrorNote problem={error} />}
      <ol className={styles.steps} aria-label={t('Steps')}>
        {runSteps(progress).map((step) => (
          <Step key={step.step} {...{ step, progress, followed }} />
        ))}
      </ol>
      {!isEnded && (
        <div className={styles.foot}>
          <p className={styles.quiet}>
            {t('It goes on when you leave this page, and AutoGit goes on with it after a restart.')}
          </p>
          <Command line="autogit stack watch" />
        </div>
      )}
    </div>
  );
}
