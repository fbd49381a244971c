// Requests about what pools could be: advice from measured use, and what other settings would have done.
import { z } from 'zod';
import { command, dryRun, query } from '../define.ts';
import { poolFields } from '../pool-fields.ts';
import { adviceItemSchema } from '../snapshot.ts';
import { poolOutcomeSchema } from './pool.ts';

const name = z.string().min(1).max(64).describe("the pool's name");

/** What the jobs of one name have used. `null`: not known. */
const usageSchema = z.object({
  project: z.string(),
  job: z.string(),
  jobs: z.int(),
  /** The most of all, and what 95 % of the jobs did not exceed, rounded up to a power of two. */
  memoryMiB: z.object({ most: z.number(), usual: z.number() }).nullable(),
  cpus: z.object({ most: z.number(), usual: z.number() }).nullable(),
  seconds: z.object({ most: z.number(), usual: z.number() }).nullable(),
  /** Under the limits of today. */
  outOfMemory: z.int(),
});

export const poolAdviceSchema = z.object({
  pool: z.string(),
  state: z.enum(['unknown', 'too-few', 'fits', 'change']),
  /** Jobs whose use was measured. */
  jobs: z.int(),
  sentence: z.string(),
  items: z.array(adviceItemSchema),
  /** Those that use most memory first. */
  usage: z.array(usageSchema),
});

/** What came, or would have come, of some settings. Waits are milliseconds. */
export const simulatedSchema = z.object({
  waitP50: z.number(),
  waitP95: z.number(),
  waitMost: z.number(),
  /** Jobs that no pool takes. */
  neverTaken: z.int(),
  /** Share of the time of runners in which they had a job. */
  utilisation: z.number(),
  runnerHours: z.number(),
  peakRunners: z.int(),
  /** Of all runners at once; `null`: one of them has no limit. */
  peakMemoryMiB: z.number().nullable(),
  peakCpus: z.number().nullable(),
});

export const adviceRequests = {
  'pool.advice': query({
    summary: 'What the measured use of jobs says about limits',
    input: z.strictObject({ name: name.optional() }),
    output: z.array(poolAdviceSchema),
    cli: {
      path: ['pool', 'advice'],
      positional: ['name'],
      examples: ['autogit pool advice', 'autogit pool advice default --json'],
    },
  }),
  'pool.apply-advice': command({
    summary: 'Change the limits of a pool as its advice says',
    input: z.strictObject({ name, dryRun }),
    output: poolOutcomeSchema,
    cli: {
      path: ['pool', 'apply-advice'],
      positional: ['name'],
      examples: ['autogit pool apply-advice default --dry-run', 'autogit pool apply-advice default'],
    },
  }),
  'pool.simulate': query({
    summary: 'Replay recent jobs with other settings: waits and cost',
    input: z.strictObject({
      pool: name
        .optional()
        .describe('the pool whose settings are changed; it may be left out where there is one'),
      days: z.int().min(1).max(30).default(7).describe('how many days are replayed'),
      ...poolFields,
    }),
    output: z.object({
      days: z.int(),
      /** Jobs that were replayed; of more, the newest. */
      jobs: z.int(),
      /** Whether they are so many that the figures mean something. */
      enough: z.boolean(),
      sentence: z.string(),
      /** How long they did wait, in milliseconds; by their own replay it is seen how far the others can be trusted. */
      recorded: z.object({ waitP50: z.number(), waitP95: z.number() }),
      now: simulatedSchema,
      /** `null`: nothing was changed. */
      changed: simulatedSchema.nullable(),
      /** Settings that were changed: `pools.default.max`. */
      changes: z.array(z.string()),
      /** What was measured and taken for granted, in milliseconds. */
      latencies: z.object({ seeMs: z.number(), startMs: z.number() }),
    }),
    cli: {
      path: ['pool', 'simulate'],
      examples: [
        'autogit pool simulate --pool default --max 8',
        'autogit pool simulate --pool default --min 2 --days 3 --json',
      ],
    },
  }),
};
