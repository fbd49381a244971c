// The manifest of a backup: what is in it, of which versions, and the digest of every file.
import { z } from 'zod';

/** The form that this program writes; newer ones are refused. */
export const manifestVersion = 1;

/** What a backup is made of; each has a folder of its name in it. */
export const backupParts = ['home', 'sandbox', 'gitlab', 'services'] as const;
export type BackupPart = (typeof backupParts)[number];

/** Far above any lab; more is a hostile manifest. */
export const mostFiles = 5_000_000;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

/** Relative, with `/`, without `.` and `..`, without control characters; others, as in emoji, are right in names of branches. */
export const backupPathSchema = z
  .string()
  .min(1)
  .max(4096)
  .refine(
    (path) =>
      !/[\p{Cc}\p{Cs}\\]/u.test(path) &&
      path.split('/').every((name) => name !== '' && name !== '.' && name !== '..'),
    { message: 'is no path inside of a backup' },
  );

export const manifestFileSchema = z.strictObject({
  path: backupPathSchema,
  bytes: count,
  sha256,
  /** Permission bits, as `0o600`. */
  mode: z.int().min(0).max(0o7777),
});
export type ManifestFile = z.infer<typeof manifestFileSchema>;

/** Numbers by which a restore is compared: projects, users … as the part itself counts them. */
const countsSchema = z.record(z.string().max(60), count);

export const manifestPartSchema = z.strictObject({
  part: z.enum(backupParts),
  /** Version of what it was dumped from: GitLab's `19.3.3`, the sandbox's, AutoGit's own. */
  version: z.string().max(100),
  bytes: count,
  files: count,
  counts: countsSchema,
  /** For how long something was away for it, in seconds; 0: nothing. */
  awaySeconds: z.number().min(0),
});
export type ManifestPart = z.infer<typeof manifestPartSchema>;

/** `manifest.json` at the top of a backup. The digest of its bytes stands in a tag of the snapshot and in AutoGit's records. */
export const manifestSchema = z.strictObject({
  version: z.literal(manifestVersion),
  /** `2f6d…`: this backup's own name, a UUID. */
  id: z.uuid(),
  /** Milliseconds since 1970: the moment it shows. */
  at: z.int().min(0),
  autogit: z.string().max(60),
  /** Identity of the home, and the machine's name for people. */
  instance: z.string().max(100),
  machine: z.string().max(255),
  /** Which GitLab: none, the sandbox, one of a stack, or one that is elsewhere and therefore not in it. */
  gitlab: z.enum(['none', 'sandbox', 'stack', 'elsewhere']),
  /** Of a stack: images by service, with their digests, and its lab. */
  stack: z
    .strictObject({
      lab: z.string().max(100),
      data: z.string().max(4096),
      images: z.record(z.string(), z.string()),
    })
    .nullable(),
  parts: z.array(manifestPartSchema).max(backupParts.length),
  /** Digest of `files.jsonl` beside it, which has one `ManifestFile` a line. */
  filesSha256: sha256,
  files: z.int().min(0).max(mostFiles),
  bytes: count,
});
export type BackupManifest = z.infer<typeof manifestSchema>;
