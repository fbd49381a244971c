// What AutoGit has told: what goes on, the rest by days, and what is shown at all.
import { Bell, BellOff, BellRing, CheckCheck } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Mute } from '../../../main/model/notice.ts';
import { byDay, dayName, isUnread, muteWords, noticesSentence } from '../../state/notices.ts';
import type { NoticeView } from '../../state/notices.ts';
import type { Route } from '../../state/route.ts';
import { useSeenNow, useSnapshot } from '../../state/use-live.ts';
import { useNotices } from '../../state/use-notices.ts';
import { useTry } from '../../state/use-try.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { EmptyState, ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Page, Section } from '../../ui/page.tsx';
import { NoticeRow } from './notice-row.tsx';
import type { NoticeDeeds } from './notice-row.tsx';
import { NoticeSwitches } from './notice-switches.tsx';
import styles from './notifications.module.css';
import { t } from '../../language/strings.ts';

/** Rows of the history at first, and with each press of the button below. */
const step = 50;
const noMutes: readonly Mute[] = [];

export function NotificationsPage({ route }: { readonly route: Route }) {
  const { notices, error } = useNotices();
  const now = useSeenNow();
  const mutes = (useSnapshot((snapshot) => snapshot.notices?.mutes ?? noMutes) ?? noMutes).filter(
    ({ until }) => until > now,
  );
  const { tryIt, error: refused, isTrying } = useTry<null>();
  const deeds = useMemo((): NoticeDeeds & { all(): void; test(): void; muteAll(minutes: number): void } => {
    const ask = (work: Parameters<typeof tryIt>[0]): void => void tryIt(work);
    return {
      read: (id) => ask((client) => client.call('notice.read', { id }).then(() => null)),
      mute: (id) => ask((client) => client.call('notice.act', { id, action: 'mute' }).then(() => null)),
      all: () => ask((client) => client.call('notice.read', {}).then(() => null)),
      test: () => ask((client) => client.call('notice.test', {}).then(() => null)),
      muteAll: (minutes) => ask((client) => client.call('notice.mute', { minutes }).then(() => null)),
    };
  }, [tryIt]);
  const all = notices === null ? null : [...notices.values()];
  const problem = refused ?? error;
  return (
    <Page
      name={t('Notifications')}
      sentence={all === null ? null : noticesSentence(all)}
      actions={
        <>
          {all?.some(isUnread) === true && (
            <Button icon={CheckCheck} onClick={() => deeds.all()}>
              {t('Take all as read')}
            </Button>
          )}
          <Button icon={BellRing} disabled={isTrying} onClick={() => deeds.test()}>
            {t('Send a test')}
          </Button>
          {mutes.length === 0 && (
            <Button icon={BellOff} onClick={() => deeds.muteAll(60)}>
              {t('Mute all for 1 h')}
            </Button>
          )}
        </>
      }
    >
      {problem !== null && <ErrorNote problem={problem} />}
      {mutes.length > 0 && <Muted mutes={mutes} now={now} onHear={() => deeds.muteAll(0)} />}
      <div className={styles.columns}>
        <div className={styles.told}>
          {all === null && error === null && <Skeleton what="notifications" rows={6} />}
          {all !== null && <Told notices={all} now={now} deeds={deeds} wanted={route.id} />}
        </div>
        <NoticeSwitches />
      </div>
    </Page>
  );
}

interface MutedProps {
  readonly mutes: readonly Mute[];
  readonly now: number;
  onHear(): void;
}

function Muted({ mutes, now, onHear }: MutedProps) {
  return (
    <div className={styles.muted} role="status">
      <BellOff size={16} aria-hidden />
      <ul>
        {mutes.map((mute) => (
          <li key={mute.kind}>{muteWords(mute, now)}.</li>
        ))}
      </ul>
      <Button onClick={onHear}>{t('Hear them again')}</Button>
    </div>
  );
}

interface ToldProps {
  readonly notices: readonly NoticeView[];
  readonly now: number;
  readonly deeds: NoticeDeeds;
  /** The number that the address names. */
  readonly wanted: string | null;
}

function Told({ notices, now, deeds, wanted }: ToldProps) {
  const [shown, setShown] = useState(step);
  const open = notices.filter(({ endedAt }) => endedAt === null).toReversed();
  const over = notices.filter(({ endedAt }) => endedAt !== null).toReversed();
  const named = notices.find(({ id }) => String(id) === wanted);
  if (notices.length === 0) {
    return (
      <EmptyState icon={Bell} title={t('Nothing has been told yet')} command="autogit notice test">
        {t(
          'When jobs pile up, a disk fills or a certificate runs out, it is told here, in the tray and on the desktop.',
        )}
      </EmptyState>
    );
  }
  const rows = (some: readonly NoticeView[]) => (
    <Card>
      {some.map((notice) => (
        <NoticeRow key={notice.id} notice={notice} now={now} deeds={deeds} />
      ))}
    </Card>
  );
  return (
    <>
      {named !== undefined && <Section title={t('The one that was asked for')}>{rows([named])}</Section>}
      {open.length > 0 && <Section title={t('What goes on')}>{rows(open)}</Section>}
      {byDay(over.slice(0, shown)).map(({ day, notices: told }) => (
        <Section key={day} title={dayName(day, now)}>
          {rows(told)}
        </Section>
      ))}
      {over.length > shown && (
        <Button onClick={() => setShown(shown + step)}>
          {t('Show {{number}} older', { number: Math.min(step, over.length - shown) })}
        </Button>
      )}
    </>
  );
}
