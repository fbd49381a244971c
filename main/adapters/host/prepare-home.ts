// Makes a home's folders, after a look at what lies there already and on what kind of disk.
import { constants } from 'node:fs';
import { access, chmod, lstat, mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../errors.ts';
import { networkFileSystem } from './file-system.ts';
import type { HomePaths } from './home.ts';
import * as problems from './home-errors.ts';
import { ownId } from './owner.ts';

export interface PrepareOptions {
  /** False: a home that is not there yet is not made. */
  readonly make?: boolean;
  /** The name of the network file system that a folder lies on, `null` for a local one. */
  readonly networkOf?: (folder: string) => Promise<string | null>;
}

/**
 * Makes the folders of a home, readable by nobody else; true when there was no home before. Rejects with
 * `host.home-missing`, `host.home-unwritable`, `host.home-full`, `host.home-not-a-folder`, `host.home-foreign`,
 * `host.home-of-another`, `host.home-on-network`, `host.home-invalid`, `secrets.folder-exposed`,
 * `host.socket-folder-unsafe`.
 */
export async function prepareHome(paths: HomePaths, options: PrepareOptions = {}): Promise<boolean> {
  const { make = true, networkOf = networkFileSystem } = options;
  try {
    const place = await lookAt(paths.root);
    if (!place.exists && !make) throw problems.missing(paths.root);
    await checkOwner(place);
    const network = await networkOf(place.nearest);
    if (network !== null) throw problems.onNetwork(paths.root, network);
    const isNew = !place.exists || (await isEmpty(paths));
    await access(place.nearest, constants.W_OK | constants.X_OK);
    for (const folder of [paths.root, paths.secrets, paths.logs, paths.sandbox, paths.run]) {
      await makePrivate(folder, paths);
    }
    await prepareSocketFolder(paths);
    return isNew;
  } catch (error) {
    throw await problems.homeError(paths.root, error);
  }
}

interface Place {
  /** The home, or the folder around it that is there. */
  readonly nearest: string;
  readonly exists: boolean;
  readonly owner: number;
}

async function lookAt(root: string): Promise<Place> {
  for (let nearest = root; ; nearest = path.dirname(nearest)) {
    try {
      const found = await stat(nearest);
      if (!found.isDirectory()) throw problems.notAFolder(root, `${nearest} is a file`);
      return { nearest, exists: nearest === root, owner: found.uid };
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || nearest === path.dirname(nearest)) throw error;
      if (await isThere(nearest)) throw problems.notAFolder(root, `${nearest} is a link that leads nowhere`);
    }
  }
}

async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

/** Root may write anywhere, and would leave files in somebody's home that they cannot use. */
async function checkOwner({ nearest, exists, owner }: Place): Promise<void> {
  const self = ownId();
  if (self === null || owner === self) return;
  if (exists || self === 0) throw await problems.ofAnother(nearest, owner, self);
}

/** A file system's own folder, which is in the root of every one, and what a person may put there before the first start. */
const beforeUs: readonly string[] = ['lost+found', 'templates'];

/** False for a home; rejects for a folder that others use, whose rights must stay as they are. */
async function isEmpty(paths: HomePaths): Promise<boolean> {
  const found = (await readdir(paths.root)).filter((name) => !beforeUs.includes(name));
  const { settings, database, secrets, logs, sandbox, run } = paths;
  const ours = new Set([settings, database, secrets, logs, sandbox, run].map((file) => path.basename(file)));
  if (found.length === 0) return true;
  if (found.some((name) => ours.has(name))) return false;
  throw problems.foreign(paths.root, found);
}

async function makePrivate(folder: string, paths: HomePaths): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await stat(folder);
  const self = ownId();
  if (self !== null && uid !== self) throw await problems.ofAnother(folder, uid, self);
  const isOpen = process.platform !== 'win32' && (mode & 0o022) !== 0;
  // Whoever could write here could have put a key of theirs in the place of ours.
  if (isOpen && folder === paths.secrets) throw problems.secretsExposed(folder, mode);
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  if ((mode & 0o777) !== 0o700) await chmod(folder, 0o700);
}

/** In a folder that everybody may write to, somebody else may have been first. */
async function prepareSocketFolder(paths: HomePaths): Promise<void> {
  const folder = path.dirname(paths.socket);
  if (process.platform === 'win32' || folder === paths.run) return;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw problems.socketFolderUnsafe(folder, 'cannot be made', error);
  }
  const found = await lstat(folder);
  if (found.isDirectory() && found.uid === ownId() && (found.mode & 0o077) === 0) return;
  throw problems.socketFolderUnsafe(folder, 'belongs to somebody else or can be read by others');
}
