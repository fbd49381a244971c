import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HardwareHistory } from '../../../main/model/host-metrics.ts';
import { coarseStepOf, linePath, newestOf, trackOf, withLook } from '../../../renderer/state/track.ts';
import type { Track } from '../../../renderer/state/track.ts';

function historyOf(mean: readonly (number | null)[], stepMs = 10_000): HardwareHistory {
  const at = mean.map((_, index) => 1_000_000 + index * stepMs);
  return { subject: 'machine', stepMs, at, series: { cpuPercent: { mean, most: mean } } };
}

const cpu = ({ series }: Track): readonly (number | null)[] => series['cpuPercent'] ?? [];

describe('a chart that goes on', () => {
  it('takes looks of the present step into its average', () => {
    let track = trackOf(historyOf([5, 10]));
    track = withLook(track, 1_012_000, { cpuPercent: 20 });
    expect(cpu(track)).toEqual([5, 15]);
    track = withLook(track, 1_013_000, { cpuPercent: 30 });
    expect(cpu(track)).toEqual([5, 20]);
    expect(track.at).toEqual([1_000_000, 1_010_000]);
  });

  it('begins a step when its time has come, and lets go of the oldest', () => {
    const track = withLook(trackOf(historyOf([5, 10])), 1_021_000, { cpuPercent: 50 });
    expect(track.at).toEqual([1_010_000, 1_020_000]);
    expect(cpu(track)).toEqual([10, 50]);
  });

  it('shows as a gap when nobody looked', () => {
    const track = withLook(trackOf(historyOf([1, 2, 3, 4])), 1_051_000, { cpuPercent: 9 });
    expect(cpu(track)).toEqual([3, 4, null, 9]);
    expect(track.at).toEqual([1_020_000, 1_030_000, 1_040_000, 1_050_000]);
  });

  it('never makes a number of what is not known', () => {
    const track = withLook(trackOf(historyOf([5, null])), 1_012_000, { cpuPercent: null });
    expect(cpu(track)).toEqual([5, null]);
    expect(cpu(withLook(track, 1_013_000, { cpuPercent: 0 }))).toEqual([5, 0]);
    expect(cpu(withLook(track, 1_020_000, {}))).toEqual([null, null]);
  });

  it('leaves out what is older than its end, as after a change of the clock', () => {
    const track = trackOf(historyOf([5, 10]));
    expect(withLook(track, 1_009_000, { cpuPercent: 90 })).toBe(track);
  });

  it('tells the step after which a finer answer may be had, where the first was coarse', () => {
    const coarse = trackOf(historyOf([1, 2], 300_000), 12);
    expect(coarseStepOf(coarse, 60, 90)).toBe(1_300_000);
    expect(coarseStepOf(withLook(coarse, 1_600_000, {}), 60, 90)).toBe(1_600_000);
    expect(coarseStepOf(coarse, 1_440, 288)).toBeNull();
    expect(coarseStepOf(trackOf(historyOf([1, 2], 40_000)), 60, 90)).toBeNull();
  });

  it('begins with nothing, and grows to its window', () => {
    let track = trackOf(historyOf([]), 2);
    track = withLook(track, 1_003_000, { cpuPercent: 1 });
    expect([track.at, cpu(track)]).toEqual([[1_000_000], [1]]);
    track = withLook(track, 1_012_000, { cpuPercent: 2 });
    track = withLook(track, 1_021_000, { cpuPercent: 3 });
    expect([track.at, cpu(track)]).toEqual([
      [1_010_000, 1_020_000],
      [2, 3],
    ]);
  });

  it('stays a window of equal steps, whatever comes', () => {
    const look = fc.record({
      after: fc.integer({ min: -5_000, max: 200_000 }),
      value: fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
    });
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ min: 0, max: 100, noNaN: true })), { minLength: 1, maxLength: 20 }),
        fc.array(look, { maxLength: 30 }),
        (first, looks) => {
          let track = trackOf(historyOf(first));
          let at = track.at.at(-1) ?? 0;
          for (const { after, value } of looks) {
            at += after;
            track = withLook(track, at, { cpuPercent: value });
            expect(cpu(track)).toHaveLength(first.length);
            expect(track.at).toHaveLength(first.length);
            for (const [index, begin] of track.at.entries())
              expect(begin).toBe((track.at[0] ?? 0) + index * track.stepMs);
            for (const known of cpu(track)) expect(known ?? 0).toBeLessThanOrEqual(100.000_1);
          }
        },
      ),
    );
  });
});

describe('a small line', () => {
  it('breaks at gaps, and shows a lonely look as a dot', () => {
    expect(linePath([0, 50, null, 100, null], [40, 10], 100)).toBe('M0.0 10.0L10.0 5.0M30.0 0.0h0');
  });

  it('stays in its box', () => {
    expect(linePath([-5, 250], [10, 10], 100)).toBe('M0.0 10.0L10.0 0.0');
    expect(linePath([null, null], [10, 10], 100)).toBe('');
    expect(linePath([7], [10, 10], 10)).toBe('M0.0 3.0h0');
  });

  it('ends with the newest value that is known', () => {
    expect(newestOf([1, 2, null])).toBe(2);
    expect(newestOf([null])).toBe(null);
  });
});
