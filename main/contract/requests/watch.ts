// Requests about what the machine and its graphics cards do now and did before.
import { z } from 'zod';
import { gpuIdSchema } from '../../model/gpu.ts';
import { hardwareSampleSchema, historySchema } from '../../model/host-metrics.ts';
import { query, stream } from '../define.ts';
import { problemSchema } from '../snapshot.ts';

const interval = z
  .int()
  .min(1)
  .max(3_600)
  .default(1)
  .describe('seconds between two looks; fewer looks cost less');

const id = gpuIdSchema.describe('its id, as gpu list has it');

const range = {
  minutes: z.int().min(1).max(43_200).default(60).describe('so far back from the end'),
  to: z.int().min(0).optional().describe('the end, milliseconds since 1970; without it, now'),
  points: z.int().min(1).max(2_000).default(240).describe('at most so many steps'),
};

export const watchRequests = {
  'queue.history': query({
    summary: 'How many jobs ran and waited: ten hours finely, 30 days in steps of five minutes',
    input: z.strictObject(range),
    output: historySchema,
    cli: {
      path: ['queue', 'history'],
      examples: ['autogit queue history --minutes 360 --points 36', 'autogit queue history --json'],
    },
  }),
  'gpu.watch': stream({
    summary: 'What graphics cards do: use, memory, heat, power, and which programs have them',
    input: z.strictObject({ id: id.optional(), interval }),
    output: hardwareSampleSchema.omit({ host: true }).extend({
      /** Why it is not known which cards there are. Missing: it is. */
      unseen: problemSchema.optional(),
    }),
    cli: {
      path: ['gpu', 'watch'],
      positional: ['id'],
      examples: ['autogit gpu watch', 'autogit gpu watch 0000:03:00.0 --interval 5 --json'],
    },
  }),
  'gpu.history': query({
    summary: 'What a graphics card did: an hour finely, 30 days in steps of five minutes',
    input: z.strictObject({ id, ...range }),
    output: historySchema,
    cli: {
      path: ['gpu', 'history'],
      positional: ['id'],
      examples: [
        'autogit gpu history 0000:03:00.0 --minutes 1440 --json',
        'autogit gpu history 0000:03:00.0 --points 20',
      ],
    },
  }),
  'machine.watch': stream({
    summary: 'What this machine and its graphics cards do, again and again',
    input: z.strictObject({ interval }),
    output: hardwareSampleSchema,
    cli: {
      path: ['machine', 'watch'],
      examples: ['autogit machine watch', 'autogit machine watch --interval 10 --json'],
    },
  }),
  'machine.history': query({
    summary: 'What this machine did: an hour finely, 30 days in steps of five minutes',
    input: z.strictObject(range),
    output: historySchema,
    cli: {
      path: ['machine', 'history'],
      examples: [
        'autogit machine history --minutes 1440 --json',
        'autogit machine history --minutes 10 --points 10',
      ],
    },
  }),
};
