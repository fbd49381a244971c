// How the deed stands that a view has asked for.
import { useEffect, useSyncExternalStore } from 'react';
import type { Deed } from './deeds.ts';
import { useLab } from './use-live.ts';

/** Whether the deed that a form has asked for is being done; until then the form stays behind its plan. */
export function useIsDone(asked: Deed | null): boolean {
  const { deeds } = useLab();
  const open = useSyncExternalStore(deeds.subscribe, deeds.get);
  if (asked === null || open?.deed.title !== asked.title) return false;
  return open.state.phase === 'doing' || open.state.phase === 'done';
}

/** Calls `look`, which must stay the same between drawings, whenever a deed has ended, well or not. */
export function useAfterDeeds(look: () => void): void {
  const { deeds } = useLab();
  const phase = useSyncExternalStore(deeds.subscribe, () => deeds.get()?.state.phase ?? null);
  useEffect(() => {
    if (phase === 'done' || phase === 'failed') look();
  }, [phase, look]);
}
