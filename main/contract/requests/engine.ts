// Requests about container engines.
import { z } from 'zod';
import { command, dryRun, nothing, outcomeSchema, query } from '../define.ts';
import { engineDetailSchema, engineRowSchema } from '../engines.ts';

export const engineRequests = {
  'engine.list': query({
    summary: 'Container engines of this machine and its user: the one in use and the others',
    input: nothing,
    output: z.array(engineRowSchema),
    cli: { path: ['engine', 'list'], examples: ['autogit engine list', 'autogit engine list --json'] },
  }),
  'engine.show': query({
    summary: 'One container engine: what it is, what it cannot do, and how to mend that',
    input: z.strictObject({
      address: z.string().max(1024).optional().describe('as engine list has it; the one in use by default'),
    }),
    output: engineDetailSchema,
    cli: {
      path: ['engine', 'show'],
      positional: ['address'],
      examples: ['autogit engine show', 'autogit engine show unix:///run/user/1000/docker.sock --json'],
    },
  }),
  'engine.use': command({
    summary: 'Use another container engine from now on; runners of the present one are not touched',
    input: z.strictObject({
      address: z.string().min(1).max(1024).describe('its address, or auto for the first one that answers'),
      dryRun,
    }),
    output: outcomeSchema,
    cli: {
      path: ['engine', 'use'],
      positional: ['address'],
      examples: ['autogit engine use unix:///run/user/1000/podman/podman.sock', 'autogit engine use auto'],
    },
  }),
};
