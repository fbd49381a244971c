// What REST, runners and time do to pipelines and jobs; everything that is decided is decided by pure functions.
import type { PipelineOperations } from '../context.ts';
import { SandboxError } from '../errors.ts';
import type { SandboxEvents } from '../events.ts';
import type { Job } from '../state.ts';
import type { SandboxStore } from '../store.ts';
import { acceptJob, assignJob } from './assign-job.ts';
import { actsByHand, applyChanges, asPending } from './changes.ts';
import type { Changes } from './changes.ts';
import { isCompleted } from './composite-status.ts';
import { coverageIn } from './coverage.ts';
import { createPipeline } from './create.ts';
import type { CompilePipeline } from './create.ts';
import { cancelJob, endJob, isOnRunner, isRetryable } from './job-steps.ts';
import type { JobEnd } from './job-steps.ts';
import { deleteArtifacts, deletePipeline, deleteProjectCi } from './removal.ts';
import { tick } from './tick.ts';

/** What the operations work on. */
export interface OperationsDeps {
  readonly store: SandboxStore;
  readonly events: SandboxEvents;
  readonly now: () => Date;
  readonly compile: CompilePipeline;
}

export function createPipelineOperations(deps: OperationsDeps): PipelineOperations {
  const { store, events, now } = deps;
  const apply = <R>(work: (changes: Changes) => R): R => applyChanges(store, events, now(), work);
  const job = (id: number): Job => store.jobs.need(id);
  return {
    createPipeline: (request) => apply((changes) => createPipeline(store, changes, deps.compile, request)),
    cancelJob: (id, userId, force = false) => apply((changes) => cancelOne(changes, job(id), userId, force)),
    retryJob: (id, userId) => apply((changes) => retryOne(store, changes, job(id), { userId })),
    playJob: (id, userId, variables = []) =>
      apply((changes) => playOne(store, changes, job(id), { userId, playVariables: variables })),
    eraseJob: (id, userId) => apply((changes) => eraseOne(store, changes, job(id), userId)),
    deleteArtifacts: (id) => store.transaction(() => deleteArtifacts(store, id)),
    cancelPipeline: (id, userId) => {
      return apply((changes) => {
        for (const one of currentJobs(store, id)) {
          const patch = cancelJob(one, userId, false, changes.now);
          if (patch !== null) changes.updateJob(one.id, patch);
        }
        return changes.settle(id);
      });
    },
    retryPipeline: (id, userId) => {
      return apply((changes) => {
        for (const one of currentJobs(store, id)) {
          if (one.status === 'failed' || one.status === 'canceled') changes.replaceJob(one, { userId });
          if (one.status === 'skipped') changes.updateJob(one.id, { status: 'created' });
        }
        return changes.settle(id);
      });
    },
    deletePipeline: (id) => store.transaction(() => deletePipeline(store, id)),
    deleteProjectCi: (id) => store.transaction(() => deleteProjectCi(store, id)),
    assignJob: (id, taker) => apply((changes) => assignJob(store, changes, id, taker)),
    acceptJob: (id) => apply((changes) => acceptJob(store, changes, id)),
    finishJob: (id, end) => apply((changes) => finishOne(store, changes, job(id), end)),
    settleAll: () => {
      apply((changes) => {
        const unfinished = store.pipelines.filter((pipeline) => !isCompleted(pipeline.status));
        for (const pipeline of unfinished) changes.settle(pipeline.id);
      });
    },
    tick: () => tick(store, apply),
  };
}

function currentJobs(store: SandboxStore, pipelineId: number): Job[] {
  store.pipelines.need(pipelineId);
  return store.jobs.by('pipelineId', pipelineId).filter((job) => !job.retried);
}

function notAllowed(job: Job, what: string): SandboxError {
  return new SandboxError('sandbox_not_allowed', `Job ${job.id} is ${job.status} and cannot be ${what}`);
}

function cancelOne(changes: Changes, job: Job, userId: number | null, force: boolean): Job {
  const patch = cancelJob(job, userId, force, changes.now);
  if (patch === null) throw notAllowed(job, 'canceled');
  const canceled = changes.updateJob(job.id, patch);
  changes.settle(job.pipelineId);
  return canceled;
}

function retryOne(store: SandboxStore, changes: Changes, job: Job, patch: { userId: number }): Job {
  if (!isRetryable(job)) throw notAllowed(job, 'retried');
  const successor = changes.replaceJob(job, { ...patch, ...(actsByHand(job) ? asPending(changes.now) : {}) });
  reviveSkipped(store, changes, job);
  changes.settle(job.pipelineId);
  return store.jobs.need(successor.id);
}

function playOne(
  store: SandboxStore,
  changes: Changes,
  job: Job,
  patch: { userId: number; playVariables: Job['playVariables'] },
): Job {
  if (!actsByHand(job)) throw notAllowed(job, 'played');
  if (isRetryable(job)) return retryOne(store, changes, job, patch);
  if (job.status !== 'manual' && job.status !== 'scheduled') throw notAllowed(job, 'played');
  changes.updateJob(job.id, { ...patch, ...asPending(changes.now), updatedAt: changes.now.toISOString() });
  reviveSkipped(store, changes, job);
  changes.settle(job.pipelineId);
  return store.jobs.need(job.id);
}

/** Jobs that were skipped because of this one get another chance: those of later stages and those that need it. */
function reviveSkipped(store: SandboxStore, changes: Changes, job: Job): void {
  const current = currentJobs(store, job.pipelineId);
  const dependents = new Set([job.name]);
  for (let size = 0; size !== dependents.size;) {
    size = dependents.size;
    for (const one of current) {
      if (one.spec.needs?.some((need) => dependents.has(need.job)) === true) dependents.add(one.name);
    }
  }
  for (const one of current) {
    const follows = one.stageIndex > job.stageIndex || dependents.has(one.name);
    if (one.status === 'skipped' && follows) changes.updateJob(one.id, { status: 'created' });
  }
}

function eraseOne(store: SandboxStore, changes: Changes, job: Job, userId: number): Job {
  const hasSomething = store.files.traceSize(job.id) > 0 || store.artifacts.by('jobId', job.id).length > 0;
  if (!isCompleted(job.status) || !hasSomething || job.erasedAt !== null) throw notAllowed(job, 'erased');
  deleteArtifacts(store, job.id);
  store.files.removeTrace(job.id);
  return changes.updateJob(job.id, {
    erasedAt: changes.now.toISOString(),
    erasedById: userId,
    artifactsExpireAt: null,
  });
}

function finishOne(store: SandboxStore, changes: Changes, job: Job, end: JobEnd): Job {
  if (!isOnRunner(job)) throw notAllowed(job, 'finished');
  const coverage =
    job.spec.coverage === undefined
      ? null
      : coverageIn(job.spec.coverage, store.files.readTrace(job.id).toString());
  const ended = changes.updateJob(job.id, { ...endJob(job, end, changes.now), coverage });
  changes.settle(job.pipelineId);
  return ended;
}
