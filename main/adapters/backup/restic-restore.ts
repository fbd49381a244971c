// Restores snapshots: what could not be brought back is named, the rest is there; old versions are watched from outside.
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Restic, ResticPlace, ResticProgress } from '../../backup-ports.ts';
import { hasKey } from './restic-call.ts';
import type { Caller } from './restic-call.ts';
import { noSpaceHere, resticFailed } from './restic-errors.ts';
import { readFailedItem, readProgress } from './restic-lines.ts';

/** restore tells how far it is since then. https://github.com/restic/restic/blob/master/changelog/0.16.0_2023-07-31/issue-426 */
const tellsSince = { major: 0, minor: 16 };
/** Between two looks at what an old one has restored. Milliseconds. */
const watchMs = 2_000;
/** Of what could not be restored; there may be a million. */
const mostFailed = 1_000;
/** How many times as long as a look takes the next one waits at least. */
const restShare = 20;

/** Of `stat`, whatever the file system. https://man7.org/linux/man-pages/man3/stat.3type.html */
const blockBytes = 512;

type What = Parameters<Restic['restore']>[1];
type Tell = (progress: ResticProgress) => void;

/** Like `Restic.restore`. A place that cannot be written is read without a lock. */
export async function restore(
  caller: Caller,
  place: ResticPlace,
  what: What,
  tell: Tell,
  signal: AbortSignal,
): Promise<{ readonly failed: readonly string[] }> {
  await mkdir(what.into, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw resticFailed('make the folder to restore to', place.target, { code: null, stderr: String(error) });
  });
  const stop = await watch(caller, { place, what, tell });
  try {
    return await restoreOnce(caller, { place, what, tell, isLocked: true }, signal);
  } catch (error) {
    if (!hasKey(error, 'backup.target-read-only', 'backup.target-permission')) throw error;
    return await restoreOnce(caller, { place, what, tell, isLocked: false }, signal);
  } finally {
    stop();
  }
}

interface Turn {
  readonly place: ResticPlace;
  readonly what: What;
  readonly tell: Tell;
}

async function restoreOnce(
  caller: Caller,
  { place, what, tell, isLocked }: Turn & { readonly isLocked: boolean },
  signal: AbortSignal,
): Promise<{ readonly failed: readonly string[] }> {
  const failed = new Map<string, string>();
  const paths = what.paths?.flatMap((path) => ['--include', `/${escapePattern(path)}`]) ?? [];
  await caller.ask(
    place,
    {
      deed: 'restore a snapshot',
      args: [
        ...['restore', '--json', '--target', what.into, ...paths, ...(isLocked ? [] : ['--no-lock'])],
        ...['--', what.snapshot],
      ],
      folders: [{ path: what.into, isWritable: true }],
      deadlineMs: null,
      writes: isLocked,
      onLine: (line) => {
        const progress = readProgress(line);
        if (progress !== null) tell(progress);
        const item = readFailedItem(line);
        // Times and owners of a file that is not there fail after it: the first words say why.
        if (item !== null && !failed.has(item.path) && failed.size < mostFailed)
          failed.set(item.path, item.words);
      },
      isAnswer: () => failed.size > 0,
    },
    signal,
  );
  const full = [...failed.values()].find((words) => /no space left|disk quota/i.test(words));
  if (full !== undefined) throw noSpaceHere(place.target, what.into, full);
  return { failed: [...failed].map(([path, words]) => `${path}: ${words}`) };
}

/** restic's patterns are those of a shell. https://pkg.go.dev/path/filepath#Match */
function escapePattern(path: string): string {
  return path.replace(/^\/+/, '').replace(/[\\*?[\]]/g, '\\$&');
}

/** Tells what an old restic has restored so far, by the files that are there. Gives what ends it. */
async function watch(caller: Caller, { what, tell }: Turn): Promise<() => void> {
  const { version } = await caller.find();
  const isNew = version.major > tellsSince.major || version.minor >= tellsSince.minor;
  const bytesTotal = what.bytes ?? 0;
  if (isNew || bytesTotal === 0) return () => undefined;
  const over = new AbortController();
  const look = async (): Promise<void> => {
    for (let pause = watchMs; ;) {
      await setTimeout(pause, undefined, { signal: over.signal, ref: false });
      const begun = performance.now();
      const bytesDone = Math.min(await bytesBelow(what.into), bytesTotal);
      over.signal.throwIfAborted();
      tell({ bytesDone, bytesTotal, filesDone: 0, filesTotal: 0, secondsLeft: null });
      // Of a million files: most of the time nobody looks.
      pause = Math.max(watchMs, restShare * (performance.now() - begun));
    }
  };
  look().catch(() => undefined);
  return () => over.abort();
}

/** Of files that were written, in blocks: they have their length from the beginning. What goes away meanwhile counts nothing. */
async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let sum = 0;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += await bytesBelow(path);
    else if (entry.isFile()) sum += ((await stat(path).catch(() => null))?.blocks ?? 0) * blockBytes;
  }
  return sum;
}
