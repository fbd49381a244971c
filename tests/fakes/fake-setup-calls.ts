// A pretended core that keeps the answers of the first set-up.
import type { Output } from '../../main/contract/contract.ts';
import { outcome } from './fake-pool-calls.ts';
import type { Calls } from './fake-pool-calls.ts';

type Kept = Output<'setup.show'>;

/** `draft`: kept before. */
export function createSetupCalls(
  draft: Kept['draft'] = null,
  now: () => number = Date.now,
): Pick<Calls, 'setup.show' | 'setup.keep' | 'setup.forget'> {
  let kept: Kept = { draft, keptAt: draft === null ? null : now() };
  return {
    'setup.show': () => kept,
    'setup.keep': ({ draft: given, dryRun }) => {
      if (!dryRun) kept = { draft: given, keptAt: now() };
      return outcome(dryRun, 'The answers are kept.');
    },
    'setup.forget': ({ dryRun }) => {
      if (!dryRun) kept = { draft: null, keptAt: null };
      return outcome(dryRun, 'The answers are forgotten.');
    },
  };
}
