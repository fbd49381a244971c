// The audit log as doors show it: who asked what, and what became of it.
import { z } from 'zod';

export const auditSchema = z.object({
  at: z.number().describe('milliseconds since 1970'),
  door: z.enum(['cli', 'http', 'desktop', 'core']),
  /** `lab.drain` */
  request: z.string(),
  /** `done`, or the key of the error. */
  outcome: z.string(),
  /** What it was about: a pool, a job, a setting. Missing: it was about no one thing. */
  subject: z.string().optional(),
  /** It was only asked what it would do. */
  dryRun: z.literal(true).optional(),
});
