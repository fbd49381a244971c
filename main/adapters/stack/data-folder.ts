// Folders for the data of a stack: made with a mark, looked at, and removed only with that mark.
import { constants } from 'node:fs';
import { access, mkdir, readFile, readdir, realpath, rm, rmdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { StackFolder } from '../../stack-ports.ts';
import { dataForbidden, dataMounted, dataNotOurs, errorCode, linkFound } from './errors.ts';
import { kindOf, makeFolder, syncFolder } from './safe-path.ts';
import { writeWhole } from './write-file.ts';

type Look = Awaited<ReturnType<StackFolder['look']>>;

/** Says that a folder was made, or found empty, for data of AutoGit. */
export const mark = '.autogit-data';
const markText =
  'Data of a stack of AutoGit. `autogit stack destroy --delete-data` removes only folders with this file.\n';
/** What lies in a folder and is nobody's: a file system's own, and ours. */
const nobodys: readonly string[] = ['lost+found', mark];

/** Makes it with all folders around it; true: it was not there. One that holds something is left as it is. */
export async function makeData(folder: string, mode: number): Promise<boolean> {
  const kind = await kindOf(folder);
  if (kind === 'link') throw linkFound(folder);
  if (kind === 'folder') {
    await markEmpty(folder);
    return false;
  }
  await mkdir(path.dirname(folder), { recursive: true, mode: 0o755 });
  const isNew = await makeFolder(folder, mode);
  await leaveMark(folder);
  return isNew;
}

/** Services give folders to users of their own: what may not be read holds something, what may not be written to goes without. */
async function markEmpty(folder: string): Promise<void> {
  try {
    if ((await holds(folder)).length === 0) await leaveMark(folder);
  } catch (error) {
    if (!isForbidden(error)) throw error;
  }
}

async function leaveMark(folder: string): Promise<void> {
  const file = path.join(folder, mark);
  if ((await kindOf(file)) === 'none') await writeWhole(file, markText, 0o644);
}

async function holds(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => !nobodys.includes(name));
}

/** Of a link nothing is told but that it is one. Never rejects for a place that is not there. */
export async function lookAt(folder: string): Promise<Look> {
  const kind = await kindOf(folder);
  if (kind === 'link') {
    return { exists: true, empty: false, writable: false, freeBytes: null, fileSystem: null, isLink: true };
  }
  const nearest = await nearestFolder(folder);
  const isFolder = kind === 'folder';
  const isMarked = isFolder ? await hasMark(folder) : false;
  return {
    exists: kind !== 'none',
    // What may not be read may hold anything.
    empty: kind === 'none' || (isFolder && (await holds(folder).catch(() => ['?'])).length === 0),
    writable: (isFolder || kind === 'none') && (await mayWrite(nearest)),
    freeBytes: await freeBytes(nearest),
    fileSystem: await fileSystemOf(nearest),
    isLink: false,
    ...(isMarked === null ? {} : { isMarked }),
  };
}

/** `null`: nobody may look. */
async function hasMark(folder: string): Promise<boolean | null> {
  return kindOf(path.join(folder, mark)).then(
    (kind) => kind === 'file',
    () => null,
  );
}

/** The folder itself, or the one around it that is there. */
async function nearestFolder(folder: string): Promise<string> {
  for (let at = folder; ; at = path.dirname(at)) {
    const isThere = await realpath(at).then(
      () => true,
      () => false,
    );
    if (isThere || at === path.dirname(at)) return at;
  }
}

async function mayWrite(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function freeBytes(folder: string): Promise<number | null> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  );
}

/** `ext4`, `nfs4`, `fuse.sshfs`, as the kernel's list of mounts has it; `null` where there is no such list. */
async function fileSystemOf(folder: string): Promise<string | null> {
  const real = await realpath(folder).catch(() => folder);
  const around = (await listMounts()).filter(({ point }) => isWithin(real, point));
  // Of two mounts on one point, the later one hides the other.
  return (
    around.reduce<Mount | null>(
      (best, mount) => (mount.point.length >= (best?.point.length ?? 0) ? mount : best),
      null,
    )?.type ?? null
  );
}

interface Mount {
  readonly point: string;
  readonly type: string;
}

async function listMounts(): Promise<readonly Mount[]> {
  return parseMounts(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
}

/** Lines as in https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
export function parseMounts(mountinfo: string): readonly Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [before = '', after] = line.split(' - ');
    const point = before.split(' ')[4];
    const type = after?.split(' ')[0];
    return !point || !type ? [] : [{ point: unescape(point), type }];
  });
}

function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

function isWithin(folder: string, around: string): boolean {
  return around === '/' || folder === around || folder.startsWith(`${around}/`);
}

/** Removes it with all that is in it, through no link. Gone already is success. */
export async function removeData(folder: string): Promise<void> {
  const kind = await kindOf(folder);
  if (kind === 'none') return;
  if (kind === 'link') throw linkFound(folder);
  if ((await kindOf(path.join(folder, mark))) !== 'file') throw dataNotOurs(folder);
  const real = await realpath(folder);
  const inside = (await listMounts()).find(({ point }) => point !== real && isWithin(point, real));
  if (inside !== undefined) throw dataMounted(folder, inside.point);
  try {
    // The mark goes last: a removal that was cut off can be done again.
    for (const name of await readdir(folder)) {
      if (name !== mark) await rm(path.join(folder, name), { recursive: true, force: true });
    }
    await rm(path.join(folder, mark), { force: true });
  } catch (error) {
    throw isForbidden(error) ? dataForbidden(folder) : error;
  }
  await removeEmpty(folder);
}

/** A place where a disk is mounted, or in a folder of somebody else, stays, empty. */
async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
    await syncFolder(path.dirname(folder));
  } catch (error) {
    if (!isForbidden(error) && errorCode(error) !== 'EBUSY') throw error;
  }
}

function isForbidden(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(errorCode(error) ?? '');
}
