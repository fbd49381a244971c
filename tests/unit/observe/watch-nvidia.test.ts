// How NVIDIA's cards are asked: one tool that stays while somebody watches closely, one look at a time otherwise.
import { describe, expect, it } from 'vitest';
import { unreadGpu } from '../../../main/model/gpu-metrics.ts';
import type { GpuMetrics } from '../../../main/model/gpu-metrics.ts';
import type { Issue } from '../../../main/model/issue.ts';
import { NvidiaSource } from '../../../main/observe/watch-nvidia.ts';
import type { NvidiaTable } from '../../../main/observe/watch-nvidia.ts';
import type { LoopEnd, LoopProgram } from '../../../main/probe-port.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

type Card = Pick<GpuMetrics, 'id' | 'vendor' | 'model'>;
const card: Card = { id: 'GPU-a', vendor: 'nvidia', model: 'RTX 4090' };
const well = (change: Partial<GpuMetrics> = {}): GpuMetrics => ({
  ...unreadGpu(card, 0, 'not told'),
  persistence: true,
  ...change,
});

interface Loop {
  readonly everyMs: number;
  readonly print: (metrics: readonly GpuMetrics[]) => void;
  readonly end: (end: LoopEnd) => void;
  stopped: boolean;
}

interface Answers {
  readonly table?: () => NvidiaTable;
  readonly startMs?: number;
  readonly cards?: readonly Card[];
  /** How long the questions about programs and errors take. */
  readonly sideMs?: number;
}

function bench(answers: Answers = {}) {
  const clock = new FakeClock();
  const loops: Loop[] = [];
  const asked: boolean[] = [];
  const counts = { looks: 0, programs: 0, xids: 0 };
  const follow = (
    _isNew: boolean,
    everyMs: number,
    print: (metrics: readonly GpuMetrics[]) => void,
  ): LoopProgram => {
    const { promise, resolve } = Promise.withResolvers<LoopEnd>();
    const loop: Loop = { everyMs, print, end: resolve, stopped: false };
    loops.push(loop);
    const stop = (): void => {
      loop.stopped = true;
      resolve({ outcome: 'ended', stderr: '' });
    };
    return { ended: promise, stop };
  };
  const source = new NvidiaSource(
    {
      ask: async (_at, isNew) => {
        counts.looks += 1;
        asked.push(isNew);
        await clock.sleep(answers.startMs ?? 0);
        return answers.table?.() ?? { metrics: [well()], issue: null, isNew: true };
      },
      follow,
      programs: async () => {
        counts.programs += 1;
        await clock.sleep(
          answers.sideMs ?? 0,
          answers.sideMs === undefined ? AbortSignal.abort() : undefined,
        );
        return new Map();
      },
      xids: async () => {
        counts.xids += 1;
        await clock.sleep(
          answers.sideMs ?? 0,
          answers.sideMs === undefined ? AbortSignal.abort() : undefined,
        );
        return null;
      },
    },
    clock,
    (issue: Issue | null) =>
      (answers.cards ?? [card]).map((one) =>
        unreadGpu(one, 0, 'why', issue === null ? { key: 'gpu.lost', message: '', next: '' } : issue),
      ),
  );
  const read = async (intervalMs: number, hasJob = false): Promise<readonly GpuMetrics[]> => {
    const reading = source.read({ intervalMs, hasJob });
    await clock.advance(answers.startMs ?? 0);
    return reading;
  };
  return { clock, loops, counts, asked, source, read };
}

describe('the tool of NVIDIA', () => {
  it('is started for a look of its own first, and then stays while somebody watches every second', async () => {
    const { loops, counts, read, clock } = bench();
    await read(1_000);
    expect({ looks: counts.looks, loops: loops.length }).toEqual({ looks: 1, loops: 0 });
    await clock.advance(1_000);
    await read(1_000);
    loops[0]?.print([well({ utilization: 42 })]);
    await clock.advance(1_000);
    expect(await read(1_000)).toMatchObject([{ utilization: 42 }]);
    expect({ looks: counts.looks, every: loops.map(({ everyMs }) => everyMs) }).toEqual({
      looks: 1,
      every: [1_000],
    });
  });

  it('ends with the last who asks', async () => {
    const { loops, read, source } = bench();
    await read(1_000);
    await read(1_000);
    source.rest();
    expect(loops.map(({ stopped }) => stopped)).toEqual([true]);
  });

  it('is started for each look where looks are seldom and it starts fast', async () => {
    const { loops, counts, read, clock } = bench();
    for (let look = 0; look < 3; look += 1) {
      await read(30_000, true);
      await clock.advance(30_000);
    }
    expect({ looks: counts.looks, loops: loops.length }).toEqual({ looks: 3, loops: 0 });
  });

  it('stays also for seldom looks where its start is slow and a job keeps the card awake', async () => {
    const { loops, read, clock } = bench({ startMs: 1_470 });
    await read(30_000, true);
    await clock.advance(30_000);
    await read(30_000, true);
    expect(loops.map(({ everyMs }) => everyMs)).toEqual([30_000]);
  });

  it('lets a card without persistence rest: every 30 s at most while no job has it, and no tool that stays', async () => {
    const table = { metrics: [well({ persistence: false })], issue: null, isNew: true };
    const { loops, counts, read, clock } = bench({ table: () => table });
    for (let second = 0; second < 60; second += 1) {
      await read(1_000);
      await clock.advance(1_000);
    }
    expect({ looks: counts.looks, loops: loops.length }).toEqual({ looks: 3, loops: 0 });
    await read(1_000, true);
    expect(loops).toHaveLength(1);
    await read(1_000, false);
    expect(loops[0]?.stopped).toBe(true);
  });

  it('does not stay for a card without persistence that no job has, however slow its start', async () => {
    const table = { metrics: [well({ persistence: false })], issue: null, isNew: true };
    const { loops, read, clock } = bench({ table: () => table, startMs: 1_470 });
    for (let look = 0; look < 3; look += 1) {
      await read(30_000);
      await clock.advance(30_000);
    }
    expect(loops).toHaveLength(0);
  });

  it('that stays and falls silent is ended, and its last word is not shown any more', async () => {
    const { loops, counts, read, clock } = bench();
    await read(1_000);
    await read(1_000);
    loops[0]?.print([well({ utilization: 99 })]);
    await clock.advance(11_000);
    const now = await read(1_000);
    expect(now[0]?.utilization).toBeNull();
    expect({ stopped: loops[0]?.stopped, looks: counts.looks }).toEqual({ stopped: true, looks: 2 });
  });

  it('that ends again and again is asked look by look for a while', async () => {
    const { loops, counts, read, clock } = bench();
    for (let second = 0; second < 60; second += 1) {
      await read(1_000);
      loops.at(-1)?.end({ outcome: 'failed', stderr: '' });
      await clock.advance(1_000);
    }
    expect(loops).toHaveLength(3);
    expect(counts.looks).toBeGreaterThan(50);
    await clock.advance(600_000);
    await read(1_000);
    await read(1_000);
    expect(loops).toHaveLength(4);
  });

  it('that hangs makes every card of it unread, with the reason', async () => {
    const issue: Issue = {
      key: 'gpu.tool-hangs',
      severity: 'warning',
      subject: '',
      message: 'hangs',
      next: '',
    };
    const { read } = bench({ table: () => ({ metrics: [], issue, isNew: true }) });
    expect(await read(1_000)).toMatchObject([{ problem: { key: 'gpu.tool-hangs' }, utilization: null }]);
  });

  it('that lists one card of two leaves the other one lost, and this one right', async () => {
    const { read } = bench({ cards: [card, { ...card, id: 'GPU-b' }] });
    expect(await read(1_000)).toMatchObject([
      { id: 'GPU-a', problem: null },
      { id: 'GPU-b', problem: { key: 'gpu.lost' } },
    ]);
  });

  it('is asked for programs every 10 s and for errors every minute, however often somebody looks', async () => {
    const { counts, read, clock } = bench();
    for (let second = 0; second < 60; second += 1) {
      const metrics = await read(1_000);
      expect(metrics[0]?.unknown['xids']).toContain('may not read');
      await clock.advance(1_000);
    }
    expect(counts).toMatchObject({ programs: 6, xids: 1 });
  });

  it('is not waited for where it is slow to tell of programs, and its cards are well meanwhile', async () => {
    const { counts, source, clock } = bench({ sideMs: 9_000 });
    let now: readonly GpuMetrics[] = [];
    const read = async (): Promise<void> => {
      now = await source.read({ intervalMs: 1_000, hasJob: true });
    };
    void read();
    await clock.advance(1_000);
    expect(now).toMatchObject([{ problem: null, processes: null }]);
    expect(now[0]?.unknown['processes']).toContain('no answer yet');
    expect(now[0]?.unknown['processes']).toBe(now[0]?.unknown['xids']);
    for (let second = 0; second < 10; second += 1) {
      void read();
      await clock.advance(1_000);
    }
    expect(now).toMatchObject([{ problem: null, processes: [] }]);
    expect(counts).toMatchObject({ programs: 1, xids: 1 });
  });

  it('says nothing of before when somebody asks again after a rest', async () => {
    const tables = [well({ utilization: 11 }), well({ utilization: 22 })];
    const { source, clock } = bench({
      startMs: 500,
      table: () => ({ metrics: tables.splice(0, 1), issue: null, isNew: true }),
    });
    void source.read({ intervalMs: 30_000, hasJob: true });
    await clock.settle();
    source.rest();
    await clock.advance(1_000);
    const again = source.read({ intervalMs: 30_000, hasJob: true });
    await clock.advance(500);
    expect(await again).toMatchObject([{ utilization: 22 }]);
  });

  it('says nothing of programs that were asked for before such a rest', async () => {
    const { source, clock } = bench({ sideMs: 5_000 });
    void source.read({ intervalMs: 30_000, hasJob: true });
    await clock.advance(1_000);
    source.rest();
    await clock.advance(5_000);
    const again = source.read({ intervalMs: 30_000, hasJob: true });
    await clock.advance(1_000);
    expect(await again).toMatchObject([{ problem: null, processes: null }]);
  });

  it('is not asked again for what its driver does not know, until something is wrong', async () => {
    const issue: Issue = { key: 'gpu.lost', severity: 'error', subject: '', message: '', next: '' };
    const answers: NvidiaTable[] = [
      { metrics: [well()], issue: null, isNew: false },
      { metrics: [well()], issue: null, isNew: false },
      { metrics: [], issue, isNew: false },
      { metrics: [well()], issue: null, isNew: true },
    ];
    const { asked, read, clock } = bench({
      table: () => answers.shift() ?? { metrics: [well()], issue: null, isNew: true },
    });
    for (let look = 0; look < 5; look += 1) {
      await read(30_000, true);
      await clock.advance(30_000);
    }
    expect(asked).toEqual([true, false, false, true, true]);
  });
});
