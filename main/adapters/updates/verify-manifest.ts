// Whether somebody whom this build trusts has signed a list of updates; nothing of it is read before that is known.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { updateManifestSchema, updateSignaturesSchema } from '../../model/updates.ts';
import type { UpdateKey, UpdateManifest } from '../../model/updates.ts';
import { badSignature, noKey, unreadable } from './errors.ts';

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Ed25519 takes no digest beside it: https://nodejs.org/api/crypto.html#cryptoverifyalgorithm-data-key-signature-callback */
function isSignedBy({ publicKey }: UpdateKey, bytes: Uint8Array, signature: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' && verify(null, bytes, key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** SHA-256, hex. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The manifest in `bytes`, once one of `keys` is found to have signed exactly these. Throws `update.no-key`,
 * `update.signature`, `update.unreadable`.
 */
export function verifyManifest(
  bytes: Uint8Array,
  signatures: string,
  keys: readonly UpdateKey[],
): UpdateManifest {
  if (keys.length === 0) throw noKey();
  const listed = updateSignaturesSchema.safeParse(parsed(signatures)).data?.signatures ?? [];
  const isGood = keys.some((key) =>
    listed.some((one) => one.key === key.id && isSignedBy(key, bytes, one.signature)),
  );
  if (!isGood) throw badSignature();
  const manifest = updateManifestSchema.safeParse(parsed(Buffer.from(bytes).toString('utf8')));
  if (manifest.success) return manifest.data;
  const [issue] = manifest.error.issues;
  throw unreadable(issue === undefined ? 'it is no JSON' : `${issue.path.join('.')} ${issue.message}`);
}
