// Takes pipelines and what hangs on them out of the state.
import type { SandboxStore } from '../store.ts';

/** Removes a job's artifacts. */
export function deleteArtifacts(store: SandboxStore, jobId: number): void {
  for (const artifact of store.artifacts.by('jobId', jobId)) {
    store.artifacts.remove(artifact.id);
    store.files.removeArtifact(artifact.id);
  }
}

/** Removes a pipeline with its jobs, traces and artifacts. Raises `sandbox_not_found`. */
export function deletePipeline(store: SandboxStore, pipelineId: number): void {
  store.pipelines.need(pipelineId);
  for (const job of store.jobs.by('pipelineId', pipelineId)) {
    deleteArtifacts(store, job.id);
    store.files.removeTrace(job.id);
    store.jobs.remove(job.id);
  }
  store.pipelines.remove(pipelineId);
}

/** Removes all CI of a project: pipelines, variables, and runners that belong to it alone. */
export function deleteProjectCi(store: SandboxStore, projectId: number): void {
  for (const pipeline of store.pipelines.by('projectId', projectId)) deletePipeline(store, pipeline.id);
  for (const variable of store.projectVariables.by('projectId', projectId))
    store.projectVariables.remove(variable.id);
  for (const runner of store.runners.filter((one) => one.projectIds.includes(projectId))) {
    const projectIds = runner.projectIds.filter((id) => id !== projectId);
    const isOrphan = runner.runnerType === 'project_type' && projectIds.length === 0;
    if (isOrphan) deleteRunner(store, runner.id);
    else store.runners.update(runner.id, { projectIds });
  }
}

/** Removes a runner and its managers; its jobs keep its id. */
export function deleteRunner(store: SandboxStore, runnerId: number): void {
  for (const manager of store.runnerManagers.by('runnerId', runnerId))
    store.runnerManagers.remove(manager.id);
  store.runners.remove(runnerId);
}
