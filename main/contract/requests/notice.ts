// Requests about notices: what a person is told without asking, when it is told, and what can be done about it at once.
import { z } from 'zod';
import { muteKinds, muteSchema, noticeActions, noticeChanges, noticeSchema } from '../../model/notice.ts';
import { command, dryRun, outcomeSchema, query, stream } from '../define.ts';

const id = z.int().min(1).describe('its number, as notice list has it');

/** One day: who wants it off for longer switches it off. */
const longestMute = 1_440;

export const noticeRequests = {
  'notice.list': query({
    summary: 'What AutoGit has told, and what it kept to itself, the newest first',
    input: z.strictObject({
      open: z.boolean().default(false).describe('only those whose matter goes on'),
      limit: z.int().min(1).max(500).default(100).describe('at most so many'),
    }),
    output: z.object({
      notices: z.array(noticeSchema),
      /** Kinds that say nothing for a while. */
      mutes: z.array(muteSchema),
      /** Of all that are kept. */
      unread: z.int(),
    }),
    cli: {
      path: ['notice', 'list'],
      examples: ['autogit notice list', 'autogit notice list --open --json'],
    },
  }),
  'notice.watch': stream({
    summary: 'Notices as they come, change and end',
    input: z.strictObject({
      past: z
        .int()
        .min(0)
        .max(500)
        .default(0)
        .describe('first so many of those that there are, as updates that disturb nobody'),
    }),
    output: z.object({
      change: z.enum(noticeChanges),
      notice: noticeSchema,
      /** Nobody is to be disturbed by this change. */
      isSilent: z.boolean(),
    }),
    cli: {
      path: ['notice', 'watch'],
      examples: ['autogit notice watch', 'autogit notice watch --past 20 --json'],
    },
  }),
  'notice.read': command({
    summary: 'Take a notice as read, or all of them',
    input: z.strictObject({ id: id.optional(), dryRun }),
    output: outcomeSchema,
    cli: {
      path: ['notice', 'read'],
      positional: ['id'],
      examples: ['autogit notice read 12', 'autogit notice read'],
    },
  }),
  'notice.mute': command({
    summary: 'Keep notices to the history for a while: all, or those of one kind',
    input: z.strictObject({
      kind: z.enum(muteKinds).default('all').describe('only of this kind'),
      minutes: z
        .int()
        .min(0)
        .max(longestMute)
        .default(60)
        .describe('for so long from now; 0: they are shown again'),
      dryRun,
    }),
    output: outcomeSchema.extend({ mutes: z.array(muteSchema) }),
    cli: {
      path: ['notice', 'mute'],
      positional: ['kind'],
      examples: ['autogit notice mute', 'autogit notice mute job-spike --minutes 240'],
    },
  }),
  'notice.act': command({
    summary: 'Do what a notice offers: mute its kind, or give its pool one more runner',
    input: z.strictObject({
      id,
      action: z.enum(noticeActions).describe('as the notice lists them'),
      dryRun,
    }),
    output: outcomeSchema.extend({
      /** Of `open`: the address of the page, as it stands behind the `#`. */
      route: z.string().nullable(),
    }),
    cli: {
      path: ['notice', 'act'],
      positional: ['id', 'action'],
      examples: ['autogit notice act 12 mute', 'autogit notice act 12 add-runner --dry-run'],
    },
  }),
  'notice.test': command({
    summary: 'Send a notice that says nothing, to see that notices come',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema.extend({ notice: noticeSchema.nullable() }),
    cli: { path: ['notice', 'test'], examples: ['autogit notice test', 'autogit notice test --json'] },
  }),
};
