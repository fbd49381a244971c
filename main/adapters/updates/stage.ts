// Brings one file of an update into the home: never more bytes than the signed list says, hashed as they come, there by a
// rename alone.
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { AutoGitError, errorCode } from '../../errors.ts';
import type { UpdateFile } from '../../model/updates.ts';
import type { StageProgress } from '../../update-port.ts';
import { diskFails, noSpace, tooLarge, truncated, wrongDigest } from './errors.ts';
import { openUrl, urlIn } from './open-url.ts';
import type { Patience, Reply } from './open-url.ts';

/** What stays free beside a staged file. Bytes. */
const reserve = 67_108_864;

export interface StageOptions {
  readonly folder: string;
  readonly idleMs: number;
  /** Slower than this all in all is given up. Bytes a second. */
  readonly leastRate: number;
}

/** A failure of the disk as one of ours. */
export function diskError(folder: string, error: unknown, needed: number): AutoGitError {
  if (error instanceof AutoGitError) return error;
  return ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '')
    ? noSpace(folder, needed)
    : diskFails(folder, error);
}

/** Bytes; `null`: there is no such file. */
export async function sizeOf(file: string): Promise<number | null> {
  try {
    const found = await stat(file);
    return found.isFile() ? found.size : null;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function feed(hash: Hash, file: string): Promise<void> {
  for await (const chunk of createReadStream(file)) hash.update(Buffer.from(chunk));
}

/** SHA-256 of a file, hex. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await feed(hash, file);
  return hash.digest('hex');
}

async function requireRoom(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < needed + reserve) throw noSpace(folder, needed + reserve);
}

/** Whether an answer goes on at that byte: https://www.rfc-editor.org/rfc/rfc9110#name-content-range */
function goesOnAt({ status, headers }: Reply, offset: number): boolean {
  return status === 206 && headers.get('content-range')?.startsWith(`bytes ${offset}-`) === true;
}

interface Download {
  readonly url: URL;
  readonly file: UpdateFile;
  readonly part: string;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: StageProgress) => void;
}

/** What is there already, where the answer goes on behind it; else it begins anew. */
async function beginning({
  part,
  url,
  file,
  patience,
  signal,
}: Download): Promise<{ reply: Reply; have: number }> {
  const kept = (await sizeOf(part)) ?? 0;
  if (kept > 0 && kept < file.size) {
    const reply = await openUrl(url, patience, signal, { range: `bytes=${kept}-` });
    if (goesOnAt(reply, kept)) return { reply, have: kept };
    if (reply.status === 200) return { reply, have: 0 };
    await reply.discard();
  }
  const reply = await openUrl(url, patience, signal);
  if (reply.status === 200) return { reply, have: 0 };
  await reply.discard();
  throw truncated(file, 0);
}

async function writeAll(
  { url, file, onProgress }: Download,
  { reply, have }: { readonly reply: Reply; readonly have: number },
  handle: FileHandle,
  hash: Hash,
): Promise<void> {
  let received = have;
  for await (const chunk of reply.body) {
    received += chunk.length;
    if (received > file.size) throw tooLarge(url.href, file.size);
    hash.update(chunk);
    await handle.appendFile(chunk);
    onProgress({ received, total: file.size });
  }
  if (received < file.size) throw truncated(file, received);
  await handle.sync();
}

/** One try. True: it went on where an earlier one had stopped. Rejects with `update.digest` once all of it is there. */
async function download(job: Download): Promise<boolean> {
  const { part, file } = job;
  const begun = await beginning(job);
  const hash = createHash('sha256');
  if (begun.have > 0) await feed(hash, part);
  const handle = await open(part, begun.have > 0 ? 'a' : 'w', 0o600);
  try {
    await writeAll(job, begun, handle, hash);
  } catch (error) {
    // What is too much is of no use; what is too little goes on the next time.
    if (error instanceof AutoGitError && error.key === 'update.too-large') await rm(part, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  if (hash.digest('hex') === file.sha256) return true;
  await rm(part, { force: true });
  if (begun.have === 0) throw wrongDigest(file);
  return false;
}

/** Resolves when the file lies in the folder and is what the list says. Rejects as `Updates.stage` does. */
export async function stageFile(
  address: string,
  file: UpdateFile,
  { folder, idleMs, leastRate }: StageOptions,
  onProgress: (progress: StageProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const url = urlIn(address, file.name);
  const whole = path.join(folder, file.name);
  // Named by its content: what was left of another file never gets into this one.
  const part = path.join(folder, `${file.sha256}.part`);
  const patience = { idleMs, wholeMs: 60_000 + (file.size / leastRate) * 1_000 };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if ((await sizeOf(whole)) === file.size && (await hashFile(whole)) === file.sha256) return;
    await requireRoom(folder, file.size - ((await sizeOf(part)) ?? 0));
    const job = { url, file, part, patience, signal, onProgress };
    // What was left may have been spoilt since: then once more, all of it.
    if (!(await download(job))) await download(job);
    await rename(part, whole);
  } catch (error) {
    throw diskError(folder, error, file.size);
  }
}
