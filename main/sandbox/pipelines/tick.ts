// What time alone does to pipelines.
import type { SandboxStore } from '../store.ts';
import { withdrawOffer } from './assign-job.ts';
import type { Changes } from './changes.ts';
import { endJob, isOnOffer, overdueReason } from './job-steps.ts';

/** Starts delayed jobs, ends overdue ones, removes expired artifacts. Costs nothing when nothing is due. */
export function tick(store: SandboxStore, apply: <R>(work: (changes: Changes) => R) => R): void {
  const scheduled = store.jobs.by('status', 'scheduled');
  const onRunners = [...store.jobs.by('status', 'running'), ...store.jobs.by('status', 'canceling')];
  apply((changes) => {
    const touched = new Set<number>();
    for (const job of scheduled) {
      if (job.scheduledAt !== null && Date.parse(job.scheduledAt) <= changes.now.getTime())
        touched.add(job.pipelineId);
    }
    for (const job of store.jobs.by('status', 'pending')) {
      if (job.offeredUntil !== null && !isOnOffer(job, changes.now)) withdrawOffer(changes, job);
    }
    for (const job of onRunners) {
      const reason = overdueReason(job, changes.now);
      if (reason === null) continue;
      changes.updateJob(job.id, endJob(job, { state: 'failed', reason, exitCode: null }, changes.now));
      touched.add(job.pipelineId);
    }
    for (const pipelineId of touched) changes.settle(pipelineId);
    for (const artifact of store.artifacts.all()) {
      if (artifact.expireAt === null || Date.parse(artifact.expireAt) > changes.now.getTime()) continue;
      store.artifacts.remove(artifact.id);
      store.files.removeArtifact(artifact.id);
    }
  });
}
