// A plan that waits for its typed agreement, then the restore as it goes on, and what to do when it has ended.
import { History } from 'lucide-react';
import { useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import { afterwards, agreeWord, blocking } from '../../state/backup-restore.ts';
import type { RestorePlan, RestoreWish } from '../../state/backup-restore.ts';
import { isOver } from '../../state/backup-run.ts';
import type { FollowedBackup } from '../../state/use-backup-run.ts';
import type { Planning } from '../../state/use-restore-plan.ts';
import type { Tried } from '../../state/use-try.ts';
import { Button } from '../button.tsx';
import { TextField } from '../field.tsx';
import { ErrorNote } from '../notes.tsx';
import { Section } from '../page.tsx';
import { Steps } from '../steps.tsx';
import styles from './backup.module.css';
import { RestorePlanView } from './restore-plan.tsx';
import { RunView } from './run-view.tsx';
import { t } from '../../language/strings.ts';

type Begun = Output<'backup.restore'>;

interface AgreeProps {
  readonly plan: RestorePlan;
  /** What `plan` was made for. */
  readonly wish: RestoreWish;
  readonly planning: Pick<Planning, 'isTrying' | 'error' | 'withoutSafety' | 'ask'>;
  readonly beginning: Tried<Begun>;
  onBack(): void;
}

function lossWords({ safety, withoutSafety }: AgreeProps['plan']): string | undefined {
  if (safety) return t('What was made since then is in the safety backup afterwards, and nowhere else.');
  return withoutSafety ? t('What was made since then is lost.') : undefined;
}

/** The button is named by its effect, and waits for a word where something of the lab is replaced. */
export function AgreeToRestore({ plan, wish, planning, beginning, onBack }: AgreeProps) {
  const [typed, setTyped] = useState('');
  const word = agreeWord(plan);
  const stands = blocking(plan);
  const isAgreed = word === null || typed.trim().toLowerCase() === word;
  const waits = planning.isTrying
    ? t('The plan is being made anew')
    : beginning.isTrying
      ? t('It begins')
      : null;
  const blockedBy = waits ?? stands ?? (isAgreed ? null : t('Type the word {{word}} first', { word }));
  const begin = (): void => {
    if (blockedBy !== null) return;
    void beginning.tryIt((client) =>
      client.call('backup.restore', { ...wish, plan: plan.hash, wait: false }),
    );
  };
  return (
    <form
      className={styles.stack}
      aria-label={t('Plan of the restore')}
      onSubmit={(event) => {
        event.preventDefault();
        begin();
      }}
    >
      <RestorePlanView
        plan={plan}
        withoutSafety={planning.withoutSafety}
        onWithoutSafety={(withoutSafety) => {
          // Another plan has to be agreed to anew.
          setTyped('');
          beginning.forget();
          planning.ask({ ...wish, withoutSafety });
        }}
      />
      {planning.error !== null && <ErrorNote problem={planning.error} />}
      {word !== null && stands === null && (
        <div className={styles.agree}>
          <TextField
            name="agree"
            label={t('Type {{word}} to agree', { word })}
            help={lossWords(plan)}
            value={typed}
            onChange={setTyped}
          />
        </div>
      )}
      {beginning.error !== null && <ErrorNote problem={beginning.error} />}
      <div className={styles.buttons}>
        <Button onClick={onBack}>{t('Back')}</Button>
        <Button look={word === null ? 'primary' : 'grave'} type="submit" icon={History} blockedBy={blockedBy}>
          {plan.to === null ? t('Replace what is there with the backup') : t('Restore to the folder')}
        </Button>
      </div>
    </form>
  );
}

interface RestoringProps {
  readonly followed: FollowedBackup;
  /** `null`: it was begun elsewhere. */
  readonly plan: RestorePlan | null;
  readonly isProject?: boolean;
}

/** It survives leaving the page, and the core that restarts on the way. */
export function Restoring({ followed, plan, isProject = false }: RestoringProps) {
  const { progress } = followed;
  const isDone = progress !== null && progress.outcome === 'done';
  return (
    <div className={styles.stack}>
      <RunView followed={followed} planned={plan?.steps ?? null} />
      {progress !== null && !isOver(progress) && (
        <p className={styles.quiet}>
          {t(
            'AutoGit puts its own files in place on the way, and does not answer for a moment then. Should the machine restart meanwhile, the restore goes on or is taken back.',
          )}
        </p>
      )}
      {isDone && (
        <Section title={t('What to do now')}>
          <Steps
            label={t('What to do now')}
            steps={afterwards({ to: plan?.to ?? null, project: isProject, safety: plan?.safety ?? null })}
          />
        </Section>
      )}
    </div>
  );
}
