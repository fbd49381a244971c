// The followed state and the clock, for views: each asks for the part that it shows.
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { Snapshot } from '../../main/contract/snapshot.ts';
import type { CoreClient } from '../client.ts';
import type { Session } from '../transports/http.ts';
import type { Deeds } from './deeds.ts';
import type { Live, LiveState } from './live.ts';

export interface Lab {
  readonly client: CoreClient;
  readonly live: Live;
  readonly deeds: Deeds;
  /** `null` in the desktop's window, whose owner is known. */
  readonly session: Session | null;
}

export const LabContext = createContext<Lab | null>(null);

/** Everything that views share. */
export function useLab(): Lab {
  const lab = useContext(LabContext);
  if (lab === null) throw new TypeError('there is no lab around this view');
  return lab;
}

/** A part of the followed state. `select` must hand out parts, not make new ones: a new one is a new drawing. */
export function useLive<T>(select: (state: LiveState) => T): T {
  const { live } = useLab();
  return useSyncExternalStore(live.subscribe, () => select(live.get()));
}

/** A part of the snapshot; `null` before the first one. */
export function useSnapshot<T>(select: (snapshot: Snapshot) => T): T | null {
  return useLive(({ snapshot }) => (snapshot === null ? null : select(snapshot)));
}

/** The time up to which what is shown is known: stands still while the core is gone. */
export function useSeenNow(): number {
  const now = useNow();
  return useLive(({ lostAt }) => lostAt) ?? now;
}

/** The time, told anew every `stepMs` while the page is seen. */
export function useNow(stepMs = 1_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setNow(Date.now());
    }, stepMs);
    return () => clearInterval(timer);
  }, [stepMs]);
  return now;
}
