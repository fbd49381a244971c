// Writes files of text as one zip that only its owner can read.
import { open, rm } from 'node:fs/promises';
import { ZipFile } from 'yazl';
import { AutoGitError, errorCode } from '../../errors.ts';
import { reasonOf } from './files.ts';

/**
 * Makes the archive, mode 0600; each of its files lies below one folder. Rejects with `diagnose.archive-exists` (nothing
 * is overwritten, and no link is followed), `diagnose.archive-failed`.
 */
export async function writeArchive(
  file: string,
  folder: string,
  files: readonly { readonly path: string; readonly text: string }[],
  at: number,
): Promise<void> {
  const zip = new ZipFile();
  for (const { path, text } of files)
    zip.addBuffer(Buffer.from(text), `${folder}/${path}`, { mtime: new Date(at), mode: 0o100600 });
  zip.end();
  const handle = await open(file, 'wx', 0o600).catch((error: unknown) => {
    throw archiveError(file, error);
  });
  try {
    for await (const chunk of zip.outputStream) await handle.writeFile(chunk);
    await handle.sync();
  } catch (error) {
    await rm(file, { force: true });
    throw archiveError(file, error);
  } finally {
    await handle.close();
  }
}

function archiveError(file: string, cause: unknown): AutoGitError {
  if (errorCode(cause) === 'EEXIST')
    return new AutoGitError({
      key: 'diagnose.archive-exists',
      message: `${file} is there already, and AutoGit overwrites nothing.`,
      next: 'Name another file: autogit diagnose --out FILE',
      fields: { file },
      cause,
    });
  return new AutoGitError({
    key: 'diagnose.archive-failed',
    message: `${file} cannot be written: ${reasonOf(cause)}.`,
    next: 'Name a file in a folder that is there, where you may write: autogit diagnose --out FILE',
    fields: { file },
    cause,
  });
}
