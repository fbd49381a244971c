// The request for a proof of a pool: it is written down, and the next plan that may makes the job.
import type { Output, ParsedInput } from '../contract/contract.ts';
import { AutoGitError } from '../errors.ts';
import { cannotProve } from '../plan/plan-proofs.ts';
import { requireSettings } from './effect.ts';
import { toOutcome } from './outcome.ts';
import { requirePool } from './pool-requests.ts';
import type { RequestContext } from './requests.ts';

/** `pool.prove`. Rejects with `pool.unknown`, `pool.cannot-be-proven`. */
export async function provePool(
  { name, dryRun }: ParsedInput<'pool.prove'>,
  context: RequestContext,
): Promise<Output<'pool.prove'>> {
  requireSettings(context);
  const settings = context.settings.current();
  const pool = requirePool(name, settings);
  const why =
    settings.proofs === 'off'
      ? { message: 'Proofs are switched off in the settings.', next: 'Set proofs: auto in settings.yaml.' }
      : cannotProve(pool);
  if (why !== null)
    throw new AutoGitError({
      key: 'pool.cannot-be-proven',
      message: `Pool "${name}": ${why.message}`,
      next: why.next,
    });
  if (dryRun) return toOutcome([], true, `A tiny job would prove pool "${name}".`);
  context.store.wishProof(name, context.clock.now());
  context.coordinator.refresh();
  const next = `See what became of it with: autogit pool show ${name}`;
  return toOutcome([], false, `Pool "${name}" is proven as soon as a proof may run.`, next);
}
