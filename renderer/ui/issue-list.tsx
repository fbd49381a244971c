// What is wrong: the cause and the next step beside the symptom.
import type { Snapshot } from '../../main/contract/snapshot.ts';
import { fixOf } from '../state/issue-fix.ts';
import { severityLooks } from '../state/tones.ts';
import { useLab } from '../state/use-live.ts';
import { Badge } from './badge.tsx';
import { Button } from './button.tsx';
import { Card } from './card.tsx';
import { Copyable } from './copyable.tsx';
import styles from './issue-list.module.css';
import { NextStep } from './next-step.tsx';
import { t } from '../language/strings.ts';

type Issue = Snapshot['issues'][number];

const weights: Readonly<Record<Issue['severity'], number>> = { error: 0, warning: 1, info: 2 };

/** Where the next step is one request, a button that shows its plan. */
function Fix({ next }: Pick<Issue, 'next'>) {
  const { deeds } = useLab();
  const deed = fixOf(next);
  return deed === null ? null : <Button onClick={() => deeds.ask(deed)}>{deed.title}</Button>;
}

export function IssueList({ issues }: { readonly issues: readonly Issue[] }) {
  const sorted = issues.toSorted((a, b) => weights[a.severity] - weights[b.severity]);
  return (
    <Card>
      {sorted.map((issue) => (
        <li key={`${issue.key} ${issue.subject}`} className={styles.issue}>
          <Badge look={severityLooks[issue.severity]} />
          <div className={styles.words}>
            <p className={styles.message}>{issue.message}</p>
            <NextStep text={issue.next} />
            <Fix next={issue.next} />
            <p className={styles.quiet}>
              {issue.subject} · <Copyable text={issue.key} what={t('the key of this issue')} />
            </p>
          </div>
        </li>
      ))}
    </Card>
  );
}
