// Requests about the sandbox.
import { z } from 'zod';
import { command, dryRun, nothing, outcomeSchema, query } from '../define.ts';
import { gitlabStatusSchema } from '../snapshot.ts';

const sandboxStatusSchema = z.object({
  state: z.enum(['absent', 'stopped', 'starting', 'running', 'failed']),
  url: z.string().nullable(),
  gitlab: gitlabStatusSchema,
});

export const sandboxRequests = {
  'sandbox.start': command({
    summary: 'Start the sandbox: a small stand-in for GitLab, to try AutoGit without installing one',
    input: z.strictObject({
      runner: z
        .enum(['sandbox', 'official'])
        .default('sandbox')
        .describe('which runner program runs the jobs'),
      dryRun,
    }),
    output: outcomeSchema.extend({ url: z.string().nullable() }),
    cli: {
      path: ['sandbox', 'start'],
      examples: ['autogit sandbox start', 'autogit sandbox start --dry-run'],
    },
  }),
  'sandbox.stop': command({
    summary: 'Stop the sandbox and keep its data',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: { path: ['sandbox', 'stop'], examples: ['autogit sandbox stop', 'autogit sandbox stop --json'] },
  }),
  'sandbox.status': query({
    summary: 'Whether the sandbox runs, and where',
    input: nothing,
    output: sandboxStatusSchema,
    cli: {
      path: ['sandbox', 'status'],
      examples: ['autogit sandbox status', 'autogit sandbox status --json'],
    },
  }),
  'sandbox.access': query({
    summary: 'How to use the sandbox as its root user, with git and by API',
    input: nothing,
    output: z.object({
      url: z.string().nullable(),
      username: z.string(),
      /** Opens nothing but the sandbox; `null` before it was first started. */
      token: z.string().nullable(),
    }),
    cli: {
      path: ['sandbox', 'access'],
      examples: ['autogit sandbox access', 'autogit sandbox access --json'],
    },
  }),
  'sandbox.reset': command({
    summary: 'Remove the sandbox with all its projects and jobs',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    losesData: true,
    cli: {
      path: ['sandbox', 'reset'],
      examples: ['autogit sandbox reset --yes', 'autogit sandbox reset --dry-run'],
    },
  }),
  'sandbox.seed': command({
    summary: 'Create a demo project in the sandbox and push a repository with a pipeline to it',
    input: z.strictObject({
      jobs: z.int().min(1).max(200).default(6).describe('number of jobs in the pipeline'),
      dryRun,
    }),
    output: outcomeSchema.extend({
      project: z.object({ id: z.int(), path: z.string() }).nullable(),
      jobs: z.int(),
    }),
    cli: { path: ['sandbox', 'seed'], examples: ['autogit sandbox seed', 'autogit sandbox seed --jobs 20'] },
  }),
};
