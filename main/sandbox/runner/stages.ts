// What the stages of a job do, each on its own.
import { access, lchown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProtocolClient } from './client.ts';
import { applyCacheRestore, applyCacheSave, cachesOf, cachesToSave } from './cache.ts';
import type { Job, JobVariable } from './job.ts';
import type { RunnerIdentity } from './identity.ts';
import { JobFailure } from './outcome.ts';
import { renderPrepareScript, renderStepScript } from './script.ts';
import type { SourceStep } from './sources.ts';
import { planSources, renderGitConfig, SourceSettingError } from './sources.ts';
import { applyDownload, applyUpload, artifactsFor, dependenciesOf } from './transfer.ts';
import { isOn, variableFiles } from './variables.ts';
import type { Workspace } from './workspace.ts';
import { runLogged, runScript, sayNotice, sayWarning } from './workspace.ts';

/** All that the stages of one job share. */
export interface StageContext {
  readonly client: ProtocolClient;
  readonly identity: RunnerIdentity;
  readonly job: Job;
  readonly variables: readonly JobVariable[];
  readonly workspace: Workspace;
  readonly cacheDir: string;
  readonly cloneUrl: string | null;
  /** PEM of a root that the runner itself trusts; `null`: none but the usual ones. */
  readonly ca: string | null;
}

function value(context: StageContext, key: string): string {
  return context.workspace.env[key] ?? '';
}

function gitConfigFile(context: StageContext): string {
  return join(context.workspace.tempDir, 'git.conf');
}

/** No variable can have the name of this file: the job's own `CI_SERVER_TLS_CA_FILE` has no say in what git trusts. */
function gitCaFile({ workspace }: StageContext): string {
  return join(workspace.tempDir, 'git-ca.pem');
}

/** Makes the job's folders, as the job's user below one that the runner gives away, and its private files. */
export async function applyPrepare(context: StageContext, signal: AbortSignal): Promise<void> {
  const { workspace, job, variables, ca } = context;
  const { projectDir, tempDir, baseDir, user } = workspace;
  await mkdir(baseDir, { recursive: true });
  if (user !== null) await lchown(baseDir, user.uid, user.gid);
  const caFile = ca === null ? null : gitCaFile(context);
  const files = [
    ...variableFiles(variables, tempDir),
    ...(ca === null ? [] : [{ path: gitCaFile(context), content: ca }]),
    {
      path: gitConfigFile(context),
      content: renderGitConfig(job.git_info.repo_url, context.cloneUrl, caFile),
    },
  ];
  const script = renderPrepareScript([projectDir], [tempDir, `${tempDir}/home`], files);
  requireZero(await runScript(workspace, script, signal, { cwd: baseDir }));
}

/** Brings the source in, in as many attempts as the job allows. */
export async function applySources(context: StageContext, signal: AbortSignal): Promise<void> {
  await inAttempts(context, 'GET_SOURCES_ATTEMPTS', signal, async () => {
    for (const step of await planFor(context)) await applySourceStep(context, step, signal);
  });
}

async function planFor(context: StageContext): Promise<readonly SourceStep[]> {
  const { projectDir } = context.workspace;
  const place = {
    projectDir,
    gitConfigFile: gitConfigFile(context),
    cloneUrl: context.cloneUrl,
    userAgent: context.identity.userAgent,
    isShallow: await exists(join(projectDir, '.git/shallow')),
  };
  try {
    return planSources(context.job, place, (key) => value(context, key));
  } catch (error) {
    if (error instanceof SourceSettingError) throw new JobFailure('script_failure', error.message, 1);
    throw error;
  }
}

async function applySourceStep(context: StageContext, step: SourceStep, signal: AbortSignal): Promise<void> {
  const { workspace } = context;
  if (step.notice !== undefined) sayNotice(workspace, step.notice);
  if (step.command === 'none') return;
  const isSilent = step.isOptional === true || step.otherwise !== undefined;
  const code = await runLogged(workspace, [step.command, ...step.args], signal, {
    cwd: workspace.baseDir,
    isSilent,
  });
  if (code === 0 && step.success !== undefined) sayNotice(workspace, step.success);
  if (code === 0 || step.isOptional === true) return;
  if (step.otherwise === undefined) requireZero(code);
  else await applySourceStep(context, step.otherwise, signal);
}

export function hasCacheToRestore(context: StageContext): boolean {
  return cachesOf(context.job).length > 0;
}

export async function applyCachesRestore(context: StageContext, signal: AbortSignal): Promise<void> {
  const { cacheDir, job, workspace } = context;
  for (const cache of cachesOf(job)) await applyCacheRestore(cacheDir, job, cache, workspace, signal);
}

export function hasCacheToSave(context: StageContext, isSuccess: boolean): boolean {
  return cachesToSave(context.job, isSuccess).length > 0;
}

export async function applyCachesSave(
  context: StageContext,
  isSuccess: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { cacheDir, job, workspace } = context;
  for (const cache of cachesToSave(job, isSuccess)) {
    await applyCacheSave(cacheDir, job, cache, workspace, signal);
  }
}

export function hasDependencies(context: StageContext): boolean {
  return dependenciesOf(context.job).length > 0;
}

export async function applyDownloads(context: StageContext, signal: AbortSignal): Promise<void> {
  await inAttempts(context, 'ARTIFACT_DOWNLOAD_ATTEMPTS', signal, async () => {
    for (const dependency of dependenciesOf(context.job)) {
      await applyDownload(context.client, dependency, context.workspace, signal);
    }
  });
}

export function hasArtifacts(context: StageContext, isSuccess: boolean): boolean {
  return artifactsFor(context.job, isSuccess).length > 0;
}

export async function applyUploads(
  context: StageContext,
  isSuccess: boolean,
  signal: AbortSignal,
): Promise<void> {
  for (const artifact of artifactsFor(context.job, isSuccess)) {
    await applyUpload(context.client, context.job, artifact, context.workspace, signal);
  }
}

/** Runs one step's commands. Throws `JobFailure` with the exit code of the one that failed. */
export async function applyStep(
  context: StageContext,
  commands: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { workspace } = context;
  const xtrace = isOn(value(context, 'CI_DEBUG_TRACE'));
  const script = renderStepScript(commands, { cwd: workspace.projectDir, xtrace });
  requireZero(await runScript(workspace, script, signal));
}

/** Runs `after_script`, which is told how the job stands and whose result counts for nothing. */
export async function applyAfterScript(
  context: StageContext,
  commands: readonly string[],
  status: string,
  signal: AbortSignal,
): Promise<void> {
  const { workspace } = context;
  const xtrace = isOn(value(context, 'CI_DEBUG_TRACE'));
  const notice = 'Running after script...';
  const script = renderStepScript(commands, { cwd: workspace.projectDir, xtrace, notice });
  const env = { ...workspace.env, CI_JOB_STATUS: status };
  const code = await runScript(workspace, script, signal, { env });
  if (code !== 0) {
    sayWarning(workspace, `after_script failed, but job will continue unaffected: exit status ${code}`);
  }
}

/** Removes the job's private folder; a failure is of no consequence to the job. */
export async function applyCleanUp(context: StageContext, signal: AbortSignal): Promise<void> {
  const { workspace } = context;
  await runLogged(workspace, ['rm', '-rf', '--', workspace.tempDir], signal, { cwd: workspace.baseDir });
}

async function inAttempts(
  context: StageContext,
  key: string,
  signal: AbortSignal,
  attempt: () => Promise<void>,
): Promise<void> {
  const attempts = Math.min(10, Math.max(1, Math.trunc(Number(value(context, key))) || 1));
  for (let left = attempts; ; left -= 1) {
    try {
      await attempt();
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (left <= 1) throw error;
    }
  }
}

function requireZero(code: number): void {
  if (code !== 0) throw new JobFailure('script_failure', `exit status ${code}`, code);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
