// Unpacks an engine's archive below one folder: files and folders alone, streamed, and never a byte outside of it.
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { extract } from 'tar-stream';
import type { Header } from 'tar-stream';
import { z } from 'zod';
import type { FetchedFiles, FileFacts } from '../../backup-ports.ts';
import { AutoGitError } from '../../errors.ts';
import { hostileArchive, mostEntries, partsOf, rootName } from './archive-names.ts';

export interface UnpackOptions {
  /** Name of the folder in the archive. */
  readonly base: string;
  /** Absolute, and there. */
  readonly folder: string;
  readonly container: string;
  /** Called for everything that has come. */
  readonly onBytes: () => void;
  /** Told of each file and folder, by its path below the folder. */
  readonly onEntry?: ((path: string, facts: FileFacts) => void) | undefined;
  /** Missing: as many as a backup may have. */
  readonly mostEntries?: number;
}

/** By their names, SQLite's databases and their journals. */
const databaseName = /\.(?:db|sqlite|sqlite3)(?:-wal|-shm|-journal)?$/;

const coded = z.object({ code: z.string() });

/**
 * Only the owner's bits of modes are kept, and the owner may always read and write. Rejects with `backup.hostile-archive`,
 * `backup.no-space` and what breaks off the stream.
 */
export async function unpackArchive(
  archive: NodeJS.ReadableStream,
  options: UnpackOptions,
): Promise<FetchedFiles> {
  const { container } = options;
  const entries = extract();
  archive.on('error', (error: unknown) => entries.destroy(asError(error)));
  archive.on('aborted', () => entries.destroy(new Error('the engine ended the archive too early')));
  archive.on('data', options.onBytes);
  // Nothing may be awaited from here on: an entry that comes while nobody listens is never heard of again.
  archive.pipe(entries);
  const place: Place = {
    ...{ options, base: options.base, made: new Set(), leftOut: [], databases: {} },
    owner: { uid: 0, gid: 0 },
  };
  let count = 0;
  try {
    for await (const entry of entries) {
      count += 1;
      if (count > (options.mostEntries ?? mostEntries))
        throw hostileArchive(container, 'it has more files than any lab');
      if (count === 1 && entry.header.name === rootName) place.base = rootName;
      const parts = partsOf(entry.header.name, place.base, container);
      const { uid, gid } = entry.header;
      if (parts.length === 0) Object.assign(place.owner, { uid, gid });
      const isKept = await writeEntry(entry.header, parts, entry, place);
      if (isKept) options.onEntry?.(parts.join('/'), factsOf(entry.header));
    }
    const { leftOut, owner, databases } = place;
    return { leftOut, owner, databases };
  } catch (error) {
    throw nameFailure(error, options);
  } finally {
    archive.unpipe(entries);
    entries.destroy();
  }
}

interface Place {
  readonly options: UnpackOptions;
  /** As the archive calls the folder. */
  base: string;
  /** Folders that exist already. */
  readonly made: Set<string>;
  readonly leftOut: string[];
  readonly owner: { uid: number; gid: number };
  readonly databases: Record<string, string>;
}

/** Bits by which a program runs as somebody else are nobody's to bring back. */
function factsOf({ uid, gid, mode, mtime }: Header): FileFacts {
  return { uid, gid, mode: mode & 0o777, at: mtime.getTime() };
}

/** False: it is left out. */
async function writeEntry(
  header: Header,
  parts: readonly string[],
  content: AsyncIterable<unknown> & { resume(): unknown },
  { options, base, made, leftOut, databases }: Place,
): Promise<boolean> {
  const { folder, container } = options;
  const target = path.join(folder, ...parts);
  const makeFolder = async (at: string): Promise<void> => {
    if (made.has(at)) return;
    await mkdir(at, { recursive: true, mode: 0o700 });
    made.add(at);
  };
  if (header.type === 'directory') {
    content.resume();
    await makeFolder(target);
    return true;
  }
  if (parts.length === 0) throw hostileArchive(container, `${base} is not a folder`);
  if (header.type === 'file' || header.type === 'contiguous-file') {
    await makeFolder(path.dirname(target));
    const hash = databaseName.test(target) ? createHash('sha256') : null;
    await writeContent(target, header.mode & 0o100, content, hash);
    if (hash !== null) databases[parts.join('/')] = hash.digest('hex');
    return true;
  }
  content.resume();
  if (header.type === 'link') {
    // A second name of a file that came before; links are never made here.
    const first = partsOf(header.linkname.replace(/^\/+/, ''), base, container);
    await makeFolder(path.dirname(target));
    await copyFile(path.join(folder, ...first), target, constants.COPYFILE_EXCL);
    return true;
  }
  leftOut.push(parts.join('/'));
  return false;
}

/** `hash`: reads along. A name that came before is hostile: nobody can tell which of the two counts. */
async function writeContent(
  target: string,
  mayRun: number,
  content: AsyncIterable<unknown>,
  hash: Hash | null,
): Promise<void> {
  const handle = await open(target, 'wx', 0o600 | mayRun);
  try {
    for await (const chunk of content) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('an archive is made of bytes');
      hash?.update(chunk);
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
}

function nameFailure(error: unknown, { container, folder }: UnpackOptions): unknown {
  if (error instanceof AutoGitError) return error;
  switch (coded.safeParse(error).data?.code) {
    case 'EEXIST':
    case 'EISDIR':
    case 'ENOTDIR':
      return hostileArchive(container, 'two things in it have the same name');
    case 'ENAMETOOLONG':
      return hostileArchive(container, 'a name in it is longer than any name');
    case 'ENOSPC':
    case 'EDQUOT':
      return new AutoGitError({
        key: 'backup.no-space',
        message: `There is no space left for ${folder}.`,
        next: 'Free some space on that disk, then try again. Nothing that runs was changed.',
        ...{ fields: { place: folder }, retry: true, cause: error },
      });
    default:
      return error;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
