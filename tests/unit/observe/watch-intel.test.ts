// How a card of Intel is followed: one tool while somebody watches closely, none otherwise, and none for a while after a refusal.
import { describe, expect, it } from 'vitest';
import { IntelFollower } from '../../../main/observe/watch-intel.ts';
import type { LoopEnd, LoopProgram } from '../../../main/probe-port.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

interface Loop {
  readonly everyMs: number;
  readonly tell: (sample: string) => void;
  readonly end: (stderr: string) => void;
  stopped: boolean;
}

function bench(hasTool = true) {
  const clock = new FakeClock();
  const loops: Loop[] = [];
  const follow = (everyMs: number, tell: (sample: string) => void): LoopProgram => {
    const { promise, resolve } = Promise.withResolvers<LoopEnd>();
    const end = (stderr: string): void => resolve({ outcome: 'ended', stderr });
    const loop: Loop = { everyMs, tell, end, stopped: false };
    loops.push(loop);
    const stop = (): void => {
      loop.stopped = true;
      end('');
    };
    return { ended: promise, stop };
  };
  const explain = (end: LoopEnd | null): string => end?.stderr ?? 'silent';
  const follower = new IntelFollower<string>({ follow: hasTool ? follow : null, explain }, clock);
  const look = (intervalMs = 1_000) => follower.attend({ intervalMs, hasJob: false });
  return { clock, loops, follower, look };
}

describe('the tool of Intel', () => {
  it('is started by the first close look, which does not wait for it, and tells its newest sample', () => {
    const { loops, look } = bench();
    expect(look()).toEqual({ sample: null, why: 'its tool has just been started' });
    loops[0]?.tell('first');
    loops[0]?.tell('second');
    expect([look(), look()]).toMatchObject([{ sample: 'second' }, { sample: 'second' }]);
    expect(loops.map(({ everyMs }) => everyMs)).toEqual([1_000]);
  });

  it('is not started for seldom looks, and ended by the first of them', () => {
    const { loops, look } = bench();
    look(5_000);
    loops[0]?.tell('now');
    expect(look(5_001)).toEqual({
      sample: null,
      why: 'it is read only while somebody looks every 5 s or oftener',
    });
    expect(loops.map(({ stopped }) => stopped)).toEqual([true]);
    look(30_000);
    expect(loops).toHaveLength(1);
  });

  it('is started anew for another interval, and goes on with what it told last', () => {
    const { loops, look } = bench();
    look(5_000);
    loops[0]?.tell('last');
    expect(look(1_000)).toMatchObject({ sample: 'last' });
    expect(loops.map(({ everyMs, stopped }) => [everyMs, stopped])).toEqual([
      [5_000, true],
      [1_000, false],
    ]);
    loops[0]?.tell('of the one that was ended');
    expect(look(1_000)).toMatchObject({ sample: 'last' });
  });

  it('ends with the last who asks, and what it told is forgotten', () => {
    const { loops, look, follower } = bench();
    look();
    loops[0]?.tell('old');
    follower.rest();
    expect(loops[0]?.stopped).toBe(true);
    expect(look().sample).toBeNull();
  });

  it('that refuses is left alone for ten minutes, with its reason', async () => {
    const { loops, look, clock } = bench();
    look();
    loops[0]?.end('Permission denied');
    await clock.settle();
    for (let second = 0; second < 600; second += 1) {
      expect(look()).toEqual({ sample: null, why: 'Permission denied' });
      await clock.advance(1_000);
    }
    expect(loops).toHaveLength(1);
    look();
    expect(loops).toHaveLength(2);
  });

  it('that hangs is ended, left alone for ten minutes, and its last word is not shown any more', async () => {
    const { loops, look, clock } = bench();
    look();
    loops[0]?.tell('last');
    await clock.advance(10_001);
    expect(look()).toEqual({ sample: null, why: 'silent' });
    await clock.advance(599_000);
    look();
    expect(loops.map(({ stopped }) => stopped)).toEqual([true]);
  });

  it('that tells and ends is started again twice, and then left alone', async () => {
    const { loops, look, clock } = bench();
    for (let second = 0; second < 60; second += 1) {
      look();
      loops.at(-1)?.tell('now');
      loops.at(-1)?.end('killed');
      await clock.advance(1_000);
    }
    expect(loops).toHaveLength(3);
    expect(look()).toEqual({ sample: null, why: 'killed' });
  });

  it('that ends once in a while is started again each time', async () => {
    const { loops, look, clock } = bench();
    for (let time = 0; time < 5; time += 1) {
      for (let second = 0; second < 70; second += 1) {
        look();
        loops.at(-1)?.tell('now');
        await clock.advance(1_000);
      }
      loops.at(-1)?.end('killed');
      await clock.settle();
    }
    expect(loops).toHaveLength(5);
  });

  it('that cannot be started is none', () => {
    expect(bench(false).look().sample).toBeNull();
  });
});
