// Job traces, artifacts, repositories and Git LFS objects: the part of the sandbox's state that lives in files.
import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openLfsFiles } from './lfs/files.ts';
import type { LfsFiles } from './lfs/files.ts';
import type { Artifact } from './state.ts';

/** Traces are short and read whole, so they are read and written synchronously like the rest of the store. */
export interface StateFiles {
  /** Bytes; 0 when the job has no trace. */
  traceSize(jobId: number): number;
  /** The trace from byte `start`, at most `length` bytes; empty when there is none. */
  readTrace(jobId: number, start?: number, length?: number): Buffer;
  /** Returns the new size. */
  appendTrace(jobId: number, bytes: Uint8Array): number;
  /** Empties the trace. */
  resetTrace(jobId: number): void;
  /** In a transaction, when it is stored. */
  removeTrace(jobId: number): void;
  /** Where an artifact's content lies; `null` when it is not there or not whole. */
  findArtifact(artifact: Pick<Artifact, 'id' | 'size'>): string | null;
  /** Moves an upload to its place as an artifact. */
  keepArtifact(uploadPath: string, artifactId: number): void;
  /** In a transaction, when it is stored. */
  removeArtifact(artifactId: number): void;
  /** A fresh path for what does not count yet; lies on the same file system as everything else here. */
  uploadPath(name: string): string;
  /** Where a project's bare repository lies. */
  repositoryPath(projectId: number): string;
  /** Moves a repository that was made at an `uploadPath` to its place. */
  keepRepository(uploadPath: string, projectId: number): void;
  /** Removes a repository, so that a killed process leaves all of it or nothing. */
  removeRepository(projectId: number): Promise<void>;
  /** Git LFS objects. */
  readonly lfs: LfsFiles;
  /** Where something is kept that nobody knows any more. */
  setAsidePath(name: string): string;
  /** Whether anything was ever kept. */
  hasContent(): boolean;
}

/** Where the kinds of files lie in the state folder. */
export const stateFolders = {
  traces: 'traces',
  artifacts: 'artifacts',
  uploads: 'uploads',
  repositories: 'repositories',
  lfs: 'lfs',
  setAside: 'set-aside',
} as const;

/**
 * Makes the folders; uploads that a killed process left half-done are removed. `afterCommit` calls when the running
 * transaction is stored: until then nothing is removed that it may still need.
 */
export function openStateFiles(stateDir: string, afterCommit: (step: () => void) => void): StateFiles {
  const folder = (name: keyof typeof stateFolders): string => join(stateDir, stateFolders[name]);
  rmSync(folder('uploads'), { recursive: true, force: true });
  for (const name of Object.values(stateFolders)) mkdirSync(join(stateDir, name), { recursive: true });
  const trace = (jobId: number): string => join(folder('traces'), `${jobId}.log`);
  const artifact = (id: number): string => join(folder('artifacts'), String(id));
  const repository = (projectId: number): string => join(folder('repositories'), `${projectId}.git`);
  const upload = (name: string): string => join(folder('uploads'), name);
  return {
    traceSize: (jobId) => sizeOf(trace(jobId)) ?? 0,
    readTrace: (jobId, start = 0, length) => readPart(trace(jobId), start, length),
    appendTrace: (jobId, bytes) => {
      appendFileSync(trace(jobId), bytes);
      return statSync(trace(jobId)).size;
    },
    removeTrace: (jobId) => afterCommit(() => rmSync(trace(jobId), { force: true })),
    resetTrace: (jobId) => writeFileSync(trace(jobId), ''),
    findArtifact: ({ id, size }) => (sizeOf(artifact(id)) === size ? artifact(id) : null),
    keepArtifact: (uploadPath, id) => renameSync(uploadPath, artifact(id)),
    removeArtifact: (id) => afterCommit(() => rmSync(artifact(id), { force: true })),
    uploadPath: upload,
    repositoryPath: repository,
    keepRepository: (uploadPath, projectId) => renameSync(uploadPath, repository(projectId)),
    removeRepository: async (projectId) => {
      if (!existsSync(repository(projectId))) return;
      const doomed = upload(randomUUID());
      await rename(repository(projectId), doomed);
      await rm(doomed, { recursive: true, force: true });
    },
    lfs: openLfsFiles(folder('lfs')),
    setAsidePath: (name) => join(folder('setAside'), name),
    hasContent: () =>
      (['traces', 'artifacts', 'repositories', 'lfs'] as const).some(
        (name) => readdirSync(folder(name)).length > 0,
      ),
  };
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function readPart(path: string, start: number, length: number | undefined): Buffer {
  if (!existsSync(path)) return Buffer.alloc(0);
  if (start === 0 && length === undefined) return readFileSync(path);
  const wanted = Math.max(0, Math.min(length ?? Number.MAX_SAFE_INTEGER, statSync(path).size - start));
  const buffer = Buffer.alloc(wanted);
  const file = openSync(path, 'r');
  try {
    return buffer.subarray(0, readSync(file, buffer, 0, wanted, start));
  } finally {
    closeSync(file);
  }
}
