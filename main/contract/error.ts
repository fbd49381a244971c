// The one shape in which every door reports an error.
import { z } from 'zod';

export const errorSchema = z.object({
  /** Stable, documented in docs/errors.md. */
  key: z.string(),
  /** What happened and why. */
  message: z.string(),
  /** What to do now. */
  next: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  /** The same request may succeed later without anybody doing anything. */
  retry: z.boolean().default(false),
});

export type ErrorShape = z.infer<typeof errorSchema>;

/** What a request is answered with, whatever the door. */
export type Answer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorShape };
