// One notice: what it says, since when, and what can be done about it while it goes on.
import { Check } from 'lucide-react';
import { runnerDeed, isUnread, kindName, silenceWords } from '../../state/notices.ts';
import type { NoticeView } from '../../state/notices.ts';
import { severityLooks } from '../../state/tones.ts';
import { useLab } from '../../state/use-live.ts';
import { ago, duration } from '../../state/words.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { SignIcon } from '../../ui/sign-icon.tsx';
import { Spoken } from '../../ui/spoken.tsx';
import { Time } from '../../ui/time.tsx';
import styles from './notifications.module.css';
import { t } from '../../language/strings.ts';

/** What a row asks of the core. */
export interface NoticeDeeds {
  read(id: number): void;
  mute(id: number): void;
}

interface NoticeRowProps {
  readonly notice: NoticeView;
  readonly now: number;
  readonly deeds: NoticeDeeds;
}

export function NoticeRow({ notice, now, deeds }: NoticeRowProps) {
  const { id, title, body, severity, at, endedAt, kind } = notice;
  const isOpen = endedAt === null;
  const { tone, sign, word } = severityLooks[severity];
  const silence = silenceWords(notice);
  return (
    <li
      className={styles.notice}
      aria-label={title}
      data-tone={isOpen ? tone : 'idle'}
      data-unread={isUnread(notice) || undefined}
    >
      <SignIcon sign={isOpen ? sign : 'check'} size={16} />
      <div className={styles.said}>
        <p className={styles.title}>
          <Spoken>
            {[isOpen ? word : t('Over'), ...(isUnread(notice) ? [t('unread')] : [])].join(', ')}:{' '}
          </Spoken>
          {title}
        </p>
        <p className={styles.body}>{body}</p>
        <p className={styles.meta}>
          <span>{kindName(kind)}</span>
          <Time at={at} now={now} />
          {!isOpen && kind !== 'test' && (
            <span>{t('over after {{span}}', { span: duration(endedAt - at) })}</span>
          )}
          {isOpen && notice.updatedAt > at && (
            <span>{t('last news {{ago}}', { ago: ago(notice.updatedAt, now) })}</span>
          )}
          {silence !== null && <span>{silence}</span>}
        </p>
        {isOpen && <Actions notice={notice} deeds={deeds} />}
      </div>
      {isUnread(notice) && (
        <IconButton
          icon={Check}
          label={t('Take "{{title}}" as read', { title })}
          onClick={() => deeds.read(id)}
        />
      )}
    </li>
  );
}

function Actions({ notice, deeds }: Pick<NoticeRowProps, 'notice' | 'deeds'>) {
  const lab = useLab();
  const { id, actions } = notice;
  return (
    <div className={styles.actions}>
      {actions.map(({ action, label, route }) => {
        switch (action) {
          case 'open':
            return (
              route !== null && (
                <a key={action} href={`#${route}`} className={styles.open} onClick={() => deeds.read(id)}>
                  {label}
                </a>
              )
            );
          case 'add-runner':
            return (
              <Button key={action} onClick={() => lab.deeds.ask(runnerDeed(notice, label))}>
                {label}
              </Button>
            );
          case 'mute':
            return (
              <Button key={action} look="bare" onClick={() => deeds.mute(id)}>
                {label}
              </Button>
            );
        }
      })}
    </div>
  );
}
