import { describe, expect, it } from 'vitest';
import type { Job } from '../../../main/model/job.ts';
import type { Pool } from '../../../main/model/pool.ts';
import { planDemand } from '../../../main/plan/plan-demand.ts';
import type { Demand } from '../../../main/plan/plan-demand.ts';
import { sortRunners } from '../../../main/plan/runners.ts';
import {
  deepFreeze,
  now,
  someContainer,
  someJob,
  someObserved,
  somePool,
  someRecord,
} from '../../fakes/world.ts';
import type { WorldChange } from '../../fakes/world.ts';

/** The demand of a world whose pools are these. */
function demandOf(
  jobs: readonly Job[],
  pools: readonly Pool[] = [somePool()],
  world: WorldChange = {},
): Demand {
  const observed = deepFreeze(someObserved({ ...world, jobs }));
  return planDemand(jobs, deepFreeze(pools), sortRunners(observed), observed.inFlight, now);
}

function starts(demand: Demand): Readonly<Record<string, number>> {
  return Object.fromEntries(demand.pools.map(({ pool, start }) => [pool.name, start]));
}

function expected(demand: Demand): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(demand.pools.map(({ pool, jobs }) => [pool.name, jobs.map(({ id }) => id)]));
}

function waiting(count: number, change: Partial<Job> = {}): readonly Job[] {
  return Array.from({ length: count }, (_, index) => someJob({ id: index + 1, ...change }));
}

/** Runners of the default pool that idle, one per id. */
function idling(...ids: readonly string[]): WorldChange {
  return {
    records: ids.map((id, slot) => someRecord({ id, slot })),
    view: { containers: ids.map((id) => someContainer({ runner: id })) },
  };
}

const soon = (age: number): Partial<Job> => ({ firstSeenAt: now - age });

describe('how many runners the waiting jobs need', () => {
  it.each([
    [0, 0],
    [1, 1],
    [4, 4],
    [9, 4],
  ])('%i jobs, a pool of at most 4: %i starts', (jobs, count) => {
    expect(starts(demandOf(waiting(jobs)))).toEqual({ default: count });
  });

  it('every waiting job is expected by a pool, also those beyond its room', () => {
    expect(expected(demandOf(waiting(6)))).toEqual({ default: [1, 2, 3, 4, 5, 6] });
  });

  it.each([
    'created',
    'running',
    'canceling',
    'success',
    'failed',
    'canceled',
    'skipped',
    'unknown',
  ] as const)('a job that is %s needs no runner', (status) => {
    expect(starts(demandOf([someJob({ status })]))).toEqual({ default: 0 });
  });

  it('a job that has just come waits for an idle runner', () => {
    expect(starts(demandOf(waiting(1), undefined, idling('aaaaaaaa')))).toEqual({ default: 0 });
  });

  it('two jobs and one idle runner need one more', () => {
    expect(starts(demandOf(waiting(2), undefined, idling('aaaaaaaa')))).toEqual({ default: 1 });
  });

  it.each([
    [14_999, 0],
    [15_000, 1],
  ])('a job that has waited %i ms beside an idle runner: %i starts', (age, count) => {
    const demand = demandOf([someJob(soon(age))], undefined, idling('aaaaaaaa'));
    expect(starts(demand)).toEqual({ default: count });
  });

  it('what counts is how long both have been there, not how long the job has waited', () => {
    const free = (age: number): WorldChange => ({
      ...idling('aaaaaaaa'),
      lastBusy: { r_autoaaaaaaaa: now - age },
    });
    const old = [someJob(soon(300_000))];
    expect(starts(demandOf(old, undefined, free(14_999)))).toEqual({ default: 0 });
    expect(starts(demandOf(old, undefined, free(15_000)))).toEqual({ default: 1 });
    const young = {
      records: [someRecord({ startedAt: now - 3_000 })],
      view: { containers: [someContainer()] },
    };
    expect(starts(demandOf(old, undefined, young))).toEqual({ default: 0 });
  });

  it('a runner that let an older job wait is still counted on for a younger one', () => {
    const jobs = [someJob({ id: 1, ...soon(30_000) }), someJob({ id: 2, ...soon(1_000) })];
    expect(starts(demandOf(jobs, undefined, idling('aaaaaaaa')))).toEqual({ default: 1 });
  });

  it.each([
    [1, 1],
    [2, 0],
    [3, 0],
  ])('%i runners that came after a job and did not take it: %i starts', (refusals, count) => {
    const ids = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'].slice(0, refusals);
    const world = {
      records: ids.map((id, slot) => someRecord({ id, slot, startedAt: now - 15_000 })),
      view: { containers: ids.map((id) => someContainer({ runner: id })) },
    };
    expect(starts(demandOf([someJob(soon(40_000))], undefined, world))).toEqual({ default: count });
    const older = [someJob(soon(15_000))];
    expect(starts(demandOf(older, undefined, world))).toEqual({ default: 1 });
  });

  it('a runner that is starting is counted on, however long the job has waited', () => {
    const inFlight = [{ key: 'start-runner:default:0', target: 'slot default/0' }];
    const world = { inFlight, records: [someRecord({ phase: 'intended' })] };
    expect(starts(demandOf([someJob(soon(100_000))], undefined, world))).toEqual({ default: 0 });
    expect(starts(demandOf(waiting(3), undefined, world))).toEqual({ default: 2 });
  });

  it('as many starting runners as jobs need no further one', () => {
    const inFlight = [0, 1, 2].map((slot) => ({
      key: `start-runner:default:${slot}`,
      target: `slot ${slot}`,
    }));
    expect(starts(demandOf(waiting(3), undefined, { inFlight }))).toEqual({ default: 0 });
  });

  it('young runners on which other jobs are placed have refused nothing', () => {
    const ids = ['aaaaaaaa', 'bbbbbbbb'];
    const world = {
      records: ids.map((id, slot) => someRecord({ id, slot, startedAt: now - 5_000 })),
      view: { containers: ids.map((id) => someContainer({ runner: id })) },
    };
    expect(starts(demandOf(waiting(3, soon(60_000)), undefined, world))).toEqual({ default: 1 });
  });

  it('a start under way without a record yet is counted on, and counts towards the total', () => {
    const inFlight = [{ key: 'start-runner:default:0', target: 'slot default/0' }];
    expect(starts(demandOf(waiting(1), undefined, { inFlight }))).toEqual({ default: 0 });
    expect(starts(demandOf(waiting(9), undefined, { inFlight }))).toEqual({ default: 3 });
  });

  it('busy, leaving, finished and lost runners take no job and still count towards the total', () => {
    const records = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'dddddddd'].map((id, slot) =>
      someRecord({ id, slot, phase: id === 'bbbbbbbb' ? 'leaving' : 'started' }),
    );
    const containers = [
      someContainer({ runner: 'aaaaaaaa' }),
      someContainer({ runner: 'bbbbbbbb' }),
      someContainer({ runner: 'cccccccc', state: 'exited' }),
    ];
    const busy = someJob({ id: 99, status: 'running', systemId: 'r_autoaaaaaaaa' });
    const pools = [somePool({ max: 5 })];
    const demand = demandOf([busy, ...waiting(3)], pools, { records, view: { containers } });
    expect(starts(demand)).toEqual({ default: 1 });
  });

  it('more runners than the pool may have by now start nothing', () => {
    const world = idling('aaaaaaaa', 'bbbbbbbb', 'cccccccc');
    expect(starts(demandOf(waiting(9, soon(20_000)), [somePool({ max: 1 })], world))).toEqual({ default: 0 });
  });

  it('runners of another pool do not count', () => {
    const pools = [somePool(), somePool({ name: 'other', tags: ['x'], max: 1 })];
    const records = [someRecord({ pool: 'other', name: 'autogit-runner-other-aaaaaaaa' })];
    const containers = [someContainer({ pool: 'other' })];
    const demand = demandOf(waiting(9), pools, { records, view: { containers } });
    expect(starts(demand)).toEqual({ default: 4, other: 0 });
  });
});

describe('which pool is expected to take a job', () => {
  const small = somePool({ name: 'small', tags: ['docker'], runUntagged: false, max: 1 });
  const large = somePool({ name: 'large', tags: ['docker', 'gpu'], runUntagged: true });

  it('the pool with the fewest tags beyond those of the job', () => {
    expect(starts(demandOf([someJob()], [large, small]))).toEqual({ large: 0, small: 1 });
    expect(starts(demandOf([someJob({ tags: ['gpu'] })], [large, small]))).toEqual({ large: 1, small: 0 });
  });

  it('the next one when the first is full', () => {
    expect(starts(demandOf(waiting(3), [small, large]))).toEqual({ large: 2, small: 1 });
  });

  it('the pool with a runner that is free or coming, before one that would have to start one', () => {
    const records = [someRecord({ pool: 'large', name: 'autogit-runner-large-aaaaaaaa' })];
    const containers = [someContainer({ pool: 'large' })];
    const demand = demandOf([someJob()], [small, large], { records, view: { containers } });
    expect(starts(demand)).toEqual({ large: 0, small: 0 });
    expect(expected(demand)).toEqual({ large: [1], small: [] });
    const inFlight = [{ key: 'start-runner:large:0', target: 'slot large/0' }];
    expect(starts(demandOf([someJob()], [small, large], { inFlight }))).toEqual({ large: 0, small: 0 });
  });

  it('among equals the first by name', () => {
    const [a, b] = [somePool({ name: 'a' }), somePool({ name: 'b' })];
    expect(starts(demandOf([someJob()], [b, a]))).toEqual({ a: 1, b: 0 });
    expect(starts(demandOf([someJob()], [a, b]))).toEqual({ a: 1, b: 0 });
  });

  it('untagged jobs go only where they are allowed', () => {
    expect(starts(demandOf([someJob({ tags: [] })], [small, large]))).toEqual({ large: 1, small: 0 });
  });

  it('a pool that may have no runner is passed over', () => {
    expect(starts(demandOf([someJob()], [{ ...small, max: 0 }, large]))).toEqual({ large: 1, small: 0 });
  });

  it('older jobs are placed first, by the time we saw them, then by number', () => {
    const jobs = [
      someJob({ id: 3, firstSeenAt: now - 5 }),
      someJob({ id: 1, firstSeenAt: now - 1 }),
      someJob({ id: 4, firstSeenAt: now - 9 }),
      someJob({ id: 2, firstSeenAt: now - 5 }),
    ];
    expect(expected(demandOf(jobs))).toEqual({ default: [4, 2, 3, 1] });
  });

  it('a job beyond the room of every pool is expected where it fits best', () => {
    const pools = [
      { ...small, max: 1 },
      { ...large, max: 1 },
    ];
    expect(expected(demandOf(waiting(4), pools))).toEqual({ small: [1, 3, 4], large: [2] });
  });
});

describe('the choice among pools that fit', () => {
  const [a, b] = [somePool({ name: 'a' }), somePool({ name: 'b' })];

  it.each<[string, Partial<Pool>, Partial<Pool>]>([
    ['less memory', { memoryMiB: 512, cpus: 8 }, { memoryMiB: 1_024, cpus: 1 }],
    ['fewer processors', { memoryMiB: 512, cpus: 1 }, { memoryMiB: 512, cpus: 2 }],
    ['a limit', { memoryMiB: 512 }, { memoryMiB: null }],
    ['fewer tags', { tags: ['docker'] }, { tags: ['docker', 'x'], priority: 5 }],
    ['a higher priority', { priority: 1 }, { priority: 0 }],
  ])('falls on the one with %s', (_, better, worse) => {
    expect(
      starts(
        demandOf(
          [someJob()],
          [
            { ...a, ...worse },
            { ...b, ...better },
          ],
        ),
      ),
    ).toEqual({ a: 0, b: 1 });
  });

  it('passes over one that is paused, for others alone, or for protected refs alone', () => {
    const scope = { kind: 'group', path: 'elsewhere' } as const;
    for (const change of [{ paused: true }, { scope }, { protectedOnly: true }]) {
      const jobs = [someJob({ protectedRef: false })];
      expect(starts(demandOf(jobs, [{ ...a, ...change }, b]))).toEqual({ a: 0, b: 1 });
      expect(demandOf(jobs, [{ ...a, ...change }]).issues).toMatchObject([{ key: 'job.no-pool' }]);
    }
  });

  it('jobs of one kind may fit different pools, by their projects', () => {
    const own = somePool({ name: 'own', scope: { kind: 'project', path: 'lab/one' }, memoryMiB: 512 });
    const jobs = [someJob({ id: 1, project: 'lab/one' }), someJob({ id: 2, project: 'lab/two' })];
    expect(expected(demandOf(jobs, [own, b]))).toEqual({ own: [1], b: [2] });
  });

  it('runners are started in the order in which their jobs are served', () => {
    const pools = [
      somePool({ name: 'low', tags: ['x'] }),
      somePool({ name: 'high', tags: ['y'], priority: 10 }),
    ];
    const jobs = [someJob({ id: 1, tags: ['x'], ...soon(60_000) }), someJob({ id: 2, tags: ['y'] })];
    expect(demandOf(jobs, pools).order).toEqual(['high', 'low']);
    const waited = [someJob({ id: 1, tags: ['x'], ...soon(3_600_000) }), someJob({ id: 2, tags: ['y'] })];
    expect(demandOf(waited, pools).order).toEqual(['low', 'high']);
  });
});

describe('what is said about jobs that wait', () => {
  it('a job whose tags no pool has is an issue that names the closest pool and what it lacks', () => {
    const pools = [
      somePool({ name: 'far', tags: ['x', 'arm64'] }),
      somePool({ name: 'near', tags: ['docker', 'gpu'] }),
      somePool({ name: 'off', tags: ['docker', 'gpu'], max: 0 }),
    ];
    const { issues } = demandOf([someJob({ id: 5, tags: ['docker', 'gpu', 'arm64'] })], pools);
    expect(issues).toMatchObject([{ key: 'job.no-pool', subject: 'job 5', severity: 'warning' }]);
    expect(issues[0]?.message).toContain('No pool has all of its tags; pool "near" lacks "arm64".');
    expect(issues[0]?.next).toContain('Add the tag');
  });

  it('names tags that are nowhere', () => {
    const { issues } = demandOf([someJob({ tags: ['docker', 'x', 'y'] })]);
    expect(issues[0]?.message).toContain('No pool has the tags "x", "y".');
  });

  it('an untagged job that no pool takes is told so', () => {
    const { issues } = demandOf([someJob({ tags: [] })], [somePool({ runUntagged: false })]);
    expect(issues).toMatchObject([{ key: 'job.no-pool' }]);
    expect(issues[0]?.message).toContain('no pool takes untagged jobs');
    expect(issues[0]?.next).toContain('--run-untagged true');
  });

  it.each([
    [[], 'There is no pool'],
    [[somePool({ max: 0 })], 'its max is 0'],
  ])('without a pool that may start a runner, that is said', (pools, words) => {
    const { issues } = demandOf([someJob()], pools);
    expect(issues[0]?.message).toContain(words);
  });

  it('a job that a pool may take is no issue', () => {
    expect(demandOf(waiting(9)).issues).toEqual([]);
  });

  it.each([
    [59_999, []],
    [60_000, ['job.waits-beside-idle-runner']],
  ])('a job that has waited %i ms beside an idle runner: issues %j', (age, keys) => {
    const { issues } = demandOf([someJob(soon(age))], undefined, idling('aaaaaaaa'));
    expect(issues.map(({ key }) => key)).toEqual(keys);
  });

  it('a runner that was busy until just now is no sign of anything', () => {
    const world = { ...idling('aaaaaaaa'), lastBusy: { r_autoaaaaaaaa: now - 59_999 } };
    expect(demandOf([someJob(soon(900_000))], undefined, world).issues).toEqual([]);
    expect(demandOf([someJob(soon(900_000))], undefined, world).wakeAt).toBe(now + 1);
  });

  it('says how long it has waited', () => {
    const { issues } = demandOf([someJob(soon(600_400))], undefined, idling('aaaaaaaa'));
    expect(issues[0]).toMatchObject({ subject: 'job 1', severity: 'warning' });
    expect(issues[0]?.next).toContain('instance runners');
    expect(issues[0]?.message).toContain('has waited 600 s');
  });

  it('no runner beside it, no issue', () => {
    expect(demandOf([someJob(soon(100_000))]).issues).toEqual([]);
  });

  it('an idle runner of a pool that cannot take the job does not matter', () => {
    const pools = [somePool(), somePool({ name: 'other', tags: ['x'] })];
    const { issues } = demandOf([someJob({ ...soon(100_000), tags: ['x'] })], pools, idling('aaaaaaaa'));
    expect(issues).toEqual([]);
  });
});

describe('when to look again', () => {
  it.each([
    [1_000, now + 14_000],
    [14_999, now + 1],
    [15_000, now + 45_000],
    [59_999, now + 1],
    [60_000, null],
  ])('a job that has waited %i ms beside an idle runner', (age, wakeAt) => {
    expect(demandOf([someJob(soon(age))], undefined, idling('aaaaaaaa')).wakeAt).toBe(wakeAt);
  });

  it('the earliest of all', () => {
    const jobs = [someJob({ id: 1, ...soon(1_000) }), someJob({ id: 2, ...soon(12_000) })];
    expect(demandOf(jobs, undefined, idling('aaaaaaaa', 'bbbbbbbb')).wakeAt).toBe(now + 3_000);
  });

  it('never for jobs without a runner beside them', () => {
    expect(demandOf(waiting(9)).wakeAt).toBeNull();
  });
});
