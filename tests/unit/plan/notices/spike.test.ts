import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daySlots, emptyNoticeMemory, weekSlots } from '../../../../main/model/notice-memory.ts';
import { defaultNoticeSettings } from '../../../../main/model/notice-settings.ts';
import { learnBaseline, limitAt, slotAt } from '../../../../main/plan/notices/baseline.ts';
import {
  calmWorld,
  createNoticeLab,
  day,
  hour,
  minute,
  monday,
  waitingWorld,
} from '../../../fakes/notice-lab.ts';
import type { NoticeLab } from '../../../fakes/notice-lab.ts';

/** Hours since midnight, by the clock of the place. */
function clockOf({ offset }: Pick<NoticeLab, 'offset'>, now: number): number {
  return ((((now + offset * minute) % day) + day) % day) / hour;
}

/** A pipeline of so many jobs that waits half an hour from this hour on. */
function nightly(lab: NoticeLab, at: number, jobs: number) {
  return (now: number) => {
    const clock = clockOf(lab, now);
    return clock >= at && clock < at + 0.5 ? waitingWorld(jobs) : calmWorld;
  };
}

function spikes(lab: NoticeLab): readonly string[] {
  return lab.told
    .filter(({ change, notice }) => change === 'show' && notice.kind === 'job-spike')
    .map(({ when }) => new Date(when).toISOString().slice(5, 16));
}

describe('a job spike', () => {
  it('in a new lab is told once, updated while it grows, and closed when it is over', () => {
    const lab = createNoticeLab({ now: monday + 12 * hour });
    lab.live(hour, calmWorld);
    lab.live(10 * minute, waitingWorld(20));
    lab.live(10 * minute, waitingWorld(45));
    lab.live(30 * minute, calmWorld);
    const told = lab.told.filter(({ notice }) => notice.kind === 'job-spike');
    expect(new Set(told.map(({ notice }) => notice.id)).size).toBe(1);
    expect(told.map(({ change, isSilent }) => [change, isSilent])).toEqual([
      ['show', false],
      ['update', true],
      ['update', true],
      ['close', true],
    ]);
    expect(told[0]?.notice).toMatchObject({ title: '20 jobs wait', subject: 'default', severity: 'warning' });
    expect(told[1]?.notice.title).toBe('45 jobs wait');
    expect(told[0]?.notice.actions.map(({ action }) => action)).toEqual(['open', 'add-runner', 'mute']);
  });

  it('of three jobs is none in a small lab, also where nobody wants to miss anything', () => {
    for (const spike of ['calm', 'normal', 'keen'] as const) {
      const lab = createNoticeLab({ settings: { ...defaultNoticeSettings, spike } });
      lab.live(2 * day, (now) => (clockOf(lab, now) % 3 < 1 ? waitingWorld(3) : calmWorld));
      expect(spikes(lab)).toEqual([]);
    }
  });

  it('that the runners take within a minute is none', () => {
    const lab = createNoticeLab();
    lab.live(hour, calmWorld);
    lab.live(50_000, waitingWorld(80), 10_000);
    lab.live(hour, calmWorld);
    expect(spikes(lab)).toEqual([]);
  });

  it('every night at the same time is known after some nights, and a real one at noon is told all the same', () => {
    const lab = createNoticeLab();
    const pipeline = nightly(lab, 2, 46);
    lab.live(14 * day, pipeline);
    expect(spikes(lab)).toEqual(['06-01T02:01', '06-02T02:01']);
    const before = lab.told.length;
    lab.live(day, (now) =>
      clockOf(lab, now) >= 12 && clockOf(lab, now) < 12.5 ? waitingWorld(46) : pipeline(now),
    );
    expect(lab.told.slice(before).filter(({ change }) => change === 'show')).toHaveLength(1);
    expect(spikes(lab).at(-1)).toBe('06-15T12:01');
  });

  it('at the known time, but three times as large, is told', () => {
    const lab = createNoticeLab();
    lab.live(14 * day, nightly(lab, 2, 40));
    const before = spikes(lab).length;
    lab.live(day, nightly(lab, 2, 130));
    expect(spikes(lab).length).toBe(before + 1);
  });

  it('every night stays known when clocks are put forward or back, over a restart, and when it comes half an hour late', () => {
    for (const shift of [60, -60]) {
      const lab = createNoticeLab();
      lab.live(10 * day, nightly(lab, 2, 40));
      const before = spikes(lab).length;
      lab.offset += shift;
      lab.restart();
      // The pipeline goes by UTC, the clock of the place does not.
      lab.live(7 * day, nightly({ ...lab, offset: 0 }, 2, 40));
      expect(spikes(lab).length).toBe(before);
      lab.live(3 * day, nightly({ ...lab, offset: 0 }, 2.5, 40));
      expect(spikes(lab).length).toBe(before);
    }
  });

  it('on Saturdays is known after two of them', () => {
    const lab = createNoticeLab();
    const weekly = nightly(lab, 3, 60);
    lab.live(35 * day, (now) => (new Date(now).getUTCDay() === 6 ? weekly(now) : calmWorld));
    expect(spikes(lab).length).toBeLessThanOrEqual(2);
    expect(spikes(lab)[0]).toBe('06-06T03:01');
  });

  it('that was one is forgotten: the hour is watched again some weeks later', () => {
    const lab = createNoticeLab();
    const once = waitingWorld(60);
    lab.live(day, (now) => (clockOf(lab, now) >= 12 && clockOf(lab, now) < 13 ? once : calmWorld));
    lab.live(28 * day, calmWorld);
    const before = spikes(lab).length;
    lab.live(day, (now) => (clockOf(lab, now) >= 12 && clockOf(lab, now) < 13 ? once : calmWorld));
    expect(spikes(lab).length).toBe(before + 1);
  });

  it('that goes up and down around the threshold is one notice', () => {
    const lab = createNoticeLab({ now: monday + 12 * hour });
    lab.live(4 * hour, (now) => waitingWorld((now / minute) % 6 < 3 ? 12 : 8));
    lab.live(hour, (now) => waitingWorld((now / minute) % 10 < 5 ? 12 : 1));
    expect(spikes(lab)).toHaveLength(1);
    expect(lab.shouts()).toHaveLength(1);
  });

  it('goes on while GitLab is not seen: unknown is not over', () => {
    const lab = createNoticeLab();
    lab.live(5 * minute, waitingWorld(30));
    const away = { ...calmWorld, gitlab: { ...calmWorld.gitlab, state: 'stale' as const } };
    expect(lab.live(30 * minute, away).filter(({ notice }) => notice.kind === 'job-spike')).toEqual([]);
    expect(lab.live(10 * minute, calmWorld).some(({ change }) => change === 'close')).toBe(true);
  });

  it('is none while the lab is held back', () => {
    const lab = createNoticeLab();
    lab.live(3 * hour, { ...waitingWorld(50), mode: 'drain' });
    expect(spikes(lab)).toEqual([]);
  });

  it('offers no runner more where no pool waits for one', () => {
    const lab = createNoticeLab();
    const world = { ...waitingWorld(30), pools: [{ name: 'default', waiting: 30, max: 4, paused: true }] };
    lab.live(5 * minute, world);
    expect(lab.told[0]?.notice.actions.map(({ action }) => action)).toEqual(['open', 'mute']);
  });
});

describe('what is usual', () => {
  it('is bounded, whatever time it is and however often the clock leaps', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            leap: fc.oneof(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: -9e11, max: 9e11 })),
            waiting: fc.nat({ max: 100_000 }),
            offset: fc.integer({ min: -720, max: 840 }),
          }),
          { maxLength: 400 },
        ),
        (looks) => {
          let now = monday;
          let { baseline } = emptyNoticeMemory;
          for (const { leap, waiting, offset } of looks) {
            now += leap;
            baseline = learnBaseline(baseline, waiting, now, offset);
            const { usual, limit } = limitAt(baseline, now, offset, 'normal');
            expect(limit).toBeGreaterThanOrEqual(10);
            expect(limit).toBeLessThanOrEqual(300_000);
            expect(usual).toBeLessThanOrEqual(100_000);
          }
          expect(baseline.day.size).toBeLessThanOrEqual(daySlots);
          expect(baseline.week.size).toBeLessThanOrEqual(weekSlots);
        },
      ),
    );
  });

  it('is kept by the half hour of the week, also before 1970', () => {
    expect(slotAt(monday, 0)).toBe(0);
    expect(slotAt(monday + 90 * minute, 0)).toBe(3);
    expect(slotAt(monday, -30)).toBe(weekSlots - 1);
    fc.assert(
      fc.property(fc.integer({ min: -9e12, max: 9e12 }), (now) => {
        expect(slotAt(now, 0)).toBeGreaterThanOrEqual(0);
        expect(slotAt(now, 0)).toBeLessThan(weekSlots);
      }),
    );
  });

  it('is not learned from a moment: a machine that wakes up for seconds knows nothing of the night', () => {
    const lab = createNoticeLab();
    lab.live(10 * day, nightly(lab, 2, 46));
    const before = limitAt(lab.memory.baseline, monday + 2 * hour, 0, 'normal');
    for (let night = 10; night < 17; night += 1) {
      lab.now = monday + night * day + 2 * hour;
      lab.live(2 * minute, calmWorld);
    }
    lab.now = monday + 17 * day + 2 * hour;
    expect(limitAt(lab.memory.baseline, lab.now, 0, 'normal').limit).toBeGreaterThanOrEqual(before.limit - 1);
  });
});
