import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpen, wantedWarm, warmWindowSchema } from '../../../main/model/warm.ts';
import type { WarmWindow } from '../../../main/model/warm.ts';

const morning: WarmWindow = {
  ...{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '07:00', to: '12:00', count: 2 },
  timeZone: 'Europe/Berlin',
};
const at = (time: string): number => Date.parse(time);
/** Minutes of this UTC day in which the window is open. */
function openMinutes(window: WarmWindow, day: string): readonly string[] {
  return Array.from({ length: 24 * 60 }, (_, minute) => at(`${day}T00:00:00Z`) + minute * 60_000)
    .filter((time) => isOpen(window, time))
    .map((time) => new Date(time).toISOString().slice(11, 16));
}
function ends(minutes: readonly string[]): readonly (string | undefined)[] {
  return [minutes[0], minutes.at(-1)];
}

describe('a window of the week', () => {
  it.each([
    ['the Friday before summer time', '2026-03-27', ['06:00', '10:59']],
    ['the Monday after', '2026-03-30', ['05:00', '09:59']],
    ['the Friday before winter time', '2026-10-23', ['05:00', '09:59']],
    ['the Monday after that', '2026-10-26', ['06:00', '10:59']],
    ['a Saturday', '2026-03-28', [undefined, undefined]],
  ])('goes with the clocks of its place: %s', (_, day, span) => {
    const minutes = openMinutes(morning, day);
    expect(ends(minutes)).toEqual(span);
    expect(minutes).toHaveLength(span[0] === undefined ? 0 : 300);
  });

  it('an hour that does not come is not in it, and one that comes twice is in it twice', () => {
    const night: WarmWindow = { ...morning, days: ['sun'], from: '02:00', to: '03:00' };
    expect(openMinutes(night, '2026-03-29')).toEqual([]);
    const twice = openMinutes(night, '2026-10-25');
    expect([twice.length, ...ends(twice)]).toEqual([120, '00:00', '01:59']);
  });

  it('one that goes over midnight belongs to the day on which it begins', () => {
    const late: WarmWindow = { ...morning, days: ['fri'], from: '22:00', to: '02:00', timeZone: 'UTC' };
    expect(ends(openMinutes(late, '2026-11-20'))).toEqual(['22:00', '23:59']);
    expect(ends(openMinutes(late, '2026-11-21'))).toEqual(['00:00', '01:59']);
    expect(openMinutes(late, '2026-11-22')).toEqual([]);
  });

  it('with the same time twice it is a whole day', () => {
    const day: WarmWindow = { ...morning, days: ['fri'], from: '06:00', to: '06:00', timeZone: 'UTC' };
    expect(openMinutes(day, '2026-11-20')).toHaveLength(18 * 60);
    expect(openMinutes(day, '2026-11-21')).toHaveLength(6 * 60);
  });

  it.each([
    [{ timeZone: 'Europe/Nowhere' }],
    [{ from: '24:00' }],
    [{ to: '7:00' }],
    [{ days: [] }],
    [{ days: ['someday'] }],
    [{ count: 0 }],
    [{ extra: 1 }],
  ])('is refused with %j', (change) => {
    expect(warmWindowSchema.safeParse({ ...morning, ...change }).success).toBe(false);
    expect(warmWindowSchema.safeParse(morning).success).toBe(true);
  });
});

describe('how many runners are to be there', () => {
  const pool = { min: 1, max: 4, paused: false, warm: [morning, { ...morning, count: 3, to: '09:00' }] };

  it('the largest figure that applies, never above max, and none while the pool is paused', () => {
    const early = at('2026-11-20T06:30:00Z');
    expect(wantedWarm(pool, early)).toBe(3);
    expect(wantedWarm(pool, at('2026-11-20T09:00:00Z'))).toBe(2);
    expect(wantedWarm(pool, at('2026-11-20T12:00:00Z'))).toBe(1);
    expect(wantedWarm({ ...pool, max: 2 }, early)).toBe(2);
    expect(wantedWarm({ ...pool, paused: true }, early)).toBe(0);
  });

  it('an answer at every instant', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        const wanted = wantedWarm(pool, date.getTime());
        expect([1, 2, 3]).toContain(wanted);
      }),
    );
  });
});
