// What a pipeline does next by itself: pure, total, and repeatable on its own result.
import { assertNever } from '../../model/assert.ts';
import type { CiStatus, Job, Pipeline } from '../state.ts';
import { composeStatus, hasWarnings, isCompleted } from './composite-status.ts';
import type { StatusPart } from './composite-status.ts';

/** The fields of a job that decide what happens around it. */
export type PipelineJob = Pick<
  Job,
  'id' | 'name' | 'stageIndex' | 'status' | 'allowFailure' | 'retried' | 'scheduledAt' | 'spec'
>;

export type JobPatch = Partial<Pick<Job, 'status' | 'queuedAt' | 'scheduledAt' | 'updatedAt'>>;
export type PipelinePatch = Partial<
  Pick<Pipeline, 'status' | 'warnings' | 'startedAt' | 'finishedAt' | 'updatedAt'>
>;

export interface PipelineAdvance {
  /** New values of jobs that change, in the order they change. */
  readonly jobs: readonly { readonly id: number; readonly patch: JobPatch }[];
  /** `null` when the pipeline itself stays as it is. */
  readonly pipeline: PipelinePatch | null;
}

/**
 * Moves created jobs on (to pending, manual, scheduled or skipped), starts scheduled jobs whose time has come,
 * and computes the pipeline's status.
 * https://gitlab.com/gitlab-org/gitlab/-/blob/master/app/services/ci/pipeline_processing/atomic_processing_service.rb
 */
export function advancePipeline(
  pipeline: Pipeline,
  jobs: readonly PipelineJob[],
  now: Date,
): PipelineAdvance {
  const current = jobs.filter((job) => !job.retried);
  const states = new Map(
    current.map((job) => [job.name, { status: job.status, allowFailure: job.allowFailure }]),
  );
  const patches: { id: number; patch: JobPatch }[] = [];
  const change = (job: PipelineJob, patch: JobPatch): void => {
    patches.push({ id: job.id, patch: { ...patch, updatedAt: now.toISOString() } });
    states.set(job.name, { status: patch.status ?? job.status, allowFailure: job.allowFailure });
  };
  for (const job of current) {
    const due =
      job.status === 'scheduled' && job.scheduledAt !== null && Date.parse(job.scheduledAt) <= now.getTime();
    if (due) change(job, { status: 'pending', queuedAt: now.toISOString(), scheduledAt: null });
  }
  for (const stage of stagesInOrder(current)) {
    const before = composeStatus(partsBefore(current, states, stage)) ?? 'success';
    for (const job of orderByNeeds(
      current.filter((one) => one.stageIndex === stage && one.status === 'created'),
    )) {
      const earlier = job.spec.needs === null ? before : statusOfNeeds(job, states);
      if (isCompleted(earlier)) change(job, nextPatch(job, earlier, now));
    }
  }
  return { jobs: patches, pipeline: pipelinePatch(pipeline, [...states.values()], now) };
}

function stagesInOrder(jobs: readonly PipelineJob[]): number[] {
  return [...new Set(jobs.map((job) => job.stageIndex))].sort((a, b) => a - b);
}

function partsBefore(
  jobs: readonly PipelineJob[],
  states: ReadonlyMap<string, StatusPart>,
  stage: number,
): StatusPart[] {
  return jobs.filter((job) => job.stageIndex < stage).flatMap((job) => states.get(job.name) ?? []);
}

/** Needs that are not in the pipeline are optional ones: they do not count. */
function statusOfNeeds(job: PipelineJob, states: ReadonlyMap<string, StatusPart>): CiStatus {
  const needs = job.spec.needs ?? [];
  return (
    composeStatus(
      needs.flatMap((need) => states.get(need.job) ?? []),
      true,
    ) ?? 'success'
  );
}

/** Needed jobs of the same stage come first, so that a skip reaches those that need them in the same pass. */
function orderByNeeds(jobs: readonly PipelineJob[]): PipelineJob[] {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const ordered = new Set<PipelineJob>();
  const visiting = new Set<PipelineJob>();
  const visit = (job: PipelineJob): void => {
    if (ordered.has(job) || visiting.has(job)) return;
    visiting.add(job);
    for (const need of job.spec.needs ?? []) {
      const needed = byName.get(need.job);
      if (needed !== undefined) visit(needed);
    }
    ordered.add(job);
  };
  for (const job of jobs) visit(job);
  return [...ordered];
}

function nextPatch(job: PipelineJob, earlier: CiStatus, now: Date): JobPatch {
  if (!runsAfter(job, earlier)) return { status: 'skipped' };
  switch (job.spec.when) {
    case 'delayed': {
      if (job.spec.startInSeconds === undefined) return { status: 'manual' };
      return {
        status: 'scheduled',
        scheduledAt: new Date(now.getTime() + job.spec.startInSeconds * 1000).toISOString(),
      };
    }
    case 'manual':
      return { status: 'manual' };
    case 'on_success':
    case 'on_failure':
    case 'always':
      return { status: 'pending', queuedAt: now.toISOString() };
    default:
      return assertNever(job.spec.when);
  }
}

function runsAfter(job: PipelineJob, earlier: CiStatus): boolean {
  switch (job.spec.when) {
    case 'on_success':
    case 'manual':
    case 'delayed':
      return earlier === 'success' || (earlier === 'skipped' && job.spec.needs === null);
    case 'on_failure':
      return earlier === 'failed';
    case 'always':
      return earlier === 'success' || earlier === 'failed' || earlier === 'skipped';
    default:
      return assertNever(job.spec.when);
  }
}

function pipelinePatch(pipeline: Pipeline, parts: readonly StatusPart[], now: Date): PipelinePatch | null {
  const status = composeStatus(parts) ?? pipeline.status;
  const warnings = hasWarnings(parts);
  if (status === pipeline.status && warnings === pipeline.warnings) return null;
  const at = now.toISOString();
  return {
    status,
    warnings,
    updatedAt: at,
    ...(status === 'running' && pipeline.startedAt === null ? { startedAt: at } : {}),
    finishedAt: isCompleted(status) && status !== 'skipped' ? at : null,
  };
}
