// Makes a pipeline and its jobs from a `.gitlab-ci.yml`.
import { assertNever } from '../../model/assert.ts';
import type { CiVariable, CompileContext, CompileResult, JobSpec } from '../ci/pipeline-spec.ts';
import type { PipelineCreation, PipelineRequest } from '../context.ts';
import type { Pipeline } from '../state.ts';
import type { SandboxStore } from '../store.ts';
import { planAutoCancel } from './auto-cancel.ts';
import type { Changes } from './changes.ts';
import { cancelJob } from './job-steps.ts';
import {
  pipelineVariables,
  projectPredefinedVariables,
  serverVariables,
  userVariables,
} from './predefined-variables.ts';
import { isProtectedRef } from './refs.ts';
import { secretVariables, variablesAround } from './secret-variables.ts';
import { createJobToken } from './tokens.ts';

/** The CI compiler: `compilePipeline` of `ci/compile.ts`. */
export type CompilePipeline = (yamlText: string, context: CompileContext) => CompileResult;

/** Stores the pipeline with its jobs and moves it on; nothing when the rules leave no job. */
export function createPipeline(
  store: SandboxStore,
  changes: Changes,
  compile: CompilePipeline,
  request: PipelineRequest,
): PipelineCreation {
  const draft = draftPipeline(store, changes.now, request);
  const result = compile(request.yamlText, {
    ref: request.ref,
    refType: request.refType,
    source: request.source,
    variables: contextVariables(store, draft, request),
    changedPaths: request.changedPaths,
    treePaths: request.treePaths,
  });
  switch (result.kind) {
    case 'none':
      return { kind: 'none', reason: result.reason };
    case 'invalid': {
      const pipeline = store.pipelines.insert({
        ...draft,
        status: 'failed',
        yamlErrors: result.errors.join('\n'),
        finishedAt: draft.createdAt,
      });
      changes.announce(pipeline);
      return { kind: 'created', pipeline };
    }
    case 'pipeline': {
      const { stages, name, unsupported } = result;
      const pipeline = store.pipelines.insert({ ...draft, stages, name, unsupported });
      changes.announce(pipeline);
      for (const spec of result.jobs) insertJob(changes, pipeline, stages.indexOf(spec.stage), spec);
      cancelRedundant(store, changes, pipeline);
      return { kind: 'created', pipeline: changes.settle(pipeline.id) };
    }
    default:
      return assertNever(result);
  }
}

type PipelineDraft = Omit<Pipeline, 'id'>;

function draftPipeline(store: SandboxStore, now: Date, request: PipelineRequest): PipelineDraft {
  const at = now.toISOString();
  return {
    iid: store.nextPipelineIid(request.project.id),
    projectId: request.project.id,
    ref: request.ref,
    tag: request.refType === 'tag',
    sha: request.sha,
    beforeSha: request.beforeSha,
    source: request.source,
    status: 'created',
    warnings: false,
    name: null,
    stages: [],
    yamlErrors: null,
    unsupported: [],
    protectedRef: isProtectedRef(store, request.project.id, request.refType, request.ref),
    variables: request.variables,
    commit: request.commit,
    userId: request.user.id,
    createdAt: at,
    updatedAt: at,
    startedAt: null,
    finishedAt: null,
  };
}

function contextVariables(store: SandboxStore, draft: PipelineDraft, request: PipelineRequest): CiVariable[] {
  const { project, serverUrl } = request;
  return [
    ...serverVariables(serverUrl),
    ...projectPredefinedVariables(project, store.namespaces.need(project.namespaceId), serverUrl),
    ...pipelineVariables(draft),
    ...userVariables(request.user),
    ...secretVariables(variablesAround(store, project.id), draft.protectedRef, null),
    ...request.variables,
  ];
}

function insertJob(changes: Changes, pipeline: Pipeline, stageIndex: number, spec: JobSpec): void {
  changes.insertJob({
    projectId: pipeline.projectId,
    pipelineId: pipeline.id,
    name: spec.name,
    stage: spec.stage,
    stageIndex,
    spec,
    status: 'created',
    allowFailure: spec.allowFailure === true,
    ref: pipeline.ref,
    tag: pipeline.tag,
    sha: pipeline.sha,
    protectedRef: pipeline.protectedRef,
    userId: pipeline.userId,
    token: createJobToken(),
    createdAt: pipeline.createdAt,
    updatedAt: pipeline.createdAt,
  });
}

/** A newer commit on a branch makes older pipelines there redundant. */
function cancelRedundant(store: SandboxStore, changes: Changes, pipeline: Pipeline): void {
  if (store.projects.need(pipeline.projectId).autoCancelPendingPipelines === 'disabled') return;
  const others = store.pipelines.by('projectId', pipeline.projectId);
  for (const redundant of planAutoCancel(pipeline, others, (id) => store.jobs.by('pipelineId', id))) {
    for (const job of store.jobs.by('pipelineId', redundant.id)) {
      const patch = job.retried ? null : cancelJob(job, null, false, changes.now);
      if (patch !== null) changes.updateJob(job.id, patch);
    }
    changes.settle(redundant.id);
  }
}
