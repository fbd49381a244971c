// What certificates say, as facts that need no library to be judged.

/** `EC P-256`, `RSA 2048`, and what decides whether browsers take it. */
export type KeyKind =
  | { readonly kind: 'rsa'; readonly bits: number }
  /** `P-256`; other curves by OpenSSL's names: `secp256k1`. */
  | { readonly kind: 'ec'; readonly curve: string }
  /** `ed25519`, `rsa-pss`, `dsa`. */
  | { readonly kind: 'other'; readonly name: string };

/** For whom a root may sign; addresses as `10.0.0.0/8`. `null`: for all of them. */
export interface NameLimits {
  readonly names: readonly string[] | null;
  readonly addresses: readonly string[] | null;
}

export interface CertificateFacts {
  /** `CN=R3, O=Let's Encrypt` */
  readonly subject: string;
  readonly issuer: string;
  /** Host names and addresses it is for; its common name is none of them. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** SHA-256: `AB:CD:…` */
  readonly fingerprint: string;
  readonly key: KeyKind;
  /** `sha256`, `sha1`, `md5`; `null`: one that has none of its own, or that is not known. */
  readonly digest: string | null;
  /** Whether it may sign others. */
  readonly isAuthority: boolean;
  /** Whether it may be shown by a server; `null`: it does not say what it is for, so that it may. */
  readonly mayServe: boolean | null;
  /** `null`: it says nothing about it. */
  readonly limits: NameLimits | null;
  /** Where the certificate of its issuer lies; `null`: it does not say. */
  readonly issuerUrl: string | null;
  /** Among those read together with it, the one that has signed it: itself for a root, `null` for none. */
  readonly signer: number | null;
}

/** How a chain ends. */
export type ChainEnd =
  /** At a root that programs know without being told. */
  | { readonly kind: 'public' }
  /** At a root that was given, or is in the chain itself. PEM. */
  | { readonly kind: 'own'; readonly root: string }
  /** Nobody knows the certificate of this authority. */
  | { readonly kind: 'lost'; readonly issuer: string }
  /** One on the way does not hold at that time, or may not sign others. */
  | { readonly kind: 'broken'; readonly subject: string; readonly why: string };

/** `EC P-256` */
export function keyText(key: KeyKind): string {
  switch (key.kind) {
    case 'rsa':
      return `RSA ${key.bits}`;
    case 'ec':
      return `EC ${key.curve}`;
    case 'other':
      return key.name;
  }
}

/** `2027-03-01` */
export function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

const dayMs = 86_400_000;
/** Whoever renews does so long before: what has less left was not renewed. Milliseconds. */
const soonMs = 21 * dayMs;

/** From when on a certificate should have been renewed: three weeks before its end, of one that is short a quarter. */
export function isEndingSoon({ from, to }: Pick<CertificateFacts, 'from' | 'to'>, now: number): boolean {
  return to - now <= Math.min(soonMs, (to - from) / 4);
}
