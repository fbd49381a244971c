// What is wrong with one thing, on the thing itself: what happened and what to do, a line each.
import type { Snapshot } from '../../main/contract/snapshot.ts';
import { severityLooks } from '../state/tones.ts';
import { Spoken } from './spoken.tsx';
import styles from './issue-lines.module.css';
import { NextStep } from './next-step.tsx';
import { SignIcon } from './sign-icon.tsx';

type Issue = Pick<Snapshot['issues'][number], 'key' | 'message' | 'next' | 'severity'>;

const weights: Readonly<Record<Issue['severity'], number>> = { error: 0, warning: 1, info: 2 };

export function IssueLines({ issues }: { readonly issues: readonly Issue[] }) {
  return issues
    .toSorted((a, b) => weights[a.severity] - weights[b.severity])
    .map(({ key, severity, message, next }) => {
      const { tone, sign, word } = severityLooks[severity];
      return (
        <div key={`${key} ${message}`} className={styles.issue} data-tone={tone}>
          <SignIcon sign={sign} size={16} />
          <div>
            <p className={styles.message}>
              <Spoken>{word}: </Spoken>
              {message}
            </p>
            <NextStep text={next} />
          </div>
        </div>
      );
    });
}
