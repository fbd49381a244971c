// Why a job failed and whose doing that was: GitLab's word for it, and what we saw of its runner.
import type { FailureClass, JobFailure } from '../model/failure.ts';
import type { Job } from '../model/job.ts';
import type { Pool } from '../model/pool.ts';
import type { RunnerRecord } from '../model/runner.ts';
import { explainReason } from './failure-reasons.ts';
import { quoted, shorten } from './short-names.ts';

/** What is known of a job that has ended. */
export interface FailureFacts {
  readonly job: Pick<Job, 'status' | 'failureReason' | 'startedAt' | 'finishedAt'>;
  /** Our record of the runner that had it; `null`: it is not ours, or long forgotten. */
  readonly runner: Pick<
    RunnerRecord,
    'id' | 'pool' | 'goneAt' | 'failure' | 'outOfMemoryAt' | 'vanished' | 'refusal'
  > | null;
  /** The runner's pool as it is now; `null`: there is none any more. */
  readonly pool: Pick<Pool, 'name' | 'memoryMiB'> | null;
}

/** The engine tells of a want of memory about when the job ends: so much later at most. Milliseconds. */
const lateMs = 15_000;

/** Reasons that a runner itself has told: it lived then, whatever became of it later. */
const told: readonly string[] = [
  ...['script_failure', 'job_execution_timeout', 'image_pull_failure', 'runner_configuration_error'],
  ...['runner_external_dependency_failure', 'runner_unsupported', 'runner_interrupted'],
];

/** Reasons behind which a want of memory may be: the kernel ends a program, and whoever waits for it sees only that. */
const maybeMemory: readonly string[] = [
  ...['script_failure', 'runner_system_failure', 'unknown_failure', 'stuck_or_timeout_failure'],
  ...['no_updates_running', 'runner_interrupted'],
];

/** Reasons behind which a refusal of the gateway may be: the runner could not make what the job asks for. */
const maybeRefused: readonly string[] = [
  ...['runner_system_failure', 'unknown_failure', 'image_pull_failure'],
  ...['runner_configuration_error', 'runner_external_dependency_failure'],
];

/** GitLab has heard nothing more of the runner. */
const silent: readonly string[] = ['no_updates_running', 'no_updates_canceling', 'stuck_or_timeout_failure'];

/** Total: every job that failed or was cancelled has one class and one sentence; `null` for the others. */
export function explainFailure({ job, runner, pool }: FailureFacts): JobFailure | null {
  if (job.status === 'canceled') {
    return failure('cancelled', 'It was cancelled.', 'Run it once more if it is still wanted.');
  }
  if (job.status !== 'failed') return null;
  const reason = job.failureReason ?? 'unknown_failure';
  if (runner !== null && maybeMemory.includes(reason) && ranOutOfMemory(job, runner))
    return memoryFailure(pool);
  if (runner?.refusal !== undefined && maybeRefused.includes(reason)) {
    return failure(
      'script',
      `It asked for what its pool does not allow: ${shorten(runner.refusal, 110)}.`,
      "Change what its CI file asks for, or the pool's settings: docs/pools/executor.md",
    );
  }
  if (runner !== null && !told.includes(reason)) {
    const lost = lostRunner(job, runner);
    if (lost !== null) return lost;
    if (runner.goneAt === null && job.startedAt !== null && silent.includes(reason)) {
      return failure(
        'host',
        `GitLab heard nothing more from its runner ${shorten(runner.id)}: its machine hangs, or has lost its network.`,
        `See whether that runner is there still: autogit runner show ${runner.id}`,
      );
    }
  }
  if (job.failureReason === null)
    return failure('gitlab', 'GitLab gives no reason.', 'Its log may say more.');
  return explainReason(reason);
}

function failure(whose: FailureClass, sentence: string, next: string): JobFailure {
  return { class: whose, sentence, next };
}

type Runner = NonNullable<FailureFacts['runner']>;

/** True where the kernel ended something for want of memory while the job ran, or was seen to have when its runner was cleared away. */
function ranOutOfMemory(
  { startedAt, finishedAt }: FailureFacts['job'],
  { outOfMemoryAt, goneAt }: Runner,
): boolean {
  if (outOfMemoryAt === undefined || outOfMemoryAt < (startedAt ?? 0)) return false;
  return outOfMemoryAt <= (finishedAt ?? Infinity) + lateMs || outOfMemoryAt === goneAt;
}

function memoryFailure(pool: FailureFacts['pool']): JobFailure {
  if (pool?.memoryMiB == null) {
    const sentence = 'The machine ran out of memory, and the job was ended for it.';
    return failure('host', sentence, 'Let fewer jobs run at once, or give the pool a memory limit.');
  }
  return failure(
    'host',
    `It ran out of memory: pool ${quoted(pool.name)} gives ${pool.memoryMiB} MiB to each of its containers.`,
    `Give it more: autogit pool set ${pool.name} --memory-mib ${pool.memoryMiB * 2}`,
  );
}

/** A runner that ended, or was lost, with the job: GitLab then hears nothing more of it. */
function lostRunner({ finishedAt }: FailureFacts['job'], runner: Runner): JobFailure | null {
  const { id, goneAt, vanished } = runner;
  if (goneAt === null || (finishedAt !== null && goneAt > finishedAt + lateMs)) return null;
  if (vanished === true) {
    return failure(
      'host',
      `Its runner ${shorten(id)} was removed while it ran, and not by AutoGit.`,
      'See who removes containers on that machine; then run it once more.',
    );
  }
  if (runner.failure === null) return null;
  return failure(
    'runner',
    `Its runner failed: ${shorten(runner.failure, 120)}.`,
    `Look at it: autogit runner show ${id}`,
  );
}
