// A job's artifacts: packed and uploaded, and those of the jobs before it downloaded and unpacked.
import { createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProtocolClient } from './client.ts';
import type { Job, JobArtifact, JobDependency } from './job.ts';
import { JobFailure } from './outcome.ts';
import { expandReferences } from './variables.ts';
import type { Workspace } from './workspace.ts';
import { packFiles, sayLine, sayNotice, unpackFile } from './workspace.ts';

const tries = 3;
const pauseMs = 1_000;
const extensions = { zip: '.zip', gzip: '.gz', raw: '' } as const;

/** The artifacts of a job that are kept after an end like this one. */
export function artifactsFor(job: Job, isSuccess: boolean): readonly JobArtifact[] {
  return job.artifacts.filter(
    (artifact) =>
      (artifact.when === 'always' || artifact.when === (isSuccess ? 'on_success' : 'on_failure')) &&
      (artifact.paths.length > 0 || artifact.untracked),
  );
}

/** Uploads one artifact. Throws `JobFailure` when the server does not take it. */
export async function applyUpload(
  client: ProtocolClient,
  job: Job,
  artifact: JobArtifact,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<void> {
  sayNotice(workspace, 'Uploading artifacts...');
  for (let attempt = 1; ; attempt += 1) {
    const status = await tryUpload(client, job, artifact, workspace, signal);
    if (status === 'no files') {
      sayLine(workspace, '\u001b[31;1mERROR: No files to upload\u001b[0;m');
      return;
    }
    const as = artifact.artifact_type === '' ? '' : ` as "${artifact.artifact_type}"`;
    sayLine(workspace, `Uploading artifacts${as} to coordinator... ${describeStatus(status)}`);
    if (status === 201) return;
    if (attempt >= tries || (status > 0 && status < 500)) throw failed('uploading artifacts', status);
    await delay(pauseMs, undefined, { signal });
  }
}

async function tryUpload(
  client: ProtocolClient,
  job: Job,
  artifact: JobArtifact,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<number | 'no files'> {
  const expand = (text: string): string => expandReferences(text, (key) => workspace.env[key] ?? '');
  const packed = await packFiles(
    workspace,
    {
      paths: artifact.paths.map(expand),
      exclude: artifact.exclude.map(expand),
      untracked: artifact.untracked,
      format: artifact.artifact_format,
    },
    signal,
  );
  if (packed === null) return 'no files';
  const name = basename(expand(artifact.name)) || 'artifacts';
  try {
    return await client.uploadArtifact(job, {
      fileName: `${name}${extensions[artifact.artifact_format]}`,
      format: artifact.artifact_format,
      type: artifact.artifact_type,
      expireIn: expand(artifact.expire_in),
      content: packed.content,
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && error.cause instanceof JobFailure) throw error.cause;
    return 0;
  } finally {
    packed.stop();
  }
}

/** The earlier jobs whose artifacts this one gets. */
export function dependenciesOf(job: Job): readonly JobDependency[] {
  return job.dependencies.filter((dependency) => dependency.artifacts_file.filename !== '');
}

/** Downloads and unpacks what one earlier job left. Throws `JobFailure`. */
export async function applyDownload(
  client: ProtocolClient,
  dependency: JobDependency,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<void> {
  sayNotice(workspace, `Downloading artifacts for ${dependency.name} (${dependency.id})...`);
  const folder = await mkdtemp(join(tmpdir(), 'autogit-artifacts-'));
  try {
    const path = join(folder, 'artifacts.zip');
    await download(client, dependency, path, workspace, signal);
    await using file = await open(path, 'r');
    const code = await unpackFile(workspace, file.fd, signal);
    if (code !== 0) throw new JobFailure('script_failure', 'unpacking artifacts failed', code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(
  client: ProtocolClient,
  dependency: JobDependency,
  path: string,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const status = await tryDownload(client, dependency, path);
    sayLine(workspace, `Downloading artifacts from coordinator... ${describeStatus(status)}`);
    if (status === 200) return;
    if (attempt >= tries || (status > 0 && status < 500)) throw failed('downloading artifacts', status);
    await delay(pauseMs, undefined, { signal });
  }
}

async function tryDownload(client: ProtocolClient, dependency: JobDependency, path: string): Promise<number> {
  try {
    const response = await client.downloadArtifact(dependency);
    if (response.status !== 200 || response.body === null) {
      await response.arrayBuffer();
      return response.status;
    }
    await pipeline(Readable.fromWeb(response.body), createWriteStream(path));
    return 200;
  } catch {
    return 0;
  }
}

function describeStatus(status: number): string {
  const names: Readonly<Record<number, string>> = {
    0: 'no answer',
    200: 'ok',
    201: '201 Created',
    403: '403 Forbidden',
    404: '404 Not Found',
    413: '413 Payload Too Large',
  };
  return names[status] ?? `HTTP ${status}`;
}

function failed(what: string, status: number): JobFailure {
  return new JobFailure('script_failure', `${what} failed: ${describeStatus(status)}`, 1);
}
