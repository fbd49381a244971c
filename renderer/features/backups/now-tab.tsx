// At a glance: what is wrong, what goes on, where backups are kept, on which days there is one, and what comes.
import { KeyRound, Plus, Square, X } from 'lucide-react';
import { cancelRunDeed } from '../../state/backup-deeds.ts';
import { awaySentence, partWords } from '../../state/backups.ts';
import type { BackupsShown } from '../../state/backups.ts';
import { lossSentence } from '../../state/backup-sheet.ts';
import { formatRoute } from '../../state/route.ts';
import { useLab } from '../../state/use-live.ts';
import { duration } from '../../state/words.ts';
import { RunView } from '../../ui/backup/run-view.tsx';
import { Button } from '../../ui/button.tsx';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { IssueList } from '../../ui/issue-list.tsx';
import { Section } from '../../ui/page.tsx';
import { Fold } from '../../ui/stack/fold.tsx';
import styles from './backups.module.css';
import { BackupCalendar } from './calendar.tsx';
import { Coming, Lately } from './coming.tsx';
import { TargetCards } from './target-cards.tsx';
import type { BackupsView } from './use-backups.ts';
import { t } from '../../language/strings.ts';

/** Asked for until somebody has shown that they have it. */
function SheetNote() {
  return (
    <div className={styles.insist} role="status">
      <KeyRound size={20} strokeWidth={1.75} aria-hidden />
      <div>
        <p>
          <strong>{t('Keep the recovery sheet.')}</strong> {lossSentence}
        </p>
        <a href={formatRoute({ page: 'backups', query: { tab: 'sheet' } })}>
          {t('Print or copy the twelve words, then confirm two of them')}
        </a>
      </div>
    </div>
  );
}

function Run({ view }: { readonly view: BackupsView }) {
  const { deeds } = useLab();
  return (
    <Section
      title={view.isBusy ? t('Going on now') : t('Just now')}
      side={
        view.isBusy ? (
          <Button icon={Square} onClick={() => deeds.ask(cancelRunDeed)}>
            {t('Stop it')}
          </Button>
        ) : (
          <Button icon={X} onClick={view.dismissRun}>
            {t('Close')}
          </Button>
        )
      }
    >
      <RunView followed={view.followed} />
    </Section>
  );
}

/** What is stopped and what is not, in the order in which it is done. */
function Order({ shown: { order, engine, lastBackupAt } }: { readonly shown: BackupsShown }) {
  if (order.length === 0) return null;
  return (
    <Fold
      heading="h2"
      title={t('What a backup does, and what it stops')}
      about={awaySentence(order)}
      isOpen={lastBackupAt === null}
    >
      <ol className={styles.order}>
        {order.map(({ part, how, awaySeconds }) => (
          <li key={part}>
            <strong>{partWords[part]}</strong>
            <span>{how}</span>
            <span className={styles.quiet}>
              {awaySeconds === 0
                ? t('nothing is stopped')
                : t('away for about {{duration}}', { duration: duration(awaySeconds * 1000) })}
            </span>
          </li>
        ))}
      </ol>
      <p className={styles.quiet}>{t('Kept by {{program}}.', { program: engine.words })}</p>
    </Fold>
  );
}

interface NowTabProps {
  readonly shown: BackupsShown;
  readonly view: BackupsView;
  onAdd(): void;
}

export function NowTab({ shown, view, onAdd }: NowTabProps) {
  const { issues, targets, sheetKeptAt, next, runs } = shown;
  const { backups, list } = view;
  return (
    <div className={styles.now}>
      {sheetKeptAt === null && targets.length > 0 && <SheetNote />}
      {issues.length > 0 && (
        <Section title={t('To look at')}>
          <IssueList issues={issues} />
        </Section>
      )}
      {view.isRunShown && <Run view={view} />}
      <Section
        title={t('Targets')}
        side={
          <Button icon={Plus} onClick={onAdd}>
            {t('Add a target')}
          </Button>
        }
      >
        <TargetCards shown={shown} isBusy={view.isBusy} />
      </Section>
      <div className={styles.columns}>
        <Section title={t('Days with a backup')}>
          {list.error !== null && (
            <ErrorNote problem={list.error} action={<Button onClick={list.again}>{t('Ask again')}</Button>} />
          )}
          {backups === null ? (
            list.error === null && <Skeleton what={t('the calendar')} rows={6} />
          ) : (
            <BackupCalendar backups={backups} next={next} />
          )}
        </Section>
        <div className={styles.stack}>
          <Coming next={next} />
          <Lately runs={runs} />
        </div>
      </div>
      <Order shown={shown} />
    </div>
  );
}
