// Which earlier jobs' artifacts a job fetches: pure.
import type { Job } from '../state.ts';

/** https://gitlab.com/gitlab-org/gitlab/-/blob/master/app/models/ci/build_dependencies.rb */
export function dependenciesOf(job: Job, pipelineJobs: readonly Job[]): Job[] {
  const { needs, dependencies } = job.spec;
  const wanted = (one: Job): boolean => {
    if (one.retried || one.id === job.id) return false;
    const before =
      needs === null
        ? one.stageIndex < job.stageIndex
        : needs.some((need) => need.job === one.name && need.artifacts);
    return before && (dependencies === null || dependencies.includes(one.name));
  };
  return pipelineJobs.filter(wanted);
}
