// The audit log as doors show it: who asked what, and what became of it.
import { z } from 'zod';

export const auditSchema = z.object({
  at: z.number().describe('milliseconds since 1970'),
  door: z.enum(['cli', 'http', 'desktop', 'core']),
  /** `lab.drain` */
  request: z.string(),
  /** `done`, or the key of the error. */
  outcome: z.string(),
});
