// Paths below a folder of ours: judged before they are used, and walked without following a link.
import { lstat, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../../durable.ts';
import { errorCode } from '../../errors.ts';
import { isAbsent, linkFound, pathInvalid } from './errors.ts';

/** One name in a path; the engine and other systems than this one have to understand it, too. */
const plainName = /^(?!\.{1,2}$)[^/\\\0-\x1f]{1,200}$/;

/** The names in a relative path with `/`. Throws `stack.path-invalid` for one that leads elsewhere. */
export function namesIn(relative: string): readonly string[] {
  const names = relative.split('/');
  if (relative.length > 1024 || !names.every((name) => plainName.test(name))) throw pathInvalid(relative);
  return names;
}

/** What is at a path, without following a link there. */
export async function kindOf(file: string): Promise<'none' | 'link' | 'folder' | 'file' | 'other'> {
  try {
    const found = await lstat(file);
    if (found.isSymbolicLink()) return 'link';
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other';
  } catch (error) {
    if (isAbsent(error) || errorCode(error) === 'ENOTDIR') return 'none';
    throw error;
  }
}

/** Rejects with `stack.link` when the folder, or one of the names below it, is a link. */
export async function refuseLinks(folder: string, names: readonly string[]): Promise<void> {
  let at = folder;
  for (const name of ['', ...names]) {
    at = name === '' ? at : path.join(at, name);
    const kind = await kindOf(at);
    if (kind === 'link') throw linkFound(at);
    if (kind === 'none') return;
  }
}

/** Makes one folder with exactly this mode, whatever the process's mask is; true: it was not there. */
export async function makeFolder(folder: string, mode: number): Promise<boolean> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST' || (await kindOf(folder)) !== 'folder') throw error;
    return false;
  }
  const handle = await open(folder, 'r');
  try {
    await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFolder(path.dirname(folder));
  return true;
}
