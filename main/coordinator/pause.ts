// A drain that ends by itself: at an hour, or with the next start of the core.
import type { Instant } from '../model/world.ts';
import type { Clock, Store } from '../ports.ts';

/** What ends a drain. `null`: only a person. */
export type PauseEnd = Instant | 'restart' | null;

type Parts = Pick<Store, 'noteOf' | 'setNote' | 'openRequests' | 'finishRequest'>;

const endNote = 'drain-ends-at';
/** As notes are numbers: no hour, and the next start. */
const [never, atRestart] = [0, -1];

function isDrain({ kind }: { readonly kind: string }): boolean {
  return kind === 'drain';
}

/** Written before the drain itself, so that a kill in between leaves no drain without its end. */
export function setPauseEnd(store: Pick<Store, 'setNote'>, end: PauseEnd): void {
  store.setNote(endNote, end === 'restart' ? atRestart : (end ?? never));
}

/** When the open drain ends by itself; `null`: there is none, or it has no hour. */
export function pausedUntil(store: Pick<Store, 'noteOf' | 'openRequests'>): Instant | null {
  const at = store.noteOf(endNote) ?? never;
  return at > never && store.openRequests().some(isDrain) ? at : null;
}

/** When there is to be a look at it. Of a core that may not act, an end can be over and stays so. */
export function nextPauseEnd(store: Parts, clock: Pick<Clock, 'now'>): Instant | null {
  const until = pausedUntil(store);
  return until !== null && until > clock.now() ? until : null;
}

/** Takes back a drain whose time is over. */
export function endPause(store: Parts, clock: Pick<Clock, 'now'>): void {
  const until = pausedUntil(store);
  if (until !== null && until <= clock.now()) endDrains(store, 'its time was over');
}

/** Takes back a drain that was to last until the core starts anew: now it does. */
export function endPauseOfLastCore(store: Parts): void {
  if (store.noteOf(endNote) === atRestart) endDrains(store, 'the core was started anew');
}

function endDrains(store: Parts, outcome: string): void {
  for (const { id } of store.openRequests().filter(isDrain)) store.finishRequest(id, outcome);
  store.setNote(endNote, never);
}
