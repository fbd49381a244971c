// The queue as one runner sees it, and the value that tells whether it changed.
import { createHash, randomBytes } from 'node:crypto';
import { ancestorsOf } from '../api/access.ts';
import type { SandboxEvents } from '../events.ts';
import { isOnOffer } from '../pipelines/job-steps.ts';
import type { Job, Runner } from '../state.ts';
import type { SandboxStore } from '../store.ts';
import { matchesRunner, orderForRunner } from './matching.ts';

/** Waiting jobs that the runner may take, in the order in which it should try them. */
export function jobsForRunner(store: SandboxStore, runner: Runner, now: Date): Job[] {
  const matching = store.jobs.by('status', 'pending').filter((job) => {
    const project = store.projects.get(job.projectId);
    if (project === undefined || isOnOffer(job, now)) return false;
    const namespaceIds = ancestorsOf(store, project.namespaceId).map(({ id }) => id);
    return matchesRunner(runner, job, { project, namespaceIds });
  });
  return orderForRunner(runner, matching, countOnInstanceRunners(store));
}

/** Jobs of each project that run on instance runners now. */
export function countOnInstanceRunners(store: SandboxStore): (projectId: number) => number {
  const counts = new Map<number, number>();
  for (const job of store.jobs.by('status', 'running')) {
    const runner = job.runnerId === null ? undefined : store.runners.get(job.runnerId);
    if (runner?.runnerType === 'instance_type')
      counts.set(job.projectId, (counts.get(job.projectId) ?? 0) + 1);
  }
  return (projectId) => counts.get(projectId) ?? 0;
}

/** `X-GitLab-Last-Update`: a value that changes whenever a runner may find a job that it did not find before. */
export interface QueueTicks {
  valueFor(runner: Runner): string;
  /** Resolves at the next change, after the time given, or when the asker is gone. */
  nextChange(seconds: number, gone: AbortSignal): Promise<void>;
}

export function createQueueTicks(events: SandboxEvents): QueueTicks {
  // Values of an earlier process never count as current.
  const session = randomBytes(8).toString('hex');
  const waiting = new Set<() => void>();
  let ticks = 0;
  const tick = (): void => {
    ticks += 1;
    for (const wake of waiting) wake();
  };
  events.on('job', (job) => {
    if (job.status === 'pending') tick();
  });
  events.on('project', tick);
  events.on('runner', tick);
  return {
    valueFor: (runner) => {
      const { tags, runUntagged, accessLevel, paused, projectIds, groupIds } = runner;
      const settings = JSON.stringify([
        session,
        ticks,
        tags,
        runUntagged,
        accessLevel,
        paused,
        projectIds,
        groupIds,
      ]);
      return createHash('sha256').update(settings).digest('hex').slice(0, 32);
    },
    nextChange: (seconds, gone) =>
      new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          waiting.delete(finish);
          gone.removeEventListener('abort', finish);
          resolve();
        };
        const timer = setTimeout(finish, seconds * 1000);
        waiting.add(finish);
        gone.addEventListener('abort', finish);
        if (gone.aborted) finish();
      }),
  };
}
