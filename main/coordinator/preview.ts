// What a change of wishes would do first, for dry runs.
import type { Outcome } from '../contract/contract.ts';
import type { RequestKind } from '../model/request.ts';
import type { Settings } from '../model/settings.ts';
import type { Action, Plan } from '../model/world.ts';
import { toOutcome } from './outcome.ts';
import type { RequestContext } from './requests.ts';

/** The answer to a dry run. Each step waits for the one before it, so only the first ones are known. */
export function previewOf(actions: readonly Action[]): Outcome {
  return toOutcome(
    actions,
    true,
    actions.length === 0 ? 'There would be nothing to do.' : 'This would be done first:',
  );
}

/** Actions that a change of wishes would add to those planned anyway. */
function added(plan: Plan, before: Plan): readonly Action[] {
  const known = new Set(before.actions.map((action) => action.key));
  return plan.actions.filter((action) => !known.has(action.key));
}

/** Actions that other settings and open requests than the present ones would bring. */
export function preview(
  context: RequestContext,
  settings: Settings,
  requests: readonly RequestKind[],
): readonly Action[] {
  const { coordinator, store } = context;
  const open = store.openRequests().map(({ kind }) => kind);
  return added(coordinator.whatIf(settings, requests), coordinator.whatIf(context.settings.current(), open));
}
