// When backups are made, how long they are kept, and how it is seen that they still restore: a part of the settings.
import { z } from 'zod';
import { backupTargetSchema, targetNameSchema } from './target.ts';

/** Five fields of cron, or words like `daily at 02:00`; `plan/backups/when.ts` reads them. */
const when = z.string().trim().min(1).max(120);

export const keepSchema = z.strictObject({
  last: z.int().min(0).max(10_000).default(0).describe('The newest ones, whatever their age.'),
  days: z.int().min(0).max(36_500).default(30).describe('All that are younger than so many days.'),
  daily: z.int().min(0).max(10_000).default(0).describe('The last of each of so many days.'),
  weekly: z.int().min(0).max(10_000).default(0).describe('The last of each of so many weeks.'),
  monthly: z.int().min(0).max(10_000).default(0).describe('The last of each of so many months.'),
  yearly: z.int().min(0).max(10_000).default(0).describe('The last of each of so many years.'),
});
export type Keep = z.infer<typeof keepSchema>;

export const scheduleSchema = z.strictObject({
  name: targetNameSchema,
  when: when.describe('When, as five fields of cron or in words such as "daily at 02:00".'),
  on: z.boolean().default(true).describe('Whether it is followed.'),
  targets: z.array(targetNameSchema).max(20).default([]).describe('To these places; none: to all.'),
});
export type BackupSchedule = z.infer<typeof scheduleSchema>;

const nightly = scheduleSchema.parse({ name: 'nightly', when: 'daily at 02:00' });
const limitsSchema = z.strictObject({
  uploadKiB: z
    .int()
    .min(0)
    .max(10_000_000)
    .default(0)
    .describe('KiB per second that are sent; 0: as fast as it goes.'),
  downloadKiB: z
    .int()
    .min(0)
    .max(10_000_000)
    .default(0)
    .describe('KiB per second that are fetched; 0: as fast as it goes.'),
  nice: z
    .int()
    .min(0)
    .max(19)
    .default(19)
    .describe(
      'How far it steps back behind other programs, jobs first of all: 0 not at all; with 19 restic gets what nothing else wants.',
    ),
});

function unique(items: readonly { readonly name: string }[]): boolean {
  return new Set(items.map(({ name }) => name)).size === items.length;
}

export const backupSettingsSchema = z.strictObject({
  targets: z
    .array(backupTargetSchema)
    .max(20)
    .refine(unique, { message: 'two targets have the same name' })
    .default([])
    .describe('Where backups are kept. None: nothing is backed up.'),
  schedules: z
    .array(scheduleSchema)
    .max(50)
    .refine(unique, { message: 'two schedules have the same name' })
    .default([nightly])
    .describe('When backups are made.'),
  timezone: z
    .string()
    .max(64)
    .nullable()
    .default(null)
    .describe("The time zone of all schedules, such as Europe/Berlin; null: this machine's."),
  jitterMinutes: z
    .int()
    .min(0)
    .max(360)
    .default(5)
    .describe('A backup begins up to so many minutes later, so that not all machines begin at once.'),
  waitForJobs: z.boolean().default(false).describe('Wait until no job runs, for six hours at most.'),
  beforeUpgrades: z.boolean().default(true).describe('Back up before a service of the stack is upgraded.'),
  keep: keepSchema
    .default(keepSchema.parse({}))
    .describe('Which backups are kept; one that any of these keeps stays.'),
  prune: when.default('weekly on Sunday at 05:00').describe('When room is made of what is no longer kept.'),
  verify: when
    .default('weekly on Saturday at 04:00')
    .describe('When repositories are checked, with a part of the data read back.'),
  verifyPercent: z
    .int()
    .min(1)
    .max(100)
    .default(10)
    .describe('How much of the data is read back each time, in percent; another part each time.'),
  drill: when
    .default('weekly on Wednesday at 04:00')
    .describe('When the newest backup is restored to a scratch folder, to prove that it can be.'),
  image: z
    .string()
    .min(1)
    .max(500)
    .nullable()
    .default(null)
    .describe(
      'An image of restic to use in place of the pinned one, where no restic is installed; null: the pinned one.',
    ),
  limits: limitsSchema
    .default(limitsSchema.parse({}))
    .describe('What backups may take of network and processor.'),
});
export type BackupSettings = z.infer<typeof backupSettingsSchema>;

/** What a new home has. */
export const defaultBackupSettings: BackupSettings = backupSettingsSchema.parse({});
