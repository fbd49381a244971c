// What every part of the sandbox's server is given: state, clock, events, and the operations on pipelines and jobs.
import type { CiVariable } from './ci/pipeline-spec.ts';
import type { SandboxEvents } from './events.ts';
import type { JobEnd } from './pipelines/job-steps.ts';
import type { OpenIdConnect } from './sign-in/routes.ts';
import type { CommitInfo, Job, Pipeline, Project, Runner, User } from './state.ts';
import type { SandboxStore } from './store.ts';

/** A pipeline that somebody or something asks for. */
export interface PipelineRequest {
  readonly project: Project;
  /** Short name of the branch or tag. */
  readonly ref: string;
  readonly refType: 'branch' | 'tag';
  readonly sha: string;
  /** Forty zeros when there is none. */
  readonly beforeSha: string;
  readonly source: Pipeline['source'];
  readonly user: User;
  /** Given by the one who asks (API, web, trigger). */
  readonly variables: readonly CiVariable[];
  /** The file at that commit; blanks alone are invalid, an empty or missing file is the caller's "no pipeline". */
  readonly yamlText: string;
  readonly changedPaths: readonly string[] | null;
  readonly treePaths: readonly string[];
  readonly commit: CommitInfo | null;
  /** As the asker sees this server, without a slash at the end; for `CI_SERVER_URL` in rules. */
  readonly serverUrl: string;
}

export type PipelineCreation =
  /** Also a failed one, with `yamlErrors`. */
  | { readonly kind: 'created'; readonly pipeline: Pipeline }
  /** Filtered out by rules. */
  | { readonly kind: 'none'; readonly reason: string };

/** The runner that takes a job. */
export interface JobTaker {
  readonly runner: Runner;
  readonly systemId: string | null;
  /** `info.features` that are true. */
  readonly features: readonly string[];
}

/** Operations on pipelines and jobs; each stores, advances the pipeline, and emits. Raise `sandbox_not_found`, `sandbox_not_allowed`. */
export interface PipelineOperations {
  createPipeline(request: PipelineRequest): PipelineCreation;
  /** `force`: also a job that is canceling becomes canceled at once. */
  cancelJob(jobId: number, userId: number | null, force?: boolean): Job;
  /** Returns the new job. */
  retryJob(jobId: number, userId: number): Job;
  /** Starts a manual, delayed or scheduled job; a finished manual one is retried. Returns the job that is pending now. */
  playJob(jobId: number, userId: number, variables?: readonly CiVariable[]): Job;
  /** Removes trace and artifacts of a finished job. */
  eraseJob(jobId: number, userId: number): Job;
  deleteArtifacts(jobId: number): void;
  cancelPipeline(pipelineId: number, userId: number | null): Pipeline;
  /** Retries what failed or was canceled. */
  retryPipeline(pipelineId: number, userId: number): Pipeline;
  /** Removes the pipeline, its jobs, traces and artifacts. */
  deletePipeline(pipelineId: number): void;
  /** Everything that hangs on a project (not its repository folder): for the deletion of a project. */
  deleteProjectCi(projectId: number): void;
  /**
   * Gives a pending job to a runner. It is running then, unless the runner declares `two_phase_job_commit`: such a job
   * stays pending until `acceptJob`. `null`: it cannot be had any more, or failed one of the checks before its start.
   */
  assignJob(jobId: number, taker: JobTaker): Job | null;
  /** The runner begins a job that it was offered. Raises `sandbox_not_allowed` when it is not on offer any more. */
  acceptJob(jobId: number): Job;
  /** A job on a runner ends as its runner says; a failed one may be retried by itself. */
  finishJob(jobId: number, end: JobEnd): Job;
  /** Brings all unfinished pipelines in line with their jobs, after the state was mended. */
  settleAll(): void;
  /** Applies what time brings: delayed jobs, timeouts, expired artifacts. Called by the server's clock. */
  tick(): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface SandboxContext {
  readonly store: SandboxStore;
  readonly now: () => Date;
  readonly events: SandboxEvents;
  readonly ci: PipelineOperations;
  /** Seconds that `POST /jobs/request` is held when no job waits; 0: not at all. */
  readonly longPollSeconds: number;
  /** Scheme and host that the request was made to, e.g. `http://gitlab:8080`: no slash at the end. */
  readonly externalUrl: (request: Request) => string;
  /** The provider of OpenID Connect that people may sign in through. Missing: none. */
  readonly openId?: OpenIdConnect;
  readonly log: (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;
}
