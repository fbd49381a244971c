// What is wrong with a file, in words, and a file that may not be there.
import { readFile } from 'node:fs/promises';
import { errorCode, messageOf } from '../../errors.ts';

/** Whether no space was left for a write. */
export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '');
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'you may not',
  EPERM: 'you may not',
  EROFS: 'its disk is mounted read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'your share of its disk is used up',
  EISDIR: 'it is a folder',
  ENOTDIR: 'something on the way to it is no folder',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  EIO: 'its disk fails',
};

/** Why a file cannot be used, in words that go on after a colon. */
export function reasonOf(error: unknown): string {
  return reasons[errorCode(error) ?? ''] ?? messageOf(error);
}

/** The file's bytes; `null` when there is none. */
export async function readIfExists(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
