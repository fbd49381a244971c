import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pool } from '../../../main/model/pool.ts';
import { percentile, simulate } from '../../../main/plan/simulate.ts';
import type {
  Latencies,
  RecordedJob,
  SimulatedOutcome,
  SimulatedWorld,
} from '../../../main/plan/simulate.ts';
import { Simulation } from '../../fakes/simulator.ts';
import { now, somePool } from '../../fakes/world.ts';

const latencies: Latencies = { seeMs: 1_000, startMs: 500 };

function outcomeOf(
  jobs: readonly RecordedJob[],
  pools: readonly Pool[],
  times: Latencies = latencies,
  until = 0,
  host: SimulatedWorld['host'] = null,
): SimulatedOutcome {
  const running = simulate(jobs, { pools, latencies: times, host, until });
  for (;;) {
    const { done, value } = running.next();
    if (done === true) return value;
  }
}

const p95 = ({ waits }: SimulatedOutcome): number => percentile(waits, 0.95);
const job = (id: number, arrivedAt: number, change: Partial<RecordedJob> = {}): RecordedJob => ({
  ...{ id, tags: ['docker'], projectId: 7, project: 'group/project', lastedMs: 60_000 },
  ...change,
  arrivedAt: now + arrivedAt,
});
/** A number from 0 to 1, ever another, the same in each run. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('a simulation', () => {
  it('of one job waits for the look at the queue and the start of a runner, which then idles and leaves', () => {
    const done = outcomeOf([job(1, 0)], [somePool({ idleTime: 300 })], latencies, now + 3_600_000);
    expect([...done.waits]).toEqual([1_500]);
    expect(done.runnerHours).toBeCloseTo((500 + 60_000 + 300_000) / 3_600_000, 6);
    expect(done).toMatchObject({ jobs: 1, neverTaken: 0, peakRunners: 1 });
    expect(done.utilisation).toBeCloseTo(60_000 / 360_500, 6);
  });

  it('lets a second job wait for the first where the pool may have one runner only', () => {
    const jobs = [job(1, 0), job(2, 0)];
    expect([...outcomeOf(jobs, [somePool({ max: 1 })]).waits]).toEqual([1_500, 61_500]);
    expect([...outcomeOf(jobs, [somePool({ max: 2 })]).waits]).toEqual([1_500, 1_500]);
  });

  it('gives a job to an idle runner when that asks the next time', () => {
    const done = outcomeOf([job(1, 0), job(2, 70_000)], [somePool({ max: 1 })]);
    // Free at 61.5 s; it asks every 3 s, so at 70.5 s.
    expect([...done.waits]).toEqual([500, 1_500]);
  });

  it('with warm runners waits for no start', () => {
    const done = outcomeOf([job(1, 600_000), job(0, 0)], [somePool({ min: 1 })], {
      ...latencies,
      startMs: 20_000,
    });
    expect(done.waits[0]).toBeLessThan(2_000);
  });

  it('counts jobs that no pool takes, and peaks of memory and processors', () => {
    const pools = [somePool({ memoryMiB: 512, cpus: 2 })];
    const done = outcomeOf([job(1, 0), job(2, 0), job(3, 0, { tags: ['cuda'] })], pools);
    expect(done).toMatchObject({ jobs: 2, neverTaken: 1, peakMemoryMiB: 1_024, peakCpus: 4, peakRunners: 2 });
    expect(outcomeOf([job(1, 0)], [somePool({ memoryMiB: null })]).peakMemoryMiB).toBeNull();
  });

  it('starts a new runner for each job where a runner takes one only', () => {
    const done = outcomeOf([job(1, 0), job(2, 0)], [somePool({ max: 1, jobsPerRunner: 1 })]);
    expect([...done.waits]).toEqual([1_500, 62_000]);
  });

  it('starts no more at once than the machine has room for, and lets idle runners of others make room', () => {
    const host = { cpus: 4, memoryMiB: 4_096 };
    const large = somePool({ name: 'large', tags: ['large'], memoryMiB: 3_072 });
    const small = somePool({ name: 'small', tags: ['docker'], memoryMiB: 2_048 });
    const jobs = [job(1, 0), job(2, 0), job(3, 0), job(4, 200_000, { tags: ['large'] })];
    const done = outcomeOf(jobs, [small, large], latencies, 0, host);
    expect(done.jobs).toBe(4);
    expect(done.peakRunners).toBe(2);
    expect(done.peakMemoryMiB).toBeLessThanOrEqual(4_096);
    expect(percentile(done.waits, 1)).toBeLessThan(62_000);
  });

  it('of nothing is nothing', () => {
    expect(outcomeOf([], [somePool()])).toMatchObject({ jobs: 0, runnerHours: 0, utilisation: 0 });
    expect(p95(outcomeOf([], []))).toBe(0);
  });
});

const someJobs = fc
  .array(
    fc.record({
      after: fc.integer({ min: 0, max: 120_000 }),
      lastedMs: fc.integer({ min: 1_000, max: 300_000 }),
      projectId: fc.integer({ min: 1, max: 4 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((rows) => {
    let at = 0;
    return rows.map(({ after, ...rest }, index) => job(index + 1, (at += after), rest));
  });

describe('every simulation', () => {
  it('runs each job once and is the same each time', () => {
    fc.assert(
      fc.property(someJobs, fc.integer({ min: 1, max: 6 }), fc.boolean(), (jobs, max, single) => {
        const pools = [somePool({ max, jobsPerRunner: single ? 1 : null, min: Math.min(max, 1) })];
        const done = outcomeOf(jobs, pools);
        expect(done.jobs).toBe(jobs.length);
        expect(done.waits.every((wait) => wait >= 0)).toBe(true);
        expect(done.peakRunners).toBeLessThanOrEqual(max);
        expect(done.utilisation).toBeLessThanOrEqual(1);
        expect(outcomeOf(jobs, pools)).toEqual(done);
      }),
      { numRuns: 60 },
    );
  });

  // A runner that idles asks every 3 s, and which one has which phase depends on who had which job before.
  const asksMs = 3_000;
  it('of one pool never waits longer with a higher max, but for the phase in which runners ask', () => {
    fc.assert(
      fc.property(
        someJobs,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (jobs, max, more) => {
          const before = p95(outcomeOf(jobs, [somePool({ max })]));
          const after = p95(outcomeOf(jobs, [somePool({ max: max + more })]));
          expect(after).toBeLessThanOrEqual(before + asksMs);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is near what the whole planner makes of the same jobs in a simulated lab', () => {
    for (let seed = 1; seed <= 8; seed += 1) {
      const chance = chances(seed);
      const pools = [somePool({ max: 1 + (seed % 4) })];
      const lab = new Simulation({ pools, chance });
      let at = now + 10_000;
      for (let index = 0; index < 60; index += 1) {
        at += Math.ceil(chance() * 60_000);
        lab.addJob({ tags: ['docker'], arrivesAt: at, lastsMs: Math.ceil(chance() * 90_000) + 1_000 });
      }
      expect(lab.runUntil(() => lab.jobs.every(({ status }) => status === 'success'), 40 * 3_600_000)).toBe(
        true,
      );
      const recorded = lab.jobs.map(({ endsAt, lastsMs, arrivesAt }) => endsAt - lastsMs - arrivesAt);
      const waits = Float64Array.from(recorded).sort();
      const replayed = outcomeOf(
        lab.jobs.map(({ id, arrivesAt, lastsMs }) => job(id, arrivesAt - now, { lastedMs: lastsMs })),
        pools,
        // The lab looks at its queue every 2 to 5 s and starts a runner within half a second.
        { seeMs: 1_500, startMs: 300 },
      );
      for (const share of [0.5, 0.95]) {
        const [was, is] = [percentile(waits, share), percentile(replayed.waits, share)];
        expect(Math.abs(is - was), `seed ${seed}, ${share}: ${is} of ${was}`).toBeLessThan(
          4_000 + was * 0.15,
        );
      }
    }
  });
});

describe('10,000 jobs', () => {
  const jobs = (chance: () => number, everyMs: number): RecordedJob[] =>
    Array.from({ length: 10_000 }, (_, index) =>
      job(index + 1, index * everyMs, {
        projectId: Math.ceil(chance() * 40),
        tags: chance() < 0.2 ? ['docker', 'large'] : ['docker'],
        lastedMs: Math.ceil(chance() * 120_000),
      }),
    );
  const pools = [
    somePool({ name: 'small', tags: ['docker'], max: 8 }),
    somePool({ name: 'large', tags: ['docker', 'large'], max: 4, memoryMiB: 8_192, jobsPerRunner: 1 }),
  ];

  it.each([
    ['that are served at once', 10_000],
    ['that pile up', 2_000],
  ])('%s take seconds at most, in slices of milliseconds', (_what, everyMs) => {
    const running = simulate(jobs(chances(3), everyMs), { pools, latencies, host: null, until: 0 });
    const began = performance.now();
    let longest = 0;
    for (;;) {
      const before = performance.now();
      const { done } = running.next();
      longest = Math.max(longest, performance.now() - before);
      if (done === true) break;
    }
    // Generous, since other programs run beside this: alone it takes about a second, in slices of a few milliseconds.
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(longest).toBeLessThan(500);
  });
});
