// What has become of the newest tries to sign in, as far as they go without a person.
import { z } from 'zod';

export const signInStepSchema = z.object({
  /** Stable: `sso.discovery`. */
  key: z.string(),
  label: z.string(),
  state: z.enum(['good', 'warning', 'bad', 'skipped']),
  /** What was found, in a sentence. */
  message: z.string(),
  next: z.string().nullable(),
});
export type SignInStep = z.infer<typeof signInStepSchema>;

export const signInTestSchema = z.object({
  client: z.string(),
  /** Milliseconds since 1970. */
  at: z.int(),
  good: z.boolean(),
  steps: z.array(signInStepSchema),
});
export type SignInTest = z.infer<typeof signInTestSchema>;

/** `mark`: of what was tried; with another one it is to be tried again. */
export const signInRecordSchema = z.object({
  lab: z.string(),
  mark: z.string(),
  tests: z.array(signInTestSchema),
});
export type SignInRecord = z.infer<typeof signInRecordSchema>;

/** Whether nothing stands in the way. */
export function isGood(steps: readonly SignInStep[]): boolean {
  return steps.every(({ state }) => state !== 'bad');
}
