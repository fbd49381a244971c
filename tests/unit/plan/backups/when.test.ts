import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isZone,
  newestTime,
  nextTime,
  nextTimes,
  readWhen,
  wordsOf,
} from '../../../../main/plan/backups/when.ts';

const cronOf = (text: string): string => {
  const read = readWhen(text);
  return read.ok ? read.when.cron : `! ${read.problem}`;
};
const at = (text: string): number => Date.parse(text);
const iso = (times: readonly number[]): readonly string[] =>
  times.map((time) => new Date(time).toISOString().slice(0, 16));

describe('words for a time', () => {
  it.each([
    ['daily at 02:00', '0 2 * * *'],
    ['Weekdays at 1:30', '30 1 * * 1-5'],
    ['weekly on Sunday at 05:00', '0 5 * * 0'],
    ['every Mon and Thursday at 5', '0 5 * * 1,4'],
    ['every 6 hours', '0 */6 * * *'],
    ['hourly', '0 * * * *'],
    ['monthly on day 1 at 03:00', '0 3 1 * *'],
    ['monthly on the last day at 23:59', '59 23 L * *'],
    ['0 2 * * *', '0 2 * * *'],
    ['15  3 * *  mon', '15 3 * * MON'],
  ])('%s is %s', (text, cron) => {
    expect(cronOf(text)).toBe(cron);
  });

  it.each([
    ['', /empty/],
    ['sometimes', /not understood.*daily at 02:00/],
    ['every 5 hours', /evenly/],
    ['daily at 25:00', /no time of day/],
    ['monthly on day 31 at 03:00', /last day/],
    ['monthly on day 32 at 03:00', /No month/],
    ['weekly on Sunday and Fooday at 2:00', /fooday.*no day/],
    ['0 0 30 2 *', /never comes/],
    ['61 * * * *', /no rule of cron/],
    ['@daily', /not understood/],
  ])('"%s" is refused in a sentence', (text, sentence) => {
    expect(cronOf(text)).toMatch(sentence);
  });

  it('come back from what they mean', () => {
    const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
    const days = fc.oneof(
      fc.constantFrom('daily', 'weekdays', 'weekends', 'monthly on the last day'),
      fc.integer({ min: 1, max: 28 }).map((day) => `monthly on day ${day}`),
      fc
        .constantFrom('Sunday', 'Friday', 'Monday and Tuesday', 'Sunday, Monday and Saturday')
        .map((day) => `weekly on ${day}`),
    );
    fc.assert(
      fc.property(days, time, (day, [hour, minute]) => {
        const words = `${day} at ${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
        const read = readWhen(words);
        expect(read).toMatchObject({ ok: true, when: { words } });
        if (read.ok) expect(cronOf(wordsOf(read.when.cron))).toBe(read.when.cron);
      }),
    );
  });

  it('never break on whatever is typed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = readWhen(text);
        if (read.ok) expect(readWhen(read.when.words)).toEqual(read);
        else expect(read.problem).toMatch(/[.!]$|: /);
      }),
    );
  });
});

describe('the next times', () => {
  const nightly = { cron: '30 2 * * *' };

  it('come right after the gap where the clock goes forward, and once where an hour comes twice', () => {
    expect(iso(nextTimes(nightly, 'Europe/Berlin', at('2026-03-28T12:00Z'), 2))).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ]);
    expect(iso(nextTimes(nightly, 'Europe/Berlin', at('2026-10-24T12:00Z'), 2))).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  it('are one a day in every zone, whatever its clock does', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'America/Havana',
      'Asia/Tehran',
      'UTC',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 0, max: 59 }),
        fc.integer({ min: at('2020-01-01'), max: at('2036-01-01') }),
        (zone, hour, minute, from) => {
          const times = nextTimes({ cron: `${minute} ${hour} * * *` }, zone, from, 20);
          const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
          for (const gap of gaps) expect(Math.abs(gap - 86_400_000)).toBeLessThanOrEqual(3_600_000);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('have leap days', () => {
    expect(iso(nextTimes({ cron: '0 2 29 2 *' }, 'UTC', at('2026-01-01'), 2))).toEqual([
      '2028-02-29T02:00',
      '2032-02-29T02:00',
    ]);
  });

  it('are found from the newest backwards as from the oldest forwards', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('30 2 * * *', '0 */6 * * *', '0 5 * * 0', '0 3 L * *'),
        fc.integer({ min: at('2026-01-01'), max: at('2027-01-01') }),
        fc.integer({ min: 0, max: 40 * 86_400_000 }),
        (cron, from, span) => {
          const until = from + span;
          const all = nextTimes({ cron }, 'Europe/Berlin', from, 170).filter((time) => time <= until);
          expect(newestTime({ cron }, 'Europe/Berlin', from, until)).toBe(all.at(-1) ?? null);
        },
      ),
      { numRuns: 25 },
    );
    const longAgo = at('1971-01-01');
    expect(newestTime({ cron: '0 2 29 2 *' }, 'UTC', longAgo, at('2027-01-01'))).toBe(
      at('2024-02-29T02:00Z'),
    );
  });

  it('never come for a day that no calendar has', () => {
    expect(nextTime({ cron: '0 0 30 2 *' }, 'UTC', 0)).toBeNull();
  });
});

describe('a time zone', () => {
  it('is one that this machine knows', () => {
    expect(isZone('Europe/Berlin')).toBe(true);
    expect(isZone('Mars/Olympus')).toBe(false);
  });
});
