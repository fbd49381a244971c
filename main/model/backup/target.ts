// Where backups are kept: a restic repository in a folder, on a disk that comes and goes, or on another machine.
import { z } from 'zod';

/** As it stands in settings, on the command line and in secrets. */
export const targetNameSchema = z
  .string()
  .max(40)
  .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/, 'a name of small letters, digits and `-`')
  .describe('By which it is called.');

const folder = z
  .string()
  .max(4096)
  .regex(/^\/[^\p{C}]*[^\p{C}/]$/u, 'an absolute path of a folder');

const word = (what: string) =>
  z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^\p{C}\s-][^\p{C}\s]*$/u, what);

const inside = z
  .string()
  .max(1024)
  .regex(/^(?:[^\p{C}/][^\p{C}]*)?$/u, 'a path that does not begin with `/`');

export const targetKinds = ['folder', 'usb', 'sftp', 's3', 'rclone'] as const;
export type TargetKind = (typeof targetKinds)[number];

const name = targetNameSchema;

/** One place for backups. Nothing secret is in it: passwords and keys are kept among the secrets, see `targetSecrets`. */
export const backupTargetSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    name,
    kind: z.literal('folder').describe('What kind of place it is.'),
    path: folder.describe('The folder, on another disk than the data.'),
  }),
  z.strictObject({
    name,
    kind: z.literal('usb').describe('What kind of place it is.'),
    label: word('a label of a file system').describe(
      "The disk's label, by which it is known when plugged in.",
    ),
    path: inside.default('autogit-backup').describe('The folder on the disk.'),
    onPlugIn: z.boolean().default(false).describe('Back up as soon as it is plugged in.'),
  }),
  z.strictObject({
    name,
    kind: z.literal('sftp').describe('What kind of place it is.'),
    host: word('a name or an address').describe('The machine.'),
    port: z.int().min(1).max(65_535).default(22).describe('Its port for SSH.'),
    user: word('a name').describe('Who signs in there; with a key, not a password.'),
    path: z
      .string()
      .min(1)
      .max(1024)
      .regex(/^[^\p{C}]+$/u, 'a path')
      .describe('The folder there.'),
    hostKey: z
      .string()
      .max(2_000)
      .regex(/^[a-z0-9@.-]+ [A-Za-z0-9+/=]+$/, 'a line like `ssh-ed25519 AAAA…`')
      .describe("The machine's own key, as `ssh-keyscan` shows it."),
  }),
  z.strictObject({
    name,
    kind: z.literal('s3').describe('What kind of place it is.'),
    endpoint: z
      .url({ protocol: /^https?$/ })
      .describe("The service's address, such as https://s3.eu-central-1.amazonaws.com."),
    bucket: word('a name of a bucket').describe('The bucket.'),
    path: inside.default('').describe('The folder in it; empty: the bucket itself.'),
    region: z.string().max(64).default('').describe("The bucket's region; empty: the service's own."),
  }),
  z.strictObject({
    name,
    kind: z.literal('rclone').describe('What kind of place it is.'),
    remote: word('a name of a remote').describe("A remote of rclone's own settings."),
    path: inside.default('autogit-backup').describe('The folder there.'),
  }),
]);
export type BackupTarget = z.infer<typeof backupTargetSchema>;

/** Of an SFTP host whose key nobody has accepted yet: the question for its key needs one, and this is none that it has. */
export const noHostKey = 'none AAAA';

/** What a kind of place needs besides its fields; they are kept as `backup/target/<name>/<secret>`. */
export const targetSecrets: { readonly [K in TargetKind]: readonly string[] } = {
  folder: [],
  usb: [],
  sftp: ['ssh-key'],
  s3: ['access-key-id', 'secret-access-key'],
  rclone: [],
};

/** The secret of a target. */
export function targetSecretName(target: string, secret: string): string {
  return `backup/target/${target}/${secret}`;
}

/** The one password of all repositories of a home, twelve words; the recovery sheet shows it. */
export const backupPasswordName = 'backup/password';

/** The place in a few words: `/mnt/nas/lab`, `backup@nas:/lab`. */
export function placeOf(target: BackupTarget): string {
  switch (target.kind) {
    case 'folder':
      return target.path;
    case 'usb':
      return `disk ${target.label}, ${target.path}`;
    case 'sftp':
      return `${target.user}@${target.host}:${target.path}`;
    case 's3':
      return [target.endpoint, target.bucket, ...(target.path === '' ? [] : [target.path])].join('/');
    case 'rclone':
      return `${target.remote}:${target.path}`;
  }
}
