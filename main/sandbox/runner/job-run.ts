// One job from its acceptance to its final state: which stages run, what stops them, how the job ends.
import type { ProtocolClient } from './client.ts';
import type { RunnerIdentity } from './identity.ts';
import { goArchitecture, protocolVersion, shortToken } from './identity.ts';
import type { Job } from './job.ts';
import type { JobUser, Shell } from './job-user.ts';
import { chainFilters, maskSecrets, maskTokens } from './masking.ts';
import type { RunnerOptions } from './options.ts';
import type { JobOutcome } from './outcome.ts';
import { JobFailure, reasonForServer, renderOutcome, statusForAfterScript, toJobFailure } from './outcome.ts';
import { colour, renderSectionMark } from './script.ts';
import * as stages from './stages.ts';
import { longestTimerMs } from './timers.ts';
import { TraceLog } from './trace-log.ts';
import { TraceSender } from './trace-sender.ts';
import { environmentOf, isOn, jobVariables, maskedValues } from './variables.ts';
import type { LogStream } from './workspace.ts';
import { baseEnvironment, sayLine, sayWarning } from './workspace.ts';

/** What a runner brings to every job. */
export interface Runner {
  readonly client: ProtocolClient;
  readonly identity: RunnerIdentity;
  readonly options: RunnerOptions;
  readonly user: JobUser | null;
  readonly shell: Shell;
  readonly selfCommand: readonly [string, ...string[]];
}

const defaultTimeoutSeconds = 3600;
const afterScriptTimeoutMs = 5 * 60_000;
const cleanUpTimeoutMs = 60_000;

/**
 * Runs a job and reports it. `interrupt` aborts it, as a runner that has to leave.
 * @returns `null` when the server did not want the job run after all
 */
export async function runJob(runner: Runner, job: Job, interrupt: AbortSignal): Promise<JobOutcome | null> {
  const accepted = await runner.client.updateJob(job, { state: 'running', output: {} });
  if (accepted.wish === 'abort' || accepted.status === 404) return null;
  const run = new JobRun(runner, job);
  if (accepted.wish === 'cancel') run.cancel();
  return run.run(interrupt);
}

/** Where the server's wish to cancel finds a job: it stops all, the script only, or nothing any more. */
type Phase = 'before script' | 'script' | 'after script';

class JobRun {
  readonly #runner: Runner;
  readonly #job: Job;
  readonly #log: TraceLog;
  readonly #context: stages.StageContext;
  readonly #sender: TraceSender;
  readonly #stopAll = new AbortController();
  readonly #stopScript = new AbortController();
  readonly #timeoutSeconds: number;
  #phase: Phase = 'before script';

  constructor(runner: Runner, job: Job) {
    this.#runner = runner;
    this.#job = job;
    this.#timeoutSeconds = job.runner_info.timeout > 0 ? job.runner_info.timeout : defaultTimeoutSeconds;
    this.#log = new TraceLog(runner.options.outputLimitBytes);
    this.#context = this.#createContext();
    this.#sender = new TraceSender({
      client: runner.client,
      job,
      log: this.#log,
      debugTrace: isOn(this.#context.workspace.env['CI_DEBUG_TRACE'] ?? ''),
      onCancel: () => this.cancel(),
      onAbort: () => this.#stopAll.abort(new JobFailure('job_canceled', 'canceled')),
    });
  }

  /** Stops the script and lets the rest go on; before the script it stops the job. */
  cancel(): void {
    const failure = new JobFailure('job_canceled', 'canceled');
    if (this.#phase === 'before script') this.#stopAll.abort(failure);
    else if (this.#phase === 'script') this.#stopScript.abort(failure);
  }

  async run(interrupt: AbortSignal): Promise<JobOutcome> {
    const stop = (): void => this.#stopAll.abort(new JobFailure('runner_interrupted', 'aborted: terminated'));
    interrupt.addEventListener('abort', stop, { once: true });
    if (interrupt.aborted) stop();
    const message = `execution took longer than ${this.#timeoutSeconds} seconds`;
    const timer = setTimeout(
      () => this.#stopAll.abort(new JobFailure('job_execution_timeout', message)),
      Math.min(this.#timeoutSeconds * 1000, longestTimerMs),
    );
    this.#sender.start();
    try {
      const outcome = await this.#runStages();
      sayLine(
        this.#context.workspace,
        colour(outcome.state === 'success' ? 'green' : 'red', renderOutcome(outcome)),
      );
      await this.#report(outcome);
      return outcome;
    } finally {
      clearTimeout(timer);
      interrupt.removeEventListener('abort', stop);
    }
  }

  async #report(outcome: JobOutcome): Promise<void> {
    if (outcome.state === 'success') {
      await this.#sender.finish({ state: 'success' });
      return;
    }
    const { reason, exitCode } = outcome.failure;
    await this.#sender.finish({
      state: 'failed',
      failure_reason: reasonForServer(reason, this.#job.features.failure_reasons),
      ...(exitCode === 0 ? {} : { exit_code: exitCode }),
    });
  }

  async #runStages(): Promise<JobOutcome> {
    const prepared = await this.#attempt(() => this.#prepare());
    if (prepared.state === 'failed') return prepared;
    let outcome = await this.#attempt(() => this.#bringInputs());
    if (outcome.state === 'success') outcome = await this.#runUserScripts();
    outcome = await this.#keepResults(outcome);
    await this.#cleanUp();
    return outcome;
  }

  async #prepare(): Promise<void> {
    const { workspace } = this.#context;
    const { name, systemId } = this.#runner.options;
    sayLine(workspace, `Running with AutoGit sandbox runner, protocol ${protocolVersion}, shell executor`);
    sayLine(workspace, `  on ${name} ${shortToken(this.#runner.identity.token)}, system ID: ${systemId}`);
    await this.#stage('prepare_executor', 'Preparing the "shell" executor', async () => {
      const as = workspace.user === null ? '' : ` as user ${workspace.user.name}`;
      sayLine(workspace, `Using Shell (${workspace.shell.name}) executor${as}...`);
      return Promise.resolve();
    });
    const { signal } = this.#stopAll;
    await this.#stage('prepare_script', 'Preparing environment', () =>
      stages.applyPrepare(this.#context, signal),
    );
  }

  async #bringInputs(): Promise<void> {
    const context = this.#context;
    const { signal } = this.#stopAll;
    await this.#stage('get_sources', 'Getting source from Git repository', () =>
      stages.applySources(context, signal),
    );
    if (stages.hasCacheToRestore(context)) {
      await this.#stage('restore_cache', 'Restoring cache', () => stages.applyCachesRestore(context, signal));
    }
    if (stages.hasDependencies(context)) {
      await this.#stage('download_artifacts', 'Downloading artifacts', () =>
        stages.applyDownloads(context, signal),
      );
    }
  }

  async #runUserScripts(): Promise<JobOutcome> {
    this.#phase = 'script';
    const outcome = await this.#attempt(() => this.#runScripts());
    this.#phase = 'after script';
    const after = this.#job.steps.find((step) => step.name === 'after_script');
    if (after === undefined || after.script.length === 0 || this.#isStopped()) return outcome;
    const timeoutMs = this.#timeoutMs('RUNNER_AFTER_SCRIPT_TIMEOUT') ?? afterScriptTimeoutMs;
    const ran = await this.#attempt(() =>
      this.#stage('after_script', 'Running after_script', () =>
        stages.applyAfterScript(
          this.#context,
          after.script,
          statusForAfterScript(outcome),
          AbortSignal.any([this.#stopAll.signal, AbortSignal.timeout(timeoutMs)]),
        ),
      ),
    );
    if (ran.state === 'failed' && !this.#isStopped()) {
      sayWarning(this.#context.workspace, `after_script took longer than ${timeoutMs / 1000} seconds`);
    }
    return this.#isStopped() ? ran : outcome;
  }

  async #runScripts(): Promise<void> {
    for (const step of this.#job.steps) {
      if (step.name === 'after_script') continue;
      const name = `step_${step.name.toLowerCase()}`;
      const seconds = [step.timeout * 1000, this.#timeoutMs('RUNNER_SCRIPT_TIMEOUT') ?? 0];
      const timeoutMs = Math.min(
        ...seconds.filter((each) => each > 0),
        this.#timeoutSeconds * 1000,
        longestTimerMs,
      );
      const message = `script timeout: execution took longer than ${timeoutMs / 1000} seconds`;
      const timer = setTimeout(
        () => this.#stopScript.abort(new JobFailure('job_execution_timeout', message)),
        timeoutMs,
      );
      const signal = AbortSignal.any([this.#stopAll.signal, this.#stopScript.signal]);
      try {
        await this.#stage(name, `Executing "${name}" stage of the job script`, () =>
          stages.applyStep(this.#context, step.script, signal),
        );
      } finally {
        clearTimeout(timer);
      }
    }
  }

  /** Saves caches and artifacts. The first failure is the one that counts. */
  async #keepResults(outcome: JobOutcome): Promise<JobOutcome> {
    const context = this.#context;
    const { signal } = this.#stopAll;
    const isSuccess = outcome.state === 'success';
    const suffix = isSuccess ? 'successful' : 'failed';
    const kept = await this.#attempt(async () => {
      if (stages.hasCacheToSave(context, isSuccess)) {
        await this.#stage(
          isSuccess ? 'archive_cache' : 'archive_cache_on_failure',
          `Saving cache for ${suffix} job`,
          () => stages.applyCachesSave(context, isSuccess, signal),
        );
      }
      if (stages.hasArtifacts(context, isSuccess)) {
        await this.#stage(
          isSuccess ? 'upload_artifacts_on_success' : 'upload_artifacts_on_failure',
          `Uploading artifacts for ${suffix} job`,
          () => stages.applyUploads(context, isSuccess, signal),
        );
      }
    });
    return isSuccess ? kept : outcome;
  }

  /** Also after an abort, which must not leave secrets in files. */
  async #cleanUp(): Promise<void> {
    const signal = AbortSignal.timeout(cleanUpTimeoutMs);
    const title = 'Cleaning up project directory and file based variables';
    try {
      await this.#section('cleanup_file_variables', title, () => stages.applyCleanUp(this.#context, signal));
    } catch (error) {
      sayWarning(this.#context.workspace, `cleaning up failed: ${String(error)}`);
    }
  }

  #isStopped(): boolean {
    return this.#stopAll.signal.aborted;
  }

  /** A failure while the job is being stopped is the stop's. */
  async #attempt(run: () => Promise<void>): Promise<JobOutcome> {
    try {
      await run();
      return { state: 'success' };
    } catch (error) {
      const { signal } = this.#stopAll;
      return { state: 'failed', failure: toJobFailure(signal.aborted ? signal.reason : error) };
    }
  }

  async #stage(name: string, title: string, run: () => Promise<void>): Promise<void> {
    this.#stopAll.signal.throwIfAborted();
    await this.#section(name, title, run);
  }

  async #section(name: string, title: string, run: () => Promise<void>): Promise<void> {
    const mark = (kind: 'start' | 'end'): void => {
      if (!this.#job.features.trace_sections) return;
      this.#log.append(renderSectionMark(kind, name, Math.floor(Date.now() / 1000)));
    };
    mark('start');
    sayLine(this.#context.workspace, colour('cyan', title));
    try {
      await run();
    } finally {
      mark('end');
    }
  }

  /** A duration variable such as `10m`, in milliseconds. */
  #timeoutMs(key: string): number | null {
    const wanted = parseDurationMs(this.#context.workspace.env[key] ?? '');
    return wanted === null ? null : Math.min(wanted, longestTimerMs);
  }

  #createContext(): stages.StageContext {
    const { client, identity, options, user, shell, selfCommand } = this.#runner;
    const job = this.#job;
    const baseDir = `${options.buildsDir}/${shortToken(options.token)}`;
    const projectDir = `${baseDir}/0/${projectFolder(job)}`;
    const tempDir = `${projectDir}.tmp`;
    const variables = jobVariables(job, {
      buildsDir: options.buildsDir,
      projectDir,
      tempDir,
      timeoutSeconds: this.#timeoutSeconds,
      shortToken: shortToken(options.token),
      runnerVersion: protocolVersion,
      runnerPlatform: `linux/${goArchitecture()}`,
      environment: options.environment,
      ca: options.ca,
    });
    const env = {
      ...baseEnvironment(process.env, user, shell, `${tempDir}/home`),
      ...environmentOf(variables, tempDir),
    };
    const secrets = [...maskedValues(variables), options.token, job.token];
    const openStream = (): LogStream => this.#openStream(secrets);
    return {
      client,
      identity,
      job,
      variables,
      workspace: { projectDir, tempDir, baseDir, user, shell, env, selfCommand, openStream },
      cacheDir: `${options.cacheDir}/${projectFolder(job)}`,
      ...{ cloneUrl: options.cloneUrl, ca: options.ca },
    };
  }

  #openStream(secrets: readonly string[]): LogStream {
    const prefixes = ['glpat-', ...this.#job.features.token_mask_prefixes];
    const filter = chainFilters([maskSecrets(secrets), maskTokens(prefixes)]);
    return {
      write: (text) => this.#log.append(filter.write(text)),
      end: () => this.#log.append(filter.end()),
    };
  }
}

/** The project's path below the runner's folder; a path that does not look like one is replaced by the id. */
function projectFolder(job: Job): string {
  const path = job.job_info.project_full_path;
  const isPath = /^[\w.-]+(?:\/[\w.-]+)*$/.test(path) && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(path);
  const folder = isPath ? path : `project-${job.job_info.project_id}`;
  const strategy = job.variables.findLast((variable) => variable.key === 'GIT_STRATEGY')?.value;
  return strategy === 'empty' ? `${folder}-empty` : folder;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Go's durations, such as `1h30m`; `null` for anything else and for nothing. */
export function parseDurationMs(text: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return null;
  let sum = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    sum += Number(count) * (unitMs[unit] ?? 0);
  }
  return sum;
}
