// Requests about runners.
import { z } from 'zod';
import { command, dryRun, outcomeSchema, query } from '../define.ts';
import { jobSchema, runnerStatusSchema } from '../snapshot.ts';

const id = z.string().min(1).max(255).describe('its id, or the name of its container');

export const runnerRequests = {
  'runner.list': query({
    summary: 'Runners that are alive',
    input: z.strictObject({ pool: z.string().optional().describe('only of this pool') }),
    output: z.array(runnerStatusSchema),
    cli: {
      path: ['runner', 'list'],
      examples: ['autogit runner list', 'autogit runner list --pool default'],
    },
  }),
  'runner.show': query({
    summary: 'One runner with its job, also one that is gone, with the reason if it failed',
    input: z.strictObject({ id }),
    output: z.object({
      runner: runnerStatusSchema.extend({
        state: z.enum([...runnerStatusSchema.shape.state.options, 'gone']),
      }),
      job: jobSchema.nullable(),
      goneAt: z.number().nullable().describe('milliseconds since 1970'),
      failure: z.string().nullable(),
    }),
    cli: {
      path: ['runner', 'show'],
      positional: ['id'],
      examples: ['autogit runner show 1a2b3c4d', 'autogit runner show 1a2b3c4d --json'],
    },
  }),
  'runner.drain': command({
    summary: 'Let a runner finish its job and leave; this holds over restarts',
    input: z.strictObject({ id, dryRun }),
    output: outcomeSchema,
    cli: {
      path: ['runner', 'drain'],
      positional: ['id'],
      examples: ['autogit runner drain 1a2b3c4d', 'autogit runner drain 1a2b3c4d --dry-run'],
    },
  }),
  'runner.remove': command({
    summary: 'Remove a runner that has no job',
    input: z.strictObject({ id, dryRun }),
    output: outcomeSchema,
    cli: {
      path: ['runner', 'remove'],
      positional: ['id'],
      examples: ['autogit runner remove 1a2b3c4d', 'autogit runner remove 1a2b3c4d --dry-run'],
    },
  }),
};
