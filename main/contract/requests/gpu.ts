// Requests about graphics cards.
import { z } from 'zod';
import { gpuDetailSchema } from '../../model/gpu-detail.ts';
import { gpuIdSchema, gpuUses } from '../../model/gpu.ts';
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
  'gpu.show': query({
    summary: 'Everything about one graphics card: driver, memory, slices, and what containers need to use it',
    input: z.strictObject({ id }),
    output: gpuDetailSchema,
    cli: {
      path: ['gpu', 'show'],
      positional: ['id'],
      examples: ['autogit gpu show 0000:03:00.0', 'autogit gpu show 0000:03:00.0 --json'],
    },
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
  'gpu.use': command({
    summary: 'Say which jobs a graphics card is for: none, one at a time, or several that share it',
    input: z.strictObject({
      id,
      use: z.enum(gpuUses).describe('off, exclusive (one job at a time), or shared (as pools ask for it)'),
      for: z.string().trim().min(1).max(80).default('its owner').describe('with off: what it is used for'),
      dryRun,
    }),
    output: gpuOutcomeSchema,
    cli: {
      path: ['gpu', 'use'],
      positional: ['id', 'use'],
      examples: ['autogit gpu use 0000:03:00.0 exclusive', 'autogit gpu use 0000:03:00.0 off --for games'],
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
