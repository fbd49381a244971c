// What a command answers.
import type { Outcome } from '../contract/contract.ts';
import type { Action } from '../model/world.ts';

/** `next`: what to do now; a dry run shows its actions instead. */
export function toOutcome(
  actions: readonly Action[],
  dryRun: boolean,
  message: string,
  next: string | null = null,
): Outcome {
  return {
    dryRun,
    actions: actions.map(({ kind, target, reason }) => ({ kind, target, reason })),
    message,
    next,
  };
}
