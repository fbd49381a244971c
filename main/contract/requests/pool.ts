// Requests about pools. Those that change one write the settings file and keep its comments.
import { z } from 'zod';
import { poolNameSchema, poolSchema } from '../../model/pool.ts';
import { command, dryRun, nothing, outcomeSchema, query } from '../define.ts';
import { poolFields } from '../pool-fields.ts';
import { jobSchema, poolStatusSchema, runnerStatusSchema } from '../snapshot.ts';

const name = z.string().min(1).max(64).describe("the pool's name");

/** What a command about a pool answers. */
export const poolOutcomeSchema = outcomeSchema.required({ changes: true });

/** A pool that fits the machine, beside those that there are. */
export const readyPoolSchema = poolStatusSchema
  .pick({ name: true, tags: true, runUntagged: true, cpus: true, memoryMiB: true, max: true })
  .extend({
    /** `changed`: there is one of its name, with other settings. */
    state: z.enum(['there', 'changed', 'missing']),
    purpose: z.string(),
  });

export const poolRequests = {
  'pool.list': query({
    summary: 'Pools with their runners and the jobs that wait for them',
    input: nothing,
    output: z.array(poolStatusSchema),
    cli: { path: ['pool', 'list'], examples: ['autogit pool list', 'autogit pool list --json'] },
  }),
  'pool.show': query({
    summary: 'One pool: all its settings, its runners, and the jobs that wait for it',
    input: z.strictObject({ name }),
    output: z.object({
      status: poolStatusSchema,
      settings: poolSchema,
      runners: z.array(runnerStatusSchema),
      jobs: z.array(jobSchema),
    }),
    cli: {
      path: ['pool', 'show'],
      positional: ['name'],
      examples: ['autogit pool show default', 'autogit pool show default --json'],
    },
  }),
  'pool.add': command({
    summary: 'Add a pool; what is left out gets its default',
    input: z.strictObject({ name: poolNameSchema.describe("the pool's name"), ...poolFields, dryRun }),
    output: poolOutcomeSchema,
    cli: {
      path: ['pool', 'add'],
      positional: ['name'],
      examples: [
        'autogit pool add large --tags docker,large --max 2',
        'autogit pool add one --max 1 --dry-run',
      ],
    },
  }),
  'pool.set': command({
    summary: 'Change settings of a pool; what is left out stays',
    input: z.strictObject({ name, ...poolFields, dryRun }),
    output: poolOutcomeSchema,
    cli: {
      path: ['pool', 'set'],
      positional: ['name'],
      examples: [
        'autogit pool set default --max 8',
        'autogit pool set default --tags docker,autogit --dry-run',
      ],
    },
  }),
  'pool.ready': command({
    summary: 'Show the pools that fit this machine, and with --apply add those that are missing',
    input: z.strictObject({
      apply: z.boolean().default(false).describe('add those that are missing; none that is there is changed'),
      dryRun,
    }),
    output: poolOutcomeSchema.extend({ pools: z.array(readyPoolSchema) }),
    cli: {
      path: ['pool', 'ready'],
      examples: ['autogit pool ready', 'autogit pool ready --apply --dry-run'],
    },
  }),
  'pool.prove': command({
    summary: 'Ask for a proof of a pool now: a tiny job says from inside what the pool gives',
    input: z.strictObject({ name, dryRun }),
    output: outcomeSchema,
    cli: {
      path: ['pool', 'prove'],
      positional: ['name'],
      examples: ['autogit pool prove default', 'autogit pool prove default --dry-run'],
    },
  }),
  'pool.pause': command({
    summary: 'Let a pool take no job until it is resumed; runners with a job finish it',
    input: z.strictObject({ name, dryRun }),
    output: poolOutcomeSchema,
    cli: {
      path: ['pool', 'pause'],
      positional: ['name'],
      examples: ['autogit pool pause default', 'autogit pool pause default --dry-run'],
    },
  }),
  'pool.resume': command({
    summary: 'Let a paused pool take jobs again',
    input: z.strictObject({ name, dryRun }),
    output: poolOutcomeSchema,
    cli: {
      path: ['pool', 'resume'],
      positional: ['name'],
      examples: ['autogit pool resume default', 'autogit pool resume default --dry-run'],
    },
  }),
  'pool.recover': command({
    summary: 'Let a pool whose runners failed try anew at once; its jobs went on waiting',
    input: z.strictObject({ name, dryRun }),
    output: outcomeSchema,
    cli: {
      path: ['pool', 'recover'],
      positional: ['name'],
      examples: ['autogit pool recover default', 'autogit pool recover default --dry-run'],
    },
  }),
  'pool.remove': command({
    summary: 'Remove a pool; its runners finish their jobs and leave',
    input: z.strictObject({ name, dryRun }),
    output: poolOutcomeSchema,
    cli: {
      path: ['pool', 'remove'],
      positional: ['name'],
      examples: ['autogit pool remove large', 'autogit pool remove large --dry-run'],
    },
  }),
};
