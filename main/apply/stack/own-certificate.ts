// The certificate that a person has: read, and judged before anything is told to serve it.
import { AutoGitError, messageOf } from '../../errors.ts';
import type { StackAnswers, Tls } from '../../model/stack/answers.ts';
import { covers } from '../../model/stack/certificate-names.ts';
import type { Crypto } from '../../stack-ports.ts';
import { stackError } from './context.ts';
import type { NamedStack, StackTools } from './context.ts';
import type { Pair } from './serve-pair.ts';

type OwnTls = Extract<Tls, { readonly mode: 'own' }>;

/** What a certificate of a person's is read and judged with. */
export type OwnContext = Pick<StackTools, 'crypto' | 'clock' | 'readText'> & {
  readonly stack: Pick<NamedStack, 'domain' | 'names'>;
};

export interface OwnCertificate {
  readonly pair: Pair;
  /** PEM of what has to be trusted besides the public roots; `null`: nothing. */
  readonly root: string | null;
}

/**
 * Rejects with `stack.certificate-unreadable`, `stack.certificate-invalid`, `stack.certificate-dates`,
 * `stack.certificate-names`, `stack.certificate-key`, `stack.certificate-untrusted`.
 */
export async function readOwn(tls: OwnTls, context: OwnContext): Promise<OwnCertificate> {
  const pair = await readPair(tls, context);
  await judgePair(tls, pair, context);
  return { pair, root: await judgeChain(tls, pair, context) };
}

/** Both files as they are now. Rejects with `stack.certificate-unreadable`. */
export async function readPair(
  { certificate, key }: OwnTls,
  context: Pick<OwnContext, 'readText'>,
): Promise<Pair> {
  return { certificate: await textOf(certificate, context), key: await textOf(key, context) };
}

async function judgePair(
  tls: OwnTls,
  { certificate, key }: Pair,
  { crypto, clock, stack }: OwnContext,
): Promise<void> {
  const facts = await crypto.read(certificate);
  const now = clock.now();
  if (now < facts.from || now > facts.to)
    throw certificateError(tls, {
      key: 'stack.certificate-dates',
      what: `holds from ${dayOf(facts.from)} to ${dayOf(facts.to)}, and today is ${dayOf(now)}`,
      next: 'Put a certificate there that holds today, or set the clock of this machine right.',
    });
  const missing = stack.names.map(({ name }) => name).filter((name) => !covers(facts.names, name));
  if (missing.length > 0)
    throw certificateError(tls, {
      key: 'stack.certificate-names',
      what: `is not for ${missing.join(', ')}: it is for ${facts.names.join(', ')}`,
      next: `Get one for these names, or for *.${stack.domain}.`,
    });
  if (!(await crypto.matches(certificate, key)))
    throw certificateError(tls, {
      key: 'stack.certificate-key',
      what: `does not belong to the key ${tls.key}`,
      next: 'Give the key with which the certificate was asked for.',
    });
}

/** GitLab and runners know the public roots; what this machine alone trusts helps nobody in a container. */
async function judgeChain(
  tls: OwnTls,
  { certificate }: Pair,
  { readText, crypto, clock }: OwnContext,
): Promise<string | null> {
  const known = tls.ca === null ? null : await textOf(tls.ca, { readText });
  const end = await crypto.trace(certificate, known, clock.now());
  switch (end.kind) {
    case 'public':
      // The answers say that there is a root, and GitLab's part of the stack has a place for it.
      return known;
    case 'own':
      return end.root;
    case 'lost':
      throw certificateError(tls, {
        key: 'stack.certificate-untrusted',
        what: `leads to no root that GitLab and runners know: nobody has the certificate of ${end.issuer}${tls.ca === null ? '' : `, also not ${tls.ca}`}`,
        next: 'Give the root of your authority (PEM) as tls.ca in the answers; those between it and the certificate belong into the file of the certificate, after its own.',
      });
    case 'broken':
      throw certificateError(tls, {
        key: 'stack.certificate-untrusted',
        what: `leads to ${end.subject}, which ${end.why}`,
        next: 'Ask whoever gave you the certificate for the chain that holds today.',
      });
  }
}

function certificateError(
  { certificate: path }: OwnTls,
  { key, what, next }: { readonly key: string; readonly what: string; readonly next: string },
): AutoGitError {
  return stackError(key, `The certificate ${path} ${what}.`, next, { path });
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

async function textOf(path: string, { readText }: Pick<OwnContext, 'readText'>): Promise<string> {
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

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}
