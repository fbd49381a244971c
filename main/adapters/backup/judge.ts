// Judges a restored folder by its manifest before anything of it is used: a repository may be damaged, or somebody else's work.
import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { filesName, hostility, manifestName, partOf } from '../../model/backup/hostility.ts';
import {
  manifestFileSchema,
  manifestSchema,
  manifestVersion,
  mostFiles,
} from '../../model/backup/manifest.ts';
import type { BackupManifest, ManifestFile } from '../../model/backup/manifest.ts';
import { errorCode, messageOf } from '../../errors.ts';
import { manifestError, onDisk } from './file-errors.ts';
import { comparePaths, digestFile, inOrder, openFile, walkTree } from './tree.ts';

/** A manifest has a few lines for each part and one for each image of a stack. */
const mostManifestBytes = 1024 * 1024;
/** No path is longer than 4,096 characters, so that no line is longer than this. */
const mostLineLength = 32 * 1024;
/** Damaged files that are named; the rest is counted. */
const mostNamed = 200;

/** See `BackupFiles.judge`. */
export async function judgeFolder(
  folder: string,
  sha256: string | null,
  signal: AbortSignal,
): Promise<{ readonly manifest: BackupManifest; readonly damaged: readonly string[] }> {
  return onDisk(folder, async () => {
    const manifest = await readManifest(folder, sha256);
    await checkFilesDigest(folder, manifest, signal);
    await refuseHostile(folder, signal);
    return { manifest, damaged: await compare(folder, manifest, signal) };
  });
}

async function readManifest(folder: string, sha256: string | null): Promise<BackupManifest> {
  const text = await readSmall(folder, manifestName, mostManifestBytes);
  if (sha256 === null) {
    throw manifestError(
      'backup.manifest-swapped',
      'This backup does not carry the digest of its manifest, as every backup of AutoGit does.',
    );
  }
  if (createHash('sha256').update(text).digest('hex') !== sha256) {
    throw manifestError(
      'backup.manifest-swapped',
      'The manifest in this backup is not the one that it was made with: its digest differs from the one that the snapshot carries.',
    );
  }
  return parseManifest(text.toString('utf8'));
}

/** Throws `backup.manifest-newer`, `backup.manifest-unreadable`. */
export function parseManifest(text: string): BackupManifest {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw manifestError(
      'backup.manifest-unreadable',
      `The manifest of this backup is no JSON: ${messageOf(cause)}.`,
      cause,
    );
  }
  const version = z.object({ version: z.number() }).safeParse(data);
  if (version.success && version.data.version > manifestVersion) {
    throw manifestError(
      'backup.manifest-newer',
      `This backup was made by a newer AutoGit (form ${String(version.data.version)}; this one knows ${String(manifestVersion)}).`,
    );
  }
  const parsed = manifestSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw manifestError(
    'backup.manifest-unreadable',
    `The manifest of this backup is not as AutoGit writes it: ${z.prettifyError(parsed.error).slice(0, 500)}`,
  );
}

async function readSmall(folder: string, name: string, most: number): Promise<Buffer> {
  const opened = await openExisting(folder, name);
  try {
    if (opened.stat.size > BigInt(most)) {
      throw manifestError(
        'backup.manifest-hostile',
        `${name} of this backup has ${String(opened.stat.size)} bytes; no backup needs so many.`,
      );
    }
    return await opened.handle.readFile();
  } finally {
    await opened.handle.close();
  }
}

async function openExisting(
  folder: string,
  name: string,
): Promise<NonNullable<Awaited<ReturnType<typeof openFile>>>> {
  try {
    const opened = await openFile(path.join(folder, name));
    if (opened !== null) return opened;
  } catch (error) {
    if (errorCode(error) === 'ENOENT')
      throw manifestError('backup.manifest-missing', `There is no ${name} in this backup.`, error);
    if (errorCode(error) !== 'ELOOP') throw error;
  }
  throw manifestError('backup.manifest-hostile', `${name} of this backup is not a file.`);
}

/** Lines are believed only once the manifest vouches for all of them. */
async function checkFilesDigest(
  folder: string,
  manifest: BackupManifest,
  signal: AbortSignal,
): Promise<void> {
  const { handle } = await openExisting(folder, filesName);
  await handle.close();
  const digest = await digestFile(path.join(folder, filesName), signal);
  if (digest?.sha256 !== manifest.filesSha256) {
    throw manifestError(
      'backup.manifest-unreadable',
      `${filesName}, which lists the files of this backup, is damaged: its digest is not the manifest's.`,
    );
  }
}

/** Nothing but files and folders with plain names, and no more of them than a backup may have. */
async function refuseHostile(folder: string, signal: AbortSignal): Promise<void> {
  const top = await lstat(folder);
  if (!top.isDirectory()) throw manifestError('backup.manifest-hostile', `${folder} is not a folder.`);
  let count = 0;
  for await (const { path: at, type, isNamed } of walkTree(folder)) {
    signal.throwIfAborted();
    count += 1;
    const problem = hostility(at, type, isNamed);
    if (problem !== null)
      throw manifestError(
        'backup.manifest-hostile',
        `${JSON.stringify(at.slice(0, 300))} in this backup ${problem}.`,
      );
    if (count > 2 * mostFiles)
      throw manifestError(
        'backup.manifest-hostile',
        `This backup has more than ${String(2 * mostFiles)} files and folders.`,
      );
  }
}

interface Seen {
  readonly path: string;
  /** `null`: it could not be read as a file. */
  readonly sha256: string | null;
}

/** Both lists are in one order, so that they are compared as they are read. Sentences about what differs. */
async function compare(
  folder: string,
  manifest: BackupManifest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const damage = createDamage();
  const seen = inOrder(foundFiles(folder), async (file): Promise<Seen> => {
    const digest = await digestFile(path.join(folder, file), signal).catch((error: unknown) => {
      if (errorCode(error) === 'EIO') return null;
      throw error;
    });
    return { path: file, sha256: digest?.sha256 ?? null };
  });
  try {
    let here = await seen.next();
    for await (const file of listedFiles(folder, manifest)) {
      for (; here.done !== true && comparePaths(here.value.path, file.path) < 0; here = await seen.next()) {
        damage.add(`${here.value.path} is not in the manifest`);
      }
      if (here.done === true || here.value.path !== file.path) {
        damage.add(`${file.path} is missing`);
        continue;
      }
      if (here.value.sha256 !== file.sha256) damage.add(`${file.path} is not as it was backed up`);
      here = await seen.next();
    }
    for (; here.done !== true; here = await seen.next())
      damage.add(`${here.value.path} is not in the manifest`);
  } finally {
    await seen.return(undefined);
  }
  return damage.sentences();
}

function createDamage(): {
  readonly add: (sentence: string) => void;
  readonly sentences: () => readonly string[];
} {
  const named: string[] = [];
  let more = 0;
  return {
    add: (sentence) => {
      if (named.length < mostNamed) named.push(sentence);
      else more += 1;
    },
    sentences: () => (more === 0 ? named : [...named, `and ${String(more)} more`]),
  };
}

async function* foundFiles(folder: string): AsyncGenerator<string> {
  for await (const { path: at, type } of walkTree(folder)) {
    if (type === 'file' && at !== manifestName && at !== filesName) yield at;
  }
}

/** The lines of `files.jsonl`, each in its place, and as many as the manifest says. Rejects with `backup.manifest-hostile`. */
async function* listedFiles(folder: string, manifest: BackupManifest): AsyncGenerator<ManifestFile> {
  const { handle } = await openExisting(folder, filesName);
  const sums = { files: 0, bytes: 0 };
  let last = '';
  try {
    for await (const line of createInterface({
      input: handle.createReadStream({ autoClose: false }),
      crlfDelay: Infinity,
    })) {
      const file = parseLine(line);
      if (comparePaths(last, file.path) >= 0) {
        throw manifestError(
          'backup.manifest-hostile',
          `${filesName} lists ${JSON.stringify(file.path)} twice, or not in its place.`,
        );
      }
      if (!manifest.parts.some(({ part }) => part === partOf(file.path))) {
        throw manifestError(
          'backup.manifest-hostile',
          `${filesName} lists ${JSON.stringify(file.path)}, which lies in no part of this backup.`,
        );
      }
      sums.files += 1;
      sums.bytes += file.bytes;
      if (sums.files > manifest.files) break;
      last = file.path;
      yield file;
    }
  } finally {
    await handle.close();
  }
  if (sums.files !== manifest.files || sums.bytes !== manifest.bytes) {
    throw manifestError(
      'backup.manifest-hostile',
      `The manifest of this backup speaks of ${String(manifest.files)} files with ${String(manifest.bytes)} bytes, and ${filesName} of others.`,
    );
  }
}

function parseLine(line: string): ManifestFile {
  if (line.length > mostLineLength)
    throw manifestError('backup.manifest-hostile', `${filesName} has a line that is too long.`);
  try {
    return manifestFileSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw manifestError(
      'backup.manifest-hostile',
      `${filesName} of this backup has a line that AutoGit would not write: ${JSON.stringify(line.slice(0, 200))}.`,
      cause,
    );
  }
}
