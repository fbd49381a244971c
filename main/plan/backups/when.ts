// Rules in time: words such as `daily at 02:00` or five fields of cron, what they mean, and when they come next.
import { Cron } from 'croner';

/** A rule that can be followed. */
export interface When {
  /** Five fields; what the rule is compared by. */
  readonly cron: string;
  /** For people: `daily at 02:00`. */
  readonly words: string;
}

export type ReadWhen =
  { readonly ok: true; readonly when: When } | { readonly ok: false; readonly problem: string };

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
/** Of a day: others would begin anew at midnight, and so not come evenly. */
const evenHours = [1, 2, 3, 4, 6, 8, 12];
const evenMinutes = [5, 10, 15, 20, 30];

const hint =
  'Write for example "daily at 02:00", "weekdays at 1:30", "weekly on Sunday at 05:00", "every 6 hours", "monthly on day 1 at 03:00", or five fields of cron such as "0 2 * * *".';

interface Fields {
  readonly minute: string;
  readonly hour: string;
  readonly day: string;
  readonly month: string;
  readonly weekday: string;
}

function wrong(problem: string): ReadWhen {
  return { ok: false, problem };
}

/** Reads a rule; whatever is wrong with it is said in a sentence. */
export function readWhen(text: string): ReadWhen {
  const words = text.trim().replace(/\s+/g, ' ');
  if (words === '') return wrong(`It is empty. ${hint}`);
  const looksLikeCron = /^[\d*]/.test(words) && words.split(' ').length === 5;
  const fields = looksLikeCron ? words : fromWords(words.toLowerCase());
  if (typeof fields !== 'string') return fields;
  const cron = fields.toUpperCase();
  try {
    const first = cronOf(cron, 'UTC').nextRun(new Date(0));
    if (first === null) return wrong(`"${words}" never comes: no calendar has such a day.`);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^Cron\w*: /, '') : String(error);
    return wrong(`"${words}" is no rule of cron: ${why}`);
  }
  return { ok: true, when: { cron, words: wordsOf(cron) } };
}

function fromWords(words: string): string | ReadWhen {
  return everyWords(words) ?? dayWords(words) ?? wrong(`"${words}" is not understood. ${hint}`);
}

/** `every 6 hours`, `every 15 minutes`, `hourly`. */
function everyWords(words: string): string | ReadWhen | null {
  const found =
    words === 'hourly' || words === 'every hour'
      ? ['', '1', 'hours']
      : /^every (\d{1,3}) (hours?|minutes?)$/.exec(words);
  if (found === null) return null;
  const count = Number(found[1]);
  const isHours = found[2]?.startsWith('hour') === true;
  const even = isHours ? evenHours : evenMinutes;
  if (!even.includes(count))
    return wrong(
      `Every ${count} ${isHours ? 'hours' : 'minutes'} does not come evenly over a day. Even are: ${even.join(', ')}.`,
    );
  if (!isHours) return `*/${count} * * * *`;
  return count === 1 ? '0 * * * *' : `0 */${count} * * *`;
}

/** `… at 02:00`. */
function dayWords(words: string): string | ReadWhen | null {
  const found = /^(.+) at (\d{1,2})(?::(\d{2}))?$/.exec(words);
  if (found === null) return null;
  const days = daysOf(found[1] ?? '');
  if (days === null) return null;
  const hour = Number(found[2]);
  const minute = Number(found[3] ?? '0');
  if (hour > 23 || minute > 59)
    return wrong(`${found[2]}:${found[3] ?? '00'} is no time of day. Write it as 02:00 or 14:30.`);
  if (typeof days !== 'string') return days;
  return `${minute} ${hour} ${days}`;
}

/** The last three fields of cron. */
function daysOf(words: string): string | ReadWhen | null {
  if (['daily', 'nightly', 'every day', 'every night'].includes(words)) return '* * *';
  if (['weekdays', 'every weekday', 'on weekdays'].includes(words)) return '* * 1-5';
  if (['weekends', 'every weekend', 'on weekends'].includes(words)) return '* * 0,6';
  const monthly = /^(?:monthly|every month) on (?:the )?(last day|day \d{1,3})$/.exec(words)?.[1];
  if (monthly !== undefined) return monthDay(monthly);
  const named = /^(?:(?:weekly|every week) on |every |on )(.+)$/.exec(words)?.[1];
  return named === undefined ? null : weekDays(named);
}

function monthDay(words: string): string | ReadWhen {
  if (words === 'last day') return 'L * *';
  const day = Number(words.slice('day '.length));
  if (day >= 1 && day <= 28) return `${day} * *`;
  return day >= 29 && day <= 31
    ? wrong(`Not every month has a day ${day}. Write "monthly on the last day at …".`)
    : wrong(`No month has a day ${day}.`);
}

function weekDays(words: string): string | ReadWhen | null {
  const names = words.split(/, and |, | and /);
  const numbers = names.map((name) =>
    weekdays.findIndex((day) => {
      const small = day.toLowerCase();
      return name === small || name === `${small}s` || name === small.slice(0, 3);
    }),
  );
  if (numbers.every((number) => number < 0)) return null;
  const unknown = names[numbers.findIndex((number) => number < 0)];
  if (unknown !== undefined) return wrong(`"${unknown}" is no day of the week.`);
  return `* * ${[...new Set(numbers)].toSorted((a, b) => a - b).join(',')}`;
}

/** What five fields of cron mean; the fields themselves where there are no plain words for them. */
export function wordsOf(cron: string): string {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.split(' ');
  return plainWords({ minute, hour, day, month, weekday }) ?? cron;
}

const isNumber = (text: string): boolean => /^\d+$/.test(text);

function plainWords({ minute, hour, day, month, weekday }: Fields): string | null {
  if (month !== '*') return null;
  const isEveryDay = day === '*' && weekday === '*';
  const minutes = /^\*\/(\d+)$/.exec(minute)?.[1];
  if (minutes !== undefined)
    return isEveryDay && hour === '*' && evenMinutes.includes(Number(minutes))
      ? `every ${minutes} minutes`
      : null;
  if (!isNumber(minute)) return null;
  const hours = hour === '*' ? '1' : /^\*\/(\d+)$/.exec(hour)?.[1];
  if (hours !== undefined) {
    if (!isEveryDay || Number(minute) !== 0 || !evenHours.includes(Number(hours))) return null;
    return hours === '1' ? 'hourly' : `every ${Number(hours)} hours`;
  }
  if (!isNumber(hour)) return null;
  const days = wordsOfDays(day, weekday);
  return days === null ? null : `${days} at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
}

function wordsOfDays(day: string, weekday: string): string | null {
  if (day === '*' && weekday === '*') return 'daily';
  if (day !== '*') {
    if (weekday !== '*') return null;
    if (day === 'L') return 'monthly on the last day';
    return isNumber(day) && Number(day) <= 28 ? `monthly on day ${Number(day)}` : null;
  }
  if (weekday === '1-5') return 'weekdays';
  if (weekday === '0,6') return 'weekends';
  const numbers = weekday.split(',');
  if (!numbers.every((one) => /^[0-7]$/.test(one))) return null;
  const names = [...new Set(numbers.map((one) => Number(one) % 7))].map((one) => weekdays[one] ?? '');
  const last = names.at(-1) ?? '';
  return `weekly on ${names.length === 1 ? last : `${names.slice(0, -1).join(', ')} and ${last}`}`;
}

/** Rules are asked again and again, and reading one takes longer than following it. */
const known = new Map<string, Cron>();
const mostKnown = 200;

function cronOf(cron: string, zone: string): Cron {
  const key = `${zone} ${cron}`;
  const there = known.get(key);
  if (there !== undefined) return there;
  // Of a day of the month and a day of the week, either fits, as cron has it.
  const made = new Cron(cron, { timezone: zone, paused: true, mode: '5-part' });
  if (known.size >= mostKnown) known.clear();
  known.set(key, made);
  return made;
}

/**
 * The first time after `after`, milliseconds since 1970; `null`: it never comes. A time that a day leaves out because
 * the clock goes forward comes right after the gap; one that a day has twice comes once.
 */
export function nextTime({ cron }: Pick<When, 'cron'>, zone: string, after: number): number | null {
  return cronOf(cron, zone).nextRun(new Date(after))?.getTime() ?? null;
}

/** The next `count` times after `after`. */
export function nextTimes(
  when: Pick<When, 'cron'>,
  zone: string,
  after: number,
  count: number,
): readonly number[] {
  const found: number[] = [];
  for (let at = nextTime(when, zone, after); at !== null; at = nextTime(when, zone, at)) {
    found.push(at);
    if (found.length >= count) break;
  }
  return found;
}

const hour = 3_600_000;
const day = 24 * hour;
/** How far back is looked for the newest time, step by step: no rule comes more seldom than each leap year. */
const spans = [hour, day, 8 * day, 32 * day, 367 * day, 8 * 366 * day + 2 * day];

/** The newest time after `after` and not after `until`; `null`: there is none between them. */
export function newestTime(
  when: Pick<When, 'cron'>,
  zone: string,
  after: number,
  until: number,
): number | null {
  for (const span of spans) {
    const from = Math.max(after, until - span);
    let newest: number | null = null;
    for (let at = nextTime(when, zone, from); at !== null && at <= until; at = nextTime(when, zone, at))
      newest = at;
    if (newest !== null || from === after) return newest;
  }
  return null;
}

/** Whether this machine knows a time zone. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}
