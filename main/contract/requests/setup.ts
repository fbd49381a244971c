// Requests about the first set-up: what a person has answered so far, so that it can be left and come back to.
import { z } from 'zod';
import { stackAnswersSchema } from '../../model/stack/answers.ts';
import { command, dryRun, nothing, outcomeSchema, query } from '../define.ts';
import { instant } from '../stack-fields.ts';

/** The first decision: try it in the sandbox, install GitLab here, use one that is there, or bring a lab back from a backup. */
export const setupWays = ['try', 'install', 'connect', 'restore'] as const;

/** Where somebody is, in the order in which steps come; each way has some of them. */
export const setupSteps = [
  ...['start', 'try', 'connect', 'place', 'certificates', 'people', 'more', 'review', 'progress', 'end'],
  'restore',
] as const;

const line = z.string().max(1_000);

/** Answers about the stack, unfinished and as they were typed: texts, groups of them, and groups of groups. */
const leaf = z.union([z.string().max(4_096), z.number(), z.boolean(), z.null()]);
const name = z.string().max(100);
const group = z.union([leaf, z.array(leaf).max(100), z.record(name, leaf)]);
const answers = z
  .record(name, z.union([group, z.record(name, group)]))
  .refine((given) => Object.keys(given).every((key) => Object.hasOwn(stackAnswersSchema.shape, key)), {
    message: 'has an answer that nothing asks for',
  });

/** Characters; far above what a person types. */
const largestDraft = 65_536;

/** Every answer so far. There is no place for a secret in it: those go to the secrets of the home, or nowhere. */
export const setupDraftSchema = z
  .strictObject({
    way: z.enum(setupWays).nullable(),
    step: z.enum(setupSteps),
    connect: z.strictObject({ url: line, runnerUrl: line, ca: line }),
    answers,
  })
  .refine((draft) => JSON.stringify(draft).length <= largestDraft, { message: 'is longer than 64 KB' });
export type SetupDraft = z.infer<typeof setupDraftSchema>;
export type SetupStep = (typeof setupSteps)[number];
export type SetupWay = (typeof setupWays)[number];

export const setupRequests = {
  'setup.show': query({
    summary: 'How far the first set-up has got: the answers that were kept, and when',
    input: nothing,
    output: z.object({
      /** `null`: nobody has begun, or somebody has finished. */
      draft: setupDraftSchema.nullable(),
      keptAt: instant.nullable(),
    }),
    cli: { path: ['setup', 'show'], examples: ['autogit setup show', 'autogit setup show --json'] },
  }),
  'setup.keep': command({
    summary: 'Keep the answers of the first set-up for later; nothing else is changed',
    input: z.strictObject({
      draft: setupDraftSchema.describe('every answer so far, as setup show has them'),
      dryRun,
    }),
    output: outcomeSchema,
    isAudited: false,
    cli: {
      path: ['setup', 'keep'],
      examples: [
        `autogit setup keep --draft '{"way":"try",…}'`,
        `autogit setup keep --dry-run --draft '{"way":"install",…}'`,
      ],
    },
  }),
  'setup.forget': command({
    summary: 'Forget the answers of the first set-up, to begin anew; what they were used for stays',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: { path: ['setup', 'forget'], examples: ['autogit setup forget', 'autogit setup forget --dry-run'] },
  }),
};
