// Warm runners get the go for jobs that wait; prepared ones are started or removed.
import { describe, expect, it } from 'vitest';
import { systemIdOf } from '../../../main/model/runner.ts';
import type { RunnerPhase } from '../../../main/model/runner.ts';
import {
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

const ids = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'] as const;

/** So many runners in one phase, the oldest first. */
function inPhase(phase: RunnerPhase, count: number, state: 'running' | 'created' = 'running'): WorldChange {
  const own = ids.slice(0, count);
  return {
    records: own.map((id, slot) => someRecord({ id, slot, phase, startedAt: now - 60_000 + slot })),
    view: { containers: own.map((runner) => someContainer({ runner, state })) },
  };
}

const pools = [somePool({ min: 2 })];
const jobs = (count: number): readonly ReturnType<typeof someJob>[] =>
  Array.from({ length: count }, (_, index) => someJob({ id: index + 1 }));

describe('a job that waits', () => {
  it('gets the oldest warm runner, and another one is made ready a moment later', () => {
    const plan = planFor({ pools }, { ...inPhase('warm', 2), jobs: jobs(1) });
    expect(keysOf(plan)).toEqual(['release-runner:aaaaaaaa']);
    expect(plan.actions[0]?.reason).toBe('a job waits for pool default');
    expect(plan.wakeAt).toBe(now + 1_500);
    const { records = [], view } = inPhase('warm', 2);
    const begun = records.map((record, index) =>
      index > 0 ? record : { ...record, phase: 'started' as const, startedAt: now - 1_500 },
    );
    const later = only(planFor({ pools }, { records: begun, ...(view && { view }) }), 'start-runner');
    expect(later).toMatchObject([{ slot: 2, waits: true }]);
  });

  it('is not what a runner needs to be given the go again that should have ended long ago', () => {
    const idle = (seconds: number, change: WorldChange = {}): readonly string[] =>
      keysOf(
        planFor(
          { pools: [somePool({ idleTime: 300 })] },
          {
            records: [someRecord({ startedAt: now - seconds * 1_000 })],
            view: { containers: [someContainer()] },
            ...change,
          },
        ),
      );
    expect(idle(329)).toEqual([]);
    expect(idle(330)).toEqual(['release-runner:aaaaaaaa']);
    expect(idle(900, { lastBusy: { [someRecord().systemId]: now - 60_000 } })).toEqual([]);
    expect(idle(900, { gitlab: stale({ jobs: [], lastBusy: {} }) })).toEqual([]);
  });

  it('finds a runner that is wished away in the middle of its start left to that start', () => {
    const record = someRecord({ phase: 'draining', startedAt: null, createdAt: now - 60_000 });
    const inFlight = [{ key: 'start-runner:default:0', target: 'slot default/0' }];
    for (const containers of [[], [someContainer({ state: 'created' })]]) {
      expect(keysOf(planFor({}, { records: [record], view: { containers }, inFlight }))).toEqual([]);
      expect(keysOf(planFor({}, { records: [record], view: { containers } }))).toHaveLength(1);
    }
  });

  it('gets a start of its own where no warm one is left', () => {
    const plan = planFor({ pools }, { ...inPhase('warm', 1), jobs: jobs(2) });
    expect(keysOf(plan)).toEqual(['release-runner:aaaaaaaa', 'start-runner:default:1']);
    expect(only(plan, 'start-runner').map(({ waits = false }) => waits)).toEqual([false]);
  });

  it('gets no second one while the first is given the go, or has just got it', () => {
    const one = inPhase('warm', 2);
    const released = one.records?.map((record, index) =>
      index > 0 ? record : { ...record, phase: 'released' as const },
    );
    const inFlight = [{ key: 'release-runner:aaaaaaaa', target: 'runner aaaaaaaa' }];
    const during = planFor({ pools }, { ...one, records: released ?? [], inFlight, jobs: jobs(1) });
    expect(only(during, 'release-runner')).toEqual([]);
    const begun = one.records?.map((record, index) =>
      index > 0 ? record : { ...record, phase: 'started' as const, startedAt: now - 200 },
    );
    const after = planFor({ pools }, { ...one, records: begun ?? [], jobs: jobs(1) });
    expect(only(after, 'release-runner')).toEqual([]);
  });

  it('gets a warm one rather than one that has been idle and asks in seconds', () => {
    const lately = { lastBusy: { [systemIdOf('aaaaaaaa')]: now - 2_000 } };
    const both = inPhase('warm', 2);
    const records = both.records?.map((record, index) =>
      index > 0 ? record : { ...record, phase: 'started' as const },
    );
    const plan = planFor({ pools }, { ...both, ...lately, records: records ?? [], jobs: jobs(1) });
    expect(only(plan, 'release-runner').map(({ key }) => key)).toEqual(['release-runner:bbbbbbbb']);
  });

  it('that nobody is given does not use up the warm ones', () => {
    const refused = someJob({ firstSeenAt: now - 100_000 });
    const world = inPhase('warm', 3);
    const records = world.records?.map((record, index) =>
      index > 1 ? record : { ...record, phase: 'started' as const, startedAt: now - 50_000 },
    );
    const plan = planFor(
      { pools: [somePool({ min: 1 })] },
      { ...world, records: records ?? [], jobs: [refused] },
    );
    expect(only(plan, 'release-runner')).toEqual([]);
  });

  it('starts what was prepared, instead of another one', () => {
    const plan = planFor({}, { ...inPhase('prepared', 1, 'created'), jobs: jobs(1) });
    expect(keysOf(plan)).toEqual(['release-runner:aaaaaaaa']);
  });
});

describe('a warm runner', () => {
  it('stays as long as the pool keeps it, however long that is', () => {
    expect(planFor({ pools }, inPhase('warm', 2))).toMatchObject({ actions: [], wakeAt: null });
  });

  it('leaves, the youngest first, when the pool keeps fewer', () => {
    const plan = planFor({ pools: [somePool({ min: 1 })] }, inPhase('warm', 3));
    expect(keysOf(plan)).toEqual(['stop-runner:bbbbbbbb', 'stop-runner:cccccccc']);
    expect(plan.actions[0]?.reason).toBe('pool default keeps fewer ready');
    expect(planFor({ pools: [somePool()] }, { ...inPhase('warm', 1), gitlab: never }).actions).toEqual([]);
  });

  it.each([
    ['in a drain', { mode: 'drain' as const, pools }, {}],
    ['of a paused pool', { pools: [somePool({ min: 2, paused: true })] }, {}],
    ['of a changed pool', { pools: [somePool({ min: 1, memoryMiB: 512 })] }, {}],
    ['that is too old', { pools: [somePool({ min: 1, maxLifetime: 60 })] }, { lived: { aaaaaaaa: 60_000 } }],
  ])('leaves %s, and gets no go for a job', (_, wishes, world) => {
    const plan = planFor(wishes, { ...inPhase('warm', 1), ...world, jobs: jobs(1) });
    expect(only(plan, 'release-runner')).toEqual([]);
    expect(only(plan, 'stop-runner').map(({ key }) => key)).toEqual(['stop-runner:aaaaaaaa']);
  });

  it('counts towards the total of its pool', () => {
    const full = planFor({ pools: [somePool({ min: 2, max: 2 })] }, { ...inPhase('warm', 2), jobs: jobs(3) });
    expect(only(full, 'release-runner')).toHaveLength(2);
    expect(only(full, 'start-runner')).toEqual([]);
  });

  it('gets no go on an engine that has not answered lately', () => {
    const { records = [], view } = inPhase('warm', 1);
    const nodes = [someNode(stale(someView(view)))];
    expect(only(planFor({ pools }, { records, nodes, jobs: jobs(1) }), 'release-runner')).toEqual([]);
    const answers = [someNode(fresh(someView(view)))];
    expect(
      only(planFor({ pools }, { records, nodes: answers, jobs: jobs(1) }), 'release-runner'),
    ).toHaveLength(1);
  });
});

describe('a runner in the middle of its start when AutoGit ended', () => {
  it.each(['prepared', 'released'] as const)(
    '%s, and it runs: gets the go, once more if need be',
    (phase) => {
      const plan = planFor({}, inPhase(phase, 1));
      expect(keysOf(plan)).toEqual(['release-runner:aaaaaaaa']);
      const busy = someJob({ status: 'running', systemId: systemIdOf('aaaaaaaa') });
      expect(keysOf(planFor({}, { ...inPhase(phase, 1), jobs: [busy] }))).toEqual([
        'release-runner:aaaaaaaa',
      ]);
    },
  );

  it('is told to leave instead in a drain', () => {
    expect(keysOf(planFor({ mode: 'drain' }, inPhase('released', 1)))).toEqual(['stop-runner:aaaaaaaa']);
  });

  it('and only prepared is removed when nobody waits, but not before that is known', () => {
    const one = inPhase('prepared', 1, 'created');
    expect(keysOf(planFor({}, one))).toEqual(['remove-runner:aaaaaaaa']);
    expect(keysOf(planFor({}, { ...one, gitlab: never }))).toEqual([]);
    expect(keysOf(planFor({ mode: 'drain' }, one))).toEqual(['remove-runner:aaaaaaaa']);
  });

  it('is left alone while its start is under way', () => {
    const inFlight = [{ key: 'start-runner:default:0', target: 'slot default/0' }];
    for (const phase of ['intended', 'prepared'] as const)
      for (const state of ['created', 'running'] as const)
        expect(planFor({}, { ...inPhase(phase, 1, state), inFlight }).actions).toEqual([]);
  });
});

describe('a machine that has slept for an hour', () => {
  const hour = 3_600_000;
  const begun = { phase: 'started' as const, startedAt: now - hour - 500 };
  const records = ids.map((id, slot) => someRecord({ id, slot, ...begun }));
  const view = { containers: ids.map((runner) => someContainer({ runner })) };
  const waiting = [1, 2, 3].map((id) => someJob({ id, firstSeenAt: now - hour - 500 }));

  it('starts nothing anew for jobs that the runners which are there had no time to ask for', () => {
    const world = { records, view, jobs: waiting };
    expect(only(planFor({}, { ...world, leaptAt: now - 100 }), 'start-runner')).toEqual([]);
    expect(planFor({}, { ...world, leaptAt: now - 100 }).issues).toEqual([]);
    const later = planFor({}, { ...world, leaptAt: now - 20_000 });
    expect(only(later, 'start-runner')).not.toEqual([]);
  });

  it('lets no runner go: it has idled for no longer than the machine was awake', () => {
    const pools = [somePool({ min: 1, maxLifetime: 600 })];
    const lived = { aaaaaaaa: 500 };
    for (const phase of ['warm', 'started'] as const)
      expect(
        only(planFor({ pools }, { ...inPhase(phase, 1), lived, leaptAt: now - 100 }), 'stop-runner'),
      ).toEqual([]);
  });
});
