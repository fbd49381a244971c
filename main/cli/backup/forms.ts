// How the command line takes places of backups: fields one by one, and what is secret from a question or standard input.
import { z } from 'zod';
import { backupRequests } from '../../contract/requests/backup.ts';
import { backupTargetSchema, targetKinds, targetNameSchema } from '../../model/backup/target.ts';

const text = z.string().min(1).max(4096).optional();

/** Every field of every kind; which belong together the core says. */
const placeFields = {
  name: targetNameSchema.optional(),
  kind: z.enum(targetKinds).optional().describe('what kind of place it is'),
  path: text.describe('folder; of s3 and rclone: in the bucket or remote'),
  label: text.describe('usb: the label of the disk'),
  onPlugIn: z.boolean().optional().describe('usb: back up as soon as it is plugged in'),
  host: text.describe('sftp: the machine'),
  port: z.int().min(1).max(65_535).optional().describe('sftp: its port'),
  user: text.describe('sftp: who signs in there'),
  hostKey: text.describe('sftp: its key, as `backup test-target` shows it'),
  endpoint: text.describe('s3: the address of the service'),
  bucket: text.describe('s3: the bucket'),
  region: text.describe('s3: its region'),
  remote: text.describe('rclone: the remote of its own settings'),
};
const password = z
  .boolean()
  .default(false)
  .describe('asks for the password of the repository, or takes it from standard input');

export const testTargetForm = z.strictObject({
  ...placeFields,
  target: backupTargetSchema.optional().describe('the place as JSON, in place of its fields'),
});

export const addTargetForm = z.strictObject({
  ...testTargetForm.shape,
  password,
  dryRun: backupRequests['backup.add-target'].input.shape.dryRun,
});

export const findForm = z.strictObject({
  ...placeFields,
  place: backupTargetSchema.optional().describe('the place as JSON, in place of its fields'),
  password,
});

/** Names of the fields that make a place. */
export const placeFieldNames: readonly string[] = Object.keys(placeFields);

const secret = { secrets: true, password: true } as const;
export const planRestoreForm = backupRequests['backup.plan-restore'].input.omit(secret).extend({ password });
export const restoreForm = backupRequests['backup.restore'].input.omit(secret).extend({ password });
