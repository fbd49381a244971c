// What a person wants to be told, and when: a part of the settings.
import { z } from 'zod';
import type { NoticeKind } from './notice.ts';

/** How much more than usual has to wait before it counts as a spike. */
export const spikeLevels = ['calm', 'normal', 'keen'] as const;
export type SpikeLevel = (typeof spikeLevels)[number];

const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day like 07:30');

const kindWords: { readonly [K in NoticeKind]: string } = {
  'job-spike': 'Many more jobs wait than usual at this time of day.',
  'job-failed': 'A job failed.',
  gpu: 'A graphics card is not well.',
  disk: 'A disk is nearly full, or cannot be written.',
  certificate: 'A certificate runs out soon, or was not renewed.',
  backup: 'A backup failed, or is overdue.',
  restarts: 'Something ends again and again right after its start.',
  engine: 'The container engine does not answer.',
  gitlab: 'GitLab has not answered for five minutes.',
  update: 'There is a newer AutoGit.',
};

function kindSwitch(kind: NoticeKind) {
  return z.boolean().default(true).describe(kindWords[kind]);
}

const kindsSchema = z.strictObject({
  'job-spike': kindSwitch('job-spike'),
  'job-failed': kindSwitch('job-failed'),
  gpu: kindSwitch('gpu'),
  disk: kindSwitch('disk'),
  certificate: kindSwitch('certificate'),
  backup: kindSwitch('backup'),
  restarts: kindSwitch('restarts'),
  engine: kindSwitch('engine'),
  gitlab: kindSwitch('gitlab'),
  update: kindSwitch('update'),
} satisfies { readonly [K in NoticeKind]: z.ZodType<boolean, boolean | undefined> });

const allKinds = kindsSchema.parse({});

const quietSchema = z.strictObject({
  on: z.boolean().default(false).describe('Whether there are quiet hours.'),
  from: timeOfDay.default('22:00').describe("When they begin, by this machine's clock, such as 22:00."),
  to: timeOfDay.default('07:00').describe('When they end; before or at from: on the next day.'),
});

const noQuiet = quietSchema.parse({});

export const noticeSettingsSchema = z.strictObject({
  kinds: kindsSchema
    .default(allKinds)
    .describe('What is shown as a notification. What is off still stands in the history.'),
  quietHours: quietSchema
    .default(noQuiet)
    .describe('Hours in which nothing is shown; what still goes on when they end is shown then.'),
  jobs: z
    .enum(['all', 'mine'])
    .default('all')
    .describe('Whose failed jobs are told: all of them, or those that one person started.'),
  person: z
    .string()
    .trim()
    .min(1)
    .max(255)
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, 'a name without control characters')
    .nullable()
    .default(null)
    .describe('Who that is, by the name at GitLab; null: the one whose token AutoGit has.'),
  spike: z
    .enum(spikeLevels)
    .default('normal')
    .describe('How soon waiting jobs count as a spike: calm tells later, keen tells sooner.'),
});

export type NoticeSettings = z.infer<typeof noticeSettingsSchema>;

/** What a new home has; also what `notices` is by default. */
export const defaultNoticeSettings: NoticeSettings = noticeSettingsSchema.parse({});
