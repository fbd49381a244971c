// Whether the certificates of a file follow one another to a root that programs know.
import type { CertificateFacts, ChainEnd } from './certificate-facts.ts';
import { fatalProblem, good, mildProblem } from './own-seen.ts';
import type { OwnSeen, Verdict } from './own-seen.ts';
import { nameOf } from './judge-own-files.ts';
import { wordOf } from './pem.ts';

type Facts = readonly CertificateFacts[];

/**
 * The server's own: the one that the key belongs to; without a key that fits, the first that may not sign others; of
 * authorities alone, the first.
 */
export function leafOf(facts: Facts, keyFits: number | null): number {
  if (keyFits !== null) return keyFits;
  const first = facts.findIndex(({ isAuthority }) => !isAuthority);
  return Math.max(0, first);
}

/** From the server's own to the last one of the file that it leads to. */
function pathFrom(leaf: number, facts: Facts): readonly number[] {
  const path = [leaf];
  for (let at = leaf; path.length <= facts.length;) {
    const signer = facts[at]?.signer ?? null;
    if (signer === null || path.includes(signer)) return path;
    path.push(signer);
    at = signer;
  }
  return path;
}

/** Another certificate of an authority on the way: some sign theirs with two roots, and devices take the one they know. */
function isOtherForm(one: CertificateFacts, way: Facts): boolean {
  return (
    one.isAuthority && way.some(({ subject, issuer }) => one.subject === subject || one.subject === issuer)
  );
}

function listed(facts: Facts): string {
  return facts.map(({ subject }, index) => `${index + 1}. ${subject}`).join(' ');
}

/** The server's own, and those that it leads to: what else is in the file nobody needs. */
export function wayOf(facts: Facts, keyFits: number | null): Facts {
  return pathFrom(leafOf(facts, keyFits), facts).flatMap((index) => facts[index] ?? []);
}

/**
 * Which of them come after one another, and whether others are among them: these are served with the rest, and clients pass
 * over them.
 */
export function judgeOrder(facts: Facts, { certificate, keyFits }: OwnSeen): Verdict {
  const path = pathFrom(leafOf(facts, keyFits), facts);
  const way = wayOf(facts, keyFits);
  const name = nameOf('certificate', certificate);
  const isInOrder = path.every((index, at) => at === 0 || index > (path[at - 1] ?? 0)) && path[0] === 0;
  if (!isInOrder)
    return fatalProblem(
      'stack.certificate-order',
      `${name} has its certificates in the wrong order: it begins with ${facts[0]?.subject ?? 'another'}.`,
      `Put them in this order, the server's own first: ${listed(way)}`,
    );
  const isTwice = facts.some(
    (one, index) => facts.findIndex(({ fingerprint }) => fingerprint === one.fingerprint) < index,
  );
  const foreign = facts.filter((one) => !way.includes(one) && !isOtherForm(one, way));
  if (foreign.length > 0 || isTwice)
    return mildProblem(
      'stack.certificate-foreign',
      isTwice
        ? `${name} holds the same certificate twice.`
        : `${name} also holds what has nothing to do with it: ${foreign.map(({ subject }) => subject).join('; ')}.`,
      `Leave in the file, in this order: ${listed(way)}`,
    );
  return good(
    facts.length === 1
      ? "The file has the server's own certificate alone."
      : "The server's own comes first, then each is followed by the one that has signed it.",
  );
}

/** To which root they lead. */
export function judgeEnd(facts: Facts, seen: OwnSeen): Verdict {
  const { end, ca } = seen;
  if (ca !== null && ca.text === null)
    return fatalProblem(
      'stack.certificate-unreadable',
      `The file ${ca.path ?? ''}, which the answers name for TLS, cannot be read: ${ca.why ?? 'nobody knows why'}.`,
      'Give as tls.ca the path of a PEM file with the root of your authority that AutoGit may read, or leave it out.',
    );
  if (end === null)
    return fatalProblem(
      'stack.certificate-invalid',
      `The file ${ca?.path ?? ''}, which the answers name for TLS, holds no certificate that could be read.`,
      'Give as tls.ca a PEM file with the root of your authority: it begins with -----BEGIN CERTIFICATE-----.',
    );
  return endVerdict(end, facts, seen);
}

function endVerdict(end: ChainEnd, facts: Facts, { certificate, ca, keyFits }: OwnSeen): Verdict {
  const name = nameOf('certificate', certificate);
  switch (end.kind) {
    case 'public':
      return good('It leads to a public root, which everybody knows.');
    case 'own':
      return good('It leads to the root of an own authority, which GitLab and runners are told to trust.');
    case 'broken':
      return fatalProblem(
        'stack.certificate-untrusted',
        `${name} leads to ${end.subject}, which ${end.why}.`,
        'Ask whoever gave you the certificate for the chain that holds today.',
      );
    case 'lost': {
      const last = facts[pathFrom(leafOf(facts, keyFits), facts).at(-1) ?? 0];
      const url = last?.issuerUrl ?? null;
      const given = ca === null ? '' : `, also not ${ca.path ?? 'what was given of the authority'}`;
      return fatalProblem(
        'stack.certificate-untrusted',
        `${name} leads to no root that GitLab and runners know: nobody has the certificate of ${end.issuer}${given}.`,
        url === null
          ? 'Give the root of your authority (PEM) as tls.ca in the answers; those between it and the certificate belong into the file of the certificate, after its own.'
          : `Put the missing one after the others of the file; it lies at its authority: curl -sS ${wordOf(url)} | openssl x509 -inform DER >> certificate.pem. The root of an own authority belongs into tls.ca.`,
      );
    }
  }
}

const dayMs = 86_400_000;
/** https://support.apple.com/en-us/103769 */
const mostPrivateDays = 825;
/** https://chromium.googlesource.com/chromium/src/+/HEAD/net/docs/certificate_lifetimes.md */
const mostPublicDays = 398;

/** For how long it was made in all. */
export function judgeDuration({ from, to }: CertificateFacts, { end, certificate }: OwnSeen): Verdict {
  const days = Math.floor((to - from) / dayMs);
  const name = nameOf('certificate', certificate);
  if (end?.kind === 'public' && days > mostPublicDays)
    return fatalProblem(
      'stack.certificate-long',
      `${name} was made for ${days} days, and browsers refuse public ones for more than ${mostPublicDays}.`,
      `Ask for one of ${mostPublicDays} days or fewer.`,
    );
  if (days > mostPrivateDays)
    return mildProblem(
      'stack.certificate-long',
      `${name} was made for ${days} days, and Apple's devices refuse more than ${mostPrivateDays}.`,
      `Make one for ${mostPrivateDays} days or fewer if anybody comes with an iPhone, an iPad or a Mac.`,
    );
  return good(`It was made for ${days} days.`);
}
