// How a job ends, in the words of GitLab's protocol.

/** Failure reasons that this runner gives. */
export type FailureReason =
  | 'script_failure'
  | 'runner_system_failure'
  | 'job_execution_timeout'
  | 'runner_interrupted'
  /** Never sent as such: GitLab knows best that it cancelled a job. */
  | 'job_canceled';

/** Ends a job as failed. Thrown by its stages, and the reason with which a job is aborted. */
export class JobFailure extends Error {
  readonly reason: FailureReason;
  /** Of the command that failed; 0 when no command did. */
  readonly exitCode: number;

  constructor(reason: FailureReason, message: string, exitCode = 0) {
    super(message);
    this.name = 'JobFailure';
    this.reason = reason;
    this.exitCode = exitCode;
  }
}

/** Anything thrown while a job ran, as the job's failure; what nobody foresaw is the runner's fault. */
export function toJobFailure(error: unknown): JobFailure {
  if (error instanceof JobFailure) return error;
  return new JobFailure('runner_system_failure', error instanceof Error ? error.message : String(error));
}

export type JobOutcome =
  { readonly state: 'success' } | { readonly state: 'failed'; readonly failure: JobFailure };

const alwaysKnown = ['script_failure', 'runner_system_failure', 'job_execution_timeout'];

/** The reason to send, given those the server listed with the job: what it does not know is `unknown_failure`. */
export function reasonForServer(reason: FailureReason, listed: readonly string[]): string {
  return alwaysKnown.includes(reason) || listed.includes(reason) ? reason : 'unknown_failure';
}

/** `CI_JOB_STATUS` for `after_script`. */
export function statusForAfterScript(outcome: JobOutcome): 'success' | 'failed' | 'canceled' | 'timedout' {
  if (outcome.state === 'success') return 'success';
  if (outcome.failure.reason === 'job_canceled') return 'canceled';
  return outcome.failure.reason === 'job_execution_timeout' ? 'timedout' : 'failed';
}

/** The last line of a log, without colour. */
export function renderOutcome(outcome: JobOutcome): string {
  if (outcome.state === 'success') return 'Job succeeded';
  const system = outcome.failure.reason === 'runner_system_failure' ? ' (system failure)' : '';
  return `ERROR: Job failed${system}: ${outcome.failure.message}`;
}
