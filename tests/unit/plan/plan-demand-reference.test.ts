// The demand for runners, which is planned by kinds of jobs and by what is remembered, against a slow and obvious reference.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRunning } from '../../../main/model/job.ts';
import type { Job } from '../../../main/model/job.ts';
import { mismatchesOf } from '../../../main/model/matching.ts';
import type { Pool } from '../../../main/model/pool.ts';
import type { RecentUse } from '../../../main/model/world.ts';
import { anyCards } from '../../../main/plan/cards.ts';
import { planDemand } from '../../../main/plan/plan-demand.ts';
import { cheapestFirst } from '../../../main/plan/pool-order.ts';
import { placeOnNew, placeOnReady, roomsOf } from '../../../main/plan/rooms.ts';
import type { Room } from '../../../main/plan/rooms.ts';
import type { Runner } from '../../../main/plan/runners.ts';
import { runsBy } from '../../fakes/arbitrary-world.ts';
import { deepFreeze, now, someJob, somePool, someRecord } from '../../fakes/world.ts';

const minute = 60_000;
const tags = fc.subarray(['docker', 'gpu', 'arm64']);
const maybe = fc.constantFrom(true, false, undefined);
const projects = ['g/a', 'g/b', 'h/c', 'h/d'];

const job: fc.Arbitrary<Omit<Job, 'id'>> = fc
  .record({
    tags,
    project: fc.nat(projects.length - 1),
    status: fc.constantFrom<Job['status']>('pending', 'pending', 'pending', 'running', 'success'),
    age: fc.oneof(fc.nat(20_000), fc.nat(20 * minute), fc.nat(2 ** 42)),
    protectedRef: maybe,
    instanceRunners: maybe,
  })
  .map(({ project, age, protectedRef, instanceRunners, ...rest }) => ({
    ...someJob({ ...rest, projectId: project, project: projects[project] ?? '', firstSeenAt: now - age }),
    ...(protectedRef === undefined ? {} : { protectedRef }),
    ...(instanceRunners === undefined ? {} : { instanceRunners }),
  }));

const poolChange = fc.record({
  tags,
  runUntagged: fc.boolean(),
  protectedOnly: fc.boolean(),
  paused: fc.constantFrom(false, false, true),
  priority: fc.integer({ min: -2, max: 2 }),
  memoryMiB: fc.constantFrom(null, 512, 1_024),
  scope: fc.constantFrom<Pool['scope']>(
    { kind: 'instance' },
    { kind: 'instance' },
    { kind: 'group', path: 'g' },
    { kind: 'project', path: 'h/c' },
  ),
  max: fc.nat(4),
});

const idle = fc.record({ pool: fc.nat(3), age: fc.nat(120_000) });

const world = fc.record({
  jobs: fc.array(job, { maxLength: 40 }),
  pools: fc.array(poolChange, { maxLength: 4 }),
  idle: fc.array(idle, { maxLength: 4 }),
  recent: fc.dictionary(fc.constantFrom('0', '1', '2'), fc.nat(30 * minute)),
});
type Given = typeof world extends fc.Arbitrary<infer T> ? T : never;

interface World {
  readonly jobs: readonly Job[];
  readonly pools: readonly Pool[];
  readonly runners: readonly Runner[];
  readonly recent: RecentUse;
}

function idleRunner(pool: string, age: number, index: number): Runner {
  const record = someRecord({ id: `0000000${index}`, pool, startedAt: now - age });
  const { id, node, specHash } = record;
  return {
    ...{ id, node, pool, specHash, record, container: null, job: null },
    ...{ state: 'idle', freeSince: now - age },
  };
}

/** Listed in any order of their numbers, as GitLab may. */
function build({ jobs, pools, idle: idling, recent }: Given): World {
  const made = pools.map((change, index) => somePool({ ...change, name: `pool-${index}` }));
  return deepFreeze({
    jobs: jobs.map((one, index) => ({ ...one, id: ((index * 7) % 41) + 1 })),
    pools: made,
    runners: idling.map(({ pool: of, age }, index) => idleRunner(`pool-${of}`, age, index)),
    recent,
  });
}

const takes = (one: Job, by: Pool): boolean => mismatchesOf(one, by).length === 0;

/** Job after job: the pools that take it, when it is due, and the first of its rooms that has a place. */
function reference({ jobs, pools, runners, recent }: World) {
  const rooms = roomsOf(pools, runners, [], now, anyCards);
  const fitting = (one: Job): readonly Room[] =>
    rooms.filter((room) => takes(one, room.pool)).sort((a, b) => cheapestFirst(a.pool, b.pool));
  const priority = (one: Job): number => Math.max(...fitting(one).map((room) => room.pool.priority));
  const waiting = jobs.filter((one) => one.status === 'pending' && fitting(one).length > 0);
  const isOlder = (a: Job, b: Job): boolean =>
    a.firstSeenAt < b.firstSeenAt || (a.firstSeenAt === b.firstSeenAt && a.id < b.id);
  const due = (one: Job): number => {
    const running = jobs.filter((other) => other.projectId === one.projectId && isRunning(other));
    const ahead = waiting.filter(
      (other) =>
        other.projectId === one.projectId && priority(other) === priority(one) && isOlder(other, one),
    );
    const share = (running.length + ahead.length) * minute + (recent[one.projectId] ?? 0);
    return one.firstSeenAt - priority(one) * 5 * minute + share;
  };
  const order: string[] = [];
  for (const one of waiting.toSorted((a, b) => due(a) - due(b) || (isOlder(a, b) ? -1 : 1))) {
    const own = fitting(one);
    if (own.some((room) => placeOnReady(room, one, now))) continue;
    const started = own.find((room) => placeOnNew(room, one, now));
    if (started !== undefined) order.push(started.pool.name);
    else own[0]?.jobs.push(one);
  }
  return {
    order,
    expected: rooms.map((room) => room.jobs.map(({ id }) => id)),
    homeless: jobs
      .filter((one) => one.status === 'pending' && fitting(one).length === 0)
      .map(({ id }) => `job ${id}`),
  };
}

function planned({ jobs, pools, runners, recent }: World) {
  const { order, pools: demands, issues } = planDemand(jobs, pools, runners, [], now, recent);
  return {
    order,
    expected: demands.map((demand) => demand.jobs.map(({ id }) => id)),
    homeless: issues.filter(({ key }) => key === 'job.no-pool').map(({ subject }) => subject),
  };
}

describe('the demand for runners', () => {
  it('is that of the reference', () => {
    fc.assert(
      fc.property(world, (given) => {
        const built = build(given);
        expect(planned(built)).toEqual(reference(built));
      }),
      { numRuns: runsBy(1) },
    );
  });

  it('is that of the reference in a queue from which jobs leave, and to which others come', () => {
    fc.assert(
      fc.property(
        world,
        fc.array(fc.array(fc.nat(40), { maxLength: 6 }), { maxLength: 6 }),
        (given, steps) => {
          const whole = build(given);
          planned(whole);
          for (const absent of steps) {
            const jobs = whole.jobs.filter((_job, place) => !absent.includes(place));
            const part = { ...whole, jobs };
            expect(planned(part)).toEqual(reference(part));
          }
        },
      ),
      { numRuns: runsBy(4) },
    );
  });

  it('is made anew for other use of late, and for other pools', () => {
    const jobs = deepFreeze([
      someJob({ id: 1, projectId: 1, firstSeenAt: now - 1_000 }),
      someJob({ id: 2, projectId: 2, firstSeenAt: now }),
    ]);
    const pools = deepFreeze([somePool({ max: 1 })]);
    const first = (recent: RecentUse, among = pools): number | undefined =>
      planDemand(jobs, among, [], [], now, recent).pools[0]?.jobs[0]?.id;
    expect(first({})).toBe(1);
    expect(first({ 1: minute })).toBe(2);
    expect(first({}, deepFreeze([somePool({ max: 0 })]))).toBeUndefined();
    expect(first({})).toBe(1);
  });

  it('keeps whoever waits behind a thousand jobs that have left in a queue of its kind', () => {
    const pools = deepFreeze([somePool({ max: 1 })]);
    const many = Array.from({ length: 1_000 }, (_, index) => someJob({ id: index + 1 }));
    planDemand(many, pools, [], [], now);
    const rest = many.slice(990);
    const other = someJob({ id: 2_000, tags: ['nobody'] });
    const { pools: demands, issues } = planDemand([...rest, other], pools, [], [], now);
    expect(demands[0]?.jobs).toEqual(rest);
    expect(issues.map(({ subject }) => subject)).toEqual(['job 2000']);
  });
});

describe('very many jobs that wait for the same kind of reason', () => {
  const many = Array.from({ length: 1_052 }, (_, index) =>
    someJob({ id: index + 1, firstSeenAt: now - 90_000 }),
  );

  it('are counted beyond the first fifty, where no pool takes them', () => {
    const { issues } = planDemand(many, [somePool({ tags: ['other'] })], [], [], now);
    expect(issues).toHaveLength(51);
    expect(issues.at(-1)).toMatchObject({ key: 'job.no-pool', subject: 'jobs' });
    expect(issues.at(-1)?.message).toBe('1,002 more jobs wait for ever: no pool takes them.');
  });

  it('are counted beyond the first fifty, where a runner is idle', () => {
    const { issues } = planDemand(many, [somePool()], [idleRunner('default', 90_000, 0)], [], now);
    expect(issues).toHaveLength(51);
    expect(issues[0]).toMatchObject({ key: 'job.waits-beside-idle-runner', subject: 'job 1' });
    expect(issues.at(-1)?.message).toBe('1,002 more jobs wait although a runner with their tags is idle.');
  });
});
