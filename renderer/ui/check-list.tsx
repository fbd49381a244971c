// What was looked at, one row each: how it stands, what was found, and what to do.
import type { StateLook } from '../state/tones.ts';
import { checkLooks } from '../state/access-tones.ts';
import { Badge } from './badge.tsx';
import styles from './check-list.module.css';
import { NextStep } from './next-step.tsx';

interface Check {
  readonly key: string;
  readonly label: string;
  readonly state: keyof typeof checkLooks;
  readonly message: string;
  readonly next: string | null;
}

interface CheckListProps {
  /** What was looked at, for those who do not see it. */
  readonly label: string;
  readonly checks: readonly Check[];
}

function lookOf({ state }: Check): StateLook {
  return checkLooks[state];
}

export function CheckList({ label, checks }: CheckListProps) {
  return (
    <ul className={styles.checks} aria-label={label}>
      {checks.map((check, index) => (
        <li key={`${check.key} ${index}`} className={styles.check} title={check.key}>
          <Badge look={lookOf(check)} />
          <div className={styles.words}>
            <p>
              <strong>{check.label}</strong> <span className={styles.quiet}>{check.message}</span>
            </p>
            {check.next !== null && check.state !== 'good' && <NextStep text={check.next} />}
          </div>
        </li>
      ))}
    </ul>
  );
}
