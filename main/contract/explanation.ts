// Why a job waits, as doors show it.
import { z } from 'zod';

export const explanationSchema = z.object({
  /** Stable: `no-tag`, `pool-full`, `paused`, … */
  reason: z.string(),
  /** One line of at most 160 characters. */
  sentence: z.string(),
  /** The values in the sentence, uncut: pool, runner, tags, times. */
  data: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])),
  next: z.string(),
});

export type ExplanationView = z.infer<typeof explanationSchema>;
