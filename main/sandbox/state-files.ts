// Job traces, artifacts and repositories: the part of the sandbox's state that lives in files.
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

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
  removeTrace(jobId: number): void;
  /** Where an artifact's content lies. */
  artifactPath(artifactId: number): string;
  /** Moves an upload to its place as an artifact. */
  keepArtifact(uploadPath: string, artifactId: number): void;
  removeArtifact(artifactId: number): void;
  /** A fresh path for an upload that is not an artifact yet; lies on the same file system as `artifactPath`. */
  uploadPath(name: string): string;
  /** Where a project's bare repository lies (created by the git part). */
  repositoryPath(projectId: number): string;
}

/** Makes the folders; uploads that a killed process left half-done are removed. */
export function openStateFiles(stateDir: string): StateFiles {
  const folder = (name: string): string => {
    const path = join(stateDir, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  rmSync(join(stateDir, 'uploads'), { recursive: true, force: true });
  const traces = folder('traces');
  const artifacts = folder('artifacts');
  const uploads = folder('uploads');
  const repositories = folder('repositories');
  const trace = (jobId: number): string => join(traces, `${jobId}.log`);
  return {
    traceSize: (jobId) => statSync(trace(jobId), { throwIfNoEntry: false })?.size ?? 0,
    readTrace: (jobId, start = 0, length) => readPart(trace(jobId), start, length),
    appendTrace: (jobId, bytes) => {
      appendFileSync(trace(jobId), bytes);
      return statSync(trace(jobId)).size;
    },
    removeTrace: (jobId) => rmSync(trace(jobId), { force: true }),
    resetTrace: (jobId) => writeFileSync(trace(jobId), ''),
    artifactPath: (artifactId) => join(artifacts, String(artifactId)),
    keepArtifact: (uploadPath, artifactId) => renameSync(uploadPath, join(artifacts, String(artifactId))),
    removeArtifact: (artifactId) => rmSync(join(artifacts, String(artifactId)), { force: true }),
    uploadPath: (name) => join(uploads, name),
    repositoryPath: (projectId) => join(repositories, `${projectId}.git`),
  };
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
