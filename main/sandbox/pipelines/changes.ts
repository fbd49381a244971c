// One operation on pipelines: everything in one transaction, the events when it is stored.
import type { SandboxEvents } from '../events.ts';
import type { Job, Pipeline } from '../state.ts';
import type { SandboxStore } from '../store.ts';
import { advancePipeline } from './advance.ts';
import { retriesByItself } from './job-steps.ts';
import { createJobToken } from './tokens.ts';

/** What `insert` of a job takes. */
export type NewJob = Parameters<SandboxStore['jobs']['insert']>[0];

/** The changes that an operation makes. */
export interface Changes {
  readonly now: Date;
  updateJob(id: number, patch: Partial<Omit<Job, 'id'>>): Job;
  insertJob(job: NewJob): Job;
  updatePipeline(id: number, patch: Partial<Omit<Pipeline, 'id'>>): Pipeline;
  /** Announces a pipeline that was just inserted. */
  announce(pipeline: Pipeline): void;
  /** Puts a new job in the place of this one. */
  replaceJob(job: Job, patch: Partial<NewJob>): Job;
  /** Retries failed jobs that ask for it, then moves the pipeline on. */
  settle(pipelineId: number): Pipeline;
}

/** Runs `work` in one transaction and emits what changed afterwards, in order. */
export function applyChanges<R>(
  store: SandboxStore,
  events: SandboxEvents,
  now: Date,
  work: (changes: Changes) => R,
): R {
  const emits: (() => void)[] = [];
  const result = store.transaction(() => work(createChanges(store, events, now, emits)));
  for (const emit of emits) emit();
  return result;
}

function createChanges(
  store: SandboxStore,
  events: SandboxEvents,
  now: Date,
  emits: (() => void)[],
): Changes {
  const updateJob: Changes['updateJob'] = (id, patch) => {
    const before = store.jobs.need(id);
    const job = store.jobs.update(id, patch);
    const backInQueue = before.offeredUntil !== null && job.offeredUntil === null && job.status === 'pending';
    if (job.status !== before.status || backInQueue) emits.push(() => events.emit('job', job));
    return job;
  };
  const insertJob: Changes['insertJob'] = (value) => {
    const job = store.jobs.insert(value);
    emits.push(() => events.emit('job', job));
    return job;
  };
  const announce: Changes['announce'] = (pipeline) =>
    void emits.push(() => events.emit('pipeline', pipeline));
  const updatePipeline: Changes['updatePipeline'] = (id, patch) => {
    const before = store.pipelines.need(id);
    const pipeline = store.pipelines.update(id, patch);
    if (pipeline.status !== before.status) announce(pipeline);
    return pipeline;
  };
  const replaceJob: Changes['replaceJob'] = (job, patch) => {
    updateJob(job.id, { retried: true });
    return insertJob({ ...successorOf(job, now), ...patch });
  };
  const settle: Changes['settle'] = (pipelineId) => {
    for (const job of store.jobs.by('pipelineId', pipelineId)) {
      if (retriesByItself(job)) replaceJob(job, actsByHand(job) ? asPending(now) : {});
    }
    const pipeline = store.pipelines.need(pipelineId);
    const advance = advancePipeline(pipeline, store.jobs.by('pipelineId', pipelineId), now);
    for (const { id, patch } of advance.jobs) updateJob(id, patch);
    return advance.pipeline === null ? pipeline : updatePipeline(pipelineId, advance.pipeline);
  };
  return { now, updateJob, insertJob, updatePipeline, announce, replaceJob, settle };
}

/** Jobs that somebody starts; when one is retried it does not wait for that again. */
export function actsByHand(job: Job): boolean {
  return job.spec.when === 'manual' || job.spec.when === 'delayed';
}

/** The fields of a job that goes to the queue now. */
export function asPending(now: Date): { status: 'pending'; queuedAt: string; scheduledAt: null } {
  return { status: 'pending', queuedAt: now.toISOString(), scheduledAt: null };
}

function successorOf(job: Job, now: Date): NewJob {
  const at = now.toISOString();
  return {
    projectId: job.projectId,
    pipelineId: job.pipelineId,
    name: job.name,
    stage: job.stage,
    stageIndex: job.stageIndex,
    spec: job.spec,
    status: 'created',
    allowFailure: job.spec.allowFailure === true,
    ref: job.ref,
    tag: job.tag,
    sha: job.sha,
    protectedRef: job.protectedRef,
    userId: job.userId,
    token: createJobToken(),
    retryCount: job.retryCount + 1,
    playVariables: job.playVariables,
    createdAt: at,
    updatedAt: at,
  };
}
