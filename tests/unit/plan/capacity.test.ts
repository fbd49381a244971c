// What a machine has room for: limits of runners against its processors and its memory.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemIdOf } from '../../../main/model/runner.ts';
import { capacityOf, fits, sizeOf } from '../../../main/plan/capacity.ts';
import { plan } from '../../../main/plan/plan.ts';
import { sortRunners } from '../../../main/plan/runners.ts';
import type { Job } from '../../../main/model/job.ts';
import type { Pool } from '../../../main/model/pool.ts';
import type { Observed } from '../../../main/model/world.ts';
import { explain } from '../../fakes/explained.ts';
import {
  fresh,
  keysOf,
  now,
  only,
  planFor,
  someContainer,
  someDesired,
  someEntry,
  someJob,
  someNode,
  someObserved,
  somePool,
  someRecord,
  someView,
  specOf,
} from '../../fakes/world.ts';
import type { WorldChange } from '../../fakes/world.ts';
import { Simulation } from '../../fakes/simulator.ts';
import { runsBy } from '../../fakes/arbitrary-world.ts';
import { someInfo } from '../../fakes/some-engine.ts';

/** The machine of these tests: 4 processors, 8 GiB. */
const small = somePool({ name: 'small', tags: ['small'], cpus: 1, memoryMiB: 1024 });
const large = somePool({ name: 'large', tags: ['large'], cpus: 4, memoryMiB: 6144 });
const pools = [small, large];
const entries = pools.map((pool, index) =>
  someEntry({ pool: pool.name, tags: pool.tags, entryId: 11 + index }),
);

const jobsOf = (tag: string, count: number, from = 1): readonly Job[] =>
  Array.from({ length: count }, (_, index) => someJob({ id: from + index, tags: [tag] }));

/** So many runners of the pool; those beyond `busy` are idle. */
function runnersOf(
  pool: Pool,
  count: number,
  busy = count,
): Partial<Observed> & { readonly jobs: readonly Job[] } {
  const ids = Array.from(
    { length: count },
    (_, index) => `${pool.name === 'small' ? 'a' : 'b'}${String(index).padStart(7, '0')}`,
  );
  const specHash = specOf(pool);
  return {
    records: ids.map((id, slot) => someRecord({ id, slot, pool: pool.name, specHash })),
    nodes: [
      someNode(
        fresh(
          someView({ containers: ids.map((runner) => someContainer({ runner, pool: pool.name, specHash })) }),
        ),
      ),
    ],
    jobs: ids
      .slice(0, busy)
      .map((id, index) =>
        someJob({ id: 900 + index, status: 'running', startedAt: now - 5_000, systemId: systemIdOf(id) }),
      ),
  };
}

const startsOf = (world: Parameters<typeof planFor>[1], some: readonly Pool[] = pools): readonly string[] =>
  only(planFor({ pools: some }, world), 'start-runner').map(({ pool }) => pool.name);

describe('the room of a machine', () => {
  it('lets as many start as its processors and its memory are enough for', () => {
    expect(startsOf({ entries, jobs: jobsOf('small', 9) })).toHaveLength(4);
    const wide = { ...small, cpus: null, memoryMiB: 3000, max: 9 };
    const starts = only(planFor({ pools: [wide] }, { entries, jobs: jobsOf('small', 9) }), 'start-runner');
    expect(starts).toHaveLength(2);
  });

  it('counts pools without limits as nothing', () => {
    const free = { ...small, cpus: null, memoryMiB: null, max: 9 };
    expect(
      only(planFor({ pools: [free] }, { entries, jobs: jobsOf('small', 9) }), 'start-runner'),
    ).toHaveLength(9);
  });

  it('is without end where the machine does not say what it has', () => {
    const info = someInfo({ cpus: 0, memoryBytes: 0 });
    const world = { entries, jobs: jobsOf('large', 3), nodes: [someNode(fresh(someView({ info })))] };
    expect(startsOf(world)).toHaveLength(3);
  });

  it('gives a runner that is larger than the machine all of it, and no other beside it', () => {
    const huge = { ...large, cpus: 64, memoryMiB: 512_000 };
    const world = { entries, jobs: [...jobsOf('large', 2), ...jobsOf('small', 2, 10)] };
    const starts = only(planFor({ pools: [small, huge] }, world), 'start-runner');
    expect(starts.map(({ pool }) => pool.name)).toEqual(['large']);
  });

  it('is shared by pools: all that run count', () => {
    const busy = runnersOf(small, 2);
    expect(startsOf({ ...busy, entries, jobs: [...busy.jobs, ...jobsOf('large', 1)] })).toEqual([]);
    expect(startsOf({ ...busy, entries, jobs: [...busy.jobs, ...jobsOf('small', 5)] })).toEqual([
      'small',
      'small',
    ]);
  });

  it('lets small ones go before a large one for ten minutes, and then keeps what comes free for it', () => {
    const busy = runnersOf(small, 2);
    const waiting = (age: number): readonly Job[] => [
      ...busy.jobs,
      someJob({ id: 50, tags: ['large'], firstSeenAt: now - age }),
      ...jobsOf('small', 1, 60),
    ];
    expect(startsOf({ ...busy, entries, jobs: waiting(60_000) })).toEqual(['small']);
    expect(startsOf({ ...busy, entries, jobs: waiting(600_000) })).toEqual([]);
  });

  it('lets idle runners go that stand in the way, and none that a job is expected to go to', () => {
    const idle = runnersOf(small, 2, 1);
    const makingRoom = (extra: readonly Job[]): readonly string[] =>
      only(
        planFor(
          { pools: [small, { ...large, cpus: 3 }] },
          { ...idle, entries, jobs: [...idle.jobs, ...extra] },
        ),
        'stop-runner',
      ).map(({ container }) => container.name);
    expect(makingRoom(jobsOf('large', 1))).toEqual(['autogit-runner-small-a0000001']);
    expect(makingRoom([])).toEqual([]);
    expect(makingRoom([...jobsOf('large', 1), ...jobsOf('small', 1, 70)])).toEqual([]);
  });

  it('lets nobody go where that would not make enough room', () => {
    const idle = runnersOf(small, 2, 1);
    const world = { ...idle, entries, jobs: [...idle.jobs, ...jobsOf('large', 1)] };
    expect(only(planFor({ pools }, world), 'stop-runner')).toEqual([]);
  });

  it('counts a runner as it was made: of a pool that is gone, and of one whose limits are smaller now', () => {
    const size = { cpus: 4, memoryMiB: 6144 };
    const madeLarge = (pool: Pool): Partial<Observed> & { readonly jobs: readonly Job[] } => {
      const { records = [], ...rest } = runnersOf(pool, 1);
      return { ...rest, records: records.map((record) => ({ ...record, size })) };
    };
    for (const pool of [{ ...small, name: 'gone' }, small]) {
      const busy = madeLarge(pool);
      expect(startsOf({ ...busy, entries, jobs: [...busy.jobs, ...jobsOf('small', 1)] })).toEqual([]);
    }
    const none = madeLarge(small);
    const records = none.records?.map((record) => ({ ...record, size: { cpus: 0, memoryMiB: 0 } })) ?? [];
    expect(startsOf({ ...none, records, entries, jobs: [...none.jobs, ...jobsOf('large', 1)] })).toEqual([
      'large',
    ]);
  });

  describe('that runners fill which are kept ready for jobs to come', () => {
    const keeping = somePool({ name: 'small', tags: ['small'], cpus: 4, min: 1 });
    const asking = [keeping, large];
    const ready = (age: number, jobs: readonly Job[] = []): WorldChange => {
      const { records = [], ...rest } = runnersOf(keeping, 1, 0);
      const warm = records.map((record) => ({ ...record, phase: 'warm' as const }));
      const waiting = someJob({ id: 50, tags: ['large'], firstSeenAt: now - age });
      return { ...rest, entries, records: warm, jobs: [waiting, ...jobs] };
    };
    const actions = (world: WorldChange): readonly string[] =>
      keysOf(planFor({ pools: asking }, world)).filter((key) => key !== 'write-entry:large');

    it('is made after a while by one that no job waits for', () => {
      expect(actions(ready(599_000))).toEqual([]);
      expect(actions(ready(600_000))).toEqual(['stop-runner:a0000000']);
      expect(actions(ready(600_000, jobsOf('small', 1, 70)))).toEqual(['release-runner:a0000000']);
    });

    it('is not taken again before the job has it', () => {
      const leaving = ready(600_000);
      const records = leaving.records?.map((record) => ({ ...record, phase: 'leaving' as const })) ?? [];
      expect(actions({ ...leaving, records })).toEqual(['stop-runner:a0000000']);
      expect(startsOf({ entries, jobs: leaving.jobs ?? [] }, asking)).toEqual(['large']);
      // A smaller one would find room beside what is still taken.
      const smaller = [{ ...small, min: 1 }, large];
      const busy = runnersOf({ ...small, name: 'gone' }, 1);
      const held = (busy.records ?? []).map((record) => ({ ...record, size: { cpus: 2, memoryMiB: 64 } }));
      const world = { ...busy, entries, records: held };
      expect(startsOf({ ...world, jobs: busy.jobs }, smaller)).toEqual(['small']);
      expect(startsOf({ ...world, jobs: [...busy.jobs, ...jobsOf('large', 1)] }, smaller)).toEqual([]);
    });

    it('is given and taken no more often than jobs come', () => {
      const simulation = new Simulation({ pools: asking, chance: () => 0.5 });
      for (const hours of [0, 1, 2])
        simulation.addJob({
          ...{ tags: ['large'], arrivesAt: simulation.time + 600_000 + hours * 3_600_000, lastsMs: 60_000 },
        });
      simulation.run(4 * 3_600_000);
      const made = simulation.planned.filter(
        ({ kind, reason }) => kind === 'stop-runner' && reason.includes('room'),
      );
      expect(simulation.starts.filter(({ pool }) => pool === 'large')).toHaveLength(3);
      expect(made.length).toBeLessThanOrEqual(6);
    });

    it('is promised to the job', () => {
      const job = someJob({ id: 50, tags: ['large'], firstSeenAt: now - 60_000 });
      const { reason, next, data } = explain(job, { pools: asking }, ready(60_000));
      expect(reason).toBe('machine-full');
      expect(next).toContain('Runners that are kept ready leave for it at ');
      expect(data).toMatchObject({ keptReady: 1, leaveAt: now + 540_000 });
    });
  });

  it('tells a job that the machine is full, and with what', () => {
    const busy = runnersOf(small, 2);
    const job = someJob({ id: 50, tags: ['large'] });
    const { reason, sentence, data } = explain(
      job,
      { pools },
      { ...busy, entries, jobs: [...busy.jobs, job] },
    );
    expect(reason).toBe('machine-full');
    expect(sentence).toBe(
      'The machine is full: pool "large" needs 4 CPUs and 6 GiB, and 2 CPUs and 6 GiB of 4 CPUs and 8 GiB are free.',
    );
    expect(data).toMatchObject({ pool: 'large', freeCpus: 2 });
  });

  it('says so in one line, however large the machine and however long the name', () => {
    const name = 'p'.repeat(32);
    const whole = { cpus: 1_023, memoryBytes: 4_095.5 * 1024 ** 3 };
    const most = somePool({ name, tags: ['most'], cpus: 1_024, memoryMiB: 4_194_304, max: 9 });
    const busy = runnersOf({ ...most, name: 'small' }, 1);
    const containers = [someContainer({ runner: 'a0000000', pool: 'small' })];
    const nodes = [someNode(fresh(someView({ info: someInfo(whole), containers })))];
    const rest = { ...most, name: 'small', tags: [], cpus: 0.5, memoryMiB: 64 };
    const job = someJob({ id: 50, tags: ['most'] });
    const world = { ...busy, nodes, entries: [someEntry({ pool: name })], jobs: [...busy.jobs, job] };
    const { reason, sentence } = explain(job, { pools: [rest, most] }, world);
    expect(reason).toBe('machine-full');
    expect(sentence.length).toBeLessThanOrEqual(160);
  });

  it('tells a small job that what is free is kept for a larger one', () => {
    const busy = runnersOf(small, 2);
    const job = someJob({ id: 60, tags: ['small'] });
    const elder = someJob({ id: 50, tags: ['large'], firstSeenAt: now - 700_000 });
    const { sentence } = explain(job, { pools }, { ...busy, entries, jobs: [...busy.jobs, elder, job] });
    expect(sentence).toContain('kept for a larger job');
  });

  it('is never given twice, whatever waits and whatever the limits', () => {
    const limit = fc.option(fc.integer({ min: 1, max: 12 }), { nil: null });
    const poolOf = fc.record({
      cpus: limit,
      gib: limit,
      max: fc.integer({ min: 0, max: 9 }),
      waiting: fc.integer({ min: 0, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(poolOf, { minLength: 1, maxLength: 5 }), (wishes) => {
        const some = wishes.map(({ cpus, gib, max }, index) =>
          somePool({
            name: `p${index}`,
            tags: [`p${index}`],
            cpus,
            memoryMiB: gib === null ? null : gib * 1024,
            max,
          }),
        );
        const jobs = wishes.flatMap(({ waiting }, index) => jobsOf(`p${index}`, waiting, 1 + index * 100));
        const desired = someDesired({ pools: some });
        const observed = someObserved({
          jobs,
          entries: some.map((pool, index) =>
            someEntry({ pool: pool.name, tags: pool.tags, entryId: 11 + index }),
          ),
        });
        const starts = only(plan(desired, observed, now), 'start-runner');
        const [node] = observed.nodes;
        if (node === undefined) throw new Error('there is a node');
        const { whole } = capacityOf(node, some, sortRunners(observed), []);
        const used = starts.map(({ pool }) => sizeOf(pool, whole));
        const sum = {
          cpus: used.reduce((all, { cpus }) => all + cpus, 0),
          memoryMiB: used.reduce((all, { memoryMiB }) => all + memoryMiB, 0),
        };
        expect(fits(sum, whole)).toBe(true);
        // Whoever could run alone is not kept from an empty machine.
        if (jobs.length > 0 && some.some(({ max }, index) => max > 0 && (wishes[index]?.waiting ?? 0) > 0))
          expect(starts.length).toBeGreaterThan(0);
      }),
      { numRuns: runsBy(10) },
    );
  });
});
