import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../../../main/model/job.ts';
import { entryDescription, entryPrefix, entryTerms } from '../../../main/model/pool.ts';
import { mergeJobs } from '../../../main/observe/read-left.ts';
import { busyRunners, watchGitlab } from '../../../main/observe/watch-gitlab.ts';
import type { GitlabWatch } from '../../../main/observe/watch-gitlab.ts';
import type { Store } from '../../../main/ports.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { memoryStore, recordedLog } from '../../fakes/fake-context.ts';
import { FakeGitlab, gitlabFailure } from '../../fakes/fake-gitlab.ts';
import type { GitlabMethod } from '../../fakes/fake-gitlab.ts';
import { instance, now, someJob, somePool } from '../../fakes/world.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

let clock: FakeClock;
let gitlab: FakeGitlab;
let store: Store;
let watch: GitlabWatch | null;
let changes: number;
let same: number;
let isActive: boolean;
let asksProtection: boolean;

beforeEach(() => {
  clock = new FakeClock();
  gitlab = new FakeGitlab({ now: () => clock.now() });
  store = memoryStore(clock);
  changes = 0;
  same = 0;
  isActive = false;
  asksProtection = false;
  watch = null;
});
afterEach(async () => {
  await watch?.stop();
  store.close();
});

/** Starts watching, and lets the first reading end. */
async function begin(): Promise<GitlabWatch> {
  const made = watchGitlab({
    ...{ gitlab, store, clock, log: recordedLog(), entryPrefix: entryPrefix(instance) },
    isActive: () => isActive,
    asksProtection: () => asksProtection,
    onChange: () => (changes += 1),
    onSame: () => (same += 1),
  });
  watch = made;
  await clock.settle();
  return made;
}
function watching(): GitlabWatch {
  if (watch === null) throw new Error('not started');
  return watch;
}

function jobs(): readonly Job[] {
  const queue = watching().queue();
  if (queue.state !== 'fresh') throw new Error(`the queue is ${queue.state}`);
  return queue.value.jobs;
}
const calls = (method: GitlabMethod): number => gitlab.calls.filter((call) => call === method).length;
/** Until the queue has been read once more. */
const nextRead = async (): Promise<void> => {
  const before = calls('queue');
  await clock.until(() => calls('queue') > before, minute);
  await clock.settle();
};

describe('a queue that stays empty', () => {
  it('is no news, until a job comes, somebody asks, or GitLab does not answer', async () => {
    await begin();
    expect([changes, same]).toEqual([1, 0]);
    await nextRead();
    await nextRead();
    expect([changes, same]).toEqual([1, 2]);
    watching().refresh();
    await nextRead();
    expect([changes, same]).toEqual([2, 2]);
    gitlab.fail(gitlabFailure('gitlab.unreachable'), 'queue');
    await nextRead();
    gitlab.fail(null, 'queue');
    await nextRead();
    expect([changes, same]).toEqual([4, 2]);
    const job = gitlab.addJob({ status: 'running' });
    await nextRead();
    expect([changes, same]).toEqual([5, 2]);
    gitlab.finish(job);
    await nextRead();
    expect(changes).toBeGreaterThanOrEqual(6);
  });

  it('is news while a job is open that is not in it', async () => {
    store.saveJobs([someJob({ status: 'created' })]);
    gitlab.fail(gitlabFailure('gitlab.unreachable'), 'projectJobs');
    await begin();
    await nextRead();
    await nextRead();
    expect([jobs(), same]).toEqual([[], 0]);
  });
});

describe('reading the queue', () => {
  it('gives what waits and runs, since when we know it, and who is busy', async () => {
    const [one, two] = [gitlab.addJob(), gitlab.addJob({ status: 'running', systemId: 'r_autoaaaaaaaa' })];
    const begun = clock.now();
    await begin();
    expect(watching().queue()).toMatchObject({
      state: 'fresh',
      at: begun,
      value: { lastBusy: { r_autoaaaaaaaa: begun } },
    });
    expect(jobs().map(({ id, firstSeenAt }) => [id, firstSeenAt])).toEqual([
      [one, begun],
      [two, begun],
    ]);
    gitlab.finish(two);
    const later = gitlab.addJob();
    await nextRead();
    expect(jobs().map(({ id, firstSeenAt }) => [id, firstSeenAt])).toEqual([
      [one, begun],
      [later, clock.now()],
    ]);
    expect(watching().queue()).toMatchObject({ value: { lastBusy: { r_autoaaaaaaaa: begun } } });
    expect(changes).toBe(2);
  });

  it('keeps what it saw, so that a new start knows since when a job waits', async () => {
    const id = gitlab.addJob();
    await begin();
    expect(store.job(id)).toMatchObject({ status: 'pending', firstSeenAt: clock.now() });
  });

  it.each([
    ['a job waits', () => void gitlab.addJob(), 2_000],
    ['runners are alive', () => void (isActive = true), 2_000],
    ['nothing happens', () => undefined, 5_000],
  ])('while %s', async (_, prepare, pause) => {
    prepare();
    await begin();
    const before = calls('queue');
    await clock.advance(10 * pause);
    expect(calls('queue') - before).toBe(10);
  });

  it('at once when asked, also while it is being read', async () => {
    await begin();
    watching().refresh();
    await clock.settle();
    expect(calls('queue')).toBe(2);
    const release = gitlab.hang();
    watching().refresh();
    await clock.settle();
    watching().refresh();
    release();
    await clock.settle();
    expect(calls('queue')).toBe(4);
  });

  it('asks nothing any more when it has been stopped', async () => {
    await begin();
    await watching().stop();
    const before = gitlab.calls.length;
    await clock.advance(hour);
    expect(gitlab.calls.length).toBe(before);
  });
});

describe('jobs that have left the queue', () => {
  it('are read once more, to know how they ended', async () => {
    const id = gitlab.addJob({ status: 'running', systemId: 'r_autoaaaaaaaa' });
    await begin();
    gitlab.finish(id, 'failed');
    await nextRead();
    expect(store.job(id)).toMatchObject({
      ...{ status: 'failed', failureReason: 'script_failure', systemId: 'r_autoaaaaaaaa' },
      project: 'group/project',
    });
    const before = calls('projectJobs');
    await clock.advance(minute);
    expect(calls('projectJobs')).toBe(before);
  });

  it('those that came and went meanwhile are found with them', async () => {
    const first = gitlab.addJob();
    await begin();
    const projectId = gitlab.jobView(first)?.projectId ?? 0;
    const meanwhile = gitlab.addJob({ projectId });
    gitlab.finish(first);
    gitlab.finish(meanwhile);
    await nextRead();
    expect(store.job(meanwhile)).toMatchObject({ status: 'success', firstSeenAt: clock.now() });
  });

  it('older jobs of the project stay out', async () => {
    const old = gitlab.addJob({ status: 'success' });
    const projectId = gitlab.jobView(old)?.projectId ?? 0;
    const job = gitlab.addJob({ projectId });
    await begin();
    gitlab.finish(job);
    await nextRead();
    expect(store.job(old)).toBeNull();
  });

  it('one that is gone without a trace is unknown, not waiting', async () => {
    const id = gitlab.addJob();
    await begin();
    gitlab.removeProject(gitlab.jobView(id)?.projectId ?? 0);
    await nextRead();
    expect(store.job(id)?.status).toBe('unknown');
    expect(store.openJobs()).toEqual([]);
  });

  it('jobs that wait for others are asked for ever more rarely, one request for a project', async () => {
    const first = gitlab.addJob();
    const projectId = gitlab.jobView(first)?.projectId ?? 0;
    for (let index = 0; index < 50; index += 1) gitlab.addJob({ projectId, status: 'created' });
    await begin();
    gitlab.finish(first);
    await nextRead();
    expect(store.openJobs()).toHaveLength(50);
    const before = calls('projectJobs');
    await clock.advance(hour);
    expect(calls('projectJobs') - before).toBeLessThan(40);
    expect(calls('job')).toBe(0);
  });

  it('a project that does not answer spoils neither the queue nor other projects', async () => {
    const jobs1 = [gitlab.addJob(), gitlab.addJob({ projectId: 99 })];
    await begin();
    for (const id of jobs1) gitlab.finish(id);
    gitlab.fail(gitlabFailure('gitlab.forbidden'), 'projectJobs');
    await nextRead();
    expect(watching().queue().state).toBe('fresh');
    expect(calls('projectJobs')).toBe(2);
    await clock.advance(50 * second);
    expect(calls('projectJobs')).toBe(2);
    gitlab.fail(null, 'projectJobs');
    await clock.advance(20 * second);
    expect(jobs1.map((id) => store.job(id)?.status)).toEqual(['success', 'success']);
  });
});

describe('runner entries', () => {
  const description = entryDescription(instance, 'default');
  const entry = { ...entryTerms(somePool()), description };

  it('are listed with the first reading, and every five minutes', async () => {
    const { id } = await gitlab.createEntry(entry);
    await gitlab.createEntry({ ...entry, description: 'AutoGit 99999999 / default' });
    await begin();
    expect(watching().entries()).toMatchObject({ state: 'fresh', value: [{ id, description }] });
    await clock.advance(hour);
    expect(calls('listEntries')).toBeGreaterThanOrEqual(12);
    expect(calls('listEntries')).toBeLessThanOrEqual(13);
  });

  it('are read again once something was written', async () => {
    await begin();
    await gitlab.createEntry(entry);
    watching().invalidateEntries();
    expect(watching().entries().state).toBe('never');
    await clock.settle();
    expect(watching().entries()).toMatchObject({ state: 'fresh', value: [{ description }] });
  });

  it('are an old list when GitLab does not answer, and read again when it does', async () => {
    await begin();
    gitlab.fail(gitlabFailure('gitlab.unreachable'));
    await nextRead();
    expect(watching().entries().state).toBe('stale');
    gitlab.fail(null);
    await clock.advance(minute);
    expect(watching().entries().state).toBe('fresh');
  });

  it('that cannot be listed do not spoil the queue', async () => {
    gitlab.fail(gitlabFailure('gitlab.forbidden'), 'listEntries');
    gitlab.addJob();
    await begin();
    expect(watching().queue().state).toBe('fresh');
    expect(watching().entries()).toMatchObject({ state: 'failed', error: { key: 'gitlab.forbidden' } });
    await clock.advance(hour);
    expect(calls('listEntries')).toBeLessThan(400);
  });
});

describe("a token that is not an administrator's", () => {
  it('gives a failed queue with the reason, never an empty one, until it is', async () => {
    gitlab.isAdmin = false;
    gitlab.addJob();
    await begin();
    expect(watching().queue()).toMatchObject({ state: 'failed', error: { key: 'gitlab.not-admin' } });
    gitlab.isAdmin = true;
    await nextRead();
    expect(watching().queue()).toMatchObject({ state: 'fresh', value: { jobs: [{ status: 'pending' }] } });
  });
});

describe('a GitLab that fails', () => {
  it.each(['gitlab.unreachable', 'gitlab.unavailable', 'gitlab.unauthorized', 'gitlab.unexpected'])(
    '%s: the queue is an old one, and says why',
    async (key) => {
      const id = gitlab.addJob();
      await begin();
      const seenAt = clock.now();
      gitlab.finish(id);
      gitlab.fail(gitlabFailure(key), 'queue');
      await nextRead();
      expect(watching().queue()).toMatchObject({
        ...{ state: 'stale', at: seenAt, since: clock.now(), error: { key } },
        value: { jobs: [{ id, status: 'pending' }] },
      });
      expect(store.job(id)?.status).toBe('pending');
      gitlab.fail(null, 'queue');
      await clock.advance(minute);
      expect(watching().queue()).toMatchObject({ state: 'fresh', value: { jobs: [] } });
      expect(store.job(id)?.status).toBe('success');
    },
  );

  it('from the beginning: failed, not empty', async () => {
    gitlab.fail(gitlabFailure('gitlab.unauthorized'));
    await begin();
    expect(watching().queue()).toMatchObject({ state: 'failed', error: { key: 'gitlab.unauthorized' } });
    expect(watching().entries().state).toBe('failed');
  });

  it('is asked again after 0.25, 0.5, 1, 2, 5 and then every 10 s; and at the old pace once it answers', async () => {
    gitlab.fail(gitlabFailure('gitlab.unavailable'), 'queue');
    await begin();
    const asked: number[] = [clock.now()];
    for (let index = 0; index < 8; index += 1) {
      await nextRead();
      asked.push(clock.now());
    }
    const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    expect(gaps).toEqual([250, 500, 1_000, 2_000, 5_000, 10_000, 10_000, 10_000]);
    gitlab.fail(null, 'queue');
    await nextRead();
    const back = clock.now();
    await nextRead();
    expect(clock.now() - back).toBe(5_000);
  });

  it('that hangs leaves the last view, and the failure that ends it is told', async () => {
    await begin();
    const release = gitlab.hang();
    await clock.advance(minute);
    expect(watching().queue().state).toBe('fresh');
    const before = calls('queue');
    await clock.advance(hour);
    expect(calls('queue')).toBe(before);
    gitlab.fail(gitlabFailure('gitlab.unreachable'));
    release();
    await clock.settle();
    expect(watching().queue()).toMatchObject({ state: 'stale', error: { key: 'gitlab.unreachable' } });
  });
});

describe('joining what is listed with what was known', () => {
  it('keeps our own clock and takes everything else from GitLab', () => {
    const known = someJob({ id: 1, firstSeenAt: 5, status: 'pending' });
    const listed = [someJob({ id: 1, status: 'running', systemId: 'r_x' }), someJob({ id: 2 })];
    expect(mergeJobs(listed, new Map([[1, known]]), now)).toEqual([
      someJob({ id: 1, status: 'running', systemId: 'r_x', firstSeenAt: 5 }),
      someJob({ id: 2, firstSeenAt: now }),
    ]);
    expect(mergeJobs([], new Map([[1, known]]), now)).toEqual([]);
  });

  it('remembers for ten minutes who was busy', () => {
    const running = [someJob({ status: 'running', systemId: 'r_new' }), someJob()];
    const before = { r_old: now - 600_000, r_young: now - 599_999, r_new: 1 };
    expect(busyRunners(running, now, before)).toEqual({ r_young: now - 599_999, r_new: now });
  });
});

describe('since when a job waits', () => {
  const { firstSeenAt: early, ...job } = someJob({ id: 1, firstSeenAt: 1_000 });

  it.each([
    ['it waits still', 'pending', 'pending', early],
    ['it runs by now', 'pending', 'running', early],
    ['earlier jobs come first still', 'created', 'created', early],
    ['earlier jobs came first until now', 'created', 'pending', 9_000],
  ] as const)('%s', (_what, before, after, since) => {
    const known = new Map([[1, someJob({ id: 1, status: before, firstSeenAt: early })]]);
    expect(mergeJobs([{ ...job, status: after }], known, 9_000)[0]?.firstSeenAt).toBe(since);
  });
});
