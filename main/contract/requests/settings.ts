// Requests about the settings file.
import { z } from 'zod';
import { command, dryRun, nothing, outcomeSchema, query } from '../define.ts';

const problemsSchema = z.array(z.object({ path: z.string(), line: z.int().nullable(), message: z.string() }));

const impactSchema = z.enum(['none', 'restart', 'data-loss']);

/** One setting: what it is, what it is here, and what a change of it leads to. */
export const settingSchema = z.object({
  /** `log.level`; of any pool `pools.NAME.max`, told once for all pools. */
  path: z.string(),
  /** The first word of the path. */
  group: z.string(),
  kind: z.enum(['text', 'integer', 'number', 'boolean', 'choice', 'list', 'map', 'group']),
  /** The only values, or the only items of a list; empty: no such list. */
  choices: z.array(z.string()),
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  nullable: z.boolean(),
  /** `s` or `MiB` */
  unit: z.string().nullable(),
  description: z.string(),
  /** What it takes, in words. */
  allowed: z.string(),
  /** Missing: it has to be given. */
  default: z.unknown().optional(),
  /** In force. Missing: it does not apply, or is one of every pool. */
  value: z.unknown().optional(),
  /** False while another setting makes it meaningless. */
  applies: z.boolean(),
  /** `gitlab.kind is server`; `null`: always. */
  when: z.string().nullable(),
  isDefault: z.boolean(),
  /** In the file, from 1; `null`: it is not there. */
  line: z.int().nullable(),
  impact: impactSchema,
  /** What a change leads to, one sentence. */
  effect: z.string(),
});

export type SettingView = z.infer<typeof settingSchema>;

export const settingsRequests = {
  'settings.show': query({
    summary: 'The settings in force, defaults included',
    input: nothing,
    output: z.object({
      file: z.string(),
      settings: z.record(z.string(), z.unknown()),
      problems: problemsSchema,
    }),
    cli: { path: ['settings', 'show'], examples: ['autogit settings show', 'autogit settings show --json'] },
  }),
  'settings.validate': query({
    summary: 'Check a settings file without using it',
    input: z.strictObject({
      text: z.string().max(1_048_576).optional().describe('the text to check instead of the file in force'),
    }),
    output: z.object({
      valid: z.boolean(),
      problems: problemsSchema,
    }),
    cli: {
      path: ['settings', 'validate'],
      examples: ['autogit settings validate', 'autogit settings validate --json'],
    },
  }),
  'settings.describe': query({
    summary: 'Every setting: its value, its default, what it takes, what it does, and what a change leads to',
    input: z.strictObject({
      search: z.string().max(200).optional().describe('only those with these words in name or description'),
    }),
    output: z.object({
      file: z.string(),
      /** Of the file as it was read; `settings.change` takes it, so that nobody overwrites what they have not seen. */
      seen: z.string(),
      problems: problemsSchema,
      /** Why the file is not in force or cannot be written; `null`: it is and can be. */
      issue: z.object({ key: z.string(), message: z.string(), next: z.string() }).nullable(),
      /** What the first words of paths are about, in the order of the file. */
      groups: z.array(z.object({ path: z.string(), description: z.string() })),
      settings: z.array(settingSchema),
    }),
    cli: {
      path: ['settings', 'list'],
      positional: ['search'],
      examples: ['autogit settings list', 'autogit settings list gitlab --json'],
    },
  }),
  'settings.change': command({
    summary: 'Change one setting in the file, or with the value none take its default again',
    input: z.strictObject({
      path: z.string().min(1).max(300).describe('the setting, as in log.level or pools.default.max'),
      value: z
        .union([
          z.string().max(65_536),
          z.number(),
          z.boolean(),
          z.array(z.unknown()).max(10_000),
          z.record(z.string(), z.unknown()),
          z.null(),
        ])
        .describe('the new value, written as in the file; none: the default'),
      seen: z
        .string()
        .max(64)
        .optional()
        .describe('only if the file is still the one of which settings list has told this mark'),
      forget: z
        .boolean()
        .default(false)
        .describe('change it also where AutoGit then forgets jobs and runner entries'),
      dryRun,
    }),
    output: outcomeSchema.required({ changes: true }),
    losesData: 'forget',
    cli: {
      path: ['settings', 'set'],
      positional: ['path', 'value'],
      examples: ['autogit settings set log.level debug', 'autogit settings set log.level none --dry-run'],
    },
  }),
};
