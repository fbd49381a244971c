// Certificates in a text, by their fingerprints.
import { createHash } from 'node:crypto';
import type { KnownRoot } from '../../model/trust.ts';

const block =
  /-----BEGIN (?:TRUSTED )?CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END (?:TRUSTED )?CERTIFICATE-----/g;

function blocksOf(text: string): readonly Buffer[] {
  return [...text.matchAll(block)].map(([, body = '']) => Buffer.from(body, 'base64'));
}

/** SHA-256 of each certificate of a PEM text, hex, in their order. */
export function fingerprintsOf(text: string): readonly string[] {
  return blocksOf(text).map((bytes) => createHash('sha256').update(bytes).digest('hex'));
}

/** The first certificate of a PEM text, as the root of a lab; `null`: there is none. */
export function knownRoot(lab: string, text: string): KnownRoot | null {
  const [bytes] = blocksOf(text);
  if (bytes === undefined) return null;
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    lab,
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    fingerprint: createHash('sha256').update(bytes).digest('hex'),
    sha1: createHash('sha1').update(bytes).digest('hex'),
  };
}
