// A run of backups as it goes on: which steps are done, what is done now, how much of it is counted, and how it has ended.
import type { ReactNode } from 'react';
import { countedWords, isOver, leftWords, runLook, runSteps, shareOf } from '../../state/backup-run.ts';
import type { BackupProgress, PlannedSteps, RunStep } from '../../state/backup-run.ts';
import { stepLooks } from '../../state/stack-run.ts';
import type { FollowedBackup } from '../../state/use-backup-run.ts';
import { useSeenNow } from '../../state/use-live.ts';
import { elapsed } from '../../state/words.ts';
import { Badge } from '../badge.tsx';
import { Command } from '../copyable.tsx';
import { ErrorNote } from '../notes.tsx';
import styles from '../stack/progress.module.css';
import { t } from '../../language/strings.ts';

function Since({ at }: { readonly at: number }) {
  const now = useSeenNow();
  return <span className={styles.since}>{elapsed(now - at)}</span>;
}

/** A bar stands only where bytes are counted. */
function Counted({ progress }: { readonly progress: BackupProgress }) {
  const words = [countedWords(progress), leftWords(progress.secondsLeft) ?? ''].filter((one) => one !== '');
  const { bytes, message } = progress;
  return (
    <>
      {shareOf(progress) !== null && bytes !== null && (
        <progress className={styles.bar} value={bytes.done} max={bytes.total} aria-label={message} />
      )}
      {words.length > 0 && <p className={styles.quiet}>{words.join(', ')}</p>}
    </>
  );
}

interface StepProps {
  readonly step: RunStep;
  readonly followed: FollowedBackup;
  readonly progress: BackupProgress;
}

function Step({ step: { words, state }, followed, progress }: StepProps) {
  const isNow = state === 'now';
  return (
    <li className={styles.step} data-state={state} aria-current={isNow ? 'step' : undefined}>
      <Badge look={stepLooks[state]} quiet={state === 'next' || state === 'left'} />
      <div className={styles.words}>
        <p className={styles.title}>{words}</p>
        {isNow && progress.message !== '' && <p className={styles.quiet}>{progress.message}</p>}
        {isNow && <Counted progress={progress} />}
      </div>
      {isNow && followed.stepSince !== null && <Since at={followed.stepSince} />}
    </li>
  );
}

interface RunViewProps {
  readonly followed: FollowedBackup;
  /** Steps of the plan that was agreed to. */
  readonly planned?: PlannedSteps | null;
  /** Beside what it says of itself. */
  readonly action?: ReactNode;
}

export function RunView({ followed, planned = null, action }: RunViewProps) {
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
  return (
    <div className={styles.progress}>
      <div className={styles.head}>
        <span role="status">
          <Badge look={runLook(progress)} />
        </span>
        {isEnded && progress.failure === null && progress.message !== '' && <p>{progress.message}</p>}
        {!isEnded && action}
      </div>
      {progress.failure !== null && <ErrorNote problem={progress.failure} />}
      {error !== null && !isEnded && <ErrorNote problem={error} />}
      <ol className={styles.steps} aria-label={t('Steps')}>
        {runSteps(progress, planned).map((step) => (
          <Step key={`${step.step} ${step.words}`} {...{ step, followed, progress }} />
        ))}
      </ol>
      {!isEnded && (
        <div className={styles.foot}>
          <p className={styles.quiet}>{t('It goes on when you leave this page.')}</p>
          <Command line="autogit backup watch" />
        </div>
      )}
    </div>
  );
}
