// The first green job, said where it is seen.
import type { Green } from '../../state/setup-green.ts';
import { formatRoute } from '../../state/route.ts';
import { useSeenNow } from '../../state/use-live.ts';
import { SignIcon } from '../../ui/sign-icon.tsx';
import { Time } from '../../ui/time.tsx';
import styles from './setup.module.css';
import { t } from '../../language/strings.ts';

export function GreenNote({ green }: { readonly green: Green | null }) {
  const now = useSeenNow();
  return (
    <div role="status" className={styles.status}>
      {green !== null && (
        <p className={styles.green}>
          <SignIcon sign="check" size={20} />
          <span>
            <strong>{t('The first green job.')}</strong> {green.words}{' '}
            {green.job === null ? null : (
              <a href={formatRoute({ page: 'jobs', id: String(green.job) })}>{t('Look at its log')}</a>
            )}{' '}
            {green.at !== null && <Time at={green.at} now={now} />}
          </span>
        </p>
      )}
    </div>
  );
}
