// Requests about the lab as a whole.
import { z } from 'zod';
import { command, dryRun, nothing, outcomeSchema, query } from '../define.ts';

export const labRequests = {
  'queue.refresh': command({
    summary: "Look at GitLab's queue now instead of at the next poll",
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: { path: ['queue', 'refresh'], examples: ['autogit queue refresh', 'autogit queue refresh --json'] },
  }),
  'lab.drain': command({
    summary: 'Start no more runners; those with a job finish it, then all leave',
    input: z.strictObject({
      for: z
        .int()
        .min(60)
        .max(7 * 86_400)
        .optional()
        .describe('seconds after which the queue is served again by itself; missing: until lab resume'),
      untilRestart: z
        .literal(true)
        .optional()
        .describe('the queue is served again when the core is started anew'),
      dryRun,
    }),
    output: outcomeSchema,
    cli: { path: ['lab', 'drain'], examples: ['autogit lab drain', 'autogit lab drain --for 3600'] },
  }),
  'lab.resume': command({
    summary: 'Serve the queue again after a drain',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: { path: ['lab', 'resume'], examples: ['autogit lab resume', 'autogit lab resume --json'] },
  }),
  'lab.recover': command({
    summary: 'Forget what has failed, look anew at engine and GitLab, and try again at once',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: { path: ['lab', 'recover'], examples: ['autogit lab recover', 'autogit lab recover --dry-run'] },
  }),
  'lab.teardown': command({
    summary: 'Drain, then remove every runner, runner entry and network of this home',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: { path: ['lab', 'teardown'], examples: ['autogit lab teardown --dry-run', 'autogit lab teardown'] },
  }),
  'lab.objects': query({
    summary: 'Everything of this home on the engine: containers, networks, volumes',
    input: nothing,
    output: z.object({
      containers: z.array(z.string()),
      networks: z.array(z.string()),
      volumes: z.array(z.string()),
    }),
    cli: { path: ['lab', 'objects'], examples: ['autogit lab objects', 'autogit lab objects --json'] },
  }),
};
