import { describe, expect, it } from 'vitest';
import type { JobSpec } from '../../../../main/sandbox/ci/pipeline-spec.ts';
import { advancePipeline } from '../../../../main/sandbox/pipelines/advance.ts';
import type { PipelineJob } from '../../../../main/sandbox/pipelines/advance.ts';
import { composeStatus } from '../../../../main/sandbox/pipelines/composite-status.ts';
import { pipelineSchema } from '../../../../main/sandbox/state.ts';
import type { CiStatus, Pipeline } from '../../../../main/sandbox/state.ts';
import { jobSpec, needing } from '../fixture.ts';

const now = new Date('2026-01-02T03:04:05.000Z');
const pipeline: Pipeline = pipelineSchema.parse({
  id: 1,
  iid: 1,
  projectId: 1,
  ref: 'main',
  tag: false,
  sha: 'a'.repeat(40),
  beforeSha: '0'.repeat(40),
  source: 'push',
  status: 'created',
  stages: ['build', 'test', 'deploy'],
  userId: 1,
  createdAt: now.toISOString(),
  updatedAt: now.toISOString(),
});

let nextId = 1;
function job(name: string, stageIndex: number, status: CiStatus, spec: Partial<JobSpec> = {}): PipelineJob {
  nextId += 1;
  const full = jobSpec(name, spec);
  const allowFailure = full.allowFailure === true;
  return {
    id: nextId,
    name,
    stageIndex,
    status,
    allowFailure,
    retried: false,
    scheduledAt: null,
    spec: full,
  };
}

/** What becomes of the jobs, by name. */
function outcome(...jobs: readonly PipelineJob[]): Record<string, CiStatus> {
  const { jobs: changes } = advancePipeline(pipeline, jobs, now);
  const changed = new Map(changes.map((change) => [change.id, change.patch.status]));
  return Object.fromEntries(jobs.map((one) => [one.name, changed.get(one.id) ?? one.status]));
}

describe('advancePipeline, by stages', () => {
  it.each<[CiStatus, boolean, JobSpec['when'], CiStatus]>([
    // a job of the stage before, whether it may fail, the when of the next, what becomes of it
    ['success', false, 'on_success', 'pending'],
    ['success', false, 'on_failure', 'skipped'],
    ['success', false, 'always', 'pending'],
    ['success', false, 'manual', 'manual'],
    ['failed', false, 'on_success', 'skipped'],
    ['failed', false, 'on_failure', 'pending'],
    ['failed', false, 'always', 'pending'],
    ['failed', false, 'manual', 'skipped'],
    ['failed', true, 'on_success', 'pending'],
    ['failed', true, 'on_failure', 'skipped'],
    ['canceled', false, 'on_success', 'skipped'],
    ['canceled', false, 'always', 'skipped'],
    ['canceled', true, 'on_success', 'pending'],
    ['skipped', false, 'on_success', 'pending'],
    ['skipped', false, 'on_failure', 'skipped'],
    ['manual', true, 'on_success', 'pending'],
    ['manual', false, 'on_success', 'created'],
    ['scheduled', false, 'on_success', 'created'],
    ['pending', false, 'always', 'created'],
    ['running', false, 'always', 'created'],
    ['running', true, 'on_success', 'created'],
    ['canceling', false, 'always', 'created'],
  ])('after %s (may fail: %s) a job with when:%s becomes %s', (status, allowFailure, when, expected) => {
    const before = job('before', 0, status, { allowFailure });
    expect(outcome(before, job('next', 1, 'created', { when }))['next']).toBe(expected);
  });

  it('starts the first stage at once and nothing after it', () => {
    expect(outcome(job('a', 0, 'created'), job('b', 0, 'created'), job('c', 1, 'created'))).toEqual({
      a: 'pending',
      b: 'pending',
      c: 'created',
    });
  });

  it('waits for every job of the stage before', () => {
    expect(outcome(job('a', 0, 'success'), job('b', 0, 'running'), job('c', 1, 'created'))['c']).toBe(
      'created',
    );
  });

  it('lets a skip reach the last stage in one go', () => {
    expect(
      outcome(job('a', 0, 'failed'), job('b', 1, 'created'), job('c', 2, 'created', { when: 'on_failure' })),
    ).toEqual({
      a: 'failed',
      b: 'skipped',
      c: 'pending',
    });
  });

  it('ignores jobs that were retried', () => {
    const old = { ...job('a', 0, 'failed'), retried: true };
    expect(outcome(old, job('b', 1, 'created'))['b']).toBe('pending');
  });

  it('delays a delayed job, and starts it when its time has come', () => {
    const delayed = job('later', 0, 'created', { when: 'delayed', startInSeconds: 90 });
    const [change] = advancePipeline(pipeline, [delayed], now).jobs;
    expect(change?.patch).toMatchObject({ status: 'scheduled', scheduledAt: '2026-01-02T03:05:35.000Z' });
    const scheduled: PipelineJob = {
      ...delayed,
      status: 'scheduled',
      scheduledAt: '2026-01-02T03:05:35.000Z',
    };
    expect(advancePipeline(pipeline, [scheduled], new Date('2026-01-02T03:05:34.999Z')).jobs).toEqual([]);
    const [started] = advancePipeline(pipeline, [scheduled], new Date('2026-01-02T03:05:35.000Z')).jobs;
    expect(started?.patch).toMatchObject({ status: 'pending', scheduledAt: null });
  });
});

describe('advancePipeline, by needs', () => {
  it('does not wait for other jobs of earlier stages', () => {
    const jobs = [
      job('a', 0, 'success'),
      job('slow', 0, 'running'),
      job('c', 2, 'created', { needs: needing('a') }),
    ];
    expect(outcome(...jobs)['c']).toBe('pending');
  });

  it('starts a job with empty needs at once', () => {
    expect(outcome(job('slow', 0, 'running'), job('c', 2, 'created', { needs: [] }))['c']).toBe('pending');
  });

  it('waits for a needed job of the same stage', () => {
    expect(outcome(job('a', 0, 'running'), job('b', 0, 'created', { needs: needing('a') }))['b']).toBe(
      'created',
    );
  });

  it('skips a job whose need was skipped or failed, in whatever order they are listed', () => {
    const last = job('last', 0, 'created', { needs: needing('middle') });
    const middle = job('middle', 0, 'created', { needs: needing('first') });
    expect(outcome(last, middle, job('first', 0, 'failed'))).toEqual({
      first: 'failed',
      middle: 'skipped',
      last: 'skipped',
    });
  });

  it('skips a job when one of its needs was skipped, though the others succeeded', () => {
    const jobs = [job('a', 0, 'success'), job('b', 0, 'skipped')];
    expect(outcome(...jobs, job('c', 1, 'created', { needs: needing('a', 'b') }))['c']).toBe('skipped');
  });

  it('runs a job whose need failed but may fail, and skips one whose need is an optional manual job', () => {
    const allowed = job('a', 0, 'failed', { allowFailure: true });
    const manual = job('m', 0, 'manual', { allowFailure: true, when: 'manual' });
    expect(outcome(allowed, job('x', 1, 'created', { needs: needing('a') }))['x']).toBe('pending');
    expect(outcome(manual, job('y', 1, 'created', { needs: needing('m') }))['y']).toBe('skipped');
  });

  it('does not count an optional need that is not in the pipeline', () => {
    const needs = [{ job: 'absent', artifacts: true, optional: true }];
    expect(outcome(job('x', 1, 'created', { needs }))['x']).toBe('pending');
  });
});

describe('composeStatus', () => {
  it.each<[string, CiStatus | null]>([
    ['', null],
    ['success success', 'success'],
    ['success skipped', 'success'],
    ['skipped', 'skipped'],
    ['manual?', 'skipped'],
    ['success manual?', 'success'],
    ['success manual', 'manual'],
    ['success failed', 'failed'],
    ['success failed?', 'success'],
    ['canceled?', 'success'],
    ['success canceled', 'canceled'],
    ['failed canceled', 'failed'],
    ['created', 'created'],
    ['created success', 'running'],
    ['pending created', 'pending'],
    ['pending success', 'running'],
    ['running failed', 'running'],
    ['created scheduled', 'scheduled'],
    ['success scheduled', 'scheduled'],
    ['canceling success', 'canceling'],
    ['canceling running', 'running'],
    ['failed created', 'running'],
  ])('of "%s" (? may fail) is %s', (text, expected) => {
    const parts = text.split(' ').filter((word) => word !== '');
    const statuses = parts.map((word) => ({ status: parseStatus(word), allowFailure: word.endsWith('?') }));
    expect(composeStatus(statuses)).toBe(expected);
  });
});

function parseStatus(word: string): CiStatus {
  return pipelineSchema.parse({ ...pipeline, status: word.replace('?', '') }).status;
}

describe('the pipeline itself', () => {
  it('notes when it starts to run, when it ends, and that something that may fail did', () => {
    const running = advancePipeline(pipeline, [job('a', 0, 'running')], now).pipeline;
    expect(running).toMatchObject({ status: 'running', startedAt: now.toISOString(), finishedAt: null });
    const jobs = [job('a', 0, 'success'), job('b', 0, 'failed', { allowFailure: true })];
    const ended = advancePipeline({ ...pipeline, status: 'running' }, jobs, now).pipeline;
    expect(ended).toMatchObject({ status: 'success', warnings: true, finishedAt: now.toISOString() });
  });

  it('does not change when nothing happened', () => {
    expect(advancePipeline({ ...pipeline, status: 'running' }, [job('a', 0, 'running')], now)).toEqual({
      jobs: [],
      pipeline: null,
    });
  });
});
