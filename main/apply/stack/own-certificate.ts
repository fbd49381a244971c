// The certificate that a person has: read, and judged before anything is told to serve it.
import { AutoGitError, messageOf } from '../../errors.ts';
import type { StackAnswers, Tls } from '../../model/stack/answers.ts';
import { firstBad, judgeOwn } from '../../model/stack/judge-own.ts';
import { leafOf } from '../../model/stack/judge-own-chain.ts';
import type { OwnCheck, OwnSeen, OwnWanted, SeenText } from '../../model/stack/own-seen.ts';
import { mostPemBytes, readPem, wordOf } from '../../model/stack/pem.ts';
import type { Crypto } from '../../stack-ports.ts';
import { stackError } from './context.ts';
import type { NamedStack, StackTools } from './context.ts';
import type { Pair } from './serve-pair.ts';

export type OwnTls = Extract<Tls, { readonly mode: 'own' }>;

type LookTools = Pick<StackTools, 'crypto' | 'clock' | 'readText'>;

/** What a certificate of a person's is read and judged with. */
export type OwnContext = LookTools & { readonly stack: Pick<NamedStack, 'domain' | 'names'> };

export interface OwnCertificate {
  readonly pair: Pair;
  /** PEM of what has to be trusted besides the public roots; `null`: nothing. */
  readonly root: string | null;
}

/**
 * Rejects with what the judge says first: `stack.certificate-unreadable`, `-invalid`, `-format`, `-swapped`, `-encrypted`,
 * `-key`, `-order`, `-foreign`, `-purpose`, `-dates`, `-names`, `-weak`, `-untrusted`, `-long`.
 */
export async function readOwn(tls: OwnTls, context: OwnContext): Promise<OwnCertificate> {
  const seen = await lookAtOwn(tls, context);
  const refusal = firstBad(judgeOwn(seen, wantedOf(context.stack), context.clock.now()));
  if (refusal !== null) throw refusalOf(refusal, tls);
  const { certificate, key, ca, end } = seen;
  if (certificate.text === null || key.text === null) throw new Error('a certificate that nobody has read');
  // The answers may say that there is a root, and GitLab's part of the stack has a place for it.
  const named = ca === null || ca.path === null || ca.text === null ? null : rootIn(ca.text, ca.path);
  const root = end?.kind === 'own' ? end.root : named;
  // Everybody may read the certificate where it is served from, whatever lies beside it in the person's file.
  const served = readPem(certificate.text).certificates.join('');
  return { pair: { certificate: served, key: key.text }, root };
}

/**
 * The certificates of a file that is named as root, and nothing else of it: every container and program may read them.
 * Throws `stack.certificate-format` where a private key lies beside them.
 */
export function rootIn(text: string, path: string): string {
  const { certificates, keys } = readPem(withoutMark(text));
  if (keys.length > 0)
    throw stackError(
      'stack.certificate-format',
      `The file ${path}, which the answers name as tls.ca, has a private key in it: whoever gets the root would get the key.`,
      `Name a file with the root's certificate alone: openssl x509 -in ${wordOf(path)} -out root.pem`,
      { path },
    );
  return certificates.join('');
}

/** All that is said of a person's certificate for a stack, the warnings among them. Never rejects. */
export async function judgeOwnFor(tls: OwnTls, context: OwnContext): Promise<readonly OwnCheck[]> {
  return judgeOwn(await lookAtOwn(tls, context), wantedOf(context.stack), context.clock.now());
}

function wantedOf({ domain, names }: OwnContext['stack']): OwnWanted {
  return { domain, names: names.map(({ name }) => name), optional: [] };
}

function refusalOf({ problem, message, next }: OwnCheck, { certificate: path }: OwnTls): AutoGitError {
  return stackError(problem, message, next ?? 'Look at what it says: autogit certificate check', { path });
}

/**
 * The files as they are now, and what they say. `given`: their contents, before there are files. Never rejects.
 */
export async function lookAtOwn(
  tls: Pick<OwnTls, 'certificate' | 'key' | 'ca'>,
  { crypto, clock, readText }: LookTools,
  given?: { readonly certificate: string; readonly key: string },
): Promise<OwnSeen> {
  const read = (path: string, text: string | undefined): Promise<SeenText> =>
    text === undefined
      ? readSeen(path, readText)
      : Promise.resolve({ path: null, text: withoutMark(text), why: null });
  const [certificate, key, ca] = await Promise.all([
    read(tls.certificate, given?.certificate),
    read(tls.key, given?.key),
    tls.ca === null ? null : readSeen(tls.ca, readText),
  ]);
  const files = { certificate, key, ca };
  const nothing = { facts: null, damage: null, keyFits: null, keyDamage: null, end: null };
  const text = certificate.text ?? '';
  const contents = readPem(text.length > mostPemBytes ? '' : text);
  const facts = contents.certificates.length === 0 ? null : await trying(() => crypto.describe(text));
  if (facts === null || !facts.ok)
    return { ...files, ...nothing, damage: facts?.why ?? null, ...(await keyAlone(key, crypto)) };
  const fit = await fitOf(contents.certificates, key, crypto);
  const leaf = contents.certificates[leafOf(facts.value, fit.keyFits)] ?? '';
  const chain = [leaf, ...contents.certificates].join('');
  const end = await trying(() => crypto.trace(chain, ca?.text ?? null, clock.now()));
  return { ...files, ...nothing, facts: facts.value, ...fit, end: end.ok ? end.value : null };
}

type Tried<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

async function trying<T>(work: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, why: reasonOf(error) };
  }
}

/** An error of the port is a sentence for people; here only its reason is wanted. */
function reasonOf(error: unknown): string {
  const why = error instanceof AutoGitError ? error.fields['why'] : undefined;
  return typeof why === 'string' ? why : messageOf(error);
}

/** Of a key whose certificate cannot be read: only whether it is one. */
async function keyAlone(
  key: SeenText,
  crypto: Pick<Crypto, 'keyProblem'>,
): Promise<Pick<OwnSeen, 'keyDamage'>> {
  const text = readableKey(key);
  return { keyDamage: text === null ? null : await crypto.keyProblem(text) };
}

/** `null`: there is none that could be tried. */
function readableKey({ text }: SeenText): string | null {
  if (text === null || text.length > mostPemBytes) return null;
  const [key] = readPem(text).keys;
  return key === undefined || key.isEncrypted || key.isSsh ? null : key.text;
}

async function fitOf(
  certificates: readonly string[],
  key: SeenText,
  crypto: Pick<Crypto, 'matches' | 'keyProblem'>,
): Promise<Pick<OwnSeen, 'keyFits' | 'keyDamage'>> {
  const text = readableKey(key);
  if (text === null) return { keyFits: null, keyDamage: null };
  const keyDamage = await crypto.keyProblem(text);
  if (keyDamage !== null) return { keyFits: null, keyDamage };
  for (const [index, certificate] of certificates.entries()) {
    const fits = await trying(() => crypto.matches(certificate, text));
    if (fits.ok && fits.value) return { keyFits: index, keyDamage: null };
  }
  return { keyFits: null, keyDamage: null };
}

/** Both files as they are now. Rejects with `stack.certificate-unreadable`. */
export async function readPair(
  { certificate, key }: OwnTls,
  context: Pick<OwnContext, 'readText'>,
): Promise<Pair> {
  return { certificate: await namedText(certificate, context), key: await namedText(key, context) };
}

/**
 * The answers with the root that the file of the certificate itself has, so that all parts of the stack know that there is
 * one. Files that cannot be read change nothing: the step `secrets` says why. Never rejects.
 */
export async function withOwnRoot(
  answers: StackAnswers,
  {
    readText,
    crypto,
    clock,
  }: Pick<OwnContext, 'readText' | 'clock'> & { readonly crypto: Pick<Crypto, 'trace'> },
): Promise<StackAnswers> {
  const { tls } = answers;
  if (tls.mode !== 'own' || tls.ca !== null) return answers;
  try {
    const end = await crypto.trace(await readText(tls.certificate), null, clock.now());
    return end.kind === 'own' ? { ...answers, tls: { ...tls, ca: tls.certificate } } : answers;
  } catch {
    return answers;
  }
}

/** Notepad begins a file with a mark that Traefik would take for a part of the first line. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

async function readSeen(path: string, readText: OwnContext['readText']): Promise<SeenText> {
  const text = await trying(() => readText(path));
  return text.ok ? { path, text: withoutMark(text.value), why: null } : { path, text: null, why: text.why };
}

/** A file that the answers name. Rejects with `stack.certificate-unreadable`. */
export async function namedText(path: string, { readText }: Pick<OwnContext, 'readText'>): Promise<string> {
  try {
    return await readText(path);
  } catch (error) {
    if (error instanceof AutoGitError) throw error;
    throw new AutoGitError({
      key: 'stack.certificate-unreadable',
      message: `The file ${path}, which the answers name for TLS, cannot be read: ${messageOf(error)}.`,
      next: 'Give a path of a PEM file that AutoGit may read.',
      fields: { path },
      cause: error,
    });
  }
}
