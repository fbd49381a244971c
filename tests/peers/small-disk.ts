// A disk of the test's own, a file with a file system, which can be filled and emptied at once.
import { execFile } from 'node:child_process';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface SmallDisk {
  /** Where it is mounted. */
  readonly path: string;
  /** Nobody can write another block to it; nothing is written for that. */
  fill(): Promise<void>;
  free(): Promise<void>;
  close(): Promise<void>;
}

/** `image`: the file that is the disk. Needs root. Rejects where this machine has no loop devices. */
export async function mountSmallDisk(path: string, image: string): Promise<SmallDisk> {
  await mkdir(path, { recursive: true });
  await run('truncate', ['--size', '30G', image]);
  const lazy = 'lazy_itable_init=1,lazy_journal_init=1';
  await run('mkfs.ext4', ['-q', '-F', '-m0', '-O', '^has_journal', '-E', lazy, image]);
  await run('mount', ['-o', 'loop', image, path]);
  const filler = join(path, 'filler');
  const filled: string[] = [];
  return {
    path,
    fill: async () => {
      // Room is given in ever smaller pieces until there is none.
      for (let left = await freeBytes(path); left > 0; left = await freeBytes(path)) {
        const file = `${filler}-${filled.length}`;
        filled.push(file);
        const isGiven = await run('fallocate', ['--length', String(left), file]).then(
          () => true,
          () => false,
        );
        if (!isGiven) break;
      }
    },
    free: async () => {
      for (const file of filled.splice(0)) await rm(file, { force: true });
    },
    close: async () => {
      await run('umount', [path]);
      await rm(image);
    },
  };
}

/** What is in a folder lies on a disk of its own from now on, until that is closed. */
export async function moveOnto(path: string, image: string): Promise<SmallDisk> {
  const before = `${image}.before`;
  await run('cp', ['--archive', path, before]);
  const disk = await mountSmallDisk(path, image);
  await run('cp', ['--archive', `${before}/.`, path]);
  return {
    ...disk,
    close: async () => {
      await disk.close();
      await rm(before, { recursive: true });
    },
  };
}

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
