// The core's clock, over a machine's clock that is set forward and back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { steadyClock } from '../../../../main/adapters/host/clock.ts';

const day = 86_400_000;

/** A machine whose clock is `wrong` by so many milliseconds. */
function machine(): { clock: ReturnType<typeof steadyClock>; pass(ms: number): void; set(by: number): void } {
  let elapsed = 0;
  let wrong = 0;
  const clock = steadyClock({
    now: () => 1_800_000_000_000 + elapsed + wrong,
    monotonic: () => elapsed,
    sleep: () => Promise.resolve(),
  });
  return { clock, pass: (ms) => void (elapsed += ms), set: (by) => void (wrong += by) };
}

describe('the clock', () => {
  it('follows a clock that is set forward, or a machine that has slept', () => {
    const { clock, pass, set } = machine();
    const before = clock.now();
    set(day);
    pass(1_000);
    expect(clock.now() - before).toBe(day + 1_000);
    expect(clock.aheadMs()).toBe(0);
  });

  it('goes on when the clock is set back, and says by how much it is ahead', () => {
    const { clock, pass, set } = machine();
    const before = clock.now();
    pass(1_000);
    set(-day);
    pass(1_000);
    expect(clock.now() - before).toBe(2_000);
    expect(clock.aheadMs()).toBe(day);
  });

  it('tells the right time again once the clock has caught up', () => {
    const { clock, pass, set } = machine();
    const before = clock.now();
    set(-day);
    pass(1_000);
    set(day);
    pass(1_000);
    expect(clock.now() - before).toBe(2_000);
    expect(clock.aheadMs()).toBe(0);
  });

  it('leaves a clock alone that is steered in small steps', () => {
    const { clock, pass, set } = machine();
    for (let step = 0; step < 100; step += 1) {
      pass(60_000);
      set(-30);
      clock.now();
    }
    expect(clock.aheadMs()).toBe(0);
  });

  it('never goes back by more than it tolerates, whatever happens to the clock', () => {
    const event = fc.record({
      pass: fc.nat({ max: 100_000 }),
      set: fc.integer({ min: -3 * day, max: 3 * day }),
    });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const { clock, pass, set } = machine();
        let last = clock.now();
        for (const next of events) {
          pass(next.pass);
          set(next.set);
          const now = clock.now();
          expect(now).toBeGreaterThan(last - 501);
          last = now;
        }
      }),
    );
  });
});
