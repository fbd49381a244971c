// Which waiting job a runner gets: GitLab's rules, pure.
import { assertNever } from '../../model/assert.ts';
import type { Job, Project, Runner } from '../state.ts';

/** What matching needs to know around a job. */
export interface JobSurroundings {
  readonly project: Project;
  /** The project's namespace and all above it. */
  readonly namespaceIds: readonly number[];
}

/**
 * Whether the runner may run the job. Whether it is paused is asked before.
 * https://docs.gitlab.com/ci/runners/configure_runners/ and app/services/ci/queue/build_queue_service.rb
 */
export function matchesRunner(runner: Runner, job: Job, around: JobSurroundings): boolean {
  if (!reachesProject(runner, around)) return false;
  if (runner.accessLevel === 'ref_protected' && !job.protectedRef) return false;
  if (job.spec.tags.length === 0) return runner.runUntagged;
  return job.spec.tags.every((tag) => runner.tags.includes(tag));
}

function reachesProject(runner: Runner, { project, namespaceIds }: JobSurroundings): boolean {
  switch (runner.runnerType) {
    case 'instance_type':
      return project.sharedRunnersEnabled;
    case 'group_type':
      return project.groupRunnersEnabled && runner.groupIds.some((id) => namespaceIds.includes(id));
    case 'project_type':
      return runner.projectIds.includes(project.id);
    default:
      return assertNever(runner.runnerType);
  }
}

/**
 * The order in which jobs are offered: oldest first; for instance runners, projects with fewer jobs on instance
 * runners come first (`runningOf` counts them).
 */
export function orderForRunner(
  runner: Runner,
  jobs: readonly Job[],
  runningOf: (projectId: number) => number,
): Job[] {
  const load = (job: Job): number => (runner.runnerType === 'instance_type' ? runningOf(job.projectId) : 0);
  return [...jobs].sort((a, b) => load(a) - load(b) || a.id - b.id);
}
