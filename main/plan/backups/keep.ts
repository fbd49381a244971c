// How long backups are kept: which stay and why, and which go. Whatever is in doubt stays.
import type { BackupRecord } from '../../model/backup/backup.ts';
import type { Keep } from '../../model/backup/settings.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** A snapshot that is so far ahead was made with another clock than this one. */
export const futureMs = hour;

export interface KeepGround {
  readonly now: number;
  readonly zone: string;
  /** Identity of this home: backups of others are never touched. */
  readonly instance: string;
  /** Why nothing may go, besides what the records show; `null`: nothing known. */
  readonly doubt: string | null;
}

export interface KeptBackup {
  readonly backup: BackupRecord;
  /** Empty: it goes. */
  readonly kept: readonly string[];
}

export interface KeepPlan {
  /** Newest first. */
  readonly backups: readonly KeptBackup[];
  /** Why nothing goes; `null`: nothing stands against it. */
  readonly doubt: string | null;
}

interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The day on which a moment falls in a time zone. */
function dayOf(at: number, zone: string): CalendarDay {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
      ...{ timeZone: zone, year: 'numeric', month: 'numeric', day: 'numeric' },
    });
  formats.set(zone, format);
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return { year: parts.get('year') ?? 0, month: parts.get('month') ?? 0, day: parts.get('day') ?? 0 };
}

/** Days since 1970 of a day; weeks begin on Monday, and 1970-01-01 was a Thursday. */
function weekOf({ year, month, day: date }: CalendarDay): number {
  return Math.floor((Date.UTC(year, month - 1, date) / day + 3) / 7);
}

interface Period {
  readonly name: string;
  readonly count: number;
  readonly of: (at: CalendarDay) => string;
}

function periodsOf(keep: Keep): readonly Period[] {
  return [
    { name: 'day', count: keep.daily, of: (at) => `${at.year}-${at.month}-${at.day}` },
    { name: 'week', count: keep.weekly, of: (at) => String(weekOf(at)) },
    { name: 'month', count: keep.monthly, of: (at) => `${at.year}-${at.month}` },
    { name: 'year', count: keep.yearly, of: (at) => String(at.year) },
  ];
}

function doubtOf(own: readonly BackupRecord[], { now, doubt }: KeepGround): string | null {
  if (doubt !== null) return doubt;
  const ahead = own.find(({ at }) => at > now + futureMs);
  if (ahead !== undefined)
    return `Backup ${ahead.id.slice(0, 8)} is from the future: this clock or that of its making is wrong.`;
  const damaged = own.find(({ damage }) => damage !== null);
  if (damaged !== undefined) return `Backup ${damaged.id.slice(0, 8)} is damaged: ${damaged.damage ?? ''}`;
  return null;
}

/** Reasons by the position of a backup, of own ones that are newest first. */
function reasonsOf(own: readonly BackupRecord[], keep: Keep, { now, zone }: KeepGround): readonly string[][] {
  const reasons: string[][] = own.map(() => []);
  const add = (at: number, reason: string): void => void reasons[at]?.push(reason);
  if (own.length > 0) add(0, 'the newest');
  const proven = own.findIndex(({ provenAt }) => provenAt !== null);
  if (proven >= 0) add(proven, 'the newest that was proven');
  own.slice(0, keep.last).forEach((_, at) => add(at, `one of the last ${keep.last}`));
  own.forEach((record, at) => {
    if (keep.days > 0 && record.at > now - keep.days * day) add(at, `younger than ${keep.days} days`);
  });
  for (const { name, count, of } of periodsOf(keep)) {
    const taken = new Set<string>();
    own.forEach((record, at) => {
      const period = of(dayOf(record.at, zone));
      if (taken.size >= count || taken.has(period)) return;
      taken.add(period);
      add(at, `the last of its ${name}`);
    });
  }
  return reasons;
}

/** What stays of the backups at one target, and what goes. */
export function planKeep(records: readonly BackupRecord[], keep: Keep, ground: KeepGround): KeepPlan {
  const sorted = records.toSorted((a, b) => b.at - a.at || (a.snapshot < b.snapshot ? -1 : 1));
  const own = sorted.filter(({ instance }) => instance === ground.instance);
  const doubt = doubtOf(own, ground);
  const reasons = reasonsOf(own, keep, ground);
  const backups = sorted.map((backup): KeptBackup => {
    const at = own.indexOf(backup);
    if (at < 0) return { backup, kept: [`of another home, ${backup.machine}`] };
    const why = reasons[at] ?? [];
    return { backup, kept: why.length === 0 && doubt !== null ? ['nothing goes while there is doubt'] : why };
  });
  return { backups, doubt };
}
