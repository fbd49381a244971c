import { describe, expect, it } from 'vitest';
import type { Job } from '../../../main/model/job.ts';
import type { Desired } from '../../../main/model/world.ts';
import type { WaitReason } from '../../../main/plan/explain.ts';
import { explain, full, idleFor, old, pullFailed, running } from '../../fakes/explained.ts';
import {
  never,
  now,
  runnerImage,
  sandboxWish,
  someContainer,
  someJob,
  someNode,
  somePool,
  someRecord,
  someView,
  stale,
} from '../../fakes/world.ts';
import type { WorldChange } from '../../fakes/world.ts';

const unreachable = { key: 'gitlab.unreachable', message: 'It does not answer.', next: 'Check it.' };
const unauthorized = { key: 'gitlab.unauthorized', message: 'The token is refused.', next: 'Give another.' };
const one = { pools: [somePool({ max: 1 })] };
const gpu = somePool({ name: 'gpu', tags: ['docker', 'cuda'] });
type Situation = readonly [
  what: string,
  job: Job,
  wishes: Partial<Desired>,
  world: WorldChange,
  reason: WaitReason,
  sentence: string,
];

const situations: readonly Situation[] = [
  [
    'a tag nobody has',
    someJob({ tags: ['docker', 'cuda12'] }),
    { pools: [somePool(), gpu] },
    {},
    'no-tag',
    'No pool has tag "cuda12" (closest: "cuda").',
  ],
  ['a tag like no other', someJob({ tags: ['windows'] }), {}, {}, 'no-tag', 'No pool has tag "windows".'],
  [
    'two tags nobody has',
    someJob({ tags: ['a1', 'b2'] }),
    {},
    {},
    'no-tag',
    'No pool has the tags "a1", "b2".',
  ],
  [
    'tags in two pools',
    someJob({ tags: ['autogit', 'cuda'] }),
    { pools: [somePool(), gpu] },
    {},
    'tags-apart',
    'No pool has all of its tags; pool "default" lacks "cuda".',
  ],
  [
    'no tags',
    someJob({ tags: [] }),
    { pools: [somePool({ runUntagged: false })] },
    {},
    'no-untagged',
    'It has no tags, and no pool takes untagged jobs.',
  ],
  ['no pools', someJob(), { pools: [] }, {}, 'no-pools', 'There is no pool that could take it.'],
  [
    'a closed pool',
    someJob(),
    { pools: [somePool({ max: 0 })] },
    {},
    'closed',
    'Pool "default" would take it and may have no runner: its max is 0.',
  ],
  [
    'a paused pool',
    someJob(),
    { pools: [somePool({ paused: true })] },
    {},
    'paused',
    'Pool "default" would take it and is paused.',
  ],
  [
    'a pool for protected branches',
    someJob({ protectedRef: false }),
    { pools: [somePool({ protectedOnly: true })] },
    {},
    'protected',
    'Pool "default" takes jobs of protected branches only, and its branch is not protected.',
  ],
  [
    'a pool of another group',
    someJob(),
    { pools: [somePool({ scope: { kind: 'group', path: 'lab' } })] },
    {},
    'scope',
    'Pool "default" has its tags and serves the group "lab" only.',
  ],
  [
    'a project without instance runners',
    someJob({ instanceRunners: false }),
    {},
    {},
    'instance-runners',
    'Its project does not let runners of the whole instance take its jobs.',
  ],
  [
    'a pool at its max of one',
    someJob(),
    one,
    { ...full, jobs: [someJob(), running] },
    'pool-full',
    'Pool "default" is at its max of 1 (held by job 41 of lab/x since T-4min).',
  ],
  [
    'a pool at its max of two',
    someJob(),
    { pools: [somePool({ max: 2 })] },
    {
      records: [someRecord(), someRecord({ id: 'bbbbbbbb', slot: 1, createdAt: now })],
      view: { containers: [someContainer(), someContainer({ runner: 'bbbbbbbb' })] },
      jobs: [someJob(), running, { ...running, id: 42, startedAt: now, systemId: 'r_autobbbbbbbb' }],
    },
    'pool-full',
    'Pool "default" is at its max of 2 (longest held by job 41 of lab/x since T-4min).',
  ],
  [
    'earlier jobs before it',
    someJob({ id: 9 }),
    one,
    { ...idleFor(2_000), jobs: [someJob({ id: 8 }), someJob({ id: 9 })] },
    'pool-full',
    'Pool "default" is at its max of 1, and its runners are starting, leaving, or meant for earlier jobs.',
  ],
  [
    'runners on another engine',
    someJob(),
    one,
    { records: [someRecord({ node: 'node-9' })] },
    'runners-away',
    'Pool "default" is at its max of 1, and 1 of its runners cannot be seen on the engine in use.',
  ],
  [
    'a runner that has just come',
    someJob(),
    {},
    idleFor(2_000),
    'runner-asks',
    'Runner aaaaaaaa of pool "default" is free and asks GitLab for a job within seconds.',
  ],
  [
    'an idle runner beside it',
    old,
    {},
    idleFor(300_000),
    'idle-beside',
    'Runner aaaaaaaa of pool "default" is idle since T-5min, and GitLab does not give it the job.',
  ],
  [
    'a runner that starts',
    someJob(),
    {},
    { inFlight: [{ key: 'start-runner:default:0', target: 'slot default/0' }] },
    'runner-starting',
    'A runner of pool "default" is starting for it.',
  ],
  [
    'room and nothing in the way',
    someJob(),
    {},
    {},
    'start-planned',
    'A runner of pool "default" is about to start; a few start at a time.',
  ],
  [
    'failed runners',
    someJob(),
    {},
    { failures: [{ pool: 'default', count: 3, lastAt: now, lastReason: 'it ended with code 1' }] },
    'backing-off',
    'The last 3 runners of pool "default" failed (it ended with code 1); next try at T0min.',
  ],
  [
    'a start that failed',
    someJob(),
    {},
    { backoff: [{ key: 'start-runner:default:0', retryAt: now + 9, problem: pullFailed }] },
    'start-failed',
    'A runner of pool "default" could not start: The registry does not know it.',
  ],
  [
    'no image yet',
    someJob(),
    {},
    { view: { images: [] } },
    'image-missing',
    `The engine has not image "${runnerImage}" of pool "default" yet; it is being got.`,
  ],
  [
    'an image that cannot be got',
    someJob(),
    {},
    {
      view: { images: [] },
      backoff: [{ key: `pull-image:${runnerImage}`, retryAt: now + 9, problem: pullFailed }],
    },
    'image-missing',
    `Image "${runnerImage}" of pool "default" cannot be got: The registry does not know it.`,
  ],
  [
    'no network yet',
    someJob(),
    {},
    { view: { networks: [] } },
    'network-missing',
    'The network for runners is being made on the engine.',
  ],
  [
    'a stack that is down',
    someJob(),
    { stackNetwork: 'autogit-lab_inner' },
    {},
    'network-missing',
    'The stack’s network autogit-lab_inner, on which runners find GitLab, is not there.',
  ],
  [
    'no runner entry',
    someJob(),
    {},
    { entries: [] },
    'entry-missing',
    'Pool "default" has no runner entry at GitLab yet, so its runners cannot ask for jobs.',
  ],
  [
    'a drain',
    someJob(),
    { mode: 'drain' },
    {},
    'draining',
    'AutoGit is draining: no new runner starts until it is resumed.',
  ],
  [
    'a teardown',
    someJob(),
    { mode: 'teardown' },
    {},
    'tearing-down',
    'AutoGit is being torn down: no new runner starts until it is resumed.',
  ],
  [
    'an engine that is away',
    someJob(),
    {},
    { nodes: [someNode(stale(someView()))] },
    'engine-unreachable',
    'The container engine on "node-1" cannot be used since T0min.',
  ],
  [
    'no engine',
    someJob(),
    {},
    { nodes: [] },
    'engine-unknown',
    'No container engine has been found yet, so no runner can start.',
  ],
  [
    'a GitLab that is away',
    someJob(),
    {},
    { gitlab: { state: 'failed', since: now - 120_000, error: unreachable } },
    'gitlab-unreachable',
    'GitLab has not answered since T-2min, so no runner can get the job.',
  ],
  [
    'a GitLab that refuses',
    someJob(),
    {},
    { gitlab: { state: 'failed', since: now, error: unauthorized } },
    'gitlab-refuses',
    "GitLab's queue cannot be read since T0min: The token is refused.",
  ],
  [
    'no GitLab yet',
    someJob(),
    {},
    { gitlab: never },
    'gitlab-unknown',
    'GitLab has not been asked yet, or none is connected.',
  ],
  [
    'a stopped sandbox',
    someJob(),
    { sandbox: { ...sandboxWish, state: 'stopped' } },
    {},
    'sandbox-stopped',
    'The sandbox is stopped, and its jobs wait until it runs again.',
  ],
  [
    'a sandbox that goes',
    someJob(),
    { sandbox: { ...sandboxWish, state: 'absent' } },
    {},
    'sandbox-leaving',
    'The sandbox is being removed, with all its jobs.',
  ],
  [
    'a job known from the store only',
    someJob(),
    {},
    { jobs: [] },
    'left-queue',
    "It has just left GitLab's queue, and AutoGit asks what became of it.",
  ],
  [
    'a job that is not queued',
    someJob({ status: 'created' }),
    {},
    {},
    'needs-earlier-jobs',
    'It is not in the queue yet: earlier jobs of its pipeline come first.',
  ],
  [
    'a job that runs here',
    running,
    {},
    full,
    'running',
    'It does not wait: it runs on runner aaaaaaaa since T-4min.',
  ],
  [
    'a job that runs elsewhere',
    { ...running, systemId: null },
    {},
    {},
    'running',
    'It does not wait: it runs on a runner that is not of this home since T-4min.',
  ],
  [
    'a job that is being cancelled',
    { ...running, status: 'canceling' },
    {},
    {},
    'canceling',
    'It does not wait: it is being cancelled, and ran since T-4min.',
  ],
  [
    'a job that has ended',
    someJob({ status: 'failed', finishedAt: now - 60_000 }),
    {},
    {},
    'ended',
    'It does not wait: it ended at T-1min (failed).',
  ],
];

describe('why a job waits', () => {
  it.each(situations)('%s', (_what, job, wishes, world, reason, sentence) => {
    const explained = explain(job, wishes, world);
    expect(explained).toMatchObject({ reason, sentence });
    expect(explained.next).not.toBe('');
  });

  it('a state that is newer than the one asked for counts', () => {
    const { reason } = explain(someJob({ id: 41 }), {}, { ...full, jobs: [running] });
    expect(reason).toBe('running');
  });

  it('of several pools that take it, the one that can soonest', () => {
    const pools = [somePool({ name: 'first', max: 1 }), somePool({ name: 'second', max: 1 })];
    const { data } = explain(
      someJob(),
      { pools },
      {
        inFlight: [{ key: 'start-runner:second:0', target: 'slot second/0' }],
      },
    );
    expect(data).toEqual({ pool: 'second' });
  });
});
