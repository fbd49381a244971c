// How many runners of a pool are to be there before a job waits: always, and in windows of the week.
import { z } from 'zod';
import type { Pool } from './pool.ts';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const clockSchema = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day like 07:30');

/** False for a name that the machine's list of time zones does not have. */
function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

/** A part of the week, by the clocks of a place: where they are put forward or back, it goes with them. */
export const warmWindowSchema = z.strictObject({
  days: z.array(z.enum(weekdays)).min(1).max(7).describe('Days of the week on which it begins.'),
  from: clockSchema.describe('When it begins, such as 07:00.'),
  to: clockSchema.describe('When it ends; before or at from: on the next day.'),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, { message: 'a time zone like Europe/Berlin' })
    .describe('Whose clocks count, such as Europe/Berlin.'),
  count: z.int().min(1).max(1000).describe('Runners that are there before a job waits.'),
});

export type WarmWindow = Readonly<Omit<z.infer<typeof warmWindowSchema>, 'days'>> & {
  readonly days: readonly (typeof weekdays)[number][];
};

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format takes a hundred times as long as using it. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  });
  formats.set(timeZone, made);
  return made;
}

/** What a clock and a calendar show there at this instant. */
function shownAt(at: number, timeZone: string): { readonly day: number; readonly time: string } {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const name = parts.get('weekday')?.toLowerCase();
  return {
    day: weekdays.findIndex((weekday) => weekday === name),
    time: `${parts.get('hour') ?? ''}:${parts.get('minute') ?? ''}`,
  };
}

/** True while the window is open. The same clock time that comes twice is in it twice. */
export function isOpen({ days, from, to, timeZone }: WarmWindow, now: number): boolean {
  const { day, time } = shownAt(now, timeZone);
  const [today, yesterday] = [weekdays[day], weekdays[(day + 6) % 7]];
  const begunOn = (weekday: WarmWindow['days'][number] | undefined): boolean =>
    days.some((one) => one === weekday);
  if (from < to) return begunOn(today) && time >= from && time < to;
  return (begunOn(today) && time >= from) || (begunOn(yesterday) && time < to);
}

/** Runners that are to wait for jobs now: the largest figure that applies, and never more than the pool may have. */
export function wantedWarm(
  { min, warm, max, paused }: Pick<Pool, 'min' | 'warm' | 'max' | 'paused'>,
  now: number,
): number {
  if (paused) return 0;
  const counts = warm.filter((window) => isOpen(window, now)).map(({ count }) => count);
  return Math.min(max, Math.max(min, ...counts));
}
