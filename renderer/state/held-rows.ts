// Nothing moves by itself: a list that somebody points at keeps its rows and their order while the values change.

interface Row {
  readonly id: unknown;
}

export interface HeldView<T> {
  readonly rows: readonly T[];
  /** Rows that would be there now and wait above the list. */
  readonly fresh: number;
}

/** What goes on being held: a list without rows has none that could move under a pointer, and takes in the first ones. */
export function keepHeld<T>(held: readonly T[] | null, present: readonly T[]): readonly T[] | null {
  return held?.length === 0 && present.length > 0 ? present : held;
}

/**
 * What to show of `present`, the rows as they would be now. Held rows take their newest values from `all`; one that is
 * nowhere any more stays as it was seen last.
 */
export function viewHeld<T extends Row>(
  held: readonly T[] | null,
  present: readonly T[],
  all: readonly T[],
): HeldView<T> {
  if (held === null) return { rows: present, fresh: 0 };
  const newest = new Map(all.map((row) => [row.id, row]));
  const known = new Set(held.map((row) => row.id));
  return {
    rows: held.map((row) => newest.get(row.id) ?? row),
    fresh: present.reduce((sum, row) => sum + (known.has(row.id) ? 0 : 1), 0),
  };
}
