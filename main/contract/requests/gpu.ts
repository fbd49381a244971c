// Requests about graphics cards.
import { z } from 'zod';
import { gpuIdSchema } from '../../model/gpu.ts';
import { command, dryRun, nothing, outcomeSchema, query } from '../define.ts';
import { gpuSchema } from '../snapshot.ts';

const id = gpuIdSchema.describe('its id, as gpu list has it');

/** What a command about a card answers. */
export const gpuOutcomeSchema = outcomeSchema.required({ changes: true });

export const gpuRequests = {
  'gpu.list': query({
    summary: 'Graphics cards of this machine: who has them, or why nobody gets them',
    input: nothing,
    output: z.array(gpuSchema),
    cli: { path: ['gpu', 'list'], examples: ['autogit gpu list', 'autogit gpu list --json'] },
  }),
  'gpu.reserve': command({
    summary: 'Keep a graphics card for its owner: no job gets it from now on',
    input: z.strictObject({
      id,
      for: z.string().trim().min(1).max(80).default('its owner').describe('what it is used for'),
      dryRun,
    }),
    output: gpuOutcomeSchema,
    cli: {
      path: ['gpu', 'reserve'],
      positional: ['id'],
      examples: [
        'autogit gpu reserve 0000:03:00.0 --for games',
        'autogit gpu reserve 0000:03:00.0 --dry-run',
      ],
    },
  }),
  'gpu.release': command({
    summary: 'Let jobs have a graphics card again that was kept for its owner',
    input: z.strictObject({ id, dryRun }),
    output: gpuOutcomeSchema,
    cli: {
      path: ['gpu', 'release'],
      positional: ['id'],
      examples: ['autogit gpu release 0000:03:00.0', 'autogit gpu release 0000:03:00.0 --dry-run'],
    },
  }),
};
