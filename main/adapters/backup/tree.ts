// Walks folders in one steady order and reads digests of files, in bounded memory however large they are.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { isUtf8 } from 'node:buffer';

/** One thing in a folder that is walked. `path` is relative, with `/`. */
export interface TreeEntry {
  readonly path: string;
  readonly type: 'file' | 'folder' | 'other';
  /** False: its name is not text, and `path` has only what can be shown of it. */
  readonly isNamed: boolean;
}

/** Files that are read at the same time: as many as Node has threads for. */
const parallel = 4;
/** Of a file, read at once. */
export const chunkBytes = 1024 * 1024;
/** Never through a link, and never waiting at a fifo. Windows knows neither. */
const readFlags =
  constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK);

/** The order of paths in a walk: name by name, so that a folder's content stands together. */
export function comparePaths(a: string, b: string): number {
  const [left, right] = [a.replaceAll('/', '\0'), b.replaceAll('/', '\0')];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Everything below a folder in the order of `comparePaths`; links are not followed. */
export async function* walkTree(folder: string, below = ''): AsyncGenerator<TreeEntry> {
  const found = await readdir(path.join(folder, below), { withFileTypes: true, encoding: 'buffer' });
  const entries = found
    .map((entry) => ({ entry, name: entry.name.toString('utf8'), isNamed: isUtf8(entry.name) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const { entry, name, isNamed } of entries) {
    const at = below === '' ? name : `${below}/${name}`;
    const type = entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other';
    yield { path: at, type, isNamed };
    if (type === 'folder' && isNamed) yield* walkTree(folder, at);
  }
}

/** Opens a file that must be one: rejects with `ELOOP` for a link; `null`: it is something else. */
export async function openFile(
  file: string,
): Promise<{ readonly handle: FileHandle; readonly stat: BigIntStats } | null> {
  const handle = await open(file, readFlags);
  try {
    const stat = await handle.stat({ bigint: true });
    if (stat.isFile()) return { handle, stat };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return null;
}

export interface Digest {
  readonly bytes: number;
  readonly sha256: string;
  /** Permission bits. */
  readonly mode: number;
}

/** The digest of what is read of a file; `null`: it is no file. Rejects with the signal's reason and the system's errors. */
export async function digestFile(file: string, signal: AbortSignal): Promise<Digest | null> {
  const opened = await openFile(file);
  if (opened === null) return null;
  const { handle, stat } = opened;
  try {
    const hash = createHash('sha256');
    // One byte more than it has: that it ends there shows at once.
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Number(stat.size) + 1));
    let bytes = 0;
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
      hash.update(chunk.subarray(0, bytesRead));
      bytes += bytesRead;
      // Of a file, less than was asked for is read at its end alone: https://man7.org/linux/man-pages/man2/read.2.html
      if (bytesRead === 0 || (bytesRead < chunk.length && BigInt(bytes) >= stat.size)) break;
    }
    return { bytes, sha256: hash.digest('hex'), mode: Number(stat.mode) & 0o777 };
  } finally {
    await handle.close();
  }
}

/** Results in the order of the items, with a few pieces of work under way at a time. */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const going: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      // Whoever waits for it hears of its failure; until then it must not count as unheard.
      result.catch(() => undefined);
      going.push(result);
      if (going.length >= parallel) {
        const first = going.shift();
        if (first !== undefined) yield await first;
      }
    }
    for (let first = going.shift(); first !== undefined; first = going.shift()) yield await first;
  } finally {
    await Promise.allSettled(going);
  }
}
