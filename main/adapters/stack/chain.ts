// Follows a chain of certificates to its root: a public one, one that a person gave, or none that anybody knows.
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { messageOf } from '../../errors.ts';
import type { ChainEnd } from '../../model/stack/certificate-facts.ts';
import { dayOf } from '../../model/stack/certificate-facts.ts';
import { readPem } from '../../model/stack/pem.ts';
import { certificateInvalid } from './errors.ts';

/** No chain of the real world has so many. */
const longest = 10;

let publicRoots: readonly X509Certificate[] | null = null;

/** What Node, and much the same every program and image, trusts by itself; roots of this machine's own are not among them. */
function everybodys(): readonly X509Certificate[] {
  publicRoots ??= rootCertificates.map((text) => new X509Certificate(text));
  return publicRoots;
}

/** Every certificate of a PEM file. Throws `stack.certificate-invalid` where there is none, or one cannot be read. */
export function certificatesOf(text: string): readonly X509Certificate[] {
  const parts = readPem(text).certificates;
  if (parts.length === 0)
    throw certificateInvalid('certificate', 'there is none in the file', new Error('no certificate'));
  try {
    return parts.map((part) => new X509Certificate(part));
  } catch (error) {
    throw certificateInvalid('certificate', messageOf(error), error);
  }
}

/** The port's `trace`. */
export function traceChain(certificate: string, known: string | null, now: number): ChainEnd {
  const [own, ...chain] = certificatesOf(certificate);
  if (own === undefined) throw new Error('a file of certificates without any');
  const given = known === null ? [] : certificatesOf(known);
  const others = [...chain, ...given, ...everybodys()];
  let at = own;
  for (let step = 0; step < longest; step += 1) {
    const why = whyBroken(at, step > 0, now);
    if (why !== null) return { kind: 'broken', subject: shown(at.subject), why };
    if (isSignedBy(at, at)) return endAt(at);
    const next = others.find((one) => isSignedBy(at, one));
    if (next === undefined) return { kind: 'lost', issuer: shown(at.issuer) };
    at = next;
  }
  return { kind: 'lost', issuer: shown(at.issuer) };
}

function endAt(root: X509Certificate): ChainEnd {
  const isPublic = everybodys().some(({ fingerprint256 }) => fingerprint256 === root.fingerprint256);
  return isPublic ? { kind: 'public' } : { kind: 'own', root: `${root.toString().trim()}\n` };
}

/** By the key of the other, which may sign. */
export function isSignedBy(one: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return one.checkIssued(issuer) && one.verify(issuer.publicKey);
  } catch {
    // A key or a digest that this build of the cryptography does not know.
    return false;
  }
}

function whyBroken(one: X509Certificate, isIssuer: boolean, now: number): string | null {
  const [from, to] = [Date.parse(one.validFrom), Date.parse(one.validTo)];
  if (now < from || now > to) return `holds from ${dayOf(from)} to ${dayOf(to)}, and today is ${dayOf(now)}`;
  return isIssuer && !one.ca ? 'may not sign certificates of others' : null;
}

/** `CN=R3, O=Let's Encrypt`: OpenSSL shows each part in a line of its own. */
export function shown(name: string): string {
  return name.split('\n').toReversed().join(', ');
}
