// Requests about the stack: GitLab and what stands around it, from answers to running containers.
import { z } from 'zod';
import { labelSchema } from '../../model/stack/answers.ts';
import { stackQuestionsSchema } from '../../model/stack/questions.ts';
import { command, dryRun, nothing, outcomeSchema, query, stream } from '../define.ts';
import {
  instant,
  plannedStackSchema,
  stackPlanSchema,
  stackProgressSchema,
  stackSecretSchema,
  stackStatusSchema,
} from '../stack-fields.ts';

const answers = z
  .record(z.string(), z.unknown())
  .optional()
  .describe('answers to the questions; without them, those of the last time');

const text = z.string().max(200_000).optional().describe('the same as a file has them, YAML or JSON');

const paths = z.array(z.string().min(1).max(500)).max(100).optional();
const decisions = {
  replace: paths.describe('files changed by hand that may be overwritten'),
  keep: paths.describe('files changed by hand that stay as they are'),
};

const wait = z.boolean().default(true).describe('answer only when it has ended');

const service = z
  .string()
  .max(63)
  .regex(/^[a-z0-9][a-z0-9_.-]*$/, { message: 'a name of a service' });

/** What a command about the stack answers. */
export const stackOutcomeSchema = outcomeSchema.extend({
  /** The run that does it, or looks whether all is as it should be; `null`: it is a dry run. */
  run: z.int().nullable(),
});

export const stackRequests = {
  'stack.questions': query({
    summary: 'What the stack has to know: three decisions, and what else may be answered',
    input: nothing,
    output: stackQuestionsSchema,
    cli: {
      path: ['stack', 'questions'],
      examples: ['autogit stack questions', 'autogit stack questions --json'],
    },
  }),
  'stack.plan': query({
    summary: 'What `stack up` would create, pull, change and restart; nothing is done',
    input: z.strictObject({
      ...{ answers, text, ...decisions },
      files: z.boolean().default(false).describe('with the files as they would be written'),
    }),
    output: plannedStackSchema,
    cli: {
      path: ['stack', 'plan'],
      examples: ['autogit stack plan', 'autogit stack plan --json'],
    },
  }),
  'stack.up': command({
    summary: 'Bring up GitLab and what stands around it, or what has changed of it',
    input: z.strictObject({
      ...{ answers, text, ...decisions },
      plan: z.string().max(100).optional().describe('hash of the plan that somebody has agreed to'),
      withoutBackup: z
        .boolean()
        .default(false)
        .describe('upgrade without the backup that is made before, whatever the settings say'),
      wait,
      dryRun,
    }),
    output: stackOutcomeSchema.extend({
      plan: stackPlanSchema.nullable(),
      gitlabUrl: z.string().nullable(),
    }),
    cli: { path: ['stack', 'up'], examples: ['autogit stack up', 'autogit stack up --yes'] },
  }),
  'stack.watch': stream({
    summary: 'What the run in progress does, until it has ended',
    input: nothing,
    output: stackProgressSchema,
    cli: { path: ['stack', 'watch'], examples: ['autogit stack watch', 'autogit stack watch --json'] },
  }),
  'stack.status': query({
    summary: 'The stack: its services, the run in progress, its addresses and certificate',
    input: nothing,
    output: stackStatusSchema,
    cli: { path: ['stack', 'status'], examples: ['autogit stack status', 'autogit stack status --json'] },
  }),
  'stack.logs': stream({
    summary: 'What services of the stack have printed',
    input: z.strictObject({
      service: service.optional().describe('only of this one'),
      lines: z.int().min(1).max(10_000).default(200).describe('at most so many of each, from the end'),
      follow: z.boolean().default(false).describe('go on with what they print'),
    }),
    output: z.object({ text: z.string() }),
    cli: {
      path: ['stack', 'logs'],
      positional: ['service'],
      examples: ['autogit stack logs gitlab --follow', 'autogit stack logs --lines 50'],
    },
  }),
  'stack.restart': command({
    summary: 'Restart services of the stack, or all of them',
    input: z.strictObject({
      services: z.array(service).max(50).optional().describe('only these'),
      wait,
      dryRun,
    }),
    output: stackOutcomeSchema,
    cli: {
      path: ['stack', 'restart'],
      positional: ['services'],
      examples: ['autogit stack restart gitlab', 'autogit stack restart traefik,authelia'],
    },
  }),
  'stack.down': command({
    summary: 'Stop the stack and remove its containers; files and data stay',
    input: z.strictObject({ wait, dryRun }),
    output: stackOutcomeSchema,
    cli: { path: ['stack', 'down'], examples: ['autogit stack down', 'autogit stack down --dry-run'] },
  }),
  'stack.destroy': command({
    summary: 'Remove the stack with its folder; its data stays unless told otherwise',
    input: z.strictObject({
      deleteData: z
        .boolean()
        .default(false)
        .describe('repositories, databases and secrets, too: nobody can bring them back'),
      wait,
      dryRun,
    }),
    output: stackOutcomeSchema,
    losesData: 'deleteData',
    cli: {
      path: ['stack', 'destroy'],
      examples: ['autogit stack destroy --dry-run', 'autogit stack destroy --delete-data --yes'],
    },
  }),
  'stack.secret': query({
    summary: 'Secrets of the stack by name, or one of them with its value',
    input: z.strictObject({ name: labelSchema.optional().describe('show the value of this one') }),
    output: z.object({
      secrets: z.array(stackSecretSchema),
      /** Of the one that was asked for. */
      value: z.string().nullable(),
    }),
    cli: {
      path: ['stack', 'secret'],
      positional: ['name'],
      examples: ['autogit stack secret', 'autogit stack secret gitlab-root-password'],
    },
  }),
  'stack.code': query({
    summary: 'The newest code that Authelia asks for to change a second factor, where no mail brings it',
    input: nothing,
    output: z.object({
      code: z.string(),
      /** When it was written; `null`: it is not told. A code ends after five minutes. */
      at: instant.nullable(),
      /** Whom it is for: name and e-mail address. */
      recipient: z.string(),
      subject: z.string(),
    }),
    cli: { path: ['stack', 'code'], examples: ['autogit stack code', 'autogit stack code --json'] },
  }),
  'stack.set-secret': command({
    summary: 'Give the stack a secret that only you have, from standard input',
    input: z.strictObject({
      name: labelSchema.describe('which, as plans and stack secret list them'),
      lab: labelSchema.optional().describe('of this lab; without it, of the one that is here'),
      value: z.string().min(1).max(16_384).describe('its value'),
      dryRun,
    }),
    output: outcomeSchema,
    cli: {
      path: ['stack', 'set-secret'],
      positional: ['name'],
      examples: [
        'autogit stack set-secret mail-password',
        'autogit stack set-secret mail-password --dry-run',
      ],
    },
  }),
};
