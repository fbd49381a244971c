// Copies of the home and of folders with data: files and folders alone, with their permissions, never through a link.
import { constants } from 'node:fs';
import { copyFile, mkdir, open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../errors.ts';
import { backupPathSchema } from '../../model/backup/manifest.ts';
import { nameUnfit, onDisk } from './file-errors.ts';
import { chunkBytes, inOrder, openFile, walkTree } from './tree.ts';

/** Where the parts of a home lie, absolute. */
export interface HomePlaces {
  readonly root: string;
  readonly settings: string;
  readonly database: string;
  readonly secrets: string;
}

/** SQLite's own online copy of a database that is in use. */
export type CopyDatabase = (from: string, to: string) => Promise<void>;

/** What of a home is backed up and swapped in, in this order; logs, caches and locks belong to the machine. */
export const homeFolders = ['secrets', 'stack', 'templates'] as const;

/**
 * See `BackupFiles.copyHome`. The database goes first: what it names among the secrets was written before it, and is
 * therefore in the copy of the secrets that comes after.
 */
export async function copyHome(
  places: HomePlaces,
  folder: string,
  copyDatabase: CopyDatabase,
): Promise<void> {
  const never = new AbortController().signal;
  await onDisk(folder, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (await isThere(places.database)) await copyDatabase(places.database, path.join(folder, 'state.db'));
    if (await isThere(places.settings)) await copyFile(places.settings, path.join(folder, 'settings.yaml'));
  });
  for (const name of homeFolders) {
    const from = path.join(places.root, name);
    if (await isThere(from)) await copyFolder(from, path.join(folder, name), never);
  }
}

/** See `BackupFiles.copyFolder`. What is gone when its turn comes is left out; so is what is neither a file nor a folder. */
export async function copyFolder(from: string, to: string, signal: AbortSignal): Promise<void> {
  await onDisk(from, async () => {
    await mkdir(to, { recursive: true, mode: 0o700 });
    const copies = inOrder(entriesOf(from, to, signal), async (name) => {
      try {
        await copyOne(path.join(from, name), path.join(to, name), signal);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ELOOP') throw error;
      }
    });
    while ((await copies.next()).done !== true);
  });
}

/** Files to copy; their folders are made on the way. */
async function* entriesOf(from: string, to: string, signal: AbortSignal): AsyncGenerator<string> {
  for await (const { path: at, type, isNamed } of walkTree(from)) {
    signal.throwIfAborted();
    if (type === 'other') continue;
    if (!isNamed || !backupPathSchema.safeParse(at).success) throw nameUnfit(path.join(from, at));
    if (type === 'file') {
      yield at;
      continue;
    }
    await mkdir(path.join(to, at), { recursive: true, mode: 0o700 });
  }
}

async function copyOne(from: string, to: string, signal: AbortSignal): Promise<void> {
  const opened = await openFile(from);
  if (opened === null) return;
  const { handle, stat: found } = opened;
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;
    const target = await open(to, flags, 0o600);
    try {
      await copyBytes(handle, target, Number(found.size), signal);
      await target.chmod(Number(found.mode) & 0o777);
    } finally {
      await target.close();
    }
  } finally {
    await handle.close();
  }
}

async function copyBytes(from: FileHandle, to: FileHandle, size: number, signal: AbortSignal): Promise<void> {
  const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(chunkBytes, size)));
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await from.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) return;
    await to.writeFile(chunk.subarray(0, bytesRead));
  }
}

/** Whether something is at a path; of a link, whether it leads somewhere. */
export async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    },
  );
}
