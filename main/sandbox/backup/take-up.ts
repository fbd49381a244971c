// `gitlab-backup restore`, and what the sandbox does about it when it starts: the state of a backup takes the place of the
// present one, whole or not at all.
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { stateFolders } from '../state-files.ts';
import { nameStorageError } from '../storage-error.ts';
import { BackupError } from './ask-server.ts';
import { informationName, readCopy } from './information.ts';
import { gitlabVersion } from '../version.ts';
import { copyNow } from './keep-file.ts';

/** In the state folder: what waits for the next start. */
const waiting = 'restore';
/** Written last: until it is there, nothing waits. It names what the new state is made of. */
const readyName = 'ready.json';

/** All that makes a state; what else lies in its folder stays. */
const stateNames: readonly string[] = [
  ...['sandbox.db', 'sandbox.db-wal', 'sandbox.db-shm'],
  ...[stateFolders.repositories, stateFolders.lfs, stateFolders.artifacts, stateFolders.traces],
  stateFolders.setAside,
];

/** Puts the backup aside for the next start. Raises `BackupError`. */
export async function putAside(options: {
  readonly stateDir: string;
  readonly backupDir: string;
  readonly say: (line: string) => void;
}): Promise<void> {
  const { stateDir, backupDir, say } = options;
  checkVersion(backupDir);
  const folder = join(stateDir, waiting);
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'new'), { recursive: true, mode: 0o700 });
  const there = new Set(await readdir(backupDir));
  const names = stateNames.filter((name) => there.has(name));
  if (!names.includes('sandbox.db')) throw new BackupError(`No database of a sandbox lies in ${backupDir}`);
  for (const name of names) await copyTree(join(backupDir, name), join(folder, 'new', name));
  readCopy(join(folder, 'new', 'sandbox.db'));
  await writeFile(join(folder, 'ready.tmp'), JSON.stringify(names));
  await rename(join(folder, 'ready.tmp'), join(folder, readyName));
  say('Restoring ... done: it counts from the next start on');
}

function checkVersion(backupDir: string): void {
  let text: string;
  try {
    text = readFileSync(join(backupDir, informationName), 'utf8');
  } catch {
    throw new BackupError(`No backups found in ${backupDir}`);
  }
  const version = /^:gitlab_version: (\S+)$/m.exec(text)?.[1] ?? 'none';
  if (version !== gitlabVersion.text)
    throw new BackupError(
      `GitLab version mismatch: this one is ${gitlabVersion.text}, the backup is of version: ${version}`,
    );
}

/**
 * Takes up what waits, if anything does; a killed one goes on where it was. Nobody may have the state open. Raises a
 * `SandboxError` with a key of `StateErrorKey`.
 */
export async function takeUpRestore(stateDir: string): Promise<boolean> {
  try {
    return await takeUp(stateDir);
  } catch (error) {
    throw nameStorageError(error, stateDir);
  }
}

async function takeUp(stateDir: string): Promise<boolean> {
  const folder = join(stateDir, waiting);
  const names = readReady(join(folder, readyName));
  if (names !== null) {
    for (const name of stateNames) {
      const isTaken = names.includes(name) && !(await isThere(join(folder, 'new'), name));
      if (isTaken) continue;
      await rm(join(stateDir, name), { recursive: true, force: true });
      if (names.includes(name)) await rename(join(folder, 'new', name), join(stateDir, name));
    }
    await rm(join(folder, readyName), { force: true });
  }
  await rm(folder, { recursive: true, force: true });
  return names !== null;
}

/** `null`: nothing waits, or it was not finished. */
function readReady(path: string): readonly string[] | null {
  try {
    return z.array(z.string()).parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

async function isThere(folder: string, name: string): Promise<boolean> {
  return (await readdir(folder)).includes(name);
}

async function copyTree(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true }).catch(() => null);
  if (entries === null) {
    await copyNow(from, to);
    return;
  }
  await mkdir(to, { recursive: true });
  for (const entry of entries) await copyTree(join(from, entry.name), join(to, entry.name));
}
