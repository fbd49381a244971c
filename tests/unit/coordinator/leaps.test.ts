import { describe, expect, it } from 'vitest';
import { createLeaps } from '../../../main/coordinator/leaps.ts';

describe('a leap of the clock', () => {
  let [wall, monotonic] = [1_000_000, 0];
  const leaps = createLeaps({ now: () => wall, monotonic: () => monotonic });
  const pass = (byWall: number, byMonotonic: number): number | null => {
    wall += byWall;
    monotonic += byMonotonic;
    return leaps();
  };

  it('is noticed when wall time went on without the machine, and dated', () => {
    expect(pass(60_000, 60_000)).toBeNull();
    expect(pass(61_500, 60_000)).toBeNull();
    expect(pass(3_600_000, 1_000)).toBe(1_000_000 + 60_000 + 61_500 + 3_600_000);
  });

  it('stays the newest one, also when the clock is steered or set back', () => {
    const at = leaps();
    expect(pass(-3_600_000, 1_000)).toBe(at);
    expect(pass(60_000, 60_500)).toBe(at);
  });
});
