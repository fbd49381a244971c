// How many starts at a time: what an engine gains by more of them decides, not a figure.
import { describe, expect, it } from 'vitest';
import { createStartTurns } from '../../../main/apply/start-turns.ts';
import { firstWindow, nextWindow } from '../../../main/apply/start-window.ts';
import type { StartWindow } from '../../../main/apply/start-window.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

/** An engine that works on so many starts at a time; those beyond wait. Milliseconds for one. */
function startsOn(atOnce: number, oneMs: number, from: StartWindow, count: number): StartWindow {
  let window = from;
  for (let start = 0; start < count; start += 1) {
    const together = Math.floor(window.size);
    const tookMs = oneMs * Math.max(1, together / atOnce);
    window = nextWindow(window, { tookMs, together, failed: false });
  }
  return window;
}

const begun: StartWindow = { ...firstWindow, quickMs: 150 };

describe('the window of starts', () => {
  it.each([
    [1, 2, 5],
    [2, 3, 6],
    [4, 5, 8],
    [8, 9, 12],
    [100, 16, 16],
  ])('of an engine that works on %d at a time lies between %d and %d', (atOnce, from, to) => {
    const size = Math.floor(startsOn(atOnce, 150, begun, 500).size);
    expect(size).toBeGreaterThanOrEqual(from);
    expect(size).toBeLessThanOrEqual(to);
  });

  it('does not grow while fewer are started than it allows', () => {
    let window = begun;
    for (let start = 0; start < 100; start += 1)
      window = nextWindow(window, { tookMs: 150, together: 1, failed: false });
    expect(window.size).toBe(4);
  });

  it('is halved by a failure, and never below two', () => {
    const once = nextWindow(begun, { tookMs: 30_000, together: 4, failed: true });
    expect(once).toEqual({ size: 2, quickMs: 150 });
    expect(nextWindow(once, { tookMs: 30_000, together: 2, failed: true }).size).toBe(2);
  });

  it('takes an engine that has become slower as it is, once starts that were alone have shown it', () => {
    const slower = startsOn(8, 900, startsOn(8, 150, begun, 500), 100);
    expect(Math.floor(slower.size)).toBeLessThan(8);
    let alone = slower;
    for (let start = 0; start < 10; start += 1)
      alone = nextWindow(alone, { tookMs: 900, together: 1, failed: false });
    expect(Math.floor(startsOn(8, 900, alone, 500).size)).toBeGreaterThanOrEqual(8);
  });
});

describe('turns', () => {
  it('are taken in order, so many at a time on each node, and one that fails gives its place back', async () => {
    const clock = new FakeClock();
    const inTurn = createStartTurns(clock);
    const begunWork: string[] = [];
    const work =
      (name: string, fails = false) =>
      async (): Promise<void> => {
        begunWork.push(name);
        await clock.sleep(100);
        if (fails) throw new Error(name);
      };
    const results = Promise.allSettled([
      inTurn('one', work('a', true)),
      ...['b', 'c', 'd', 'e', 'f'].map((name) => inTurn('one', work(name))),
      inTurn('two', work('other')),
    ]);
    await clock.settle();
    expect(begunWork).toEqual(['a', 'b', 'c', 'd', 'other']);
    await clock.advance(500);
    expect(begunWork).toEqual(['a', 'b', 'c', 'd', 'other', 'e', 'f']);
    expect((await results).map(({ status }) => status)).toEqual([
      'rejected',
      ...Array.from({ length: 6 }, () => 'fulfilled'),
    ]);
  });
});
