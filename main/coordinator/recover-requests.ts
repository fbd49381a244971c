// Recovering: what has failed is forgotten and tried anew, at once. No job is touched, and no drain or pause lifted.
import type { Outcome, ParsedInput } from '../contract/contract.ts';
import type { Action } from '../model/world.ts';
import { requireSettings } from './effect.ts';
import { recoveredNote } from './failures.ts';
import { toOutcome } from './outcome.ts';
import { requirePool } from './pool-requests.ts';
import type { RequestContext } from './requests.ts';

/** Forgets that runners of this pool have failed, durably, and lets its next ones start at once. */
export function forgetPoolFailures(name: string, { store, clock, coordinator }: RequestContext): void {
  store.setNote(recoveredNote(name), clock.now());
  coordinator.executor.forgetFailures((action) => poolOf(action) === name);
}

function poolOf(action: Action): string | null {
  if ('pool' in action && action.pool !== null)
    return typeof action.pool === 'string' ? action.pool : action.pool.name;
  return 'container' in action ? (action.container?.pool ?? null) : null;
}

/** `pool.recover`. Rejects with `pool.unknown`. */
export async function recoverPool(
  { name, dryRun }: ParsedInput<'pool.recover'>,
  context: RequestContext,
): Promise<Outcome> {
  requireSettings(context);
  const { paused } = requirePool(name, context.settings.current());
  const next = paused ? `It is paused all the same; let it go on with: autogit pool resume ${name}` : null;
  if (dryRun) return toOutcome([], true, `Pool "${name}" would try anew at once.`, next);
  forgetPoolFailures(name, context);
  context.coordinator.refresh();
  return toOutcome([], false, `Pool "${name}" tries anew.`, next);
}

/** `lab.recover`. */
export async function recoverLab(
  { dryRun }: ParsedInput<'lab.recover'>,
  context: RequestContext,
): Promise<Outcome> {
  const { coordinator, settings, store } = context;
  const isDrained = store.openRequests().some(({ kind }) => kind === 'drain' || kind === 'teardown');
  const next = isDrained
    ? 'It is drained all the same; serve the queue again with: autogit lab resume'
    : null;
  if (dryRun) return toOutcome([], true, 'Everything that failed would be tried anew at once.', next);
  for (const { name } of settings.current().pools) forgetPoolFailures(name, context);
  coordinator.executor.forgetFailures(() => true);
  coordinator.reconsider();
  coordinator.refresh();
  return toOutcome([], false, 'Everything that failed is tried anew.', next);
}
