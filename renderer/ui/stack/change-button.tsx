// From a test of something to having it: the set-up is opened with these answers put in, and nothing is changed yet.
import { Settings2 } from 'lucide-react';
import { changeRoute } from '../../state/stack.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { goTo } from '../../state/use-route.ts';
import { Button } from '../button.tsx';
import styles from './answers.module.css';
import { t } from '../../language/strings.ts';

interface ChangeButtonProps {
  /** Without secrets, which are asked for with the plan; `null`: something in them is wrong yet. */
  readonly answers: object | null;
  /** What the stack would do then: `Change to this way`. */
  readonly children: string;
}

/** Nothing where there is no stack that could be changed. */
export function ChangeButton({ answers, children }: ChangeButtonProps) {
  const hasStack = useSnapshot(({ stack }) => stack !== undefined) ?? false;
  if (!hasStack) return null;
  return (
    <div className={styles.line}>
      <Button
        icon={Settings2}
        blockedBy={answers === null ? t('Fill in the fields above first') : null}
        onClick={() => {
          if (answers !== null) goTo(changeRoute(answers));
        }}
      >
        {children}
      </Button>
      <span className={styles.help}>{t('Shows first what would be done, and asks for secrets there.')}</span>
    </div>
  );
}
