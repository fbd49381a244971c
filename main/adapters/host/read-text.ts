// A text file that a person has named.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { AutoGitError, errorCode } from '../../errors.ts';
import { reasonOf } from './files.ts';

/** Far above any certificate or key, and above the public roots of a whole system (250 KB). Bytes. */
const largest = 1_000_000;

/** Does not wait for a pipe to be written. Rejects with what `unreadable` makes of the reason. */
export async function readSmallText(
  file: string,
  unreadable: (why: string, cause?: unknown) => AutoGitError,
): Promise<string> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const about = await handle.stat();
      if (about.isFile() && about.size <= largest) return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(errorCode(error) === 'ENOENT' ? 'there is no such file' : reasonOf(error), error);
  }
  throw unreadable('it is no ordinary file, or has more than 1 MB');
}

/** Rejects with `host.file-unreadable`. */
export function readTextFile(file: string): Promise<string> {
  return readSmallText(
    file,
    (why, cause) =>
      new AutoGitError({
        key: 'host.file-unreadable',
        message: `${file} cannot be read: ${why}.`,
        next: 'Name a file that is there, and let AutoGit read it.',
        fields: { file, why },
        cause,
      }),
  );
}
