// What may happen to one job from outside, and what it becomes: pure.
import { assertNever } from '../../model/assert.ts';
import { failureReasons } from '../ci/failure-reasons.ts';
import type { Job } from '../state.ts';

/** Older names in `retry:when` that stand for the newer, finer reasons. */
const reasonAliases: Readonly<Record<string, readonly string[]>> = {
  stuck_or_timeout_failure: [
    'stuck_pending_with_matching_runners',
    'stuck_pending_no_matching_runners',
    'no_updates_running',
    'no_updates_canceling',
  ],
  job_execution_timeout: ['server_timeout_running', 'server_timeout_canceling'],
};

const neverRetried: readonly string[] = [
  'ci_quota_exceeded',
  'no_matching_runner',
  'missing_dependency_failure',
];

/** Seconds after a job's timeout before the server ends it: the runner, which also counts, comes first. */
export const timeoutGraceSeconds = 60;

/** Seconds without any sign of its runner after which a job is given up (GitLab: 1 hour). */
export const silenceLimitSeconds = 3600;

/** How a job ended. */
export type JobEnd =
  | { readonly state: 'success' }
  | { readonly state: 'failed'; readonly reason: string; readonly exitCode: number | null };

/** Whether its runner may still send for it. */
export function isOnRunner(job: Job): boolean {
  return job.status === 'running' || job.status === 'canceling';
}

/** Whether a runner was offered this pending job and may still accept it. */
export function isOnOffer(job: Job, now: Date): boolean {
  return (
    job.status === 'pending' && job.offeredUntil !== null && Date.parse(job.offeredUntil) > now.getTime()
  );
}

/** A job that was asked to cancel ends as canceled, whatever its runner says. */
export function endJob(job: Job, end: JobEnd, now: Date): Partial<Job> {
  const at = now.toISOString();
  const ended = { finishedAt: at, updatedAt: at, queuedAt: job.queuedAt };
  if (job.status === 'canceling') return { ...ended, status: 'canceled' };
  if (end.state === 'success') return { ...ended, status: 'success', exitCode: 0 };
  return {
    ...ended,
    status: 'failed',
    failureReason: failureReasons.includes(end.reason) ? end.reason : 'unknown_failure',
    exitCode: end.exitCode,
    allowFailure: failureAllowed(job, end.exitCode),
  };
}

function failureAllowed(job: Job, exitCode: number | null): boolean {
  const allowed = job.spec.allowFailure;
  if (typeof allowed === 'boolean') return allowed;
  return exitCode !== null && allowed.includes(exitCode);
}

/**
 * What `cancel` makes of a job; `null` when it cannot be canceled. A running job whose runner declared
 * `cancel_gracefully` is canceling until the runner answers; `force` ends that at once.
 */
export function cancelJob(job: Job, userId: number | null, force: boolean, now: Date): Partial<Job> | null {
  const at = now.toISOString();
  const canceled: Partial<Job> = {
    status: 'canceled',
    canceledById: userId,
    finishedAt: at,
    updatedAt: at,
    scheduledAt: null,
  };
  switch (job.status) {
    case 'created':
    case 'pending':
    case 'scheduled':
      return canceled;
    case 'running':
      if (!job.runnerFeatures.includes('cancel_gracefully')) return canceled;
      return { status: 'canceling', canceledById: userId, updatedAt: at };
    case 'canceling':
      return force ? canceled : null;
    case 'manual':
    case 'success':
    case 'failed':
    case 'canceled':
    case 'skipped':
      return null;
    default:
      return assertNever(job.status);
  }
}

/** Whether a new job may take the place of this one. */
export function isRetryable(job: Job): boolean {
  return !job.retried && ['success', 'failed', 'canceled', 'canceling'].includes(job.status);
}

/** Whether a failed job is tried again by itself; `earlier` counts the jobs it already replaced. */
export function retriesByItself(job: Job): boolean {
  if (job.status !== 'failed' || job.retried || job.failureReason === null) return false;
  if (neverRetried.includes(job.failureReason)) return false;
  const { max, when } = job.spec.retry;
  return max > job.retryCount && matchesReason(when, job.failureReason);
}

function matchesReason(when: readonly string[], reason: string): boolean {
  return when.some(
    (name) => name === 'always' || name === reason || reasonAliases[name]?.includes(reason) === true,
  );
}

/** Why the server ends a running job by itself now; `null` when it does not. */
export function overdueReason(job: Job, now: Date): string | null {
  if (!isOnRunner(job)) return null;
  const since = (at: string | null): number => (at === null ? 0 : (now.getTime() - Date.parse(at)) / 1000);
  if (job.timeoutSeconds !== null && since(job.startedAt) > job.timeoutSeconds + timeoutGraceSeconds) {
    return 'job_execution_timeout';
  }
  return since(job.updatedAt) > silenceLimitSeconds ? 'stuck_or_timeout_failure' : null;
}
