// Requests about backups: where they are kept, when they are made, whether they still restore, and the way back.
import { z } from 'zod';
import {
  backupProgressSchema,
  backupRecordSchema,
  backupRunSchema,
  targetStateSchema,
} from '../../model/backup/backup.ts';
import { backupParts } from '../../model/backup/manifest.ts';
import { backupTargetSchema, targetNameSchema } from '../../model/backup/target.ts';
import { keepRules, keptSchema, nextRunSchema, quiesceSchema, restorePlanSchema } from '../backup-fields.ts';
import { command, dryRun, nothing, outcomeSchema, query, stream } from '../define.ts';
import { issueSchema } from '../snapshot.ts';
import { instant } from '../stack-fields.ts';

const wait = z.boolean().default(true).describe('answer only when it has ended');
const id = z.string().min(4).max(100).describe('a backup: its id, or the first characters of it; `newest`');
const targets = z
  .array(targetNameSchema)
  .max(20)
  .optional()
  .describe('only at these targets; without it, at all');
const secrets = z
  .record(z.string().max(40), z.string().max(16_384))
  .optional()
  .describe('what the place asks for: `ssh-key`, `access-key-id`, `secret-access-key`');

/** Commands that begin a run. */
const runOutcomeSchema = outcomeSchema.extend({ run: z.int().nullable() });

const restoreWish = {
  backup: id.default('newest'),
  target: targetNameSchema.optional().describe('from this target; without it, the first that has it'),
  parts: z
    .array(z.enum(backupParts))
    .min(1)
    .max(backupParts.length)
    .optional()
    .describe('only these parts; without it, all'),
  project: z.string().max(255).optional().describe('only the repository of this project, as a bare one'),
  to: z.string().max(4096).optional().describe('into this new folder, to look at; nothing else is changed'),
  withoutSafety: z
    .boolean()
    .default(false)
    .describe('back up nothing that is here first: there is no way back'),
};

/** A place that no settings know yet: for the first run of an empty machine. */
const place = {
  place: backupTargetSchema.optional().describe('from this place, which need not be among the targets'),
  secrets,
  password: z
    .string()
    .max(1_000)
    .optional()
    .describe('the twelve words of the recovery sheet; without it, the ones kept here'),
};

export const backupRequests = {
  'backup.show': query({
    summary: 'How it stands with backups: targets, last and next runs, when one was last proven',
    input: nothing,
    output: z.object({
      sentence: z.string(),
      /** How restic is run: `restic 0.18.1, installed`; or why it is not. */
      engine: z.object({
        version: z.string().nullable(),
        runs: z.enum(['program', 'image']).nullable(),
        words: z.string(),
      }),
      targets: z.array(targetStateSchema.extend({ target: backupTargetSchema, place: z.string() })),
      next: z.array(nextRunSchema),
      runs: z.array(backupRunSchema),
      progress: backupProgressSchema.nullable(),
      lastBackupAt: instant.nullable(),
      lastProvenAt: instant.nullable(),
      lastProvenMs: z.int().nullable(),
      /** Somebody has confirmed that the recovery sheet is kept. */
      sheetKeptAt: instant.nullable(),
      /** What is stopped or not while a backup is made, in order. */
      order: z.array(quiesceSchema),
      issues: z.array(issueSchema),
    }),
    cli: { path: ['backup', 'show'], examples: ['autogit backup show', 'autogit backup show --json'] },
  }),
  'backup.list': query({
    summary: 'Backups that are kept, newest first, with size and proof',
    input: z.strictObject({
      target: targetNameSchema.optional().describe('only at this target'),
      fresh: z.boolean().default(false).describe('ask the repositories anew, instead of what was seen last'),
    }),
    output: z.object({ backups: z.array(backupRecordSchema) }),
    cli: {
      path: ['backup', 'list'],
      examples: ['autogit backup list', 'autogit backup list --target nas --json'],
    },
  }),
  'backup.inspect': query({
    summary: 'What is in one backup: versions, counts, sizes, files',
    input: z.strictObject({
      backup: id,
      target: targetNameSchema.optional().describe('at this target'),
      path: z.string().max(4096).optional().describe('list what lies in this folder of it; / is its top'),
    }),
    output: z.object({
      backup: backupRecordSchema,
      parts: z.array(
        z.object({
          part: z.enum(backupParts),
          version: z.string(),
          bytes: z.number(),
          files: z.number(),
          counts: z.record(z.string(), z.number()),
        }),
      ),
      /** Of folder `path`: at most 1,000. */
      entries: z.array(z.object({ path: z.string(), folder: z.boolean(), bytes: z.number() })),
      /** There are others in the folder, which are not listed. */
      more: z.boolean(),
    }),
    cli: {
      path: ['backup', 'inspect'],
      positional: ['backup'],
      examples: ['autogit backup inspect newest', 'autogit backup inspect 2f6d1c --path gitlab'],
    },
  }),
  'backup.create': command({
    summary: 'Back up now',
    input: z.strictObject({ targets, wait, dryRun }),
    output: runOutcomeSchema,
    cli: {
      path: ['backup', 'create'],
      examples: ['autogit backup create', 'autogit backup create --targets nas'],
    },
  }),
  'backup.verify': command({
    summary: 'Check repositories and read a part of their data back',
    input: z.strictObject({
      targets,
      all: z.boolean().default(false).describe('read all data back, not a part'),
      wait,
      dryRun,
    }),
    output: runOutcomeSchema,
    cli: { path: ['backup', 'verify'], examples: ['autogit backup verify', 'autogit backup verify --all'] },
  }),
  'backup.drill': command({
    summary: 'Restore a backup to a scratch folder and prove it; nothing here is changed',
    input: z.strictObject({
      backup: id.default('newest'),
      target: targetNameSchema.optional().describe('from this target'),
      wait,
      dryRun,
    }),
    output: runOutcomeSchema,
    cli: {
      path: ['backup', 'drill'],
      examples: ['autogit backup drill', 'autogit backup drill --target nas'],
    },
  }),
  'backup.prune': command({
    summary: 'Forget backups that are no longer kept, and make room',
    input: z.strictObject({ targets, wait, dryRun }),
    output: runOutcomeSchema.extend({
      /** What goes, and what keeps the others: `backup.keep` of the settings. */
      backups: keptSchema,
    }),
    losesData: true,
    cli: {
      path: ['backup', 'prune'],
      examples: ['autogit backup prune --dry-run', 'autogit backup prune --yes'],
    },
  }),
  'backup.preview-keep': query({
    summary: 'What would go and what would stay by other rules than those of the settings; nothing is done',
    input: z.strictObject({ ...keepRules, targets }),
    output: z.object({ sentence: z.string(), backups: keptSchema }),
    cli: {
      path: ['backup', 'preview-keep'],
      examples: [
        'autogit backup preview-keep --days 7 --weekly 8',
        'autogit backup preview-keep --days 0 --last 10 --json',
      ],
    },
  }),
  'backup.watch': stream({
    summary: 'What the run in progress does, until it has ended',
    input: nothing,
    output: backupProgressSchema,
    cli: { path: ['backup', 'watch'], examples: ['autogit backup watch', 'autogit backup watch --json'] },
  }),
  'backup.cancel': command({
    summary: 'Stop the run in progress; what was kept before stays',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: {
      path: ['backup', 'cancel'],
      examples: ['autogit backup cancel', 'autogit backup cancel --dry-run'],
    },
  }),
  'backup.plan-restore': query({
    hasSecrets: true,
    summary: 'What a restore would replace, and whether it can succeed; nothing is done',
    input: z.strictObject({ ...restoreWish, ...place }),
    output: restorePlanSchema,
    cli: {
      path: ['backup', 'plan-restore'],
      positional: ['backup'],
      examples: ['autogit backup plan-restore', 'autogit backup plan-restore newest --parts gitlab'],
    },
  }),
  'backup.restore': command({
    summary: 'Restore a backup, whole or in part, here or to a folder to look at',
    input: z.strictObject({
      ...restoreWish,
      ...place,
      plan: z.string().max(100).optional().describe('hash of the plan that somebody has agreed to'),
      wait,
      dryRun,
    }),
    output: runOutcomeSchema.extend({ plan: restorePlanSchema.nullable() }),
    losesData: true,
    cli: {
      path: ['backup', 'restore'],
      positional: ['backup'],
      examples: ['autogit backup restore --dry-run', 'autogit backup restore newest --to /tmp/look --yes'],
    },
  }),
  'backup.targets': query({
    summary: 'Places where backups are kept, with their space',
    input: z.strictObject({ fresh: z.boolean().default(false).describe('look at them anew') }),
    output: z.object({
      targets: z.array(targetStateSchema.extend({ target: backupTargetSchema, place: z.string() })),
      /** Disks that are plugged in, by label. */
      disks: z.array(z.object({ label: z.string(), path: z.string() })),
    }),
    cli: {
      path: ['backup', 'targets'],
      examples: ['autogit backup targets', 'autogit backup targets --fresh'],
    },
  }),
  'backup.test-target': query({
    hasSecrets: true,
    summary: 'Whether a place can keep backups; nothing is written there',
    input: z.strictObject({ target: backupTargetSchema.describe('the place'), secrets }),
    output: z.object({
      good: z.boolean(),
      state: z.enum(['ready', 'new', 'absent', 'failing']),
      sentence: z.string(),
      next: z.string().nullable(),
      freeBytes: z.number().nullable(),
      /** Of an SFTP host whose key is not given or differs: the keys it shows, to compare. */
      hostKeys: z.array(z.object({ line: z.string(), fingerprint: z.string() })),
    }),
    cli: {
      path: ['backup', 'test-target'],
      examples: [
        `autogit backup test-target --target '{"name":"nas","kind":"folder","path":"/mnt/nas/lab"}'`,
        `autogit backup test-target --json --target '{"name":"usb","kind":"usb","label":"BACKUP"}'`,
      ],
    },
  }),
  'backup.add-target': command({
    summary: 'Keep backups at another place; makes the repository, or opens the one that is there',
    input: z.strictObject({
      target: backupTargetSchema.describe('the place'),
      secrets,
      password: z
        .string()
        .max(1_000)
        .optional()
        .describe('of a repository that is there already, where it is not the password of this home'),
      dryRun,
    }),
    output: outcomeSchema,
    cli: {
      path: ['backup', 'add-target'],
      examples: [
        `autogit backup add-target --target '{"name":"nas","kind":"folder","path":"/mnt/nas/lab"}'`,
        `autogit backup add-target --dry-run --target '{"name":"usb","kind":"usb","label":"BACKUP"}'`,
      ],
    },
  }),
  'backup.remove-target': command({
    summary: 'Keep no more backups at a place; what is there stays',
    input: z.strictObject({ name: targetNameSchema, dryRun }),
    output: outcomeSchema,
    cli: {
      path: ['backup', 'remove-target'],
      positional: ['name'],
      examples: ['autogit backup remove-target nas', 'autogit backup remove-target nas --dry-run'],
    },
  }),
  'backup.schedule': command({
    summary: 'Set, add or remove a schedule',
    input: z.strictObject({
      name: targetNameSchema,
      when: z
        .string()
        .max(120)
        .optional()
        .describe('"daily at 02:00", "weekdays at 1:30", or five fields of cron'),
      targets,
      on: z.boolean().optional().describe('whether it is followed'),
      remove: z.boolean().default(false).describe('remove it'),
      dryRun,
    }),
    output: outcomeSchema.extend({
      words: z.string(),
      next: z.string().nullable(),
      nextRuns: z.array(instant),
    }),
    cli: {
      path: ['backup', 'schedule'],
      positional: ['name', 'when'],
      examples: [
        'autogit backup schedule nightly "daily at 02:00"',
        'autogit backup schedule nightly --remove',
      ],
    },
  }),
  'backup.sheet': query({
    hasSecrets: true,
    summary: 'The recovery sheet: the twelve words and where the backups are; without it nobody can restore',
    input: nothing,
    output: z.object({
      /** `null`: there is no password yet, as there is no target. */
      words: z.array(z.string()).nullable(),
      /** Rows of a QR code of the words and places, '1' for dark. */
      qr: z.array(z.string()),
      home: z.string(),
      machine: z.string(),
      targets: z.array(z.object({ name: z.string(), kind: z.string(), place: z.string() })),
      /** How to restore with nothing but restic and these words, line by line. */
      withoutAutogit: z.array(z.string()),
      keptAt: instant.nullable(),
    }),
    cli: { path: ['backup', 'sheet'], examples: ['autogit backup sheet', 'autogit backup sheet --json'] },
  }),
  'backup.preview-when': query({
    summary: 'What a rule in time means, and when it comes next',
    input: z.strictObject({ when: z.string().max(120).describe('words, or five fields of cron') }),
    output: z.object({ words: z.string(), nextRuns: z.array(instant), problem: z.string().nullable() }),
    cli: {
      path: ['backup', 'preview-when'],
      positional: ['when'],
      examples: [
        'autogit backup preview-when "weekdays at 01:30"',
        'autogit backup preview-when "0 2 * * *"',
      ],
    },
  }),
  'backup.find': query({
    hasSecrets: true,
    summary: 'Backups in a place that no settings know yet, for a restore on an empty machine',
    input: z.strictObject({ ...place, place: backupTargetSchema.describe('the place to look at') }),
    output: z.object({ backups: z.array(backupRecordSchema) }),
    cli: {
      path: ['backup', 'find'],
      examples: [
        `autogit backup find --place '{"name":"nas","kind":"folder","path":"/mnt/nas/lab"}'`,
        `autogit backup find --json --place '{"name":"usb","kind":"usb","label":"BACKUP"}'`,
      ],
    },
  }),
  'backup.sheet-kept': command({
    summary: 'Confirm that the recovery sheet is kept, by two of its words',
    input: z.strictObject({
      words: z
        .record(z.string().regex(/^(?:[1-9]|1[0-2])$/), z.string().max(40))
        .describe('words by their number, at least two: {"3":"…","11":"…"}'),
      dryRun,
    }),
    output: outcomeSchema,
    cli: {
      path: ['backup', 'sheet-kept'],
      examples: [
        `autogit backup sheet-kept --words '{"3":"…","11":"…"}'`,
        `autogit backup sheet-kept --dry-run --words '{"1":"…","2":"…"}'`,
      ],
    },
  }),
};
