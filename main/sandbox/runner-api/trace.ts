// A job's log as its runner sends it: pieces with their place, and a checksum at the end.
import { crc32 } from 'node:zlib';
import type { Job } from '../state.ts';
import type { SandboxStore } from '../store.ts';

/** GitLab's default limit of a whole log (`ci_jobs_trace_size_limit`). */
export const maxTraceBytes = 100 * 1024 * 1024;

/** What became of a piece. */
export type AppendResult =
  | { readonly kind: 'appended'; readonly size: number }
  /** The piece does not begin where the log ends; `size` is where it does. */
  | { readonly kind: 'out_of_range'; readonly size: number }
  | { readonly kind: 'too_large' };

/** Adds a piece at the end; `contentRange` is `<start>-<end>`, of which the end is ignored, as GitLab does. */
export function appendPiece(
  store: SandboxStore,
  jobId: number,
  contentRange: string,
  piece: Uint8Array,
): AppendResult {
  const start = Number.parseInt(contentRange, 10) || 0;
  const size = store.files.traceSize(jobId);
  if (start + piece.byteLength > maxTraceBytes) return { kind: 'too_large' };
  if (start !== size) return { kind: 'out_of_range', size };
  return { kind: 'appended', size: piece.byteLength === 0 ? size : store.files.appendTrace(jobId, piece) };
}

/** `crc32:` and eight hex digits over the whole log. */
export function traceChecksum(store: SandboxStore, jobId: number): string {
  return `crc32:${crc32(store.files.readTrace(jobId)).toString(16).padStart(8, '0')}`;
}

/** Whether the log must be sent again: it differs from the runner's, and this was not said before for the same log. */
export function needsResend(store: SandboxStore, job: Job, checksum: string | undefined): boolean {
  if (checksum === undefined || job.traceChecksum === checksum) return false;
  return normalise(checksum) !== traceChecksum(store, job.id);
}

function normalise(checksum: string): string {
  const [kind, digits] = checksum.split(':');
  return `${kind ?? ''}:${(digits ?? '').toLowerCase().padStart(8, '0')}`;
}
