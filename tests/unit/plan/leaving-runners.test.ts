import { describe, expect, it } from 'vitest';
import type { Container, RunnerRecord } from '../../../main/model/runner.ts';
import type { Desired, Observed } from '../../../main/model/world.ts';
import {
  failed,
  fresh,
  keysOf,
  never,
  now,
  only,
  planFor,
  someContainer,
  someJob,
  someNode,
  somePool,
  someRecord,
  someView,
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
    const busy = planFor({ sandbox }, withRunner({}, {}, { jobs: [busyWith] }));
    expect(only(busy, 'stop-runner')).toHaveLength(1);
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

  it('one that a person wants gone is asked with its job, and without a word from GitLab', () => {
    const drained = { phase: 'draining' } as const;
    for (const more of [{ jobs: [busyWith] }, { gitlab: failed }, {}])
      expect(keysOf(planFor({}, withRunner({}, drained, more)))).toEqual(stopped);
  });

  describe('one that was told already', () => {
    const told = { phase: 'leaving' } as const;

    it('and is still there is told again: it may have lost the signal', () => {
      for (const wishes of [{}, { mode: 'drain' }] as const) {
        const plan = planFor(wishes, withRunner({}, told));
        expect(keysOf(plan)).toEqual(stopped);
      }
      const [stop] = only(planFor({}, withRunner({}, told)), 'stop-runner');
      expect(stop?.reason).toBe('it was asked to leave and is still there');
    });

    it('is left alone with its job, but for a drain: it may take one job after the other', () => {
      const world = withRunner({}, told, { jobs: [busyWith] });
      expect(planFor({}, world).actions).toEqual([]);
      expect(keysOf(planFor({ mode: 'drain' }, world))).toEqual(stopped);
    });

    it('not before its time: the plan wakes for it, and that is no issue', () => {
      const backoff = [{ key: 'stop-runner:aaaaaaaa', retryAt: now + 9_000, problem: null }];
      const plan = planFor({ mode: 'drain' }, withRunner({}, told, { backoff }));
      expect(plan).toEqual({ actions: [], issues: [], wakeAt: now + 9_000 });
    });
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
