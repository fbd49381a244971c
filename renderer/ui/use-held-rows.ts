// Takes hold of a list's rows while somebody points at it, has scrolled it, or walks through it by keyboard.
import { useState } from 'react';
import { keepHeld, viewHeld } from '../state/held-rows.ts';
import type { HeldView } from '../state/held-rows.ts';

/** Why a list is held; it is let go when nothing is left. */
export type Reason = 'pointer' | 'scroll' | 'keyboard';

export interface HeldRows<T> extends HeldView<T> {
  hold(reason: Reason, isHeld: boolean): void;
  /** Takes in what waits above, and holds on to that. */
  renew(): void;
}

interface Hold<T> {
  readonly reasons: ReadonlySet<Reason>;
  /** `null` while nothing holds. */
  readonly rows: readonly T[] | null;
  /** Another list is not held by what held the last one. */
  readonly of: string;
}

/** `list` names what is listed: with another name (another filter) the held rows are let go. */
export function useHeldRows<T extends { readonly id: unknown }>(
  list: string,
  present: readonly T[],
  all: readonly T[],
): HeldRows<T> {
  const [held, setHeld] = useState<Hold<T>>({ reasons: new Set(), rows: null, of: list });
  const isSame = held.of === list;
  const rows = isSame ? keepHeld(held.rows, present) : held.rows === null ? null : present;
  if (!isSame || rows !== held.rows) setHeld({ ...held, rows, of: list });
  return {
    ...viewHeld(rows, present, all),
    hold: (reason, isHeld) =>
      setHeld((before) => {
        if (before.reasons.has(reason) === isHeld) return before;
        const reasons = new Set(before.reasons);
        if (isHeld) reasons.add(reason);
        else reasons.delete(reason);
        return { of: list, reasons, rows: reasons.size === 0 ? null : (before.rows ?? present) };
      }),
    renew: () => setHeld((before) => ({ ...before, rows: before.rows === null ? null : present })),
  };
}
