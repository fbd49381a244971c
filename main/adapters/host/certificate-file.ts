// A file with root certificates that a person names.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { AutoGitError } from '../../errors.ts';
import { errorCode, reasonOf } from './files.ts';

/** The public roots of a whole system have some 250 KB. Bytes. */
const largest = 1_000_000;
const certificate = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/**
 * The certificates in a PEM file and nothing else of it: a private key that lies beside them goes nowhere. Rejects with
 * `gitlab.ca-unreadable`.
 */
export async function readCertificateFile(file: string): Promise<string> {
  const found = (await readText(file)).match(certificate) ?? [];
  if (found.length > 0) return `${found.join('\n')}\n`;
  throw unreadable(file, 'there is no certificate in it that begins with -----BEGIN CERTIFICATE-----');
}

/** Does not wait for a pipe to be written. */
async function readText(file: string): Promise<string> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const about = await handle.stat();
      if (about.isFile() && about.size <= largest) return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    const why = errorCode(error) === 'ENOENT' ? 'there is no such file' : reasonOf(error);
    throw unreadable(file, why, error);
  }
  throw unreadable(file, 'it is no ordinary file, or has more than 1 MB');
}

function unreadable(file: string, why: string, cause?: unknown): AutoGitError {
  return new AutoGitError({
    key: 'gitlab.ca-unreadable',
    message: `The root certificate ${file} cannot be read: ${why}.`,
    next: 'Put the file there and let AutoGit read it, or set gitlab.ca in settings.yaml to where it is. AutoGit looks again by itself.',
    retry: true,
    fields: { file },
    cause,
  });
}
