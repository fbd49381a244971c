// Requests about the lab as a whole: let its runners finish and leave, remove what it has at GitLab, serve again.
import type { Outcome, ParsedInput } from '../contract/contract.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { emulatorsLeft } from './arch-requests.ts';
import { awaitEffect, notYet, requireSettings, workingRunners } from './effect.ts';
import { addRequest, takeBack } from './open-requests.ts';
import { toOutcome } from './outcome.ts';
import { setPauseEnd } from './pause.ts';
import { preview, previewOf } from './preview.ts';
import type { RequestContext } from './requests.ts';

/** What a drain or a teardown wants gone and is still there. */
function leftOf(snapshot: Snapshot, kind: 'drain' | 'teardown'): readonly string[] {
  const { runners, pools } = snapshot;
  const entries = kind === 'drain' ? [] : pools.filter(({ ready }) => ready);
  return [
    ...runners.map(({ name }) => `runner ${name}`),
    ...entries.map(({ name }) => `the runner entry of pool ${name} at GitLab`),
    ...(kind === 'drain' ? [] : emulatorsLeft(snapshot)),
  ];
}

const gone = {
  drain: 'Every runner has left.',
  teardown: 'Every runner and every runner entry is gone; a sandbox and its data stay.',
} as const;

/** `lab.drain`. One that lasts until the next start changes nothing about one that stands already. */
export function drainLab(input: ParsedInput<'lab.drain'>, context: RequestContext): Promise<Outcome> {
  const { dryRun, untilRestart, for: seconds } = input;
  const { store, clock } = context;
  requireSettings(context);
  const stands = store.openRequests().some(({ kind }) => kind === 'drain' || kind === 'teardown');
  if (!dryRun && seconds !== undefined) setPauseEnd(store, clock.now() + seconds * 1000);
  else if (!dryRun && !(untilRestart === true && stands))
    setPauseEnd(store, untilRestart === true ? 'restart' : null);
  return askLab('drain', dryRun, context);
}

/** Adds a lasting request and waits until nothing is left that it wants gone. */
export async function askLab(
  kind: 'drain' | 'teardown',
  dryRun: boolean,
  context: RequestContext,
): Promise<Outcome> {
  requireSettings(context);
  const open = context.store.openRequests().map((request) => request.kind);
  const actions = preview(context, context.settings.current(), [...open, kind]);
  if (dryRun) return previewOf(actions);
  addRequest(context, kind);
  const done = await awaitEffect(
    context,
    (snapshot) => snapshot.mode !== 'serve' && leftOf(snapshot, kind).length === 0,
  );
  const present = context.live.current();
  const working = workingRunners(present);
  if (done === null && working === 0)
    throw notYet(`Still there: ${leftOf(present, kind).join(', ')}`, present);
  const message =
    done === null ? `${working} runners still finish their jobs; no new ones start.` : gone[kind];
  return toOutcome(actions, false, message, 'Serve the queue again with: autogit lab resume');
}

/** `lab.resume`. */
export async function resumeLab(dryRun: boolean, context: RequestContext): Promise<Outcome> {
  const open = context.store.openRequests().filter(({ kind }) => kind === 'drain' || kind === 'teardown');
  if (dryRun) return previewOf(preview(context, context.settings.current(), []));
  takeBack(context, ['drain', 'teardown']);
  context.coordinator.refresh();
  return toOutcome(
    [],
    false,
    open.length === 0 ? 'The queue was being served already.' : 'The queue is served again.',
  );
}
