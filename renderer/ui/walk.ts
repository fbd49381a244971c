// Where a key leads in a list.

interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

function target(key: string, index: number, total: number, page: number): number | null {
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return index + 1;
    case 'ArrowUp':
    case 'k':
      return index < 0 ? total - 1 : index - 1;
    case 'PageDown':
      return index + page;
    case 'PageUp':
      return index - page;
    case 'Home':
      return 0;
    case 'End':
      return total - 1;
    default:
      return null;
  }
}

/** The index that a key leads to from `index` (-1: nowhere yet); `null` when it leads nowhere. */
export function stepOf(event: Key, index: number, total: number, page: number): number | null {
  if (total === 0 || event.ctrlKey || event.metaKey || event.altKey) return null;
  const next = target(event.key, index, total, page);
  return next === null ? null : Math.min(total - 1, Math.max(0, next));
}
