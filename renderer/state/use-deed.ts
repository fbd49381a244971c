// How the deed stands that a view has asked for.
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Deed } from './deeds.ts';
import { useLab } from './use-live.ts';

/** Whether the deed that a form has asked for is being done; until then the form stays behind its plan. */
export function useIsDone(asked: Deed | null): boolean {
  const { deeds } = useLab();
  const open = useSyncExternalStore(deeds.subscribe, deeds.get);
  if (asked === null || open?.deed.title !== asked.title) return false;
  return open.state.phase === 'doing' || open.state.phase === 'done';
}

export interface Asking {
  /** From then on what is wrong in the form is shown. */
  readonly wasAsked: boolean;
  /** `null`: something has to be mended first. */
  ask(deed: Deed | null): void;
}

/** A form that asks for a deed and closes once that is being done. `onClose` must stay the same between drawings. */
export function useAsking(onClose: () => void): Asking {
  const { deeds } = useLab();
  const [wasAsked, setWasAsked] = useState(false);
  const [asked, setAsked] = useState<Deed | null>(null);
  const isDone = useIsDone(asked);
  useEffect(() => {
    if (isDone) onClose();
  }, [isDone, onClose]);
  return {
    wasAsked,
    ask: (deed) => {
      setWasAsked(true);
      if (deed === null) return;
      setAsked(deed);
      deeds.ask(deed);
    },
  };
}

/** Calls `look`, which must stay the same between drawings, whenever a deed has ended, well or not. */
export function useAfterDeeds(look: () => void): void {
  const { deeds } = useLab();
  const phase = useSyncExternalStore(deeds.subscribe, () => deeds.get()?.state.phase ?? null);
  useEffect(() => {
    if (phase === 'done' || phase === 'failed') look();
  }, [phase, look]);
}
