// A month with a dot for every day that has a backup: how large it is, and whether it is known to restore.
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import {
  backupDays,
  firstDayOf,
  momentOf,
  monthAfter,
  monthOf,
  noonOf,
  stepInCalendar,
  weeksOf,
} from '../../state/backup-calendar.ts';
import type { BackupDay, CalendarDay, Month } from '../../state/backup-calendar.ts';
import { backupQueryOf, dayOf, proofLooks } from '../../state/backups.ts';
import type { Backup, BackupsShown, Proof } from '../../state/backups.ts';
import { dateFormat } from '../../language/locale.ts';
import { useNow } from '../../state/use-live.ts';
import { goTo } from '../../state/use-route.ts';
import { bytesWords } from '../../state/words.ts';
import { count, t } from '../../language/strings.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import styles from './calendar.module.css';

const monthName = dateFormat({ month: 'long', year: 'numeric' });
const dayName = dateFormat({ dateStyle: 'long' });
const weekdayName = dateFormat({ weekday: 'short' });

/** In the middle of a sentence. */
const proofWords: Readonly<Record<Proof, string>> = {
  proven: t('proven'),
  unproven: t('not proven'),
  damaged: t('damaged'),
  foreign: t('not by AutoGit'),
};

/** What a day says to those who do not see its dot. */
function dayWords(key: string, backups: BackupDay | undefined, isPlanned: boolean): string {
  const day = dayName.format(momentOf(key));
  if (backups === undefined)
    return isPlanned ? t('{{day}}: a backup is planned', { day }) : t('{{day}}: no backup', { day });
  const { number, proof, bytes } = backups;
  const said = { day, backups: count(number, '{{n}} backup', '{{n}} backups'), state: proofWords[proof] };
  return bytes === null
    ? t('{{day}}: {{backups}}, {{state}}', said)
    : t('{{day}}: {{backups}}, {{state}}, {{size}} new', { ...said, size: bytesWords(bytes) });
}

interface DayProps {
  readonly day: CalendarDay;
  readonly backups: BackupDay | undefined;
  readonly isToday: boolean;
  readonly isPlanned: boolean;
  /** The keys go on from here. */
  readonly isCurrent: boolean;
  onOpen(): void;
}

function Day({ day: { key, day, isInMonth }, backups, isToday, isPlanned, isCurrent, onOpen }: DayProps) {
  const words = dayWords(key, backups, isPlanned);
  return (
    <div
      role="gridcell"
      tabIndex={isCurrent ? 0 : -1}
      data-day={key}
      aria-label={words}
      aria-current={isToday ? 'date' : undefined}
      title={words}
      className={styles.day}
      data-outside={!isInMonth || undefined}
      data-has={backups !== undefined || undefined}
      onClick={onOpen}
    >
      <span aria-hidden>{day}</span>
      {backups !== undefined ? (
        <span className={styles.dot} data-proof={backups.proof} data-size={backups.size} aria-hidden />
      ) : (
        isPlanned && <span className={styles.dot} data-proof="planned" data-size={1} aria-hidden />
      )}
      {backups !== undefined && backups.number > 1 && (
        <span className={styles.number} aria-hidden>
          {backups.number}
        </span>
      )}
    </div>
  );
}

/** The names of the days, above the first week. */
function Weekdays({ week }: { readonly week: readonly CalendarDay[] }) {
  return (
    <div role="row" className={styles.week}>
      {week.map(({ key }) => (
        <div key={key} role="columnheader" className={styles.weekday}>
          {weekdayName.format(momentOf(key))}
        </div>
      ))}
    </div>
  );
}

/** Which day the keys are at, and the month around it. */
function useCursor(today: string) {
  const [cursor, setCursor] = useState(today);
  const [month, setMonth] = useState<Month>(() => monthOf(momentOf(today)));
  const grid = useRef<HTMLDivElement>(null);
  const isWalking = useRef(false);
  useEffect(() => {
    // Only a walk by keys takes the focus along.
    if (!isWalking.current) return;
    isWalking.current = false;
    grid.current?.querySelector<HTMLElement>(`[data-day="${cursor}"]`)?.focus();
  }, [cursor, month]);
  const show = (next: Month, day: string): void => {
    setMonth(next);
    setCursor(day);
  };
  return {
    ...{ cursor, month, grid },
    walk: (key: string): void => {
      isWalking.current = true;
      show(monthOf(momentOf(key)), key);
    },
    turn: (months: number): void => {
      const next = monthAfter(month, months);
      const isPresent =
        next.year === monthOf(momentOf(today)).year && next.month === monthOf(momentOf(today)).month;
      show(next, isPresent ? today : dayOf(noonOf(next.year, next.month, 1)));
    },
    home: (): void => show(monthOf(momentOf(today)), today),
  };
}

const legend = ['proven', 'unproven', 'damaged'] as const;

function Legend() {
  return (
    <p className={styles.legend}>
      {legend.map((proof) => (
        <span key={proof}>
          <span className={styles.dot} data-proof={proof} data-size={2} aria-hidden />
          {proofLooks[proof].word}
        </span>
      ))}
      <span>
        <span className={styles.dot} data-proof="planned" data-size={1} aria-hidden />
        {t('Planned')}
      </span>
      <span>{t('A larger dot: more was new')}</span>
    </p>
  );
}

interface CalendarProps {
  readonly backups: readonly Backup[];
  readonly next: BackupsShown['next'];
}

export function BackupCalendar({ backups, next }: CalendarProps) {
  const today = dayOf(useNow(60_000));
  const { cursor, month, grid, walk, turn, home } = useCursor(today);
  const firstDay = useMemo(() => firstDayOf(navigator.language), []);
  const days = useMemo(() => backupDays(backups), [backups]);
  const planned = useMemo(
    () => new Set(next.filter(({ verb }) => verb === 'create').map(({ at }) => dayOf(at))),
    [next],
  );
  const weeks = useMemo(() => weeksOf(month, firstDay), [month, firstDay]);
  const name = monthName.format(noonOf(month.year, month.month, 1));
  const open = (key: string): void => {
    if (days.has(key)) goTo({ page: 'backups', query: backupQueryOf({ group: 'all', text: '', day: key }) });
  };
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') open(cursor);
    const to = stepInCalendar(cursor, event.key);
    if (to !== null) walk(to);
    if (to !== null || event.key === ' ') event.preventDefault();
  };
  return (
    <div className={styles.calendar}>
      <div className={styles.head}>
        <h3 aria-live="polite">{name}</h3>
        <Button onClick={home}>{t('Today')}</Button>
        <IconButton icon={ChevronLeft} label={t('The month before')} onClick={() => turn(-1)} />
        <IconButton icon={ChevronRight} label={t('The month after')} onClick={() => turn(1)} />
      </div>
      <div
        ref={grid}
        role="grid"
        aria-label={t('Backups in {{month}}', { month: name })}
        className={styles.grid}
        onKeyDown={press}
      >
        <Weekdays week={weeks[0] ?? []} />
        {weeks.map((week) => (
          <div key={week[0]?.key} role="row" className={styles.week}>
            {week.map((day) => (
              <Day
                key={day.key}
                day={day}
                backups={days.get(day.key)}
                isToday={day.key === today}
                isPlanned={planned.has(day.key)}
                isCurrent={day.key === cursor}
                onOpen={() => open(day.key)}
              />
            ))}
          </div>
        ))}
      </div>
      <Legend />
    </div>
  );
}
