// Values for the store's tests.
import type { Job } from '../../../../main/model/job.ts';
import { runnerName, systemIdOf, type RunnerRecord } from '../../../../main/model/runner.ts';

export function sampleRunner(change: Partial<RunnerRecord> = {}): RunnerRecord {
  const id = change.id ?? '00000001';
  const pool = change.pool ?? 'default';
  return {
    id,
    node: 'node-1',
    pool,
    slot: 0,
    name: runnerName(pool, id),
    specHash: 'abc',
    systemId: systemIdOf(id),
    grant: null,
    phase: 'intended',
    createdAt: 1000,
    startedAt: null,
    goneAt: null,
    failure: null,
    ...change,
  };
}

export function sampleJob(change: Partial<Job> = {}): Job {
  return {
    id: 1,
    name: 'build',
    status: 'pending',
    tags: ['docker', 'grün, "x"'],
    projectId: 7,
    project: 'group/project',
    ref: 'main',
    firstSeenAt: 1000,
    startedAt: null,
    finishedAt: null,
    waitedMs: null,
    systemId: null,
    failureReason: null,
    ...change,
  };
}
