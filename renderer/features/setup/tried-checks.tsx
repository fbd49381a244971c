// What a test has found: a sentence, and each thing that was looked at.
import type { ComponentProps } from 'react';
import type { CoreError } from '../../client.ts';
import { CheckList } from '../../ui/check-list.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import styles from './setup.module.css';
import { t } from '../../language/strings.ts';

interface TriedChecksProps {
  readonly isTrying: boolean;
  readonly error: CoreError | null;
  readonly sentence: string | null;
  readonly checks: ComponentProps<typeof CheckList>['checks'];
}

export function TriedChecks({ isTrying, error, sentence, checks }: TriedChecksProps) {
  return (
    <div role="status" className={styles.status}>
      {isTrying && <p className={styles.quiet}>{t('Trying it; nothing is changed…')}</p>}
      {error !== null && <ErrorNote problem={error} />}
      {sentence !== null && <h2>{sentence}</h2>}
      {checks.length > 0 && <CheckList label={t('What was checked')} checks={checks} />}
    </div>
  );
}
