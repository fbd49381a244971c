// A pair of certificate and key comes into a folder of its own, and then into the file that tells Traefik what to serve.
import { hashOf } from '../../model/stack/content-hash.ts';
import { keptMark } from '../../model/stack/kept.ts';
import { pairFiles, pairOf, servedFile, servedPair, servedText } from '../../model/stack/made-files.ts';
import { stackError } from './context.ts';
import type { StackTools } from './context.ts';
import { writeMarked } from './settle-writes.ts';

/** Where versions before had the pair. */
const formerCertificate = 'tls/certificate.pem';
export const formerKey = 'secrets/tls-key';

/** PEM; they belong together. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

export type ServeContext = Pick<StackTools, 'folder' | 'journal'> & {
  readonly lab: string;
  /** What a person has said about the file that names the pair. */
  readonly wish: 'replace' | 'keep' | null;
};

/** `null`: what is served is not known, because nothing is, or by a file of a person's. */
export interface Served {
  readonly fingerprint: string | null;
  readonly certificate: string | null;
}

/** What Traefik is told to serve by the files of a stack's folder. */
export function servedAmong(files: readonly { readonly path: string; readonly content: string }[]): Served {
  const contentOf = (path: string): string | null =>
    files.find((file) => file.path === path)?.content ?? null;
  const fingerprint = servedPair(contentOf(servedFile) ?? '');
  const certificate = fingerprint === null ? null : contentOf(pairFiles(fingerprint).certificate);
  return { fingerprint: certificate === null ? null : fingerprint, certificate };
}

/**
 * True: another pair than before is served from now on, without a restart. A kill at any instant leaves the former pair
 * or this one, whole: the file that names it changes last. Safe to do again. Rejects with `stack.file-changed` where a
 * person has changed that file, and like the folder.
 */
export async function servePair({ certificate, key }: Pair, context: ServeContext): Promise<boolean> {
  const { folder, lab } = context;
  const fingerprint = hashOf(certificate).slice(0, 32);
  const files = pairFiles(fingerprint);
  // The certificate first: by it a later tidying finds the key.
  await folder.write(lab, files.certificate, certificate, 0o644);
  await folder.write(lab, files.key, key, 0o600);
  return nameIt(servedText(fingerprint), context);
}

async function nameIt(wanted: string, { folder, journal, lab, wish }: ServeContext): Promise<boolean> {
  const present = (await folder.read(lab)) ?? [];
  const there = present.find(({ path }) => path === servedFile)?.content;
  const [hash, last] = [hashOf(wanted), journal.written(lab)[servedFile]];
  if (there === wanted) {
    if (last !== hash) journal.wrote(lab, servedFile, hash);
    return false;
  }
  const isCut = journal.unfinished(lab).includes(servedFile);
  const isTheirs = there !== undefined && !isCut && last !== hashOf(there);
  if (isTheirs && wish !== 'replace') {
    const mark = keptMark(hashOf(there), servedFile);
    if (wish === 'keep') journal.wrote(lab, servedFile, mark);
    if (wish === 'keep' || last === mark) return false;
    throw stackError(
      'stack.file-changed',
      `${servedFile} in ${folder.pathOf(lab)} was changed since AutoGit wrote it, or is not AutoGit's at all.`,
      `Decide about it: autogit stack up --replace ${servedFile} puts AutoGit's in its place, --keep ${servedFile} leaves it as it is.`,
      { paths: servedFile },
    );
  }
  await writeMarked(lab, { path: servedFile, content: wanted, mode: 0o644 }, { journal, folder });
  return true;
}

/** Traefik gets its certificates by itself from now on. What a person has changed stays. */
export async function serveNone({ folder, journal, lab }: ServeContext): Promise<void> {
  const last = journal.written(lab)[servedFile];
  const there = (await folder.read(lab))?.find(({ path }) => path === servedFile)?.content;
  if (there === undefined || last === undefined) return;
  if (hashOf(there) !== last && !journal.unfinished(lab).includes(servedFile)) return;
  await writeMarked(lab, { path: servedFile, content: null, mode: 0 }, { journal, folder });
}

/**
 * Removes pairs that nothing names any more, and what versions before had where no service of the folder reads it. For a
 * stack that stands: until a run has ended, one that is put back may read them.
 */
export async function removeOldPairs({
  folder,
  journal,
  lab,
}: Pick<ServeContext, 'folder' | 'journal' | 'lab'>): Promise<void> {
  const files = (await folder.read(lab)) ?? [];
  const named = files.find(({ path }) => path === servedFile)?.content ?? '';
  for (const { path } of files) {
    const fingerprint = pairOf(path);
    if (fingerprint === null || named.includes(`/${fingerprint}/`)) continue;
    // The key first: as long as its certificate is there, it is found again.
    await folder.remove(lab, pairFiles(fingerprint).key);
    await folder.remove(lab, path);
  }
  const compose = files.find(({ path }) => path === 'compose.yaml')?.content ?? '';
  if (journal.written(lab)[formerKey] === undefined || compose.includes(formerKey)) return;
  await folder.remove(lab, formerCertificate);
  await folder.remove(lab, formerKey);
  journal.wrote(lab, formerKey, null);
}
