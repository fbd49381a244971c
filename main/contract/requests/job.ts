// Requests about jobs.
import { z } from 'zod';
import { command, dryRun, limit, outcomeSchema, query, stream } from '../define.ts';
import { explanationSchema } from '../explanation.ts';
import { jobSchema } from '../snapshot.ts';

/** A job's status, by GitLab's word or by ours: one that is queued waits, one that needs others first comes later. */
const jobStatus = z
  .enum(['waiting', 'later', ...jobSchema.shape.status.options])
  .transform((word) => (word === 'waiting' ? 'pending' : word === 'later' ? 'created' : word));

const id = z.int().min(1).describe("the job's number");

export const jobRequests = {
  'job.list': query({
    summary: 'Jobs that wait, run, or ended lately',
    input: z.strictObject({
      status: jobStatus.optional().describe('only with this status'),
      project: z.string().optional().describe('only of this project (its full path)'),
      limit,
    }),
    output: z.array(jobSchema),
    cli: {
      path: ['job', 'list'],
      examples: ['autogit job list --status waiting', 'autogit job list --limit 20 --json'],
    },
  }),
  'job.show': query({
    summary: 'One job, and why it is where it is',
    input: z.strictObject({ id }),
    output: z.object({ job: jobSchema, explanation: explanationSchema }),
    cli: {
      path: ['job', 'show'],
      positional: ['id'],
      examples: ['autogit job show 41', 'autogit job show 41 --json'],
    },
  }),
  'job.explain': query({
    summary: 'Why a job is waiting, in one sentence',
    input: z.strictObject({ id }),
    output: explanationSchema.extend({ job: z.int() }),
    cli: {
      path: ['job', 'explain'],
      positional: ['id'],
      examples: ['autogit job explain 41', 'autogit job explain 41 --json'],
    },
  }),
  'job.log': stream({
    summary: 'The log of a job',
    input: z.strictObject({
      id,
      follow: z.boolean().default(false).describe('go on until the job ends'),
    }),
    output: z.object({ offset: z.int(), text: z.string() }),
    cli: {
      path: ['job', 'log'],
      positional: ['id'],
      examples: ['autogit job log 41', 'autogit job log 41 --follow'],
    },
  }),
  'job.cancel': command({
    summary: 'Cancel a job at GitLab, whether it waits or runs',
    input: z.strictObject({ id, dryRun }),
    output: outcomeSchema,
    cli: {
      path: ['job', 'cancel'],
      positional: ['id'],
      examples: ['autogit job cancel 41', 'autogit job cancel 41 --dry-run'],
    },
  }),
  'job.retry': command({
    summary: 'Run a job that has ended once more; it gets a new number',
    input: z.strictObject({ id, dryRun }),
    output: outcomeSchema.extend({ job: z.int().nullable().describe('number of the new job') }),
    cli: {
      path: ['job', 'retry'],
      positional: ['id'],
      examples: ['autogit job retry 41', 'autogit job retry 41 --json'],
    },
  }),
};
