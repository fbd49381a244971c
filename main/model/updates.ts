// Updates: what a signed manifest lists, which keys may sign one, and which of two versions is newer.
import { z } from 'zod';

/** Which releases a home wants to hear of. */
export const updateChannels = ['stable', 'beta'] as const;
export type UpdateChannel = (typeof updateChannels)[number];

/** How this program came onto the machine, which is also what an update has to be. */
export const installKinds = [
  'deb',
  'deb-headless',
  'rpm',
  'appimage',
  'nsis',
  'dmg',
  'zip',
  'source',
] as const;
export type InstallKind = (typeof installKinds)[number];

/** Bytes of a manifest: a hundred releases with long words have a fifth of it. */
export const longestManifest = 1_048_576;

const part = '(?:0|[1-9]\\d{0,8})';
/** https://semver.org without build metadata, which says nothing about which is newer. */
const versionPattern = new RegExp(
  `^(${part})\\.(${part})\\.(${part})(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+){0,9}))?$`,
);

const versionSchema = z.string().max(80).regex(versionPattern);

/**
 * A package. Kind and processor are words and no lists: one that an older program does not know is none for it, and the
 * rest of the manifest still counts.
 */
export const updateFileSchema = z.object({
  kind: z.string().regex(/^[a-z][a-z-]{1,30}$/),
  /** As Node names processors: `x64`, `arm64`. */
  arch: z.string().regex(/^[a-z0-9_]{1,20}$/),
  /** Beside the manifest. A name and never a path. */
  name: z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._~+-]*$/),
  size: z.int().min(1).max(4_294_967_296),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export const updateReleaseSchema = z.object({
  version: versionSchema,
  date: z.iso.date(),
  /** Text for people; nothing in it is markup. */
  changelog: z.string().max(65_536),
  /** The oldest version from which it may be installed; `null`: any. */
  from: versionSchema.nullable(),
  files: z.array(updateFileSchema).max(100),
});

export const updateManifestSchema = z.object({
  schema: z.literal(1),
  program: z.literal('autogit'),
  channel: z.string().regex(/^[a-z]{1,20}$/),
  /** Grows with every manifest that is signed: an older one is never taken again. */
  sequence: z.int().min(1).max(1_000_000_000),
  /** After it the manifest says nothing any more: whoever withholds news cannot do so for long. */
  expires: z.iso.datetime(),
  releases: z
    .array(updateReleaseSchema)
    .max(200)
    .refine((all) => new Set(all.map(({ version }) => version)).size === all.length, {
      message: 'two releases have the same version',
    }),
});

/** Beside the manifest: what each key says about its bytes. */
export const updateSignaturesSchema = z.object({
  signatures: z
    .array(
      z.object({
        key: z.string().regex(/^[0-9a-f]{16}$/),
        /** Ed25519 over the bytes of the manifest as they are; base64. */
        signature: z.base64().max(100),
      }),
    )
    .max(10),
});

export type UpdateFile = Readonly<z.infer<typeof updateFileSchema>>;
export type UpdateRelease = Readonly<z.infer<typeof updateReleaseSchema>>;
export type UpdateManifest = Readonly<z.infer<typeof updateManifestSchema>>;

/** A key whose signature counts. */
export interface UpdateKey {
  /** The first 16 digits of the SHA-256 of the key (DER), in hex. */
  readonly id: string;
  /** Its public half as SubjectPublicKeyInfo (DER), in base64: `openssl pkey -pubout -outform DER | base64`. */
  readonly publicKey: string;
}

/** The highest manifest that was ever taken, of one channel. */
export interface SeenManifest {
  readonly channel: string;
  readonly sequence: number;
  /** SHA-256 of its bytes, hex. */
  readonly digest: string;
}

interface VersionParts {
  readonly numbers: readonly number[];
  /** Empty: no release before a release. */
  readonly before: readonly string[];
}

function partsOf(version: string): VersionParts | null {
  const found = versionPattern.exec(version);
  if (found === null) return null;
  const [, major, minor, patch, before] = found;
  return { numbers: [major, minor, patch].map(Number), before: before?.split('.') ?? [] };
}

/** https://semver.org/#spec-item-11: numbers as numbers, and below words. */
function compareWords(a: string, b: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOther) return a.length === b.length ? compareTexts(a, b) : a.length - b.length;
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return compareTexts(a, b);
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function compareParts(a: VersionParts, b: VersionParts): number {
  for (const [at, number] of a.numbers.entries()) {
    const difference = number - (b.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (a.before.length === 0 || b.before.length === 0) return b.before.length - a.before.length;
  for (const [at, word] of a.before.entries()) {
    const other = b.before[at];
    if (other === undefined) return 1;
    const difference = compareWords(word, other);
    if (difference !== 0) return difference;
  }
  return a.before.length - b.before.length;
}

/** Whether the first is a later version than the second. What is no version is never newer, and nothing is newer than it. */
export function isNewer(version: string, than: string): boolean {
  const [a, b] = [partsOf(version), partsOf(than)];
  return a !== null && b !== null && compareParts(a, b) > 0;
}

/** For sorting, the newest first; what is no version comes last. */
export function byNewest(a: { readonly version: string }, b: { readonly version: string }): number {
  const [first, second] = [partsOf(a.version), partsOf(b.version)];
  if (first === null || second === null) return Number(first === null) - Number(second === null);
  return compareParts(second, first);
}
