// Certificates as facts: what each says, and which of them has signed which.
import type { X509Certificate } from 'node:crypto';
import type { CertificateFacts, KeyKind } from '../../model/stack/certificate-facts.ts';
import { certificatesOf, isSignedBy, shown } from './chain.ts';
import { digestOf, limitsOf } from './der.ts';
import { parseNames } from './subject-names.ts';

const serverAuth = '1.3.6.1.5.5.7.3.1';
const anyUsage = '2.5.29.37.0';

/** OpenSSL's names of the curves that have others in browsers. */
const curves: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};

/** Electron's build of the cryptography knows fewer kinds than Node's. */
function keyOf(certificate: X509Certificate): KeyKind {
  try {
    const { asymmetricKeyType: kind = 'unknown', asymmetricKeyDetails: details = {} } = certificate.publicKey;
    if (kind === 'rsa') return { kind, bits: details.modulusLength ?? 0 };
    if (kind !== 'ec') return { kind: 'other', name: kind };
    const curve = details.namedCurve ?? 'unknown';
    return { kind, curve: curves[curve] ?? curve };
  } catch {
    return { kind: 'other', name: 'that nobody here knows' };
  }
}

/** https://nodejs.org/api/crypto.html#x509infoaccess */
function issuerUrlOf({ infoAccess }: X509Certificate): string | null {
  return /^CA Issuers - URI:(http\S+)$/m.exec(infoAccess ?? '')?.[1] ?? null;
}

/** What it may be used for; `null`: it does not say. Node knows no such certificate in its types. */
function usagesOf({
  keyUsage,
}: {
  readonly keyUsage?: readonly string[] | undefined;
}): readonly string[] | null {
  return keyUsage === undefined || keyUsage.length === 0 ? null : keyUsage;
}

function signerOf(index: number, all: readonly X509Certificate[]): number | null {
  const one = all[index];
  if (one === undefined) return null;
  if (isSignedBy(one, one)) return index;
  const found = all.findIndex((other, at) => at !== index && isSignedBy(one, other));
  return found === -1 ? null : found;
}

/** The port's `describe`. Throws `stack.certificate-invalid`. */
export function describeCertificates(text: string): readonly CertificateFacts[] {
  const all = certificatesOf(text);
  return all.map((one, index) => {
    const usages = usagesOf(one);
    return {
      ...{
        subject: shown(one.subject),
        issuer: shown(one.issuer),
        names: parseNames(one.subjectAltName ?? ''),
      },
      ...{ from: Date.parse(one.validFrom), to: Date.parse(one.validTo), fingerprint: one.fingerprint256 },
      ...{ key: keyOf(one), digest: digestOf(one.raw), isAuthority: one.ca, limits: limitsOf(one.raw) },
      mayServe: usages === null ? null : usages.includes(serverAuth) || usages.includes(anyUsage),
      issuerUrl: issuerUrlOf(one),
      signer: signerOf(index, all),
    };
  });
}
