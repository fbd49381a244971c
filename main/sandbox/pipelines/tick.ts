// What time alone does to pipelines.
import type { SandboxStore } from '../store.ts';
import { withdrawOffer } from './assign-job.ts';
import type { Changes } from './changes.ts';
import { endJob, isOnOffer, overdueReason } from './job-steps.ts';

/** Starts delayed jobs, ends overdue ones, removes expired artifacts and silent managers. Writes nothing when nothing is due. */
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
    removeExpired(store, changes.now);
  });
}

/** Seconds without a word after which a runner's manager is forgotten (GitLab: 7 days). */
const managerSilenceSeconds = 7 * 24 * 3600;

/** Times are compared as texts: every artifact and manager is looked at every second. */
function removeExpired(store: SandboxStore, now: Date): void {
  const at = now.toISOString();
  for (const artifact of store.artifacts.filter(({ expireAt }) => expireAt !== null && expireAt <= at)) {
    store.artifacts.remove(artifact.id);
    store.files.removeArtifact(artifact.id);
  }
  const silentSince = new Date(now.getTime() - managerSilenceSeconds * 1000).toISOString();
  for (const manager of store.runnerManagers.filter(({ contactedAt }) => contactedAt < silentSince)) {
    store.runnerManagers.remove(manager.id);
  }
}
