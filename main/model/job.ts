// A CI job as AutoGit sees it.

export type JobStatus =
  /** Not in the queue yet: earlier jobs of its pipeline come first. */
  'created' | 'pending' | 'running' | 'canceling' | 'success' | 'failed' | 'canceled' | 'skipped' | 'unknown';

/** A job of GitLab's queue, or one that AutoGit has seen in it before. Times are milliseconds since 1970. */
export interface Job {
  readonly id: number;
  readonly name: string;
  readonly status: JobStatus;
  readonly tags: readonly string[];
  readonly projectId: number;
  readonly project: string;
  readonly ref: string;
  /** By our own clock: GitLab's queued time is not guaranteed for waiting jobs. */
  readonly firstSeenAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** Milliseconds the job waited, as GitLab counted it once it had started. */
  readonly waitedMs: number | null;
  /** `system_id` of the runner manager that has it: the link to a runner container. */
  readonly systemId: string | null;
  readonly failureReason: string | null;
}

/** True once a job will not change any more. */
export function isFinished(job: Job): boolean {
  return !['created', 'pending', 'running', 'canceling'].includes(job.status);
}

/** GitLab's rule: a runner takes a job when it has every tag of it; a job without tags needs `runUntagged`. */
export function matchesTags(
  job: Pick<Job, 'tags'>,
  pool: { readonly tags: readonly string[]; readonly runUntagged: boolean },
): boolean {
  if (job.tags.length === 0) return pool.runUntagged;
  return job.tags.every((tag) => pool.tags.includes(tag));
}
