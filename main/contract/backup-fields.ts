// What requests about backups answer with: what is away for it, what comes next, and the plan of a restore.
import { z } from 'zod';
import { backupRecordSchema, backupSteps } from '../model/backup/backup.ts';
import { backupParts } from '../model/backup/manifest.ts';
import { keepSchema } from '../model/backup/settings.ts';
import type { Keep } from '../model/backup/settings.ts';
import { issueSchema } from './snapshot.ts';
import { instant } from './stack-fields.ts';

/** A part of a backup, and what gathering it costs. */
export const quiesceSchema = z.object({
  part: z.enum(backupParts),
  /** What is done, in a sentence. */
  how: z.string(),
  /** For how long something is away, in seconds; 0: nothing is. */
  awaySeconds: z.number(),
});

/** What a schedule begins next. */
export const nextRunSchema = z.object({
  verb: z.enum(['create', 'verify', 'drill', 'prune']),
  schedule: z.string().nullable(),
  /** In words: `daily at 02:00`. */
  words: z.string(),
  at: instant,
});

/** Of `backups.keep`, to try another one: without it, the one of the settings. */
function keepRule(name: keyof Keep) {
  const rule = keepSchema.shape[name];
  return rule
    .unwrap()
    .optional()
    .describe(rule.description ?? '');
}

export const keepRules = {
  ...{ last: keepRule('last'), days: keepRule('days'), daily: keepRule('daily') },
  ...{ weekly: keepRule('weekly'), monthly: keepRule('monthly'), yearly: keepRule('yearly') },
};

/** What keeps each backup; nothing: it goes. */
export const keptSchema = z.array(z.object({ backup: backupRecordSchema, kept: z.array(z.string()) }));

/** One change that a restore would make, with what is there now. */
const restoreChangeSchema = z.object({
  part: z.enum(backupParts),
  /** `settings.yaml`, `projects`, `GitLab`. */
  what: z.string(),
  /** What is there now; '' for nothing. */
  now: z.string(),
  /** What is there afterwards. */
  then: z.string(),
  change: z.enum(['create', 'replace', 'same', 'keep']),
});

/** What a restore would do, before anything is done. */
export const restorePlanSchema = z.object({
  backup: backupRecordSchema,
  /** Agreed to by `backup.restore`. */
  hash: z.string(),
  parts: z.array(z.enum(backupParts)),
  /** Folder it is restored to, to look at; `null`: this machine. */
  to: z.string().nullable(),
  changes: z.array(restoreChangeSchema),
  /** Steps in order, each in a sentence. */
  steps: z.array(z.object({ step: z.enum(backupSteps), words: z.string() })),
  /** Whether what is there now is backed up first. */
  safety: z.boolean(),
  /** What is there is replaced with no way back, because it was asked for so. */
  withoutSafety: z.boolean().default(false),
  /** Of GitLab, where one is restored. `stops`: of an upgrade afterwards; `words`: what happens. */
  versions: z
    .object({
      backup: z.string(),
      now: z.string(),
      installs: z.string().nullable(),
      stops: z.array(z.string()),
      words: z.string(),
    })
    .nullable()
    .default(null),
  /** For how long GitLab is away, in seconds; `null`: nobody knows. */
  awaySeconds: z.number().nullable(),
  /** What stands against it (`error`) or is worth knowing. */
  issues: z.array(issueSchema),
});
