// The stack in the snapshot: how it stands, in a few words.
import { z } from 'zod';
import { stackSteps } from '../model/stack/stack.ts';

export const stackStepSchema = z.enum(stackSteps);

/**
 * `none`: there never was one, or it was destroyed; `starting`: all of it runs, and something has not come up yet;
 * `degraded`: something that should run does not, or is ill; `busy`: a run goes on; `unknown`: the engine does not answer.
 */
export const stackStates = ['none', 'up', 'starting', 'down', 'degraded', 'busy', 'unknown'] as const;

export const stackSummarySchema = z.object({
  state: z.enum(stackStates),
  /** How it stands, for people: which services are ill and why, or what a run does now. */
  sentence: z.string(),
  project: z.string(),
  gitlabUrl: z.string().nullable(),
  /** Of the run that goes on. */
  step: stackStepSchema.nullable(),
  message: z.string().nullable(),
});
export type StackSummary = z.infer<typeof stackSummarySchema>;
