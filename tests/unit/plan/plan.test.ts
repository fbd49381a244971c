import { describe, expect, it } from 'vitest';
import type { Observed } from '../../../main/model/world.ts';
import {
  atGitlab,
  failed,
  fresh,
  keysOf,
  network,
  never,
  now,
  planFor,
  problem,
  someContainer,
  someEntry,
  someJob,
  someNode,
  somePool,
  someRecord,
  someView,
  stale,
} from '../../fakes/world.ts';

const startKey = 'start-runner:default:0';
const waiting = { jobs: [someJob()] };

describe('the whole plan', () => {
  it('a world at rest needs nothing', () => {
    expect(planFor()).toEqual({ actions: [], issues: [], wakeAt: null });
  });

  it('joins what every planner wishes', () => {
    const world = {
      entriesAtGitlab: fresh([atGitlab(someEntry()), { id: 12, description: 'AutoGit 0a1b2c3d / other' }]),
      records: [someRecord({ slot: 3 })],
      view: { networks: [network], images: ['runner:1'] },
      jobs: [someJob()],
    };
    const keys = keysOf(planFor({ pools: [somePool({ image: 'new:1' }), somePool({ name: 'b' })] }, world));
    expect(keys).toEqual(['pull-image:new:1', 'write-entry:b', 'remove-entry:12', 'forget-runner:aaaaaaaa']);
  });

  it.each<[string, Observed['inFlight']]>([
    ['the same action is under way', [{ key: startKey, target: 'slot default/0' }]],
    ['another action on the same target is', [{ key: 'other', target: 'slot default/0' }]],
  ])('nothing is planned while %s', (_, inFlight) => {
    expect(keysOf(planFor({ pools: [somePool({ max: 1 })] }, { ...waiting, inFlight }))).toEqual([]);
  });

  it('an action on another target does not matter', () => {
    const inFlight = [{ key: 'pull-image:x', target: 'image x' }];
    expect(keysOf(planFor({}, { ...waiting, inFlight }))).toEqual([startKey]);
  });

  it('one action per target at a time', () => {
    const orphans = [12, 13].map((id) => ({ id, description: 'AutoGit 0a1b2c3d / default' }));
    const entriesAtGitlab = fresh([atGitlab(someEntry()), ...orphans]);
    expect(keysOf(planFor({}, { entriesAtGitlab }))).toEqual(['remove-entry:12']);
  });
});

describe('actions that have failed', () => {
  const backoff = (retryAt: number): Observed['backoff'] => [{ key: startKey, retryAt, problem }];

  it('wait for their next try, and are tried then', () => {
    expect(planFor({}, { ...waiting, backoff: backoff(now + 1) })).toMatchObject({
      actions: [],
      wakeAt: now + 1,
    });
    expect(planFor({}, { ...waiting, backoff: backoff(now) })).toMatchObject({
      actions: [{ key: startKey }],
      wakeAt: null,
    });
  });

  it('do not hold up others on their target', () => {
    const entriesAtGitlab = fresh([
      atGitlab(someEntry()),
      { id: 12, description: 'AutoGit 0a1b2c3d / default' },
    ]);
    const held = [{ key: 'write-entry:default', retryAt: now + 5, problem }];
    const pools = [somePool({ tags: ['new'] })];
    expect(keysOf(planFor({ pools }, { entriesAtGitlab, backoff: held }))).toEqual([]);
    expect(keysOf(planFor({}, { entriesAtGitlab, backoff: held }))).toEqual(['remove-entry:12']);
  });

  it('are an issue while they are still wished for, also between two tries', () => {
    const issue = { ...problem, severity: 'error', subject: 'slot default/0' };
    expect(planFor({}, { ...waiting, backoff: backoff(now + 1) }).issues).toEqual([issue]);
    expect(planFor({}, { ...waiting, backoff: backoff(now - 1) }).issues).toEqual([issue]);
    expect(planFor({}, { backoff: backoff(now + 1) }).issues).toEqual([]);
  });

  it('the plan wakes for the earliest of everything that waits for time', () => {
    const record = someRecord();
    const world = { records: [record], view: { containers: [someContainer()] } };
    const early = [{ key: 'x', retryAt: now + 5, problem }, ...backoff(now + 90_000)];
    expect(planFor({}, { ...waiting, ...world, backoff: early }).wakeAt).toBe(now + 5);
    expect(planFor({}, { ...waiting, ...world, backoff: backoff(now + 90_000) }).wakeAt).toBe(now + 14_000);
    const failures = [{ pool: 'default', count: 1, lastAt: now, lastReason: 'x' }];
    expect(planFor({}, { ...waiting, failures, backoff: backoff(now + 90_000) }).wakeAt).toBe(now + 1_000);
  });
});

describe('issues of what is seen', () => {
  const issueOf = (subject: string): object => ({ ...problem, severity: 'error', subject });

  it.each([
    ['failed', failed, [issueOf('node node-1')]],
    ['stale', stale(someView()), [issueOf('node node-1')]],
    ['never seen', never, []],
  ] as const)('an engine that is %s', (_, engine, issues) => {
    expect(planFor({}, { nodes: [someNode(engine)] }).issues).toEqual(issues);
  });

  it.each([
    ['failed', failed, [issueOf('GitLab')]],
    ['stale', stale({ jobs: [], lastBusy: {} }), [issueOf('GitLab')]],
    ['never read', never, []],
  ] as const)('a queue that is %s', (_, gitlab, issues) => {
    expect(planFor({}, { gitlab }).issues).toEqual(issues);
  });

  it.each([
    ['failed', failed],
    ['an old one', stale([])],
  ] as const)('a list of runner entries that is %s is told, once', (_, entriesAtGitlab) => {
    expect(planFor({}, { entriesAtGitlab }).issues).toEqual([issueOf('GitLab')]);
    expect(planFor({}, { entriesAtGitlab, gitlab: failed }).issues).toEqual([issueOf('GitLab')]);
  });

  it('both, and those of the runners', () => {
    const failures = [{ pool: 'default', count: 3, lastAt: now, lastReason: 'x' }];
    const { issues } = planFor({}, { gitlab: failed, nodes: [someNode(failed)], failures });
    expect(issues.map(({ subject }) => subject)).toEqual(['node node-1', 'GitLab', 'pool default']);
  });
});
