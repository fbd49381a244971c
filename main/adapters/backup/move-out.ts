// Moves a judged backup out of the scratch folder, to where a person wants to look at it.
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../../durable.ts';
import { AutoGitError, errorCode } from '../../errors.ts';
import { filesName, manifestName } from '../../model/backup/hostility.ts';
import type { BackupPart } from '../../model/backup/manifest.ts';
import { onDisk } from './file-errors.ts';
import { copyFolder, isThere } from './home-copy.ts';

/**
 * See `BackupFiles.moveOut`. It is gathered beside its place, and comes there by one rename: what a kill has left half done is
 * gone on with, and nobody finds half of a backup.
 */
export async function moveOut(
  from: string,
  to: string,
  parts: readonly BackupPart[],
  signal: AbortSignal,
): Promise<void> {
  await onDisk(to, async () => {
    const part = partOf(to);
    if (await isThere(to)) {
      // By this very restore, before a kill.
      if (!(await isThere(part)) && (await isSameFile(from, to, manifestName))) return;
      throw folderThere(to);
    }
    await makePart(part);
    try {
      for (const name of [manifestName, filesName])
        await copyFile(path.join(from, name), path.join(part, name));
      for (const name of parts) await moveFolder(path.join(from, name), path.join(part, name), signal);
      await rename(part, to);
    } catch (error) {
      await rm(part, { recursive: true, force: true });
      throw error;
    }
    await syncFolder(path.dirname(to));
  });
}

/** Where something is made ready that belongs at a path. */
export function partOf(to: string): string {
  return `${to}.autogit-part`;
}

/** Makes a folder that only its owner reads: a backup has secrets in it. One that a kill has left is gone on with. */
async function makePart(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw noParent(folder.slice(0, -partOf('').length));
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

async function isSameFile(from: string, to: string, name: string): Promise<boolean> {
  const read = (folder: string): Promise<Buffer | null> =>
    readFile(path.join(folder, name)).catch(() => null);
  const [first, second] = await Promise.all([read(from), read(to)]);
  return first !== null && second !== null && first.equals(second);
}

async function moveFolder(from: string, to: string, signal: AbortSignal): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    // A part without files has no folder.
    if (errorCode(error) === 'ENOENT') return;
    if (errorCode(error) !== 'EXDEV') throw error;
    await copyFolder(from, to, signal);
  }
}

export function folderThere(folder: string): AutoGitError {
  return new AutoGitError({
    key: 'backup.restore-folder-there',
    message: `There is something at ${folder} already.`,
    next: 'Name a folder that does not exist yet.',
    fields: { folder },
  });
}

function noParent(folder: string): AutoGitError {
  return new AutoGitError({
    key: 'backup.restore-no-parent',
    message: `${path.dirname(folder)}, in which ${folder} would be made, does not exist.`,
    next: 'Make it first, or name a folder in one that exists.',
    fields: { folder },
  });
}
