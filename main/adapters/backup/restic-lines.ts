// Reads what restic prints: lines of JSON where it has them, and its words where it has none.
import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import type { ResticNode, ResticProgress, ResticSnapshot } from '../../backup-ports.ts';

/** Of a longer line only the beginning is given: a list of snapshots is one line. Characters. */
const longestLine = 64 * 1024 * 1024;

export interface Lines {
  /** Whole lines that have come, without their ends. */
  add(part: Uint8Array): readonly string[];
  /** What has come without an end of line. */
  rest(): readonly string[];
}

/** restic overwrites its progress with carriage returns: they end a line, too. */
export function createLines(): Lines {
  const decoder = new StringDecoder('utf8');
  let begun = '';
  const take = (text: string): readonly string[] => {
    const lines = (begun + text).split(/[\n\r]/);
    begun = (lines.pop() ?? '').slice(0, longestLine);
    return lines.filter((line) => line !== '');
  };
  return {
    add: (part) => take(decoder.write(Buffer.from(part.buffer, part.byteOffset, part.byteLength))),
    rest: () => take(`${decoder.end()}\n`),
  };
}

const status = z.object({
  message_type: z.literal('status'),
  total_files: z.number().default(0),
  files_done: z.number().default(0),
  /** Of `restore`, since 0.16. */
  files_restored: z.number().default(0),
  total_bytes: z.number().default(0),
  bytes_done: z.number().default(0),
  bytes_restored: z.number().default(0),
  seconds_remaining: z.number().optional(),
});

/** Both of `backup` and of `restore`. `null`: another line. */
export function readProgress(line: string): ResticProgress | null {
  const found = parse(status, line);
  if (found === null) return null;
  return {
    bytesDone: Math.max(found.bytes_done, found.bytes_restored),
    bytesTotal: found.total_bytes,
    filesDone: Math.max(found.files_done, found.files_restored),
    filesTotal: found.total_files,
    secondsLeft: found.seconds_remaining ?? null,
  };
}

/** `prune` and `check` have no JSON: `[0:07] 45.00%  9 / 20 packs`. */
export function readCounted(line: string): ResticProgress | null {
  const found = /^\[[\d:]+\]\s+[\d.]+%\s+(\d+) \/ (\d+) (?:packs|snapshots|files|index)/.exec(line);
  if (found === null) return null;
  return {
    ...{ bytesDone: 0, bytesTotal: 0, secondsLeft: null },
    filesDone: Number(found[1]),
    filesTotal: Number(found[2]),
  };
}

const summary = z.object({
  message_type: z.literal('summary'),
  snapshot_id: z.string().default(''),
  total_bytes_processed: z.number(),
  total_files_processed: z.number(),
  data_added: z.number(),
  /** As it lies in the repository; since 0.17. */
  data_added_packed: z.number().optional(),
});
export type ResticSummary = z.infer<typeof summary>;

export function readSummary(line: string): ResticSummary | null {
  return parse(summary, line);
}

const snapshot = z.object({
  id: z.string().regex(/^[0-9a-f]{64}$/),
  time: z.string(),
  hostname: z.string().default(''),
  paths: z.array(z.string()).nullish(),
  tags: z.array(z.string()).nullish(),
});

/** Of an empty repository some say `null`. `null`: no list of snapshots. */
export function readSnapshots(text: string): readonly ResticSnapshot[] | null {
  const found = parse(
    z
      .array(snapshot)
      .nullable()
      .transform((list) => list ?? []),
    text,
  );
  if (found === null) return null;
  const list = found.map(({ id, time, hostname, paths, tags }) => ({
    ...{ id, at: Date.parse(time), host: hostname },
    ...{ paths: paths ?? [], tags: tags ?? [] },
  }));
  return list.toSorted((a, b) => a.at - b.at);
}

const node = z.object({
  /** Newer ones say `message_type` as well. */
  struct_type: z.literal('node'),
  path: z.string(),
  type: z.string(),
  size: z.number().default(0),
});

/** A line of `ls`; `null`: no node. */
export function readNode(line: string): ResticNode | null {
  const found = parse(node, line);
  if (found === null) return null;
  const type =
    found.type === 'file' || found.type === 'dir' || found.type === 'symlink' ? found.type : 'other';
  return { path: found.path.replace(/^\/+/, ''), type, bytes: type === 'file' ? found.size : 0 };
}

const lock = z.object({ time: z.string(), hostname: z.string(), pid: z.int().default(0) });

/** Who has locked a repository, and when by their own clock. */
export interface ResticLock {
  readonly host: string;
  readonly at: number;
  /** Of the process there; 0: not told. */
  readonly pid: number;
}

/** The document of `cat lock`; `null`: none. */
export function readLock(text: string): ResticLock | null {
  const found = parse(lock, text);
  return found === null ? null : { host: found.hostname, at: Date.parse(found.time), pid: found.pid };
}

const stats = z.object({ total_size: z.number() });

export function readTotalSize(text: string): number | null {
  return parse(stats, text)?.total_size ?? null;
}

const restoreError = z.object({
  message_type: z.literal('error'),
  error: z.object({ message: z.string() }),
  item: z.string(),
});

/** A file that `restore` could not bring back, as a sentence; `null`: another line. */
export function readFailedItem(line: string): { readonly path: string; readonly words: string } | null {
  const found = parse(restoreError, line);
  if (found !== null) return { path: found.item.replace(/^\/+/, ''), words: found.error.message };
  const old = /^ignoring error for \/(.*?): (.*)$/.exec(line);
  return old === null ? null : { path: old[1] ?? '', words: old[2] ?? '' };
}

/** `restic 0.14.0 compiled with go1.19.8 on linux/amd64`; of development `restic 0.18.1-dev (…)`. */
export function readVersion(
  text: string,
): { readonly major: number; readonly minor: number; readonly text: string } | null {
  const found = /^restic v?(\d+)\.(\d+)(?:\.\d+)?\S*/m.exec(text);
  if (found === null) return null;
  return { major: Number(found[1]), minor: Number(found[2]), text: found[0].replace(/^restic v?/, '') };
}

/** A line that says something else, or nothing that can be read, is not ours to judge. */
function parse<T>(schema: z.ZodType<T>, text: string): T | null {
  if (!/^\s*[[{n]/.test(text)) return null;
  try {
    const value: unknown = JSON.parse(text);
    const read = schema.safeParse(value);
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
