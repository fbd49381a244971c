// A second name for a file that never changes: no bytes are copied where the file system can do that.
import { constants } from 'node:fs';
import { copyFile, link, readdir } from 'node:fs/promises';
import { z } from 'zod';

const coded = z.object({ code: z.string() });
/** Another file system, one without links, or too many names of one file. */
const cannotLink = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** Links or copies; a file that is not there any more is left out: false. */
export async function keepFile(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    if (!cannotLink.has(codeOf(error))) throw error;
  }
  return await copyNow(from, to);
}

/** The file as it is now, for one that may grow. False: it is not there. */
export async function copyNow(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Names in a folder; none where there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Whether a failure says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function codeOf(error: unknown): string {
  return coded.safeParse(error).data?.code ?? '';
}
