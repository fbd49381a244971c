// Lasting wishes of a person, which the next plan turns into actions: put up and taken back.
import type { RequestKind } from '../model/request.ts';
import type { RequestRecord } from '../ports.ts';
import type { RequestContext } from './requests.ts';

/** Adds a request unless one of its kind is open. */
export function addRequest(context: RequestContext, kind: RequestKind): void {
  if (!context.store.openRequests().some((open) => open.kind === kind))
    context.store.addRequest(kind, context.door);
}

/** Takes back those of these kinds that are open. */
export function takeBack(context: RequestContext, kinds: readonly RequestKind[]): readonly RequestRecord[] {
  const taken = context.store.openRequests().filter((open) => kinds.includes(open.kind));
  for (const request of taken) context.store.finishRequest(request.id, 'taken back');
  return taken;
}
