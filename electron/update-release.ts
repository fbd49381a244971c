// Makes the signed list of updates: which packages a release has, what its list says, and the signature of whoever has the key.
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { byNewest, updateManifestSchema, updateSignaturesSchema } from '../main/model/updates.ts';
import type { UpdateFile, UpdateKey, UpdateManifest, UpdateRelease } from '../main/model/updates.ts';

type Described = Pick<UpdateFile, 'kind' | 'arch'>;

/** Names of processors in names of packages, and Node's. */
const processors: Readonly<Record<string, string>> = {
  amd64: 'x64',
  x86_64: 'x64',
  x64: 'x64',
  arm64: 'arm64',
  aarch64: 'arm64',
};

/** As electron/pack.ts and electron-builder name what they make. */
const names: readonly (readonly [string, RegExp])[] = [
  ['deb-headless', /^autogit-headless_(?<version>.+)_(?<arch>[^_]+)\.deb$/],
  ['deb', /^autogit_(?<version>.+)_(?<arch>[^_]+)\.deb$/],
  ['rpm', /^autogit-(?<version>.+)\.(?<arch>x86_64|aarch64)\.rpm$/],
  ['appimage', /^AutoGit-(?<version>.+?)(?:-(?<arch>x86_64|arm64))?\.AppImage$/],
  ['nsis', /^AutoGit-(?<version>.+)-(?<arch>x64|arm64)-setup\.exe$/],
  ['dmg', /^AutoGit-(?<version>.+?)(?:-(?<arch>x64|arm64))?\.dmg$/],
  ['zip', /^autogit-(?<version>.+)-(?<arch>x64|arm64)\.(?:zip|tar\.gz)$/],
];

/** What a file of that name is; `null`: no package of this version. */
export function describePackage(name: string, version: string): Described | null {
  for (const [kind, pattern] of names) {
    const groups = pattern.exec(name)?.groups;
    if (groups?.['version'] !== version) continue;
    const arch = processors[groups['arch'] ?? 'x64'];
    if (arch !== undefined) return { kind, arch };
  }
  return null;
}

/** What a changelog says under the heading of a version; `null`: it has none. */
export function changelogOf(text: string, version: string): string | null {
  const lines = text.split('\n');
  const isHeading = (line: string): boolean => /^## /.test(line);
  const from = lines.findIndex((line) => isHeading(line) && line.split(/[\s[\]]+/).includes(version));
  if (from === -1) return null;
  const to = lines.findIndex((line, at) => at > from && isHeading(line));
  return lines
    .slice(from + 1, to === -1 ? undefined : to)
    .join('\n')
    .trim();
}

function publicOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

/** The public half of a private key (PEM), as main/model/update-keys.ts has it. Throws for anything but Ed25519. */
export function updateKeyOf(pem: string): UpdateKey {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('The key is no Ed25519 key');
  const bytes = publicOf(key);
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return { id, publicKey: bytes.toString('base64') };
}

/** What lies beside the manifest: the signature of each of these private keys (PEM) over its bytes. */
export function signBytes(bytes: Uint8Array, pems: readonly string[]): string {
  const signatures = pems.map((pem) => ({
    key: updateKeyOf(pem).id,
    signature: sign(null, bytes, createPrivateKey(pem)).toString('base64'),
  }));
  return `${JSON.stringify({ signatures }, null, 1)}\n`;
}

/** Whether one of these private keys (PEM) has signed the bytes. Throws for what is no list of signatures. */
export function isSignedBy(bytes: Uint8Array, signatures: string, pems: readonly string[]): boolean {
  const listed = updateSignaturesSchema.parse(JSON.parse(signatures)).signatures;
  return pems.some((pem) =>
    listed.some(({ signature }) =>
      verify(null, bytes, createPublicKey(createPrivateKey(pem)), Buffer.from(signature, 'base64')),
    ),
  );
}

/** The bytes that are signed. */
export function manifestBytes(manifest: UpdateManifest): Buffer {
  return Buffer.from(`${JSON.stringify(updateManifestSchema.parse(manifest), null, 1)}\n`);
}

export interface ManifestParts {
  /** The one that was given out last, whose releases stay; `null`: this is the first. */
  readonly previous: UpdateManifest | null;
  readonly channel: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** `null`: the same releases, for longer. */
  readonly release: UpdateRelease | null;
}

/** The next list: one number higher, with this release in the place of one of the same version. Throws for other channels. */
export function nextManifest({ previous, channel, expires, release }: ManifestParts): UpdateManifest {
  if (previous !== null && previous.channel !== channel)
    throw new Error(`The list that is there is of ${previous.channel}, not of ${channel}`);
  const others = (previous?.releases ?? []).filter(({ version }) => version !== release?.version);
  return updateManifestSchema.parse({
    ...{ schema: 1, program: 'autogit', channel },
    sequence: (previous?.sequence ?? 0) + 1,
    expires: new Date(expires).toISOString(),
    releases: [...(release === null ? [] : [release]), ...others].toSorted(byNewest),
  });
}
