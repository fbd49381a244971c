// A file with root certificates that a person names.
import { AutoGitError } from '../../errors.ts';
import { readSmallText } from './read-text.ts';

const certificate = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/**
 * The certificates in a PEM file and nothing else of it: a private key that lies beside them goes nowhere. Rejects with
 * `gitlab.ca-unreadable`.
 */
export async function readCertificateFile(file: string): Promise<string> {
  const text = await readSmallText(file, (why, cause) => unreadable(file, why, cause));
  const found = text.match(certificate) ?? [];
  if (found.length > 0) return `${found.join('\n')}\n`;
  throw unreadable(file, 'there is no certificate in it that begins with -----BEGIN CERTIFICATE-----');
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
