// A runner gets a job: the checks before it, the offer, and the start.
import type { JobTaker } from '../context.ts';
import type { JobSpec } from '../ci/pipeline-spec.ts';
import { SandboxError } from '../errors.ts';
import type { Job, User } from '../state.ts';
import type { SandboxStore } from '../store.ts';
import type { Changes } from './changes.ts';
import { dependenciesOf } from './dependencies.ts';
import { isOnOffer } from './job-steps.ts';
import { createJobToken } from './tokens.ts';

/** Seconds that a runner has to accept a job, or to say that it is still preparing. */
export const offerSeconds = 120;

/** The job, running or on offer; `null` when it cannot be had or failed a check (then it is failed with that reason). */
export function assignJob(store: SandboxStore, changes: Changes, jobId: number, taker: JobTaker): Job | null {
  const job = store.jobs.need(jobId);
  if (job.status !== 'pending' || isOnOffer(job, changes.now)) return null;
  const at = changes.now.toISOString();
  const reason = obstacle(store, job, taker.features, changes.now);
  if (reason !== null) {
    const allowFailure = job.spec.allowFailure === true;
    const failed = {
      status: 'failed',
      failureReason: reason,
      allowFailure,
      finishedAt: at,
      updatedAt: at,
    } as const;
    changes.updateJob(jobId, { ...failed, runnerId: taker.runner.id });
    changes.settle(job.pipelineId);
    return null;
  }
  changes.updateJob(jobId, {
    runnerId: taker.runner.id,
    systemId: taker.systemId,
    runnerFeatures: taker.features,
    timeoutSeconds: timeoutOf(store, job, taker),
    offeredUntil: offerEnd(changes.now),
    updatedAt: at,
  });
  return taker.features.includes('two_phase_job_commit')
    ? store.jobs.need(jobId)
    : acceptJob(store, changes, jobId);
}

/** The end of an offer that is made or renewed now. */
export function offerEnd(now: Date): string {
  return new Date(now.getTime() + offerSeconds * 1000).toISOString();
}

/** An offered job begins to run. */
export function acceptJob(store: SandboxStore, changes: Changes, jobId: number): Job {
  const job = store.jobs.need(jobId);
  if (!isOnOffer(job, changes.now))
    throw new SandboxError('sandbox_not_allowed', `Job ${jobId} is not on offer`);
  const at = changes.now.toISOString();
  const running = changes.updateJob(jobId, {
    status: 'running',
    offeredUntil: null,
    startedAt: at,
    updatedAt: at,
  });
  changes.settle(job.pipelineId);
  return running;
}

/** An offer that nobody accepted in time: the job waits for another runner. */
export function withdrawOffer(changes: Changes, job: Job): void {
  changes.updateJob(job.id, {
    runnerId: null,
    systemId: null,
    runnerFeatures: [],
    timeoutSeconds: null,
    offeredUntil: null,
    // Whoever did not answer in time may still come: its token must not speak for the next one's job.
    token: createJobToken(),
  });
}

/** The job's own timeout, else the project's, but never more than the runner allows. */
function timeoutOf(store: SandboxStore, job: Job, taker: JobTaker): number {
  const wanted = job.spec.timeoutSeconds ?? store.projects.need(job.projectId).buildTimeout;
  return Math.min(wanted, taker.runner.maximumTimeout ?? wanted);
}

/** https://gitlab.com/gitlab-org/gitlab/-/blob/master/app/services/ci/register_job_service.rb */
function obstacle(store: SandboxStore, job: Job, features: readonly string[], now: Date): string | null {
  const project = store.projects.need(job.projectId);
  const dependencies = dependenciesOf(job, store.jobs.by('pipelineId', job.pipelineId));
  if (dependencies.some((one) => lostArtifacts(store, one, now))) return 'missing_dependency_failure';
  if (!requiredFeatures(job.spec).every((feature) => features.includes(feature))) return 'runner_unsupported';
  if (project.archived) return 'archived_failure';
  if (!project.jobsEnabled) return 'builds_disabled';
  return isBlocked(store.users.get(job.userId)) ? 'user_blocked' : null;
}

/** A user who is gone counts as blocked. GitLab: `blocked?` of app/models/user.rb */
function isBlocked(user: User | undefined): boolean {
  return user === undefined || ['blocked', 'banned', 'blocked_pending_approval'].includes(user.state);
}

function lostArtifacts(store: SandboxStore, job: Job, now: Date): boolean {
  if (job.erasedAt !== null) return true;
  const archives = store.artifacts.by('jobId', job.id).filter((one) => one.fileType === 'archive');
  if (archives.some((archive) => store.files.findArtifact(archive) === null)) return true;
  return job.artifactsExpireAt !== null && Date.parse(job.artifactsExpireAt) <= now.getTime();
}

function requiredFeatures(spec: JobSpec): string[] {
  return [
    ...(spec.artifacts.some((one) => one.type !== 'archive') ? ['upload_multiple_artifacts'] : []),
    ...(spec.artifacts.some((one) => one.exclude.length > 0) ? ['artifacts_exclude'] : []),
    ...(typeof spec.allowFailure === 'object' ? ['return_exit_code'] : []),
    ...(spec.cache.some((one) => one.fallbackKeys.length > 0) ? ['fallback_cache_keys'] : []),
  ];
}
