// What comes next by itself, and what was done lately.
import { causeWords, pastLook, verbWords } from '../../state/backup-run.ts';
import type { BackupRun } from '../../state/backup-run.ts';
import type { BackupsShown } from '../../state/backups.ts';
import { formatRoute } from '../../state/route.ts';
import { useSeenNow } from '../../state/use-live.ts';
import { ahead, duration, listed } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { NextStep } from '../../ui/next-step.tsx';
import { Section } from '../../ui/page.tsx';
import { exactTime, Time } from '../../ui/time.tsx';
import styles from './backups.module.css';
import { t } from '../../language/strings.ts';

export function Coming({ next }: Pick<BackupsShown, 'next'>) {
  const now = useSeenNow();
  return (
    <Section
      title={t('Coming up')}
      side={<a href={formatRoute({ page: 'backups', query: { tab: 'schedules' } })}>{t('All schedules')}</a>}
    >
      {next.length === 0 ? (
        <p className={styles.quiet}>{t('Nothing is planned: no schedule is on.')}</p>
      ) : (
        <ul className={styles.rows}>
          {next.map(({ verb, schedule, words, at }) => (
            <li key={`${verb} ${schedule ?? ''}`} className={styles.coming}>
              <strong>{verbWords[verb]}</strong>
              <span className={styles.quiet}>
                {schedule === null ? '' : `${schedule}, `}
                {words}
              </span>
              <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
                {ahead(at, now)}
              </time>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** Where it was done, why, and how long it took. */
function aboutRun({ targets, schedule, cause, startedAt, endedAt }: BackupRun): string {
  const words = [
    listed(targets),
    schedule === null ? causeWords[cause] : t('by schedule {{schedule}}', { schedule }),
    endedAt === null ? '' : t('took {{duration}}', { duration: duration(endedAt - startedAt) }),
  ];
  return words.filter((one) => one !== '').join(', ');
}

/** More are in the audit. */
const mostRuns = 6;

export function Lately({ runs }: Pick<BackupsShown, 'runs'>) {
  const now = useSeenNow();
  if (runs.length === 0) return null;
  return (
    <Section
      title={t('Lately')}
      side={<a href={formatRoute({ page: 'audit', query: { text: 'backup' } })}>{t('Who asked what')}</a>}
    >
      <ul className={styles.rows} aria-label={t('Runs')}>
        {runs.slice(0, mostRuns).map((run) => (
          <li key={run.id} className={styles.run}>
            <Badge look={pastLook(run)} />
            <div>
              <p>
                <strong>{verbWords[run.verb]}</strong> <span className={styles.quiet}>{aboutRun(run)}</span>
              </p>
              {run.failures.map(({ target, key, message, next }) => (
                <div key={`${target} ${key}`} className={styles.failure}>
                  <p>
                    {target === '' ? '' : `${target}: `}
                    {message}
                  </p>
                  <NextStep text={next} />
                </div>
              ))}
            </div>
            <span className={styles.quiet}>
              <Time at={run.startedAt} now={now} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
