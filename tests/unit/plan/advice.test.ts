import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addJob,
  emptyHistogram,
  addValue,
  joinHistograms,
  quantileOf,
  usageName,
} from '../../../main/model/usage.ts';
import type { JobUsage, UsedByJob } from '../../../main/model/usage.ts';
import { planAdvice } from '../../../main/plan/advice.ts';
import type { Measurable } from '../../../main/plan/advice.ts';

const mebibyte = 1024 ** 2;
const host: Measurable = { memory: true, cpus: true, hostMemoryMiB: 65_536, hostCpus: 16 };
const pool = { name: 'default', memoryMiB: 8_192, cpus: 4 };

const used = (change: Partial<UsedByJob> = {}): UsedByJob => ({
  ...{ projectId: 7, project: 'group/project', job: 'build', pool: 'default', endedAt: 5_000 },
  ...{ lastedMs: 60_000, memoryBytes: 1_434 * mebibyte, cpus: 3.5, outOfMemory: false },
  limits: { cpus: pool.cpus, memoryMiB: pool.memoryMiB },
  ...change,
});
/** So many jobs, one after the other. */
function usageOf(count: number, change: Partial<UsedByJob> = {}): JobUsage {
  let usage: JobUsage | null = null;
  for (let index = 0; index < count; index += 1) usage = addJob(usage, used(change));
  if (usage === null) throw new Error('no jobs');
  return usage;
}

describe('advice', () => {
  it('says how much more could run where a limit is far above what was ever used', () => {
    const { state, sentence, items } = planAdvice(pool, [usageOf(12)], host);
    expect(state).toBe('change');
    expect(sentence).toBe(
      '"build" of group/project never used more than 1.4 GiB of its 8 GiB: 3 more could run at once.',
    );
    expect(items).toMatchObject([{ setting: 'memoryMiB', kind: 'too-large', from: 8_192, to: 1_920 }]);
  });

  it('is measured by the job that uses most, whatever the others do', () => {
    const usages = [
      usageOf(40, { job: 'lint', memoryBytes: 50 * mebibyte }),
      usageOf(2, { memoryBytes: 7_000 * mebibyte }),
    ];
    expect(planAdvice(pool, usages, host).state).toBe('fits');
  });

  it('says nothing before it has seen enough jobs', () => {
    expect(planAdvice(pool, [usageOf(9)], host)).toMatchObject({ state: 'too-few', items: [], jobs: 9 });
    expect(planAdvice(pool, [], host)).toMatchObject({ state: 'too-few', jobs: 0 });
  });

  it('of jobs that ran out of memory gives more, at most what the machine has; one of them may be an accident', () => {
    const killed = usageOf(3, { outOfMemory: true });
    expect(planAdvice(pool, [killed], host).items).toMatchObject([
      { kind: 'too-small', from: 8_192, to: 12_288 },
    ]);
    expect(planAdvice(pool, [killed], { ...host, hostMemoryMiB: 10_000 }).items[0]?.to).toBe(10_000);
    expect(planAdvice(pool, [killed], { ...host, hostMemoryMiB: 8_000 }).items).toEqual([]);
    const once = addJob(usageOf(20), used({ outOfMemory: true }));
    expect(planAdvice(pool, [once], host).items).toEqual([]);
  });

  it('does not hold against a limit what happened under another one', () => {
    const killed = usageOf(5, { outOfMemory: true, limits: { cpus: 4, memoryMiB: 1_024 } });
    expect(planAdvice(pool, [killed], host).items.some(({ kind }) => kind === 'too-small')).toBe(false);
  });

  it('of processors: too many, too few, or as they should be', () => {
    const large = { memoryMiB: null, name: 'default', cpus: 4 };
    const limits = { cpus: 4, memoryMiB: null };
    expect(planAdvice(large, [usageOf(12, { cpus: 0.8, limits })], host).items).toMatchObject([
      { setting: 'cpus', kind: 'too-large', from: 4, to: 1 },
    ]);
    expect(planAdvice(large, [usageOf(12, { cpus: 3.95, limits })], host).items).toMatchObject([
      { setting: 'cpus', kind: 'too-small', from: 4, to: 8 },
    ]);
    expect(planAdvice(large, [usageOf(12, { cpus: 3.95, limits })], { ...host, hostCpus: 4 }).items).toEqual(
      [],
    );
    expect(planAdvice(large, [usageOf(12, { cpus: 3, limits })], host).state).toBe('fits');
  });

  it('is unknown where the engine tells the figures of the machine, and never a change', () => {
    const blind = { ...host, memory: false, cpus: false };
    const unmeasured = usageOf(20, { memoryBytes: null, cpus: null });
    expect(planAdvice(pool, [unmeasured], blind)).toMatchObject({ state: 'unknown', jobs: 0, items: [] });
    expect(
      planAdvice(pool, [usageOf(20)], { ...host, memory: false }).items.every(
        ({ setting }) => setting === 'cpus',
      ),
    ).toBe(true);
  });

  it('looks at the jobs of its own pool only', () => {
    expect(planAdvice({ ...pool, name: 'other' }, [usageOf(20)], host).state).toBe('too-few');
  });

  it('never proposes less than was used, nor more than the machine has', () => {
    const some = fc.record({
      memory: fc.integer({ min: 1, max: 9_000 }),
      cpus: fc.double({ min: 0, max: 5, noNaN: true }),
      outOfMemory: fc.boolean(),
      count: fc.integer({ min: 1, max: 25 }),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 6 }), (rows) => {
        const usages = rows.map(({ memory, cpus, outOfMemory, count }, index) =>
          usageOf(count, { job: `job ${index}`, memoryBytes: memory * mebibyte, cpus, outOfMemory }),
        );
        for (const { setting, kind, from, to } of planAdvice(pool, usages, host).items) {
          const most = Math.max(...rows.map(({ memory, cpus }) => (setting === 'cpus' ? cpus : memory)));
          expect(to).toBeLessThanOrEqual(setting === 'cpus' ? host.hostCpus : host.hostMemoryMiB);
          expect(kind === 'too-large' ? to < from && to >= most : to > from).toBe(true);
        }
      }),
    );
  });
});

describe('a histogram', () => {
  it('counts by powers of two, knows the largest, and gives quantiles that are not below the truth', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 2 ** 22, noNaN: true }), { minLength: 1 }), (values) => {
        const histogram = values.reduce(addValue, emptyHistogram);
        const sorted = values.toSorted((a, b) => a - b);
        expect(histogram.jobs).toBe(values.length);
        expect(histogram.buckets.reduce((sum, count) => sum + count, 0)).toBe(values.length);
        for (const share of [0.5, 0.95, 1]) {
          const truth = sorted[Math.ceil(values.length * share) - 1] ?? 0;
          const told = quantileOf(histogram, share);
          expect(told).toBeGreaterThanOrEqual(truth);
          expect(told).toBeLessThanOrEqual(Math.max(1, 2 * truth));
        }
        const [one, other] = [values.slice(0, 3), values.slice(3)].map((part) =>
          part.reduce(addValue, emptyHistogram),
        );
        expect(joinHistograms(one ?? emptyHistogram, other ?? emptyHistogram)).toEqual(histogram);
      }),
    );
  });

  it('puts the jobs of one parallel job together', () => {
    expect(['test 1/3', 'test 12/30', 'test: [a, 1/2]', 'test'].map(usageName)).toEqual([
      'test',
      'test',
      'test: [a, 1/2]',
      'test',
    ]);
  });
});
