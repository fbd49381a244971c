import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobTaker } from '../../../../main/sandbox/context.ts';
import type { Job } from '../../../../main/sandbox/state.ts';
import { jobSpec, needing, openFixture, pushRequest } from '../fixture.ts';
import type { Fixture } from '../fixture.ts';

let fixture: Fixture;
beforeEach(() => {
  fixture = openFixture();
});
afterEach(() => {
  fixture.close();
});

/** Lets the runner take the job of this name. */
function start(name: string, features: readonly string[] = []): Job {
  const taker: JobTaker = { runner: fixture.runner, systemId: 's_1', features };
  const job = fixture.ctx.ci.assignJob(fixture.job(name).id, taker);
  if (job === null) throw new Error(`${name} could not be had`);
  return job;
}

function succeed(name: string): void {
  fixture.ctx.ci.finishJob(start(name).id, { state: 'success' });
}

function fail(name: string, reason = 'script_failure', exitCode = 1): Job {
  const job = start(name, ['return_exit_code']);
  return fixture.ctx.ci.finishJob(job.id, { state: 'failed', reason, exitCode });
}

const notAllowed: unknown = expect.objectContaining({ key: 'sandbox_not_allowed' });

describe('createPipeline', () => {
  it('makes the jobs, starts the first stage, and says what happened in order', () => {
    const pipeline = fixture.push([jobSpec('build', { stage: 'build' }), jobSpec('test')]);
    expect(pipeline).toMatchObject({ iid: 1, status: 'pending', ref: 'main', tag: false });
    expect(fixture.statuses()).toEqual({ build: 'pending', test: 'created' });
    expect(fixture.events).toEqual([
      'pipeline created',
      'job build created',
      'job test created',
      'job build pending',
      'pipeline pending',
    ]);
  });

  it('makes a failed pipeline without jobs when the file is invalid', () => {
    fixture.compileTo({ kind: 'invalid', errors: ['first', 'second'] });
    const created = fixture.ctx.ci.createPipeline(pushRequest(fixture.project, fixture.user));
    expect(created).toMatchObject({
      kind: 'created',
      pipeline: { status: 'failed', yamlErrors: 'first\nsecond' },
    });
    expect(fixture.store.jobs.size).toBe(0);
  });

  it('makes nothing when rules leave nothing', () => {
    fixture.compileTo({ kind: 'none', reason: 'filtered' });
    const created = fixture.ctx.ci.createPipeline(pushRequest(fixture.project, fixture.user));
    expect(created).toEqual({ kind: 'none', reason: 'filtered' });
    expect(fixture.store.pipelines.size).toBe(0);
  });

  it('counts pipelines of each project by itself', () => {
    fixture.push([jobSpec('a')]);
    const other = fixture.store.projects.insert({
      ...fixture.project,
      path: 'other',
      fullPath: 'root/other',
    });
    expect(fixture.push([jobSpec('b')], { project: other }).iid).toBe(1);
    expect(fixture.push([jobSpec('c')]).iid).toBe(2);
  });

  it('gives the compiler predefined and project variables, protected ones only on protected refs', () => {
    const { store, project } = fixture;
    store.projectVariables.insert({ projectId: project.id, key: 'OPEN', value: '1' });
    store.projectVariables.insert({ projectId: project.id, key: 'CLOSED', value: '2', protected: true });
    store.protectedBranches.insert({ projectId: project.id, name: 'release/*' });
    fixture.push([jobSpec('a')], { ref: 'feature' });
    fixture.push([jobSpec('a')], { ref: 'release/1', sha: 'b'.repeat(40) });
    fixture.push([jobSpec('a')], { ref: 'v1', refType: 'tag' });
    const [feature, release, tag] = fixture.compiled.map((context) =>
      Object.fromEntries(context.variables.map((variable) => [variable.key, variable.value])),
    );
    expect(feature).toMatchObject({
      CI_COMMIT_BRANCH: 'feature',
      CI_COMMIT_REF_PROTECTED: 'false',
      CI_PIPELINE_SOURCE: 'push',
      CI_PROJECT_PATH: 'root/demo',
      CI_SERVER_URL: 'http://gitlab.test:8080',
      CI_SERVER_PORT: '8080',
      CI_API_V4_URL: 'http://gitlab.test:8080/api/v4',
      GITLAB_USER_LOGIN: 'root',
      OPEN: '1',
    });
    expect(feature).not.toHaveProperty('CLOSED');
    expect(feature).not.toHaveProperty('CI_REGISTRY');
    expect(release).toMatchObject({
      CI_COMMIT_REF_SLUG: 'release-1',
      CI_COMMIT_REF_PROTECTED: 'true',
      CLOSED: '2',
    });
    expect(tag).toMatchObject({ CI_COMMIT_TAG: 'v1' });
    expect(tag).not.toHaveProperty('CI_COMMIT_BRANCH');
  });

  it('cancels older pipelines of the branch unless something that is not interruptible has started', () => {
    const waiting = fixture.push([jobSpec('a')], { sha: '1'.repeat(40) });
    const other = fixture.push([jobSpec('b')], { ref: 'other', sha: '1'.repeat(40) });
    fixture.push([jobSpec('c')], { sha: '2'.repeat(40) });
    expect(fixture.store.pipelines.need(waiting.id).status).toBe('canceled');
    expect(fixture.store.pipelines.need(other.id).status).toBe('pending');
    start('c');
    fixture.push([jobSpec('d')], { sha: '3'.repeat(40) });
    expect(fixture.job('c').status).toBe('running');
  });
});

describe('a pipeline on its way', () => {
  it('goes from stage to stage to success', () => {
    const { id } = fixture.push([
      jobSpec('build', { stage: 'build' }),
      jobSpec('test'),
      jobSpec('out', { stage: 'deploy' }),
    ]);
    for (const name of ['build', 'test', 'out']) succeed(name);
    expect(fixture.store.pipelines.need(id)).toMatchObject({ status: 'success', warnings: false });
  });

  it('lets exit codes that are allowed pass, and no others', () => {
    fixture.push([jobSpec('a', { stage: 'build', allowFailure: [3] }), jobSpec('b')]);
    expect(fail('a', 'script_failure', 3)).toMatchObject({
      status: 'failed',
      allowFailure: true,
      exitCode: 3,
    });
    expect(fixture.job('b').status).toBe('pending');
    fixture.push([jobSpec('c', { stage: 'build', allowFailure: [3] }), jobSpec('d')], { ref: 'other' });
    expect(fail('c', 'script_failure', 4).allowFailure).toBe(false);
    expect(fixture.job('d').status).toBe('skipped');
  });

  it('retries by itself for the reasons given, as often as given, each time as a new job', () => {
    fixture.push([jobSpec('a', { retry: { max: 2, when: ['runner_system_failure'] } })]);
    fail('a', 'runner_system_failure');
    const again = fixture.job('a');
    expect(again).toMatchObject({
      id: 2,
      status: 'pending',
      retryCount: 1,
      failureReason: null,
      runnerId: null,
    });
    expect(fixture.store.jobs.need(1)).toMatchObject({ status: 'failed', retried: true });
    expect(again.token).not.toBe(fixture.store.jobs.need(1).token);
    fail('a', 'script_failure');
    expect(fixture.job('a')).toMatchObject({ id: 2, status: 'failed' });
  });

  it('stops retrying at the limit', () => {
    const { id } = fixture.push([jobSpec('a', { retry: { max: 1, when: ['always'] } })]);
    fail('a');
    fail('a');
    expect(fixture.store.jobs.size).toBe(2);
    expect(fixture.store.pipelines.need(id).status).toBe('failed');
  });

  it('keeps an unknown reason out', () => {
    fixture.push([jobSpec('a')]);
    expect(fail('a', 'made_up').failureReason).toBe('unknown_failure');
  });
});

describe('cancelJob', () => {
  it('cancels a waiting job at once, and what follows is skipped', () => {
    const { id } = fixture.push([jobSpec('a', { stage: 'build' }), jobSpec('b')]);
    expect(fixture.ctx.ci.cancelJob(fixture.job('a').id, 1)).toMatchObject({
      status: 'canceled',
      canceledById: 1,
    });
    expect(fixture.statuses()).toEqual({ a: 'canceled', b: 'skipped' });
    expect(fixture.store.pipelines.need(id).status).toBe('canceled');
  });

  it('lets a runner that can do so end gracefully, and cancels at once on others', () => {
    fixture.push([jobSpec('gentle'), jobSpec('old')]);
    const gentle = start('gentle', ['cancel_gracefully']);
    start('old');
    expect(fixture.ctx.ci.cancelJob(gentle.id, 1).status).toBe('canceling');
    expect(fixture.ctx.ci.cancelJob(fixture.job('old').id, 1).status).toBe('canceled');
    expect(() => fixture.ctx.ci.cancelJob(gentle.id, 1)).toThrow(notAllowed);
    expect(fixture.ctx.ci.finishJob(gentle.id, { state: 'success' }).status).toBe('canceled');
  });

  it('ends a canceling job at once when forced', () => {
    fixture.push([jobSpec('a')]);
    const { id } = start('a', ['cancel_gracefully']);
    fixture.ctx.ci.cancelJob(id, 1);
    expect(fixture.ctx.ci.cancelJob(id, 1, true).status).toBe('canceled');
  });

  it('refuses a finished job', () => {
    fixture.push([jobSpec('a')]);
    succeed('a');
    expect(() => fixture.ctx.ci.cancelJob(fixture.job('a').id, 1)).toThrow(notAllowed);
  });
});

describe('retryJob and retryPipeline', () => {
  it('runs a failed job again, and gives what was skipped after it another chance', () => {
    const { id } = fixture.push([
      jobSpec('a', { stage: 'build' }),
      jobSpec('b'),
      jobSpec('c', { needs: needing('a') }),
    ]);
    fail('a');
    expect(fixture.statuses()).toEqual({ a: 'failed', b: 'skipped', c: 'skipped' });
    const again = fixture.ctx.ci.retryJob(fixture.job('a').id, 1);
    expect(again.status).toBe('pending');
    expect(fixture.statuses()).toEqual({ a: 'pending', b: 'created', c: 'created' });
    expect(fixture.store.pipelines.need(id)).toMatchObject({ finishedAt: null });
    succeed('a');
    expect(fixture.statuses()).toEqual({ a: 'success', b: 'pending', c: 'pending' });
  });

  it('refuses a job that waits or runs, or was retried before', () => {
    fixture.push([jobSpec('a')]);
    expect(() => fixture.ctx.ci.retryJob(1, 1)).toThrow(notAllowed);
    fail('a');
    fixture.ctx.ci.retryJob(1, 1);
    expect(() => fixture.ctx.ci.retryJob(1, 1)).toThrow(notAllowed);
  });

  it('retries everything that failed or was canceled in a pipeline, and nothing else', () => {
    const { id } = fixture.push([
      jobSpec('good'),
      jobSpec('bad'),
      jobSpec('gone'),
      jobSpec('last', { stage: 'deploy' }),
    ]);
    succeed('good');
    fail('bad');
    fixture.ctx.ci.cancelJob(fixture.job('gone').id, 1);
    fixture.ctx.ci.retryPipeline(id, 1);
    expect(fixture.statuses()).toEqual({ good: 'success', bad: 'pending', gone: 'pending', last: 'created' });
  });
});

describe('playJob', () => {
  it('starts a manual job with variables, and a scheduled one before its time', () => {
    fixture.push([jobSpec('m', { when: 'manual' }), jobSpec('d', { when: 'delayed', startInSeconds: 60 })]);
    expect(fixture.statuses()).toEqual({ m: 'manual', d: 'scheduled' });
    const variable = { key: 'X', value: '1', public: false, masked: false, file: false, raw: false };
    expect(fixture.ctx.ci.playJob(fixture.job('m').id, 1, [variable])).toMatchObject({
      status: 'pending',
      playVariables: [variable],
    });
    expect(fixture.ctx.ci.playJob(fixture.job('d').id, 1)).toMatchObject({
      status: 'pending',
      scheduledAt: null,
    });
  });

  it('plays a finished manual job again as a new one, and refuses other jobs', () => {
    fixture.push([jobSpec('m', { when: 'manual' }), jobSpec('a')]);
    fixture.ctx.ci.playJob(fixture.job('m').id, 1);
    succeed('m');
    expect(fixture.ctx.ci.playJob(fixture.job('m').id, 1)).toMatchObject({ id: 3, status: 'pending' });
    expect(() => fixture.ctx.ci.playJob(fixture.job('a').id, 1)).toThrow(notAllowed);
  });

  it('brings back what was skipped because the manual job had not run', () => {
    const m = jobSpec('m', { stage: 'build', when: 'manual', allowFailure: true });
    fixture.push([m, jobSpec('after', { needs: needing('m') })]);
    expect(fixture.statuses()).toEqual({ m: 'manual', after: 'skipped' });
    fixture.ctx.ci.playJob(fixture.job('m').id, 1);
    expect(fixture.statuses()).toEqual({ m: 'pending', after: 'created' });
  });
});

describe('eraseJob and deletions', () => {
  it('removes trace and artifacts of a finished job only', () => {
    fixture.push([jobSpec('a')]);
    expect(() => fixture.ctx.ci.eraseJob(1, 1)).toThrow(notAllowed);
    fixture.store.files.appendTrace(1, Buffer.from('log'));
    succeed('a');
    expect(fixture.ctx.ci.eraseJob(1, 1)).toMatchObject({ erasedById: 1 });
    expect(fixture.store.files.traceSize(1)).toBe(0);
    expect(() => fixture.ctx.ci.eraseJob(1, 1)).toThrow(notAllowed);
  });

  it('leaves nothing of a deleted project', () => {
    const { store, project, ctx } = fixture;
    fixture.push([jobSpec('a')]);
    store.files.appendTrace(1, Buffer.from('log'));
    const createdAt = project.createdAt;
    const own = store.runners.insert({
      runnerType: 'project_type',
      token: 'glrt-2',
      projectIds: [project.id],
      createdAt,
    });
    ctx.ci.deleteProjectCi(project.id);
    expect([store.pipelines.size, store.jobs.size, store.files.traceSize(1)]).toEqual([0, 0, 0]);
    expect(store.runners.get(own.id)).toBeUndefined();
    expect(store.runners.get(fixture.runner.id)).toBeDefined();
  });
});

describe('tick', () => {
  it('starts delayed jobs when their time has come', () => {
    fixture.push([jobSpec('d', { when: 'delayed', startInSeconds: 60 })]);
    fixture.advance(59);
    fixture.ctx.ci.tick();
    expect(fixture.job('d').status).toBe('scheduled');
    fixture.advance(1);
    fixture.ctx.ci.tick();
    expect(fixture.job('d').status).toBe('pending');
  });

  it('ends a job past its timeout, but leaves the runner a minute to do so itself', () => {
    fixture.push([jobSpec('a', { timeoutSeconds: 100 })]);
    expect(start('a').timeoutSeconds).toBe(100);
    fixture.advance(160);
    fixture.ctx.ci.tick();
    expect(fixture.job('a').status).toBe('running');
    fixture.advance(1);
    fixture.ctx.ci.tick();
    expect(fixture.job('a')).toMatchObject({ status: 'failed', failureReason: 'job_execution_timeout' });
  });

  it('takes the shorter of the job’s and the runner’s timeout', () => {
    fixture.push([jobSpec('a')]);
    const runner = fixture.store.runners.update(fixture.runner.id, { maximumTimeout: 600 });
    expect(fixture.ctx.ci.assignJob(1, { runner, systemId: null, features: [] })?.timeoutSeconds).toBe(600);
  });

  it('gives up a job whose runner has been silent for an hour', () => {
    fixture.push([jobSpec('a', { timeoutSeconds: 100_000 })]);
    start('a');
    fixture.advance(3601);
    fixture.ctx.ci.tick();
    expect(fixture.job('a')).toMatchObject({ status: 'failed', failureReason: 'stuck_or_timeout_failure' });
  });

  it('forgets managers that were silent for a week', async () => {
    await fixture.take();
    expect(fixture.store.runnerManagers.size).toBe(1);
    fixture.advance(7 * 24 * 3600 - 1);
    fixture.ctx.ci.tick();
    expect(fixture.store.runnerManagers.size).toBe(1);
    fixture.advance(2);
    fixture.ctx.ci.tick();
    expect(fixture.store.runnerManagers.size).toBe(0);
  });

  it('fails a job whose user is gone when a runner asks for it', async () => {
    fixture.push([jobSpec('a')]);
    fixture.store.users.remove(fixture.user.id);
    expect(await fixture.take()).toBeNull();
    expect(fixture.job('a')).toMatchObject({ status: 'failed', failureReason: 'user_blocked' });
  });
});
