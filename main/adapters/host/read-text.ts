// A text file that a person has named.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { AutoGitError } from '../../errors.ts';
import { errorCode, reasonOf } from './files.ts';

/** Far above any certificate or key. Bytes. */
const largest = 1_000_000;

/** Does not wait for a pipe to be written. Rejects with `host.file-unreadable`. */
export async function readTextFile(file: string): Promise<string> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const about = await handle.stat();
      if (about.isFile() && about.size <= largest) return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(file, errorCode(error) === 'ENOENT' ? 'there is no such file' : reasonOf(error), error);
  }
  throw unreadable(file, 'it is no ordinary file, or has more than 1 MB');
}

function unreadable(file: string, why: string, cause?: unknown): AutoGitError {
  return new AutoGitError({
    key: 'host.file-unreadable',
    message: `${file} cannot be read: ${why}.`,
    next: 'Name a file that is there, and let AutoGit read it.',
    fields: { file },
    cause,
  });
}
