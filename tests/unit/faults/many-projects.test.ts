// Hundreds of projects and few requests: everybody gets a turn, the queue is read all the same, every door answers.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fullBucket, takeTokens } from '../../../main/model/token-bucket.ts';
import { watchGitlab } from '../../../main/observe/watch-gitlab.ts';
import type { GitlabWatch } from '../../../main/observe/watch-gitlab.ts';
import type { Store } from '../../../main/ports.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { memoryStore, recordedLog } from '../../fakes/fake-context.ts';
import { FakeGitlab, gitlabFailure } from '../../fakes/fake-gitlab.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';

const minute = 60_000;
const projects = Array.from({ length: 300 }, (_, index) => 1_000 + index);
const perMinute = 12;

/** Remembers which projects were asked, in their order. */
class WatchedGitlab extends FakeGitlab {
  readonly asked: { readonly project: number; readonly what: 'jobs' | 'protected'; readonly at: number }[] =
    [];
  readonly clock: FakeClock;

  constructor(clock: FakeClock) {
    super({ now: () => clock.now() });
    this.clock = clock;
  }

  override async projectJobs(project: number): ReturnType<FakeGitlab['projectJobs']> {
    this.asked.push({ project, what: 'jobs', at: this.clock.monotonic() });
    return super.projectJobs(project);
  }

  override async protectedRefs(project: number): ReturnType<FakeGitlab['protectedRefs']> {
    this.asked.push({ project, what: 'protected', at: this.clock.monotonic() });
    return super.protectedRefs(project);
  }
}

describe('a bucket of tokens', () => {
  it('never gives more than its burst and its rate, whatever is asked of it and whenever', () => {
    const limits = fc.record({
      perMinute: fc.integer({ min: 1, max: 600 }),
      burst: fc.integer({ min: 1, max: 60 }),
    });
    const steps = fc.array(
      fc.record({ ms: fc.integer({ min: -5_000, max: 90_000 }), count: fc.integer({ min: 1, max: 5 }) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(limits, steps, (given, asked) => {
        let bucket = fullBucket(given, 0);
        let [taken, at, latest] = [0, 0, 0];
        for (const { ms, count } of asked) {
          at += ms;
          latest = Math.max(latest, at);
          const after = takeTokens(bucket, given, count, at);
          if (after === null) continue;
          bucket = after;
          taken += count;
        }
        expect(taken).toBeLessThanOrEqual(given.burst + (latest * given.perMinute) / minute + 1e-6);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is full again after a rest, and not fuller', () => {
    const limits = { perMinute: 12, burst: 3 };
    let bucket = takeTokens(fullBucket(limits, 0), limits, 3, 0);
    expect(bucket === null ? null : takeTokens(bucket, limits, 1, 4_999)).toBeNull();
    bucket = bucket === null ? null : takeTokens(bucket, limits, 1, 5_000);
    expect(bucket).toEqual({ tokens: 0, at: 5_000 });
    expect(bucket === null ? null : takeTokens(bucket, limits, 4, 90 * minute)).toBeNull();
  });
});

describe('three hundred projects and twelve requests a minute', () => {
  let clock: FakeClock;
  let gitlab: WatchedGitlab;
  let store: Store;
  let watch: GitlabWatch | null;

  beforeEach(() => {
    clock = new FakeClock();
    gitlab = new WatchedGitlab(clock);
    store = memoryStore(clock);
    watch = null;
  });
  afterEach(async () => {
    await watch?.stop();
    store.close();
  });

  const begin = async (): Promise<GitlabWatch> => {
    const made = watchGitlab({
      ...{ gitlab, store, clock, log: recordedLog(), entryPrefix: 'AutoGit', onChange: () => undefined },
      ...{ isActive: () => true, asksProtection: () => true, projectRequestsPerMinute: perMinute },
    });
    watch = made;
    await clock.settle();
    return made;
  };
  const turnsOf = (what: 'jobs' | 'protected'): ReadonlyMap<number, number> => {
    const turns = new Map<number, number>();
    for (const { project } of gitlab.asked.filter((one) => one.what === what))
      turns.set(project, (turns.get(project) ?? 0) + 1);
    return turns;
  };
  const queueReads = (): number => gitlab.calls.filter((call) => call === 'queue').length;

  it('each is asked what it protects before any is asked again, and the queue is read all the while', async () => {
    for (const projectId of projects) gitlab.addJob({ projectId });
    const made = await begin();
    const before = queueReads();
    // Two requests each, six a minute of them for this.
    await clock.advance(99 * minute);
    expect(Math.max(...turnsOf('protected').values())).toBe(1);
    await clock.advance(3 * minute);
    expect(turnsOf('protected').size).toBe(300);
    expect(queueReads() - before).toBeGreaterThan(102 * 29);
    const queue = made.queue();
    expect(queue).toMatchObject({ state: 'fresh' });
    // An answer holds until there is a new one, however long that takes.
    expect(
      'value' in queue ? queue.value.jobs.filter(({ protectedRef }) => protectedRef !== true) : [],
    ).toEqual([]);
  });

  it('each is asked what became of its jobs in turn, and no job is forgotten or invented meanwhile', async () => {
    const jobs = projects.map((projectId) => gitlab.addJob({ projectId, status: 'running' }));
    await begin();
    for (const id of jobs) gitlab.finish(id);
    let last = 300;
    for (let minutes = 0; minutes < 52; minutes += 1) {
      await clock.advance(minute);
      const open = store.openJobs().length;
      expect(open).toBeLessThanOrEqual(last);
      last = open;
    }
    expect(last).toBe(0);
    expect(jobs.map((id) => store.job(id)?.status)).toEqual(jobs.map(() => 'success'));
    expect([...turnsOf('jobs').values()]).toEqual(projects.map(() => 1));
    for (const { at } of gitlab.asked) {
      const within = gitlab.asked.filter((other) => other.at >= at && other.at < at + minute).length;
      expect(within).toBeLessThanOrEqual(perMinute + 2 * 2);
    }
  });

  it('one that always has news does not keep the others waiting', async () => {
    const [busy = 0, ...others] = projects;
    const quiet = others.slice(0, 20).map((projectId) => gitlab.addJob({ projectId, status: 'running' }));
    let loud = gitlab.addJob({ projectId: busy, status: 'running' });
    await begin();
    for (const id of quiet) gitlab.finish(id);
    for (let turn = 0; turn < 120; turn += 1) {
      gitlab.finish(loud);
      loud = gitlab.addJob({ projectId: busy, status: 'running' });
      await clock.advance(2_000);
    }
    expect(quiet.map((id) => store.job(id)?.status)).toEqual(quiet.map(() => 'success'));
  });

  it('a list that breaks off removes nothing', async () => {
    const jobs = projects.map((projectId) => gitlab.addJob({ projectId, status: 'running' }));
    const made = await begin();
    gitlab.fail(gitlabFailure('gitlab.unavailable'), 'projectJobs');
    gitlab.fail(gitlabFailure('gitlab.unexpected'), 'queue');
    await clock.advance(10 * minute);
    expect(made.queue().state).toBe('stale');
    expect(store.openJobs()).toHaveLength(jobs.length);
  });
});

describe('two hundred and fifty projects, and a GitLab that hangs', () => {
  it('every door answers at once', async () => {
    const world = createWorld();
    for (const projectId of projects.slice(0, 250)) world.gitlab.addJob({ projectId });
    const lab = await openLab(world);
    await lab.until('the queue is seen', ({ jobs }) => jobs.length > 0);
    const release = world.gitlab.hang();
    await world.clock.advance(minute);
    const before = world.clock.now();
    const answers = await Promise.all([
      lab.call('status.show', {}),
      lab.call('snapshot.show', {}),
      lab.call('pool.list', {}),
      lab.call('runner.list', {}),
      lab.call('job.list', { limit: 500 }),
      lab.call('issue.list', {}),
      lab.call('pool.pause', { name: 'default', dryRun: true }),
      lab.call('queue.refresh', {}),
    ]);
    expect(answers).toHaveLength(8);
    expect(answers[4]).toHaveLength(250);
    expect(world.clock.now()).toBe(before);
    release();
    await closeLab(world, lab);
  });
});
