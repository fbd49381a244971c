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
  /** Whether `ref` is a tag. Missing: not known; only the queue tells it. */
  readonly isTag?: boolean;
  /** Whether its branch or tag is protected. Missing: not known; only the queue knows it, and only where a pool asks. */
  readonly protectedRef?: boolean;
  /** Whether its project lets instance runners take its jobs. Missing: not known. */
  readonly instanceRunners?: boolean;
}

/** True while a runner has it. */
export function isRunning({ status }: Pick<Job, 'status'>): boolean {
  return status === 'running' || status === 'canceling';
}

/** True once a job will not change any more. */
export function isFinished(job: Job): boolean {
  return !['created', 'pending', 'running', 'canceling'].includes(job.status);
}

/** A job without what only the queue knows of it, which may change while it waits. */
export function lasting(job: Job): Omit<Job, 'isTag' | 'protectedRef' | 'instanceRunners'> {
  const { id, name, status, tags, projectId, project, ref, firstSeenAt } = job;
  const { startedAt, finishedAt, waitedMs, systemId, failureReason } = job;
  return {
    ...{ id, name, status, tags, projectId, project, ref, firstSeenAt },
    ...{ startedAt, finishedAt, waitedMs, systemId, failureReason },
  };
}

/** Whether two views tell the same of what lasts. A queue of 10,000 jobs is compared with what is known every 2 s. */
export function isSameLasting(a: ReturnType<typeof lasting>, b: ReturnType<typeof lasting>): boolean {
  return (
    a.id === b.id &&
    a.name === b.name &&
    a.status === b.status &&
    a.projectId === b.projectId &&
    a.project === b.project &&
    a.ref === b.ref &&
    a.firstSeenAt === b.firstSeenAt &&
    a.startedAt === b.startedAt &&
    a.finishedAt === b.finishedAt &&
    a.waitedMs === b.waitedMs &&
    a.systemId === b.systemId &&
    a.failureReason === b.failureReason &&
    a.tags.length === b.tags.length &&
    a.tags.every((tag, index) => tag === b.tags[index])
  );
}

/** Whether two views of a job tell the same. */
export function isSameJob(a: Job, b: Job): boolean {
  return (
    a.isTag === b.isTag &&
    a.protectedRef === b.protectedRef &&
    a.instanceRunners === b.instanceRunners &&
    isSameLasting(a, b)
  );
}
