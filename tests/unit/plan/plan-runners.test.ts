import { describe, expect, it } from 'vitest';
import type { Container, RunnerRecord } from '../../../main/model/runner.ts';
import type { Desired, PoolFailures } from '../../../main/model/world.ts';
import { retryAt } from '../../../main/plan/plan-runners.ts';
import { sortRunners } from '../../../main/plan/runners.ts';
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
  someObserved,
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
        gpu: null,
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

describe('runners of another engine', () => {
  const away = [0, 1].map((slot) => someRecord({ id: `0000000${slot}`, slot, node: 'node-9' }));
  const jobs = [1, 2, 3].map((id) => someJob({ id }));

  it('keep their slots, and count in the total', () => {
    const four = { pools: [somePool({ max: 4 })] };
    expect(keysOf(planFor(four, { records: away, jobs }))).toEqual([
      'start-runner:default:2',
      'start-runner:default:3',
    ]);
    const pools = [somePool({ max: 2 })];
    expect(planFor({ pools }, { records: away, jobs }).actions).toEqual([]);
  });

  it('are an issue, and nothing is done to them', () => {
    const { actions, issues } = planFor({}, { records: away });
    expect(actions).toEqual([]);
    expect(issues).toMatchObject([{ key: 'runner.node-away', severity: 'warning', subject: 'runners' }]);
    expect(issues[0]?.message).toContain('2 runners are on another container engine:');
    const one = planFor({}, { records: away.slice(0, 1) });
    expect(one.issues[0]?.message).toContain('1 runner is on another container engine:');
  });

  it('are told with the engine that has them, and whether it answers', () => {
    const host = 'unix:///run/user/1000/docker.sock';
    const [node = ''] = away.map((record) => record.node);
    const issueWith = (answers: boolean | null) =>
      planFor({}, { records: away, formerNodes: [{ id: node, host, answers }] }).issues[0];
    expect(issueWith(true)?.message).toContain(`${host}, which answers:`);
    expect(issueWith(true)?.next).toContain(`Go back to that engine with \`autogit engine use ${host}\``);
    expect(issueWith(false)?.message).toContain(`${host}, which does not answer:`);
    expect(issueWith(false)?.next).toContain('Start that engine');
    expect(issueWith(null)?.message).toContain(`${host}:`);
  });

  it('are one issue for each engine', () => {
    const records = away.map((record, index) => ({ ...record, node: `gone-${index}` }));
    const formerNodes = records.map(({ node }) => ({ id: node, host: `tcp://${node}`, answers: null }));
    const { issues } = planFor({}, { records, formerNodes });
    expect(issues.map(({ subject }) => subject)).toEqual([
      'runners on tcp://gone-0',
      'runners on tcp://gone-1',
    ]);
  });

  it('are none before any engine was chosen', () => {
    const { issues, actions } = planFor({}, { records: away, nodes: [] });
    expect([issues, actions]).toEqual([[], []]);
    expect(sortRunners(someObserved({ records: away, nodes: [] })).map(({ state }) => state)).toEqual([
      'starting',
      'starting',
    ]);
  });

  it('are none while one of the nodes has never been seen: they may be there', () => {
    const nodes = [someNode(fresh(someView()), 'node-1'), someNode(never, 'node-2')];
    expect(planFor({}, { records: away, nodes }).issues).toEqual([]);
  });

  it('are at home again once they are seen: an engine may have got another address', () => {
    const view = { containers: [someContainer({ runner: '00000000' })] };
    const { actions, issues } = planFor({}, { records: away.slice(0, 1), view });
    expect([keysOf({ actions }), issues]).toEqual([['adopt-runner:00000000'], []]);
    expect(planFor({}, { records: away, nodes: [someNode(never)] }).issues).toEqual([]);
  });
});
