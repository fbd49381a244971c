// An authority for one lab and the certificates it signs, with elliptic keys that every client of the last ten years takes.
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type * as Library from '@peculiar/x509';
import { limitsOf } from './der.ts';
import { mayCover, permitting } from './name-constraints.ts';

/** A certificate and its key, PEM; the key as PKCS#8. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

const day = 86_400_000;
/** Clocks of other devices may be behind a little. Milliseconds. */
const earlier = 3_600_000;
const rootDays = 3650;
/** https://support.apple.com/en-us/102028: no more than 398. */
const leafDays = 397;

const keyKind = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const;
const serverAuth = '1.3.6.1.5.5.7.3.1';
const nameConstraints = '2.5.29.30';

/**
 * It is big, and needed only when a certificate is made. Its library for injection refuses to load without
 * reflect-metadata, of which it needs no more than that nothing is known: no constructor there has parameters.
 */
async function load(): Promise<typeof Library> {
  const nothing = (): undefined => undefined;
  if (!('getMetadata' in Reflect))
    Object.assign(Reflect, { getMetadata: nothing, getOwnMetadata: nothing, defineMetadata: nothing });
  const library = await import('@peculiar/x509');
  // The same in Node and in Electron's main process.
  library.cryptoProvider.set(globalThis.crypto);
  return library;
}

/**
 * A root that may sign for `domain` and what is below it, addresses of private networks and `addresses` alone, which every
 * device that trusts it sees to.
 */
export async function issueRoot(
  name: string,
  domain: string,
  now: number,
  addresses: readonly string[] = [],
): Promise<Issued> {
  const x509 = await load();
  const keys = await globalThis.crypto.subtle.generateKey(keyKind, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: serial(), name: [{ CN: [name] }], keys, signingAlgorithm: signing },
    ...validity(now, rootDays),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, globalThis.crypto),
      new x509.Extension(nameConstraints, true, new Uint8Array(permitting(domain, addresses))),
    ],
  });
  return { certificate: pem(certificate.toString('pem')), key: await exportKey(keys.privateKey) };
}

/**
 * A certificate for a server of these names and addresses. An address that the root may not sign for is left out, since
 * with it nobody would believe the names.
 */
export async function issueLeaf(authority: Issued, names: readonly string[], now: number): Promise<Issued> {
  const x509 = await load();
  const root = new x509.X509Certificate(authority.certificate);
  const signingKey = await importKey(authority.key);
  const keys = await globalThis.crypto.subtle.generateKey(keyKind, true, ['sign', 'verify']);
  const limits = limitsOf(Buffer.from(root.rawData));
  const known = names
    .filter((value) => isIP(value) === 0 || mayCover(limits, value))
    .map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value }));
  // A common name has 64 characters at most: https://www.rfc-editor.org/rfc/rfc5280#appendix-A.1
  const common = names.find((one) => one.length <= 64 && isIP(one) === 0) ?? 'AutoGit';
  const end = Math.min(now + leafDays * day, root.notAfter.getTime());
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ serialNumber: serial(), subject: [{ CN: [common] }], issuer: root.subjectName },
    ...{ notBefore: new Date(now - earlier), notAfter: new Date(end) },
    ...{ publicKey: keys.publicKey, signingKey, signingAlgorithm: signing },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([serverAuth]),
      new x509.SubjectAlternativeNameExtension(known),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, globalThis.crypto),
      await x509.AuthorityKeyIdentifierExtension.create(root, false, globalThis.crypto),
    ],
  });
  return { certificate: pem(certificate.toString('pem')), key: await exportKey(keys.privateKey) };
}

/** Positive, and never guessed: https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.2 */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function validity(now: number, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(now - earlier), notAfter: new Date(now + days * day) };
}

function pem(text: string): string {
  return `${text.trim()}\n`;
}

/** The same type in programs with and without the types of browsers. */
type Key = Awaited<ReturnType<typeof globalThis.crypto.subtle.importKey>>;

async function exportKey(key: Key): Promise<string> {
  const bytes = Buffer.from(await globalThis.crypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = bytes.match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

async function importKey(text: string): Promise<Key> {
  const bytes = Buffer.from(text.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  return globalThis.crypto.subtle.importKey('pkcs8', bytes, keyKind, false, ['sign']);
}
