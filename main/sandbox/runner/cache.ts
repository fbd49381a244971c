// Caches in a folder of the runner: zips by key, which jobs cannot touch themselves.
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Job, JobCache } from './job.ts';
import { expandReferences } from './variables.ts';
import type { Workspace } from './workspace.ts';
import { packFiles, sayNotice, sayWarning, unpackFile } from './workspace.ts';

/** The caches of a job that have anything to keep. */
export function cachesOf(job: Job): readonly JobCache[] {
  return job.cache.filter((cache) => cache.paths.length > 0 || cache.untracked);
}

/** The caches that are kept after an end like this one. */
export function cachesToSave(job: Job, isSuccess: boolean): readonly JobCache[] {
  return cachesOf(job).filter(
    (cache) => cache.when === 'always' || cache.when === (isSuccess ? 'on_success' : 'on_failure'),
  );
}

/** Unpacks the first cache that is there, of its key and the fallback keys. A missing cache is no failure. */
export async function applyCacheRestore(
  cacheDir: string,
  job: Job,
  cache: JobCache,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<void> {
  const [key = '', ...fallbacks] = keysOf(job, cache, workspace);
  if (policyOf(cache, workspace) === 'push') {
    sayNotice(workspace, `Not downloading cache ${key} due to policy`);
    return;
  }
  for (const candidate of [key, ...fallbacks]) {
    sayNotice(workspace, `Checking cache for ${candidate}...`);
    if (await restore(fileOf(cacheDir, candidate), workspace, signal)) {
      sayNotice(workspace, 'Successfully extracted cache');
      return;
    }
    sayWarning(workspace, 'Failed to extract cache');
  }
}

/** Packs a cache in place of the last one of its key. Failing is said in the log and fails nothing. */
export async function applyCacheSave(
  cacheDir: string,
  job: Job,
  cache: JobCache,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<void> {
  const [key = ''] = keysOf(job, cache, workspace);
  if (policyOf(cache, workspace) === 'pull') {
    sayNotice(workspace, `Not uploading cache ${key} due to policy`);
    return;
  }
  sayNotice(workspace, `Creating cache ${key}...`);
  try {
    const saved = await save(fileOf(cacheDir, key), cache, workspace, signal);
    sayNotice(workspace, saved ? 'Created cache' : 'No files to cache');
  } catch (error) {
    signal.throwIfAborted();
    sayWarning(workspace, `Failed to create cache: ${String(error)}`);
  }
}

function fileOf(cacheDir: string, key: string): string {
  return join(cacheDir, `${encodeURIComponent(key)}.zip`);
}

function expand(workspace: Workspace, text: string): string {
  return expandReferences(text, (key) => workspace.env[key] ?? '');
}

function keysOf(job: Job, cache: JobCache, workspace: Workspace): readonly string[] {
  const key = expand(workspace, cache.key) || `${job.job_info.name}/${job.git_info.ref}`;
  const fallbacks = [
    ...cache.fallback_keys.map((each) => expand(workspace, each)),
    workspace.env['CACHE_FALLBACK_KEY'] ?? '',
  ];
  return [key, ...fallbacks.filter((each) => each !== '')];
}

function policyOf(cache: JobCache, workspace: Workspace): string {
  return expand(workspace, cache.policy);
}

async function restore(file: string, workspace: Workspace, signal: AbortSignal): Promise<boolean> {
  try {
    await using archive = await open(file, 'r');
    return (await unpackFile(workspace, archive.fd, signal)) === 0;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

async function save(
  file: string,
  cache: JobCache,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<boolean> {
  const packed = await packFiles(
    workspace,
    {
      paths: cache.paths.map((path) => expand(workspace, path)),
      exclude: [],
      untracked: cache.untracked,
      format: 'zip',
    },
    signal,
  );
  if (packed === null) return false;
  const part = `${file}.part`;
  try {
    await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
    await pipeline(Readable.from(packed.content), createWriteStream(part, { mode: 0o600 }));
    await rename(part, file);
    return true;
  } finally {
    packed.stop();
    await rm(part, { force: true });
  }
}
