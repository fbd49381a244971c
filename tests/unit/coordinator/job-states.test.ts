// Cancel, retry and log in every state that a job can be in.
import { afterEach, describe, expect, it } from 'vitest';
import { AutoGitError, toAutoGitError } from '../../../main/errors.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World, WorldOptions } from '../../fakes/fake-lab.ts';
import { gitlabFailure } from '../../fakes/fake-gitlab.ts';

const opened: [World, OpenLab][] = [];
const never = 1_000_000_000;

async function start(options: WorldOptions = { jobMs: never }) {
  const world = createWorld(options);
  const lab = await openLab(world);
  opened.push([world, lab]);
  const status = (id: number) => lab.snapshot().jobs.find((job) => job.id === id)?.status;
  return { world, lab, status };
}

afterEach(async () => {
  for (const [world, lab] of opened.splice(0)) await closeLab(world, lab);
});

const keyOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => toAutoGitError(error).key,
  );

/** All of a log, until it ends. */
async function readLog(lab: OpenLab, id: number, follow = false): Promise<string> {
  let all = '';
  for await (const { text } of lab.stream('job.log', { id, follow }, new AbortController().signal))
    all += text;
  return all;
}

describe('in each state', () => {
  it.each([
    ['created', 'done', 'job.not-ended', 'job.not-begun'],
    ['pending', 'done', 'job.not-ended', 'job.not-begun'],
    ['running', 'done', 'job.not-ended', 'done'],
    ['canceling', 'done', 'job.not-ended', 'done'],
    ['success', 'job.ended', 'done', 'done'],
    ['failed', 'job.ended', 'done', 'done'],
    ['canceled', 'job.ended', 'done', 'done'],
    ['skipped', 'job.ended', 'gitlab.job-refused', 'done'],
  ] as const)('%s: cancel %s, retry %s, log %s', async (state, cancel, retry, log) => {
    const { world, lab } = await start();
    const id = world.gitlab.addJob({ tags: ['nowhere'], status: state });
    const seen = world.gitlab.jobView(id);
    if (seen === null) throw new Error('no job');
    world.store.saveJobs([{ ...seen, firstSeenAt: world.clock.now() }]);
    expect(await keyOf(lab.call('job.retry', { id }))).toBe(retry);
    expect(await keyOf(readLog(lab, id))).toBe(log);
    expect(await keyOf(lab.call('job.cancel', { id }))).toBe(cancel);
  });

  it('a cancelled one that is cancelled again is told so, and a cancelling one goes on to end', async () => {
    const { world, lab, status } = await start();
    const id = world.gitlab.addJob();
    await lab.until('it runs', () => status(id) === 'running');
    expect((await lab.call('job.cancel', { id })).message).toContain('is being cancelled');
    await lab.until('it is seen', () => status(id) === 'canceling');
    expect((await lab.call('job.cancel', { id })).message).toContain('is being cancelled');
  });
});

describe('a job that is cancelled while its runner starts', () => {
  it('is gone at once; the runner comes up, finds nothing, and leaves after its idle time', async () => {
    const pools = [{ name: 'default', tags: ['docker'], idleTime: 30 }];
    const { world, lab, status } = await start({ pools, jobMs: 1_000 });
    const goOn = world.engine.hang('startContainer');
    const id = world.gitlab.addJob();
    await lab.until('a runner starts', ({ runners }) => runners.some(({ state }) => state === 'starting'));
    expect((await lab.call('job.cancel', { id })).message).toBe(`Job ${id} is cancelled.`);
    await lab.until('its end is seen', () => status(id) === 'canceled');
    goOn();
    await lab.until('the runner is up', ({ runners }) => runners.some(({ state }) => state === 'idle'));
    await lab.until('and leaves', ({ runners }) => runners.length === 0, 60_000);
    expect(lab.snapshot().issues).toEqual([]);
    expect(lab.snapshot().totals).toEqual({ runnersCreated: 1, runnersRemoved: 1 });
    expect(world.taken).toEqual([]);
  });

  it('can be run again, and then gets that very runner', async () => {
    const { world, lab, status } = await start({ jobMs: 1_000 });
    const goOn = world.engine.hang('startContainer');
    const id = world.gitlab.addJob();
    await lab.until('a runner starts', ({ runners }) => runners.some(({ state }) => state === 'starting'));
    await lab.call('job.cancel', { id });
    await lab.until('its end is seen', () => status(id) === 'canceled');
    const { job } = await lab.call('job.retry', { id });
    goOn();
    await lab.until('it has run', () => job !== null && status(job) === 'success');
    expect(lab.snapshot().totals.runnersCreated).toBe(1);
  });
});

describe('a log that is followed', () => {
  it('waits for the job to begin, goes on through absences of GitLab, and ends with it', async () => {
    const { world, lab, status } = await start();
    const goOn = world.engine.hang('startContainer');
    const id = world.gitlab.addJob();
    await lab.until('it waits', () => status(id) === 'pending');
    const texts: string[] = [];
    const reading = (async () => {
      for await (const { text } of lab.stream('job.log', { id, follow: true }, new AbortController().signal))
        texts.push(text);
    })();
    await world.clock.advance(5_000);
    expect(texts).toEqual([]);
    goOn();
    await lab.until('it runs', () => status(id) === 'running');
    world.gitlab.append(id, Buffer.from('one\n'));
    await world.clock.advance(2_000);
    world.gitlab.fail(gitlabFailure('gitlab.unreachable'), 'jobLog');
    await world.clock.advance(20_000);
    world.gitlab.fail(null, 'jobLog');
    world.gitlab.append(id, Buffer.from('two\n'));
    world.gitlab.finish(id);
    await lab.until('its end is seen', () => status(id) === 'success');
    await world.clock.advance(2_000);
    await reading;
    expect(texts.join('')).toBe('one\ntwo\n');
  });

  it('is read more seldom the longer it is, and after an absence of GitLab as soon as any', async () => {
    const { world, lab, status } = await start();
    const id = world.gitlab.addJob();
    await lab.until('it runs', () => status(id) === 'running');
    const signal = new AbortController();
    const log = lab.stream('job.log', { id, follow: true }, signal.signal);
    const reading = (async () => {
      for await (const part of log) if (signal.signal.aborted) return part;
      return null;
    })();
    const readings = async (ms: number): Promise<number> => {
      const before = world.gitlab.calls.filter((call) => call === 'jobLog').length;
      await world.clock.advance(ms);
      return world.gitlab.calls.filter((call) => call === 'jobLog').length - before;
    };
    expect(await readings(10_000)).toBeGreaterThanOrEqual(9);
    world.gitlab.append(id, Buffer.alloc(5 * 1_048_576, 'x'));
    await world.clock.advance(5_000);
    expect(await readings(20_000)).toBeLessThanOrEqual(5);
    world.gitlab.fail(gitlabFailure('gitlab.unreachable'), 'jobLog');
    await world.clock.advance(6_000);
    expect(await readings(10_000)).toBeGreaterThanOrEqual(9);
    signal.abort();
    world.gitlab.fail(null, 'jobLog');
    world.gitlab.finish(id);
    await world.clock.advance(20_000);
    await reading;
  });

  it('ends with an error where GitLab refuses for good', async () => {
    const { world, lab, status } = await start();
    const id = world.gitlab.addJob();
    await lab.until('it runs', () => status(id) === 'running');
    const refused = { key: 'gitlab.forbidden', message: 'It is refused.', next: 'Ask somebody.' };
    world.gitlab.fail(new AutoGitError(refused), 'jobLog');
    expect(await keyOf(readLog(lab, id, true))).toBe('gitlab.forbidden');
  });

  it('says so where GitLab has deleted the job', async () => {
    const { world, lab, status } = await start();
    const id = world.gitlab.addJob();
    await lab.until('it runs', () => status(id) === 'running');
    const gone = { key: 'gitlab.unexpected', message: 'Not there.', next: 'Look.', fields: { status: 404 } };
    world.gitlab.fail(new AutoGitError(gone), 'jobLog');
    expect(await keyOf(readLog(lab, id))).toBe('job.log-gone');
  });
});
