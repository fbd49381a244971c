// Which older pipelines a new one makes redundant: pure.
import type { Job, Pipeline } from '../state.ts';
import { isCompleted } from './composite-status.ts';

/**
 * Older unfinished pipelines of the same branch for another commit, in which no job has started that is not
 * interruptible (GitLab's `workflow:auto_cancel:on_new_commit: conservative`, its default).
 * https://docs.gitlab.com/ci/yaml/#workflowauto_cancelon_new_commit
 */
export function planAutoCancel(
  created: Pipeline,
  others: readonly Pipeline[],
  jobsOf: (pipelineId: number) => readonly Job[],
): Pipeline[] {
  if (created.tag || created.source === 'schedule') return [];
  return others.filter(
    (other) =>
      other.id < created.id &&
      !other.tag &&
      other.ref === created.ref &&
      other.sha !== created.sha &&
      other.source !== 'schedule' &&
      !isCompleted(other.status) &&
      jobsOf(other.id).every((job) => job.startedAt === null || job.spec.interruptible),
  );
}
