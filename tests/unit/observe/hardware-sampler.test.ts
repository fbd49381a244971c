// The one sampler: as often as somebody needs it now, and not at all otherwise.
import { afterEach, describe, expect, it } from 'vitest';
import { unreadGpu } from '../../../main/model/gpu-metrics.ts';
import type { GpuMetrics } from '../../../main/model/gpu-metrics.ts';
import type { HardwareSample, HostMetrics } from '../../../main/model/host-metrics.ts';
import { createHardwareSampler } from '../../../main/observe/hardware-sampler.ts';
import type { Dependence, HardwareSampler } from '../../../main/observe/hardware-sampler.ts';
import { GuardedSource } from '../../../main/observe/hardware-source.ts';
import type { Need } from '../../../main/observe/hardware-source.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { someHost } from '../../fakes/fake-hardware.ts';
import { silentLog } from '../../fakes/silent-log.ts';

const open: HardwareSampler[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((sampler) => sampler.stop()));
});

const card = { id: 'GPU-a', vendor: 'nvidia', model: 'RTX 4090' } as const;
const nobody: Dependence = { node: 'lab', isHere: true, hasCard: false, hasRunner: false };

function bench(readGpu: (need: Need, clock: FakeClock) => Promise<readonly GpuMetrics[]>) {
  const clock = new FakeClock();
  const counts = { host: 0, gpu: 0, rests: 0 };
  const samples: HardwareSample[] = [];
  const host = new GuardedSource<HostMetrics>(
    {
      read: async () => {
        counts.host += 1;
        return someHost(clock.now());
      },
      rest: () => undefined,
    },
    clock,
    () => someHost(clock.now()),
  );
  const gpu = new GuardedSource<readonly GpuMetrics[]>(
    {
      read: (need) => {
        counts.gpu += 1;
        return readGpu(need, clock);
      },
      rest: () => (counts.rests += 1),
    },
    clock,
    () => [unreadGpu(card, clock.now(), 'hangs', { key: 'gpu.tool-hangs', message: '', next: '' })],
  );
  const sampler = createHardwareSampler({
    ...{ clock, log: silentLog, host, gpus: () => [gpu], attribute: (metrics: GpuMetrics) => metrics },
    onSample: (sample) => samples.push(sample),
  });
  open.push(sampler);
  return { clock, counts, samples, sampler };
}

const prompt = async (_: Need, clock: FakeClock): Promise<readonly GpuMetrics[]> => [
  unreadGpu(card, clock.now(), 'not told'),
];

/** Reads on in the background; `leave` ends it. */
function read(sampler: HardwareSampler, everyMs: number) {
  const leaving = new AbortController();
  const got: HardwareSample[] = [];
  const ended = (async (): Promise<void> => {
    for await (const sample of sampler.follow(everyMs, leaving.signal)) got.push(sample);
  })();
  const leave = async (): Promise<void> => {
    leaving.abort();
    await ended;
  };
  return { got, leave };
}

describe('the sampler', () => {
  it('looks at nothing while nobody asks', async () => {
    const { clock, counts, sampler } = bench(prompt);
    sampler.attend(nobody);
    await clock.advance(3_600_000);
    expect(counts).toMatchObject({ host: 0, gpu: 0 });
    expect(sampler.current()).toBeNull();
  });

  it('looks every second while somebody watches, at once for the first time, and stops with the last reader', async () => {
    const { clock, counts, sampler } = bench(prompt);
    const reader = read(sampler, 1_000);
    await clock.advance(10_000);
    expect(reader.got).toHaveLength(11);
    expect(reader.got[0]).toMatchObject({ pace: 'fast', gpus: [{ id: 'GPU-a' }] });
    await reader.leave();
    await clock.advance(60_000);
    expect(counts).toMatchObject({ host: 11, gpu: 11, rests: 1 });
    expect(sampler.current()).toBeNull();
  });

  it('looks every 30 s while a job has a card, and at the machine alone while there are runners', async () => {
    const { clock, counts, sampler } = bench(prompt);
    sampler.attend({ ...nobody, hasRunner: true });
    await clock.advance(60_000);
    expect(counts).toMatchObject({ host: 3, gpu: 0 });
    sampler.attend({ ...nobody, hasRunner: true, hasCard: true });
    await clock.advance(60_000);
    expect(counts.gpu).toBe(2);
    sampler.attend(nobody);
    await clock.advance(600_000);
    expect(counts.gpu).toBe(2);
  });

  it('lets the cards rest when their last reader has gone, also while there are runners', async () => {
    const { clock, counts, sampler } = bench(prompt);
    sampler.attend({ ...nobody, hasRunner: true });
    const reader = read(sampler, 1_000);
    await clock.advance(3_000);
    const before = counts.rests;
    await reader.leave();
    await clock.advance(31_000);
    expect(counts.rests).toBeGreaterThan(before);
  });

  it('makes one look for all readers, and gives each no more than it asked for', async () => {
    const { clock, counts, sampler } = bench(prompt);
    const [often, seldom] = [read(sampler, 1_000), read(sampler, 5_000)];
    await clock.advance(20_000);
    expect(counts.gpu).toBe(21);
    expect(often.got).toHaveLength(21);
    expect(seldom.got).toHaveLength(5);
    await often.leave();
    await clock.advance(20_000);
    expect(counts.gpu).toBe(25);
    await seldom.leave();
  });

  it('goes on with everything else while a card hangs, and says so of that card', async () => {
    const { clock, counts, sampler } = bench(() => new Promise(() => undefined));
    const reader = read(sampler, 1_000);
    await clock.advance(20_000);
    expect(counts.gpu).toBe(1);
    expect(counts.host).toBeGreaterThan(8);
    expect(reader.got.at(-1)).toMatchObject({ gpus: [{ problem: { key: 'gpu.tool-hangs' } }] });
    await reader.leave();
  });

  it('shows a slow reading with a later sample', async () => {
    const { clock, sampler } = bench(async (need, at) => {
      await at.sleep(2_500);
      return prompt(need, at);
    });
    const reader = read(sampler, 1_000);
    await clock.advance(10_000);
    expect(reader.got[0]?.gpus).toEqual([]);
    expect(reader.got.at(-1)?.gpus).toHaveLength(1);
    await reader.leave();
  });

  it('reads nothing of a machine that is elsewhere', async () => {
    const { clock, counts, sampler } = bench(prompt);
    sampler.attend({ ...nobody, isHere: false, hasCard: true, hasRunner: true });
    const reader = read(sampler, 1_000);
    await clock.advance(3_000);
    expect(reader.got.at(-1)).toMatchObject({ host: null, gpus: [] });
    expect(counts).toMatchObject({ host: 0, gpu: 0 });
    await reader.leave();
  });

  it('goes on for its readers when the clock of the machine is set back', async () => {
    const { clock, sampler } = bench(prompt);
    const readers = [read(sampler, 1_000), read(sampler, 5_000)];
    await clock.advance(5_000);
    clock.set(clock.now() - 3_600_000);
    await clock.advance(10_000);
    expect(readers.map(({ got }) => got.length)).toEqual([16, 4]);
    await Promise.all(readers.map(({ leave }) => leave()));
  });

  it('ends its readers when it ends', async () => {
    const { clock, sampler } = bench(prompt);
    const reader = read(sampler, 1_000);
    await clock.advance(1_000);
    await sampler.stop();
    await reader.leave();
    expect(reader.got.length).toBeGreaterThan(0);
  });
});
