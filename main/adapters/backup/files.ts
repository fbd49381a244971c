// The folders of a home for backups: staging, scratch, what was there before a restore, and a restore's own journal.
import { chmod, mkdir, readFile, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { BackupFiles } from '../../backup-ports.ts';
import { syncFolder, writeDurably } from '../../durable.ts';
import { errorCode } from '../../errors.ts';
import { onDisk } from './file-errors.ts';
import { copyFolder, copyHome, isThere } from './home-copy.ts';
import type { CopyDatabase, HomePlaces } from './home-copy.ts';
import { moveOut } from './move-out.ts';
import { swapHome } from './home-swap.ts';
import { judgeFolder } from './judge.ts';
import { sealFolder } from './seal.ts';
import { walkTree } from './tree.ts';

export { finishSwap } from './home-swap.ts';

export interface BackupFilesOptions {
  readonly home: HomePlaces;
  readonly copyDatabase: CopyDatabase;
}

/** Of the home at `options.home`. */
export function createBackupFiles({ home, copyDatabase }: BackupFilesOptions): BackupFiles {
  const root = path.join(home.root, 'backups');
  const at = (name: string): string => path.join(root, ...namesIn(name));
  return {
    root,
    fresh: (name) =>
      onDisk(root, async () => {
        await removeAll(at(name));
        await mkdir(at(name), { recursive: true, mode: 0o700 });
        await chmod(root, 0o700);
        return at(name);
      }),
    remove: (name) => onDisk(root, () => removeAll(at(name))),
    free: () =>
      onDisk(home.root, async () => {
        const { bavail, bsize } = await statfs(home.root);
        return bavail * bsize;
      }),
    copyHome: (folder) => copyHome(home, folder, copyDatabase),
    copyFolder,
    seal: sealFolder,
    judge: judgeFolder,
    swapHome: (from, to) => {
      namesIn(from);
      namesIn(to);
      return swapHome(home.root, { from, to });
    },
    isThere: (file) => onDisk(file, () => isThere(file)),
    moveOut: (name, to, parts, signal) => moveOut(at(name), to, parts, signal),
    readText: (name) => onDisk(root, () => readIfThere(at(name))),
    writeText: (name, text) =>
      onDisk(root, async () => {
        const file = at(name);
        await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
        if (text !== null) return writeDurably(file, text, 0o600);
        await rm(file, { force: true });
        await syncFolder(path.dirname(file));
      }),
  };
}

/** Names below `backups/`; whoever asks for others is mistaken. */
function namesIn(name: string): readonly string[] {
  const names = name.split('/');
  if (names.every((one) => /^[\w-][\w.-]{0,99}$/.test(one))) return names;
  throw new Error(`${JSON.stringify(name)} is no name below the folder of backups`);
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Also what a backup has brought with folders that nobody may write to. */
async function removeAll(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes(errorCode(error) ?? '')) throw error;
    await chmod(folder, 0o700);
    for await (const { path: below, type } of walkTree(folder)) {
      if (type === 'folder') await chmod(path.join(folder, below), 0o700);
    }
    await rm(folder, { recursive: true, force: true });
  }
}
