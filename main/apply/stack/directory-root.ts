// Roots of a directory or of another provider of sign-in: read from the person's file, and judged before anybody would fail with them.
import { AutoGitError, messageOf } from '../../errors.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type { DirectoryRoot, StackFacts } from '../../model/stack/stack.ts';
import type { StackTools } from './context.ts';

type RootTools = Pick<StackTools, 'readText' | 'clock'> & {
  readonly crypto: Pick<StackTools['crypto'], 'read'>;
};

/** Characters; a root has about 2,000. */
const mostText = 200_000;

/** Facts with what the files say that the answers name as roots of directory and provider. Never rejects. */
export async function withDirectoryRoot(
  { directory, sso, oidc }: Pick<StackAnswers, 'directory' | 'sso' | 'oidc'>,
  facts: StackFacts,
  tools: RootTools,
): Promise<StackFacts> {
  return {
    ...facts,
    ...(directory.kind === 'ldap' && directory.ca !== null
      ? { directoryRoot: await readDirectoryRoot(directory.ca, tools) }
      : {}),
    ...(sso === 'oidc' && oidc !== null && oidc.ca !== null
      ? { oidcRoot: asProviderRoot(await readDirectoryRoot(oidc.ca, tools)) }
      : {}),
  };
}

/** The same words, about the provider. */
export function asProviderRoot(root: DirectoryRoot): DirectoryRoot {
  if (root.problem === undefined) return root;
  const turned = (text: string): string =>
    text.replaceAll('the directory', 'the provider').replaceAll('Authelia', 'GitLab');
  const { message, next } = root.problem;
  return { problem: { key: 'stack.oidc-ca', message: turned(message), next: turned(next) } };
}

/** Never rejects. */
export async function readDirectoryRoot(path: string, tools: RootTools): Promise<DirectoryRoot> {
  try {
    const text = await textOf(path, tools);
    const certificates = certificatesIn(text);
    const bodies = certificates.map((pem) => linesOf(pem));
    if (bodies.length === 0 || bodies.some((lines) => lines.length === 0))
      return refused(path, 'has no certificate in it', 'Give the root as PEM: -----BEGIN CERTIFICATE-----.');
    if (text.includes('PRIVATE KEY'))
      return refused(
        path,
        'has a private key in it, which Authelia is not to get',
        'Give the certificate alone.',
      );
    for (const pem of certificates) {
      const { from, to } = await tools.crypto.read(pem);
      const now = tools.clock.now();
      if (now < from || now > to)
        return refused(
          path,
          `holds from ${dayOf(from)} to ${dayOf(to)}, and today is ${dayOf(now)}`,
          'Ask whoever runs the directory for the root that holds today.',
        );
    }
    return { certificates: bodies };
  } catch (error) {
    const why = error instanceof AutoGitError ? error.message.replace(/\.$/, '') : messageOf(error);
    return refused(path, `cannot be used: ${why}`, 'Give a path of a PEM file that AutoGit may read.');
  }
}

async function textOf(path: string, { readText }: RootTools): Promise<string> {
  const text = await readText(path);
  if (text.length > mostText) throw new Error('it is too big for a root');
  return text;
}

/** PEM texts of all certificates in a file. */
export function certificatesIn(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
}

/** The lines between the marks; `[]`: what is there is no PEM. */
function linesOf(pem: string): readonly string[] {
  const [, ...rest] = pem.split(/\r?\n/).map((line) => line.trim());
  const lines = rest.slice(0, -1).filter((line) => line !== '');
  return lines.every((line) => /^[A-Za-z0-9+/]{1,76}={0,2}$/.test(line)) ? lines : [];
}

function refused(path: string, what: string, next: string): DirectoryRoot {
  return {
    problem: {
      key: 'stack.directory-ca',
      message: `The file ${path}, which the answers name as root of the directory, ${what}.`,
      next,
    },
  };
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}
