// What is kept of the machine's doings: an hour finely, 30 days in steps, and gaps where nobody looked.
import { describe, expect, it } from 'vitest';
import { unreadGpu } from '../../../main/model/gpu-metrics.ts';
import { hostSubject } from '../../../main/model/host-metrics.ts';
import type { HardwareSample } from '../../../main/model/host-metrics.ts';
import { createHardwareHistory } from '../../../main/observe/hardware-history.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { memoryStore } from '../../fakes/fake-context.ts';
import { someHost } from '../../fakes/fake-hardware.ts';
import { silentLog } from '../../fakes/silent-log.ts';

const begin = 1_800_000_000_000;
const card = { id: 'GPU-a', vendor: 'nvidia', model: 'RTX 4090' } as const;

function sample(at: number, utilization: number | null, cpuPercent: number | null = 10): HardwareSample {
  const gpu = { ...unreadGpu(card, at, 'not told'), utilization };
  return { at, node: 'lab', pace: 'fast', host: { ...someHost(at), cpuPercent }, gpus: [gpu] };
}

function bench(act = true) {
  const clock = new FakeClock(begin);
  const store = memoryStore(clock);
  const keeper = createHardwareHistory({ store, clock, log: silentLog, act });
  const look = async (seconds: number, use: (second: number) => number | null): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      keeper.add('node', sample(clock.now(), use(second)));
      await clock.advance(1_000);
    }
  };
  return { clock, store, keeper, look };
}

describe('the history', () => {
  it('has every second of the last minutes, and nothing where nobody looked', async () => {
    const { clock, keeper, look } = bench();
    await look(10, (second) => second);
    await clock.advance(10_000);
    await look(5, () => null);
    const { at, stepMs, series } = keeper.read('node', {
      ...{ subject: 'GPU-a', from: begin, to: begin + 25_000, points: 100 },
    });
    expect({ stepMs, first: at[0], count: at.length }).toEqual({ stepMs: 1_000, first: begin, count: 25 });
    expect(series['utilization']?.mean).toEqual([
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      ...Array.from({ length: 15 }, () => null),
    ]);
  });

  it('gives averages and the most of longer steps, and never more steps than asked for', async () => {
    const { keeper, look } = bench();
    await look(100, (second) => (second === 50 ? 100 : 0));
    const { stepMs, at, series } = keeper.read('node', {
      ...{ subject: 'GPU-a', from: begin, to: begin + 100_000, points: 10 },
    });
    expect({ stepMs, count: at.length }).toEqual({ stepMs: 10_000, count: 10 });
    expect(series['utilization']).toEqual({
      mean: [0, 0, 0, 0, 0, 10, 0, 0, 0, 0],
      most: [0, 0, 0, 0, 0, 100, 0, 0, 0, 0],
    });
  });

  it('ends with the newest step wherever the range begins', async () => {
    const { keeper, look } = bench();
    await look(12, (second) => second);
    const range = { from: begin + 1_500, to: begin + 11_500, points: 10 };
    const { at, series } = keeper.read('node', { subject: 'GPU-a', ...range });
    expect([at[0], at.at(-1)]).toEqual([begin + 2_000, begin + 11_000]);
    expect(series['utilization']?.mean.at(-1)).toBe(11);
  });

  it('is written in one go after each five minutes, with the machine and its cards', async () => {
    const { store, look } = bench();
    const written: number[] = [];
    const save = store.saveHistory.bind(store);
    const counting = {
      ...store,
      saveHistory: (rows: Parameters<typeof save>[0]): void => {
        written.push(rows.length);
        save(rows);
      },
    };
    const clock = new FakeClock(begin);
    const keeper = createHardwareHistory({ store: counting, clock, log: silentLog, act: true });
    for (let second = 0; second < 700; second += 10) {
      keeper.add('node', sample(clock.now(), 50));
      await clock.advance(10_000);
    }
    expect(written).toEqual([4, 4]);
    const rows = store.history({ node: 'node', subject: 'GPU-a', from: begin, to: begin + 600_000 });
    expect(rows.map(({ at, samples, figures }) => [at, samples, figures['utilization']])).toEqual([
      [begin, 30, [50, 50]],
      [begin + 300_000, 30, [50, 50]],
    ]);
    await look(0, () => null);
  });

  it('is there again after a restart, coarsely', async () => {
    const { clock, store, keeper, look } = bench();
    await look(20, () => 80);
    keeper.flush();
    await clock.advance(3_600_000);
    const next = createHardwareHistory({ store, clock, log: silentLog, act: true });
    next.add('node', sample(clock.now(), 20));
    const range = { from: begin, to: clock.now() + 1, points: 2_000 };
    const { stepMs, series } = next.read('node', { subject: 'GPU-a', ...range });
    expect(stepMs).toBe(300_000);
    expect(series['utilization']?.mean.filter((value) => value !== null)).toEqual([80, 20]);
    expect(next.read('node', { subject: hostSubject, ...range }).series['cpuPercent']?.mean[0]).toBe(10);
  });

  it('keeps the fuller one of two rows of the same step', async () => {
    const { store, keeper, look } = bench();
    await look(20, () => 80);
    keeper.flush();
    const row = { node: 'node', subject: 'GPU-a', at: begin, samples: 2, figures: {} };
    store.saveHistory([row]);
    expect(store.history({ node: 'node', subject: 'GPU-a', from: 0, to: begin + 1 })).toMatchObject([
      { samples: 20 },
    ]);
    store.saveHistory([{ ...row, samples: 21 }]);
    expect(store.history({ node: 'node', subject: 'GPU-a', from: 0, to: begin + 1 })).toMatchObject([
      { samples: 21 },
    ]);
  });

  it('is forgotten after 30 days', async () => {
    const { clock, store, keeper, look } = bench();
    await look(20, () => 80);
    keeper.flush();
    await clock.advance(31 * 86_400_000);
    store.prune();
    expect(store.history({ node: 'node', subject: 'GPU-a', from: 0, to: clock.now() })).toEqual([]);
  });

  it('is not written by a core that only looks, and a full disk costs nothing but that', async () => {
    const { store, keeper, look } = bench(false);
    await look(20, () => 80);
    keeper.flush();
    expect(store.history({ node: 'node', subject: 'GPU-a', from: 0, to: begin * 2 })).toEqual([]);
    const clock = new FakeClock(begin);
    const full = {
      ...store,
      saveHistory: (): void => {
        throw new Error('full');
      },
    };
    const careless = createHardwareHistory({ store: full, clock, log: silentLog, act: true });
    careless.add('node', sample(begin, 5));
    expect(() => careless.flush()).not.toThrow();
    const range = { subject: 'GPU-a', from: begin, to: begin + 1_000, points: 10 };
    expect(careless.read('node', range).series['utilization']?.mean).toEqual([5]);
  });

  it('does not count a reading twice that comes with two samples', () => {
    const { keeper } = bench();
    const once = sample(begin, 50);
    keeper.add('node', once);
    keeper.add('node', { ...once, at: begin + 1_000 });
    keeper.add('node', sample(begin + 2_000, 80));
    const { series } = keeper.read('node', { subject: 'GPU-a', from: begin, to: begin + 10_000, points: 1 });
    expect(series['utilization']?.mean).toEqual([65]);
  });

  it('goes on when the clock of the machine is set back, without what lies in the future then', async () => {
    const { clock, store, keeper, look } = bench();
    await clock.advance(3_600_000);
    await look(20, () => 90);
    const before = clock.now() - 10_000;
    clock.set(before);
    await look(5, () => 10);
    const range = { subject: 'GPU-a', from: before - 10_000, to: before + 20_000, points: 100 };
    const values = keeper.read('node', range).series['utilization']?.mean.filter((value) => value !== null);
    expect(values).toEqual([...Array.from({ length: 10 }, () => 90), ...[10, 10, 10, 10, 10]]);
    clock.set(begin);
    await look(700, () => 30);
    const lately = { subject: 'GPU-a', from: begin, to: begin + 700_000, points: 700 };
    const since = keeper.read('node', lately).series['utilization']?.mean;
    expect(since?.every((value) => value === 30)).toBe(true);
    const rows = store.history({ node: 'node', subject: 'GPU-a', from: begin, to: begin + 600_000 });
    expect(rows.map(({ at }) => at)).toEqual([begin, begin + 300_000]);
  });

  it('is fine as long as there is nothing to be coarse about', async () => {
    const { clock, store, keeper, look } = bench();
    const hour = (): { subject: string; from: number; to: number; points: number } => ({
      ...{ subject: 'GPU-a', from: clock.now() - 3_600_000, to: clock.now(), points: 360 },
    });
    await look(400, () => 50);
    expect(keeper.read('node', hour()).stepMs).toBe(10_000);
    // Also with a full ring, whose first sample is a moment after the hour's begin.
    await look(3_700, () => 50);
    expect(keeper.read('node', hour()).stepMs).toBe(10_000);
    expect(keeper.read('node', { ...hour(), from: begin, points: 1_000 }).stepMs).toBe(300_000);
    keeper.flush();
    const next = createHardwareHistory({ store, clock, log: silentLog, act: true });
    next.add('node', sample(clock.now(), 20));
    expect(next.read('node', hour()).stepMs).toBe(300_000);
  });
});
