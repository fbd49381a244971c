// A tool that is slow to start is asked beside the looks, seldom, and nobody waits for it.
import { describe, expect, it } from 'vitest';
import { SlowTool } from '../../../main/observe/slow-tool.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

function bench(answerMs: number) {
  const clock = new FakeClock();
  const asked: number[] = [];
  const tool = new SlowTool(async () => {
    asked.push(clock.monotonic());
    await clock.sleep(answerMs);
    return asked.length;
  }, clock);
  return { clock, asked, tool };
}

describe('a slow tool', () => {
  it('is asked 30 s after its last answer, however often somebody looks, and the newest answer is there at once', async () => {
    const { clock, asked, tool } = bench(2_000);
    const seen: (number | null)[] = [];
    for (let second = 0; second < 65; second += 1) {
      seen.push(tool.latest());
      await clock.advance(1_000);
    }
    expect(asked).toEqual([0, 32_000, 64_000]);
    expect([seen[0], seen[1], seen[2], seen[33], seen[34]]).toEqual([null, null, 1, 1, 2]);
  });

  it('that hangs is not asked again before it has ended', async () => {
    const { clock, asked, tool } = bench(100_000);
    for (let second = 0; second < 100; second += 1) {
      expect(tool.latest()).toBeNull();
      await clock.advance(1_000);
    }
    expect(asked).toEqual([0]);
    expect(tool.latest()).toBe(1);
    await clock.advance(30_000);
    expect(tool.latest()).toBe(1);
    expect(asked).toEqual([0, 130_000]);
  });

  it('says nothing that is older than a minute', async () => {
    const { clock, tool } = bench(0);
    tool.latest();
    await clock.advance(60_001);
    expect(tool.latest()).toBeNull();
  });
});
