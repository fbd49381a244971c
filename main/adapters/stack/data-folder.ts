// Folders for the data of a stack: made with a mark, looked at, and removed only with that mark.
import { access, mkdir, readFile, readdir, realpath, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../../durable.ts';
import { errorCode } from '../../errors.ts';
import type { StackFolder } from '../../stack-ports.ts';
import { dataForbidden, dataMounted, dataNotOurs, linkFound } from './errors.ts';
import { kindOf, makeFolder } from './safe-path.ts';
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
  await makeAround(folder);
  const isNew = await makeFolder(folder, mode);
  await leaveMark(folder);
  return isNew;
}

/** The folders that it lies in. One by one: `recursive` calls a disk that is read-only "no such file". */
async function makeAround(folder: string): Promise<void> {
  const around = path.dirname(folder);
  const isThere = await access(around).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  await makeAround(around);
  try {
    await mkdir(around, { mode: 0o755 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
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

/** Of a link nothing is told but that there is something. Never rejects for a place that is not there. */
export async function lookAt(folder: string): Promise<Look> {
  const kind = await kindOf(folder);
  if (kind === 'link') return { exists: true, empty: false };
  const isFolder = kind === 'folder';
  const isMarked = isFolder ? await hasMark(folder) : false;
  return {
    exists: kind !== 'none',
    // What may not be read may hold anything.
    empty: kind === 'none' || (isFolder && (await holds(folder).catch(() => ['?'])).length === 0),
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

/** Points where disks are mounted, as the kernel's list has them; none where there is no such list. */
async function listMounts(): Promise<readonly string[]> {
  return parseMounts(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
}

/** Lines as in https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
export function parseMounts(mountinfo: string): readonly string[] {
  return mountinfo.split('\n').flatMap((line) => {
    const point = line.split(' ')[4];
    return point === undefined || !line.includes(' - ') ? [] : [unescape(point)];
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
  const inside = (await listMounts()).find((point) => point !== real && isWithin(point, real));
  if (inside !== undefined) throw dataMounted(folder, inside);
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
