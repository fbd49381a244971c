import { describe, expect, it } from 'vitest';
import type { Container, RunnerRecord } from '../../../main/model/runner.ts';
import type { Desired, Observed, PoolFailures } from '../../../main/model/world.ts';
import { retryAt } from '../../../main/plan/plan-runners.ts';
import {
  address,
  failed,
  fresh,
  keysOf,
  network,
  never,
  now,
  only,
  planFor,
  runnerImage,
  someContainer,
  someEntry,
  someJob,
  someNode,
  somePool,
  someRecord,
  someView,
  specOf,
  stale,
} from '../../fakes/world.ts';
import type { WorldChange } from '../../fakes/world.ts';

/** A world with one runner, idle for a minute. */
function withRunner(
  container: Partial<Container> | null = {},
  record: Partial<RunnerRecord> | null = {},
  world: WorldChange = {},
): WorldChange {
  return {
    records: record === null ? [] : [someRecord(record)],
    view: { containers: container === null ? [] : [someContainer(container)] },
    ...world,
  };
}

const busyWith = someJob({ id: 9, status: 'running', systemId: 'r_autoaaaaaaaa' });

describe('starting runners', () => {
  it('a job that waits gets a runner, with all that it needs', () => {
    const { actions } = planFor({}, { jobs: [someJob()] });
    expect(actions).toEqual([
      {
        kind: 'start-runner',
        key: 'start-runner:default:0',
        target: 'slot default/0',
        reason: 'a job waits for pool default',
        node: 'node-1',
        pool: somePool(),
        slot: 0,
        image: runnerImage,
        network,
        specHash: specOf(),
        address,
      },
    ]);
  });

  it('several jobs get several, and the reason says so', () => {
    const { actions } = planFor({}, { jobs: [someJob({ id: 1 }), someJob({ id: 2 })] });
    expect(keysOf({ actions })).toEqual(['start-runner:default:0', 'start-runner:default:1']);
    expect(actions[0]?.reason).toBe('2 jobs wait for pool default');
  });

  it('takes the lowest slots that no runner has and no start is on its way to', () => {
    const records = [someRecord({ slot: 1 }), someRecord({ id: 'bbbbbbbb', slot: 3, pool: 'other' })];
    const jobs = [busyWith, ...[1, 2, 3].map((id) => someJob({ id }))];
    const inFlight = [{ key: 'start-runner:default:0', target: 'slot default/0' }];
    const view = { containers: [someContainer()] };
    const actions = only(planFor({}, { records, jobs, inFlight, view }), 'start-runner');
    expect(keysOf({ actions })).toEqual(['start-runner:default:2', 'start-runner:default:3']);
  });

  it("uses the pool's own image, and its fingerprint", () => {
    const pool = somePool({ image: 'mine:2' });
    const world = { jobs: [someJob()], view: { images: [runnerImage, 'mine:2'] } };
    expect(planFor({ pools: [pool] }, world).actions).toMatchObject([
      { image: 'mine:2', specHash: specOf(pool) },
    ]);
  });

  it.each<[string, Partial<Desired>, WorldChange]>([
    ['no job waits', {}, {}],
    ['the queue is not known', {}, { gitlab: never }],
    ['the queue could not be read', {}, { gitlab: failed }],
    ['the queue is an old one', {}, { gitlab: stale({ jobs: [someJob()], lastBusy: {} }) }],
    ['it is drained', { mode: 'drain' }, { jobs: [someJob()] }],
    ['it is torn down', { mode: 'teardown' }, { jobs: [someJob()] }],
    ['there is no pool', { pools: [] }, { jobs: [someJob()] }],
    ['the pool has no entry', {}, { jobs: [someJob()], entries: [] }],
    ['only another pool has an entry', {}, { jobs: [someJob()], entries: [someEntry({ pool: 'other' })] }],
    [
      'the entry is of another GitLab',
      {},
      { jobs: [someJob()], entries: [someEntry({ gitlabUrl: 'http://old.test' })] },
    ],
    ['GitLab has no address', {}, { jobs: [someJob()], address: null }],
    ['the image is not there', {}, { jobs: [someJob()], view: { images: ['other:1'] } }],
    ['the network is not there', {}, { jobs: [someJob()], view: { networks: ['other'] } }],
    ['the engine is not known', {}, { jobs: [someJob()], nodes: [someNode(never)] }],
    ['the engine is gone', {}, { jobs: [someJob()], nodes: [someNode(stale(someView()))] }],
  ])('none while %s', (_, wishes, world) => {
    expect(only(planFor(wishes, world), 'start-runner')).toEqual([]);
  });

  it('on the first node that answers and has what is needed', () => {
    const nodes = [
      someNode(stale(someView()), 'gone'),
      someNode(fresh(someView({ images: [] })), 'empty'),
      someNode(fresh(someView()), 'good'),
      someNode(fresh(someView()), 'further'),
    ];
    expect(only(planFor({}, { nodes, jobs: [someJob()] }), 'start-runner')).toMatchObject([{ node: 'good' }]);
  });
});

describe('after failures', () => {
  const failures = (count: number, age: number): WorldChange => ({
    jobs: [someJob({ firstSeenAt: now - 600_000 })],
    failures: [{ pool: 'default', count, lastAt: now - age, lastReason: 'it ended with code 1' }],
  });

  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 5_000],
    [4, 15_000],
    [5, 60_000],
    [6, 300_000],
    [7, 300_000],
    [1_000, 300_000],
  ])('%i in a row: the next try after %i ms', (count, wait) => {
    const early = planFor({}, failures(count, wait - 1));
    expect(early).toMatchObject({ actions: [], wakeAt: now + 1 });
    expect(keysOf(planFor({}, failures(count, wait)))).toEqual(['start-runner:default:0']);
    expect(planFor({}, failures(count, wait)).wakeAt).toBeNull();
  });

  it('of another pool do not matter', () => {
    const other: PoolFailures = { pool: 'other', count: 6, lastAt: now, lastReason: 'x' };
    expect(planFor({}, { jobs: [someJob()], failures: [other] }).actions).toHaveLength(1);
  });

  it('no time is waited for when no job waits', () => {
    expect(planFor({}, { ...failures(6, 0), jobs: [] }).wakeAt).toBeNull();
  });

  it.each([
    [2, []],
    [3, ['pool.runners-fail']],
  ])('%i in a row: issues %j', (count, keys) => {
    const { issues } = planFor({}, { ...failures(count, 0), jobs: [] });
    expect(issues.map(({ key }) => key)).toEqual(keys);
  });

  it('the plan wakes for whatever comes first', () => {
    const world: WorldChange = {
      ...failures(1, 0),
      jobs: [someJob({ id: 1, tags: ['x'] }), someJob({ id: 2 })],
      failures: [{ pool: 'other', count: 2, lastAt: now, lastReason: 'x' }],
      entries: [someEntry(), someEntry({ pool: 'other' })],
      ...withRunner(),
    };
    const pools = [somePool(), somePool({ name: 'other', tags: ['x'] })];
    expect(planFor({ pools }, world).wakeAt).toBe(now + 2_000);
  });

  it('the issue says what happened', () => {
    const [issue] = planFor({}, failures(4, 0)).issues;
    expect(issue).toMatchObject({ subject: 'pool default', severity: 'error' });
    expect(issue?.message).toContain('The last 4 runners of pool "default"');
    expect(issue?.message).toContain('it ended with code 1');
    expect(issue?.next).toContain('--pool default');
  });

  it('never a time in the past', () => {
    expect(retryAt({ pool: 'p', count: 1, lastAt: now, lastReason: '' })).toBe(now + 1_000);
    expect(retryAt({ pool: 'p', count: 0, lastAt: now, lastReason: '' })).toBe(now);
  });
});

describe('letting idle runners go', () => {
  const stopped = ['stop-runner:aaaaaaaa'];

  it('an idle runner whose pool is as it was stays', () => {
    expect(planFor({}, withRunner()).actions).toEqual([]);
  });

  it.each<[string, Partial<Desired>, Partial<RunnerRecord>, Partial<Container>]>([
    ['drained', { mode: 'drain' }, {}, {}],
    ['drained', { mode: 'teardown' }, {}, {}],
    ['not in the settings any more', { pools: [] }, {}, {}],
    ['may have 2 runners only', { pools: [somePool({ max: 2 })] }, { slot: 2 }, {}],
    ['has changed', {}, { specHash: 'old' }, { specHash: 'old' }],
    ['has changed', { pools: [somePool({ memoryMiB: 512 })] }, {}, {}],
  ])('it leaves when: %s', (why, wishes, record, container) => {
    const plan = planFor(wishes, withRunner(container, record));
    expect(keysOf({ actions: only(plan, 'stop-runner') })).toEqual(stopped);
    expect(only(plan, 'stop-runner')[0]).toMatchObject({
      target: 'runner aaaaaaaa',
      node: 'node-1',
      container: { id: 'container-aaaaaaaa' },
      reason: expect.stringContaining(why) as unknown,
    });
  });

  it('it leaves with the sandbox', () => {
    const sandbox = { state: 'absent', image: 'autogit-sandbox:new', volume: 'v' } as const;
    const [stop] = only(planFor({ sandbox }, withRunner()), 'stop-runner');
    expect(stop?.reason).toBe('the sandbox is being removed');
  });

  it('the last slot of the pool may be used', () => {
    expect(planFor({ pools: [somePool({ max: 3 })] }, withRunner({}, { slot: 2 })).actions).toEqual([]);
  });

  it('it is not said to have changed while the address is not known', () => {
    expect(planFor({}, withRunner({}, { specHash: 'old' }, { address: null })).actions).toEqual([]);
  });

  it.each<[string, Partial<Desired>]>([
    ['changed', { pools: [somePool({ cpus: 2 })] }],
    ['gone from the settings', { pools: [] }],
  ])('a runner with a job stays, even when its pool is %s', (_, wishes) => {
    expect(planFor(wishes, withRunner({}, {}, { jobs: [busyWith] })).actions).toEqual([]);
  });

  it.each<[string, Partial<Desired>]>([
    ['a drain', { mode: 'drain' }],
    ['a teardown', { mode: 'teardown' }],
  ])('%s asks a runner with a job too: it finishes the job and takes no other', (_, wishes) => {
    expect(keysOf(planFor(wishes, withRunner({}, {}, { jobs: [busyWith] })))).toEqual([
      'stop-runner:aaaaaaaa',
    ]);
  });

  it('one that was told already is not told again, with a job or without', () => {
    const told = { phase: 'leaving' } as const;
    expect(planFor({ mode: 'drain' }, withRunner({}, told)).actions).toEqual([]);
    expect(planFor({ mode: 'drain' }, withRunner({}, told, { jobs: [busyWith] })).actions).toEqual([]);
  });

  it.each([
    ['not known', never],
    ['not readable', failed],
    ['an old one', stale({ jobs: [], lastBusy: {} })],
  ] as const)('while the queue is %s it may be busy, and stays', (_, gitlab) => {
    expect(planFor({ pools: [somePool({ cpus: 2 })] }, withRunner({}, {}, { gitlab })).actions).toEqual([]);
    expect(planFor({ pools: [] }, withRunner({}, {}, { gitlab })).actions).toEqual([]);
  });

  it('but a drain asks it to leave all the same: it finishes what it has', () => {
    const world = withRunner({}, {}, { gitlab: failed });
    expect(keysOf(planFor({ mode: 'drain' }, world))).toEqual(stopped);
  });
});

describe('clearing up', () => {
  it.each(['exited', 'dead', 'created', 'removing'] as const)(
    'a container that is %s is removed',
    (state) => {
      const { actions } = planFor({}, withRunner({ state, exitCode: 0 }));
      const reason =
        state === 'created'
          ? 'autogit-runner-default-aaaaaaaa was never started'
          : 'autogit-runner-default-aaaaaaaa has ended';
      const container = { state };
      expect(actions).toMatchObject([
        {
          kind: 'remove-runner',
          key: 'remove-runner:aaaaaaaa',
          target: 'runner aaaaaaaa',
          reason,
          container,
        },
      ]);
    },
  );

  it('one without a record too', () => {
    expect(keysOf(planFor({}, withRunner({ state: 'exited' }, null)))).toEqual(['remove-runner:aaaaaaaa']);
  });

  it.each(['running', 'paused', 'restarting'] as const)('a container that is %s is not', (state) => {
    expect(planFor({}, withRunner({ state })).actions).toEqual([]);
  });

  it.each<[string, Partial<RunnerRecord>, string | null]>([
    ['was up', {}, null],
    ['was leaving', { phase: 'leaving' }, null],
    ['never came up', { phase: 'intended', startedAt: null }, 'its start was interrupted'],
  ])('the record of a runner that %s and is not there any more is closed', (_, record, failure) => {
    const { actions } = planFor({}, withRunner(null, record));
    expect(actions).toMatchObject([
      { kind: 'forget-runner', key: 'forget-runner:aaaaaaaa', target: 'runner aaaaaaaa', failure },
    ]);
    expect(actions[0]?.reason).toContain('is not on the engine any more');
  });

  it.each<[string, Partial<RunnerRecord>]>([
    ['was written', { createdAt: now, startedAt: null, phase: 'intended' }],
    ['was started', { startedAt: now }],
  ])('but not by a look that began before it %s', (_, record) => {
    expect(planFor({}, withRunner(null, record)).actions).toEqual([]);
  });

  it('a container that was seen before it was started is not removed', () => {
    expect(planFor({}, withRunner({ state: 'created' }, { startedAt: now })).actions).toEqual([]);
  });

  it('and nothing is while its start is under way', () => {
    const inFlight = [{ key: 'start-runner:default:0', target: 'slot default/0' }];
    const record: Partial<RunnerRecord> = { phase: 'intended', startedAt: null };
    for (const container of [null, { state: 'created' }, { state: 'running' }] as const) {
      expect(planFor({}, withRunner(container, record, { inFlight })).actions).toEqual([]);
    }
  });

  it.each<[string, Observed['nodes'][number]['engine']]>([
    ['stale', stale(someView({ containers: [someContainer({ state: 'exited' })] }))],
    ['failed', failed],
    ['never seen', never],
  ])('nothing is when the engine is %s', (_, engine) => {
    const world = {
      records: [someRecord(), someRecord({ id: 'bbbbbbbb', slot: 1 })],
      nodes: [someNode(engine)],
    };
    expect(planFor({ mode: 'drain' }, world).actions).toEqual([]);
  });

  it('not even what no record knows, or what a drain would let go', () => {
    const containers = [someContainer({ state: 'exited' }), someContainer({ runner: 'bbbbbbbb' })];
    const nodes = [someNode(stale(someView({ containers })))];
    const records = [someRecord({ id: 'bbbbbbbb' })];
    expect(planFor({ mode: 'drain' }, { nodes, records }).actions).toEqual([]);
  });

  it('each node is judged by its own engine', () => {
    const nodes = [someNode(failed, 'node-1'), someNode(fresh(someView()), 'node-2')];
    const records = [someRecord(), someRecord({ id: 'bbbbbbbb', slot: 1, node: 'node-2' })];
    expect(keysOf(planFor({}, { nodes, records }))).toEqual(['forget-runner:bbbbbbbb']);
  });
});

describe('adopting', () => {
  it.each<[string, Partial<RunnerRecord> | null]>([
    ['no record knows', null],
    ['whose start was interrupted', { phase: 'intended', startedAt: null }],
  ])('a running container of ours %s', (_, record) => {
    const { actions } = planFor({}, withRunner({}, record));
    expect(actions).toMatchObject([
      {
        kind: 'adopt-runner',
        key: 'adopt-runner:aaaaaaaa',
        target: 'runner aaaaaaaa',
        reason: 'autogit-runner-default-aaaaaaaa runs and is ours',
        container: { id: 'container-aaaaaaaa' },
      },
    ]);
  });

  it('comes before letting it go', () => {
    expect(keysOf(planFor({ mode: 'drain' }, withRunner({}, null)))).toEqual(['adopt-runner:aaaaaaaa']);
  });

  it('also when it has a job', () => {
    expect(keysOf(planFor({}, withRunner({}, null, { jobs: [busyWith] })))).toEqual([
      'adopt-runner:aaaaaaaa',
    ]);
  });
});
