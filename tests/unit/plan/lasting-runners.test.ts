// Runners that are there before a job waits, and those that have lived or worked long enough.
import { describe, expect, it } from 'vitest';
import { createLifetimes } from '../../../main/coordinator/lifetimes.ts';
import { systemIdOf } from '../../../main/model/runner.ts';
import type { Plan } from '../../../main/model/world.ts';
import { runnerContainer } from '../../../main/apply/runner-container.ts';
import {
  keysOf,
  never,
  now,
  only,
  planFor,
  someContainer,
  someJob,
  somePool,
  someRecord,
  specOf,
} from '../../fakes/world.ts';
import type { WorldChange } from '../../fakes/world.ts';

const starts = (plan: Plan): readonly number[] => only(plan, 'start-runner').map(({ slot }) => slot);
const warm = (...ids: readonly string[]): WorldChange => {
  const all = ['aaaaaaaa', ...ids];
  return {
    records: all.map((id, slot) => someRecord({ id, slot, phase: 'warm', startedAt: now - 60_000 + slot })),
    view: { containers: all.map((runner) => someContainer({ runner })) },
  };
};
const idle: WorldChange = { records: [someRecord()], view: { containers: [someContainer()] } };

describe('runners that wait for jobs to come', () => {
  const pools = [somePool({ min: 2 })];

  it('are started although no job waits, and not once more', () => {
    const plan = planFor({ pools });
    expect(starts(plan)).toEqual([0, 1]);
    expect(plan.actions[0]?.reason).toBe('pool default keeps runners ready for jobs to come');
    expect(starts(planFor({ pools }, warm()))).toEqual([1]);
  });

  it('wait for the go, which those for a job do not', () => {
    const waits = (plan: Plan): readonly boolean[] =>
      only(plan, 'start-runner').map((start) => start.waits ?? false);
    expect(waits(planFor({ pools }))).toEqual([true, true]);
    expect(waits(planFor({ pools }, { jobs: [someJob()] }))).toEqual([false]);
  });

  it('are not those that are idle: a job would have to wait until they ask', () => {
    expect(starts(planFor({ pools }, idle))).toEqual([1, 2]);
  });

  it('come after those that jobs are about to take, once these have begun, as far as there is room', () => {
    const jobs = [1, 2].map((id) => someJob({ id }));
    const first = planFor({ pools }, { jobs });
    expect(starts(first)).toEqual([0, 1]);
    expect(first.wakeAt).toBe(now + 1_500);
    const begun = (at: number): WorldChange => {
      const records = ['aaaaaaaa', 'bbbbbbbb'].map((id, slot) => someRecord({ id, slot, startedAt: at }));
      return { records, view: { containers: records.map(({ id }) => someContainer({ runner: id })) } };
    };
    expect(planFor({ pools }, { jobs, ...begun(now - 500) })).toMatchObject({
      actions: [],
      wakeAt: now + 1_000,
    });
    expect(starts(planFor({ pools }, { jobs, ...begun(now - 1_500) }))).toEqual([2, 3]);
    const small = [somePool({ min: 2, max: 3 })];
    expect(starts(planFor({ pools: small }, { jobs, ...begun(now - 1_500) }))).toEqual([2]);
  });

  it('are none where nothing may be started', () => {
    expect(starts(planFor({ pools, mode: 'drain' }))).toEqual([]);
    expect(starts(planFor({ pools: [somePool({ min: 2, paused: true })] }))).toEqual([]);
    expect(starts(planFor({ pools }, { gitlab: never }))).toEqual([]);
  });
});

describe('a runner that has lived long enough', () => {
  const pools = [somePool({ maxLifetime: 60 })];
  const lived = (ms: number): WorldChange => ({ ...idle, lived: { aaaaaaaa: ms } });

  it('leaves once it is idle, and the plan wakes for that', () => {
    expect(planFor({ pools }, lived(59_000))).toMatchObject({ actions: [], wakeAt: now + 1_000 });
    expect(keysOf(planFor({ pools }, lived(60_000)))).toEqual(['stop-runner:aaaaaaaa']);
  });

  it('stays with its job, and where its age is not known', () => {
    const busy = someJob({ status: 'running', systemId: systemIdOf('aaaaaaaa') });
    expect(planFor({ pools }, { ...lived(90_000), jobs: [busy] }).actions).toEqual([]);
    expect(planFor({ pools }, idle).actions).toEqual([]);
    expect(planFor({}, lived(90_000_000)).actions).toEqual([]);
  });

  it('is known by time that has really passed, whatever the clocks are set to', () => {
    let [wall, monotonic] = [now, 5_000];
    const lifetimes = createLifetimes({ now: () => wall, monotonic: () => monotonic });
    const records = [someRecord({ startedAt: now - 1_000 }), someRecord({ id: 'bbbbbbbb', startedAt: null })];
    expect(lifetimes(records)).toEqual({ aaaaaaaa: 1_000 });
    [wall, monotonic] = [now + 9_000_000, 7_000];
    expect(lifetimes(records)).toEqual({ aaaaaaaa: 3_000 });
    wall = now - 9_000_000;
    expect(lifetimes(records)).toEqual({ aaaaaaaa: 3_000 });
    expect(lifetimes([])).toEqual({});
  });
});

describe('a runner that may run so many jobs', () => {
  it('is told how many, and another number is another runner', () => {
    const pool = somePool({ jobsPerRunner: 3 });
    const [action] = only(planFor({ pools: [pool] }, { jobs: [someJob()] }), 'start-runner');
    if (action === undefined) throw new Error('no start was planned');
    const { command } = runnerContainer(action, 'name', {}, {});
    expect(command.join(' ')).toContain('--max-builds 3');
    expect(specOf(pool)).not.toBe(specOf());
  });
});

describe('a pool that is paused', () => {
  it('starts nothing, lets idle runners go and leaves those with a job', () => {
    const pools = [somePool({ paused: true })];
    expect(planFor({ pools }, { jobs: [someJob()] }).issues).toMatchObject([{ key: 'job.no-pool' }]);
    expect(starts(planFor({ pools }, { jobs: [someJob()] }))).toEqual([]);
    expect(only(planFor({ pools }, idle), 'stop-runner')).toHaveLength(1);
    const busy = someJob({ status: 'running', systemId: systemIdOf('aaaaaaaa') });
    expect(only(planFor({ pools }, { ...idle, jobs: [busy] }), 'stop-runner')).toEqual([]);
  });
});
