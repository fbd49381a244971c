// Equality of plain data, and keeping the objects of before where nothing has changed, so that readers can tell.

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Whether two values of plain data are equal. Takes no time for what is the same object. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, at) => isEqual(item, b[at]));
  if (!isObject(a) || !isObject(b) || Array.isArray(a) || Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    const other = b[key];
    if (a[key] !== other && !isEqual(a[key], other)) return false;
    if (other === undefined && !Object.hasOwn(b, key)) return false;
  }
  return true;
}

/** Finds the row of before that has the identity of a row; at the same place, when the order is the same. */
export function counterpartIn<T>(
  before: readonly T[],
  idOf: (row: T) => unknown,
): (row: T, at: number) => T | undefined {
  let byId: Map<unknown, T> | null = null;
  return (row, at) => {
    const here = before[at];
    if (here !== undefined && idOf(here) === idOf(row)) return here;
    byId ??= new Map(before.map((other) => [idOf(other), other]));
    return byId.get(idOf(row));
  };
}

/** The rows of after, taken from before where they are equal; before itself, when nothing has changed. */
export function keepRows<T>(before: T[], after: T[], idOf: (row: T) => unknown): T[] {
  if (before === after) return before;
  const counterpart = counterpartIn(before, idOf);
  const rows = after.map((row, at) => {
    const known = counterpart(row, at);
    return known !== undefined && isEqual(known, row) ? known : row;
  });
  return rows.length === before.length && rows.every((row, at) => row === before[at]) ? before : rows;
}
