// A month of backups as a grid of days: which have one, how large it is, and whether it is known to restore.
import { dayOf } from './backups.ts';
import type { Backup, Proof } from './backups.ts';

export interface Month {
  readonly year: number;
  /** 0: January. */
  readonly month: number;
}

export interface CalendarDay {
  /** `2026-11-22` */
  readonly key: string;
  readonly day: number;
  readonly isInMonth: boolean;
}

export function monthOf(at: number): Month {
  const date = new Date(at);
  return { year: date.getFullYear(), month: date.getMonth() };
}

export function monthAfter({ year, month }: Month, months: number): Month {
  const all = year * 12 + month + months;
  return { year: Math.floor(all / 12), month: ((all % 12) + 12) % 12 };
}

/** Noon of a day: no change of clocks makes it another day. */
export function noonOf(year: number, month: number, day: number): number {
  return new Date(year, month, day, 12).getTime();
}

/** Noon of a day by its key. */
export function momentOf(key: string): number {
  const [year = 0, month = 1, day = 1] = key.split('-').map(Number);
  return noonOf(year, month - 1, day);
}

/** Six weeks with the month in them, so that no month moves what stands below it. `firstDay`: 0 is Sunday. */
export function weeksOf({ year, month }: Month, firstDay: number): readonly (readonly CalendarDay[])[] {
  const lead = (new Date(noonOf(year, month, 1)).getDay() - firstDay + 7) % 7;
  return Array.from({ length: 6 }, (_, week) =>
    Array.from({ length: 7 }, (_unused, day) => {
      const at = noonOf(year, month, 1 - lead + week * 7 + day);
      const date = new Date(at);
      return { key: dayOf(at), day: date.getDate(), isInMonth: date.getMonth() === month };
    }),
  );
}

/** The day that a key of the keyboard leads to; `null`: none. */
export function stepInCalendar(from: string, key: string): string | null {
  const at = new Date(momentOf(from));
  const moved = (days: number, months = 0): string => {
    const wanted = monthAfter({ year: at.getFullYear(), month: at.getMonth() }, months);
    // The last of a shorter month, not the first of the one behind it.
    const last = new Date(wanted.year, wanted.month + 1, 0, 12).getDate();
    const day = months === 0 ? at.getDate() + days : Math.min(at.getDate(), last);
    return dayOf(noonOf(wanted.year, wanted.month, day));
  };
  switch (key) {
    case 'ArrowLeft':
      return moved(-1);
    case 'ArrowRight':
      return moved(1);
    case 'ArrowUp':
      return moved(-7);
    case 'ArrowDown':
      return moved(7);
    case 'PageUp':
      return moved(0, -1);
    case 'PageDown':
      return moved(0, 1);
    case 'Home':
      return moved(1 - at.getDate());
    case 'End':
      return dayOf(noonOf(at.getFullYear(), at.getMonth() + 1, 0));
    default:
      return null;
  }
}

/** How large a day is beside the others: 1 to 3. */
export type SizeClass = 1 | 2 | 3;

export interface BackupDay {
  readonly number: number;
  /** The worst first: one damaged backup has to be seen. */
  readonly proof: Proof;
  readonly size: SizeClass;
  /** What its backups have added together; `null`: not known. */
  readonly bytes: number | null;
}

const worst: readonly Proof[] = ['damaged', 'proven', 'unproven', 'foreign'];

function sizeClass(bytes: number | null, most: number): SizeClass {
  if (bytes === null || most === 0) return 1;
  const share = bytes / most;
  return share > 0.5 ? 3 : share > 0.1 ? 2 : 1;
}

/** What was added, which differs from day to day; all of it hardly does. */
function bytesOf(backups: readonly Backup[]): number | null {
  const known = backups.flatMap(({ addedBytes }) => (addedBytes === null ? [] : [addedBytes]));
  return known.length === 0 ? null : known.reduce((sum, bytes) => sum + bytes, 0);
}

/** By the key of the day. */
export function backupDays(backups: readonly Backup[]): ReadonlyMap<string, BackupDay> {
  const groups = Map.groupBy(backups, ({ at }) => dayOf(at));
  const bytes = new Map([...groups].map(([key, ofDay]) => [key, bytesOf(ofDay)] as const));
  const most = Math.max(0, ...[...bytes.values()].map((one) => one ?? 0));
  return new Map(
    [...groups].map(([key, ofDay]) => {
      const own = bytes.get(key) ?? null;
      const proof = worst.find((one) => ofDay.some((backup) => backup.proof === one)) ?? 'unproven';
      return [key, { number: ofDay.length, proof, size: sizeClass(own, most), bytes: own }] as const;
    }),
  );
}

/** The first day of the week where a language is spoken: 0 is Sunday. */
export function firstDayOf(locale: string): number {
  try {
    const info = new Intl.Locale(locale);
    const read = 'getWeekInfo' in info ? info.getWeekInfo : undefined;
    const week: unknown = typeof read === 'function' ? read.call(info) : undefined;
    if (typeof week !== 'object' || week === null || !('firstDay' in week)) return 1;
    return typeof week.firstDay === 'number' ? week.firstDay % 7 : 1;
  } catch {
    return 1;
  }
}
