// How many jobs ran and waited: kept finely in memory and coarsely in the store, with a gap wherever nobody knew.
import { describe, expect, it } from 'vitest';
import { queueFigures } from '../../../main/model/queue-history.ts';
import { createHardwareHistory } from '../../../main/observe/hardware-history.ts';
import { createQueueHistory } from '../../../main/observe/queue-history.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { memoryStore } from '../../fakes/fake-context.ts';
import { silentLog } from '../../fakes/silent-log.ts';

const begin = 1_800_000_000_000;
const minute = 60_000;

function bench() {
  const clock = new FakeClock(begin);
  const store = memoryStore(clock);
  const start = () => {
    const keeper = createHardwareHistory({ store, clock, log: silentLog, act: true });
    return { keeper, queue: createQueueHistory(keeper) };
  };
  return { clock, start };
}

type Seen = ReturnType<typeof bench>['start'] extends () => infer T ? T : never;

function waitingIn({ queue }: Seen, minutes: number, points = minutes): readonly (number | null)[] {
  const { series } = queue.read({ from: begin, to: begin + minutes * minute, points });
  return series['waiting']?.most ?? [];
}

describe('the history of the queue', () => {
  it('has the most of each minute, however short it was', async () => {
    const { clock, start } = bench();
    const seen = start();
    for (const waiting of [0, 7, 2]) {
      seen.queue.see(clock.now(), { running: 1, waiting });
      await clock.advance(1_000);
    }
    await clock.advance(minute);
    seen.queue.see(clock.now(), { running: 1, waiting: 3 });
    seen.queue.settle();
    expect(waitingIn(seen, 2)).toEqual([7, 3]);
  });

  it('goes on as it was between two passes, a minute apart', async () => {
    const { clock, start } = bench();
    const seen = start();
    for (let pass = 0; pass < 6; pass += 1) {
      seen.queue.see(clock.now(), { running: 0, waiting: 2 });
      await clock.advance(minute + 1_500);
    }
    expect(waitingIn(seen, 5)).toEqual([2, 2, 2, 2, 2]);
  });

  it('has a gap where nobody looked, and where GitLab told nothing', async () => {
    const { clock, start } = bench();
    const seen = start();
    seen.queue.see(clock.now(), { running: 0, waiting: 4 });
    await clock.advance(3 * minute);
    seen.queue.see(clock.now(), null);
    await clock.advance(minute);
    seen.queue.see(clock.now(), { running: 0, waiting: 1 });
    seen.queue.settle();
    expect(waitingIn(seen, 5)).toEqual([4, null, null, null, 1]);
  });

  it('is there again after a restart, in steps of five minutes, with the gap between', async () => {
    const { clock, start } = bench();
    const before = start();
    for (let pass = 0; pass < 11; pass += 1) {
      before.queue.see(clock.now(), { running: 3, waiting: pass });
      await clock.advance(minute);
    }
    before.queue.settle();
    before.keeper.flush();
    await clock.advance(9 * minute);
    const after = start();
    after.queue.see(clock.now(), { running: 0, waiting: 1 });
    after.queue.settle();
    expect(waitingIn(after, 25)).toEqual([4, 9, 10, null, 1]);
  });

  it('takes bounded memory: the oldest looks go, and the steps in the store stay', async () => {
    const { clock, start } = bench();
    const seen = start();
    for (let look = 0; look < 4_000; look += 1) {
      seen.queue.see(clock.now(), { running: 1, waiting: 0 });
      await clock.advance(10_000);
    }
    const { at, stepMs } = seen.queue.read({ from: begin, to: clock.now(), points: 1_000 });
    expect({ stepMs, first: at[0] }).toEqual({ stepMs: 300_000, first: begin });
  });
});

describe('the figures of a snapshot', () => {
  const jobs = ['pending', 'pending', 'running', 'canceling', 'created', 'success'].map((status) => ({
    status,
  }));

  it('count what runs and what waits for a runner', () => {
    expect(queueFigures({ gitlab: { state: 'ready' }, jobs })).toEqual({ running: 2, waiting: 2 });
  });

  it.each(['none', 'stopped', 'starting', 'stale', 'failed'])('are not known while GitLab is %s', (state) => {
    expect(queueFigures({ gitlab: { state }, jobs })).toBeNull();
  });
});
