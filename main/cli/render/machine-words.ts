// Words that the tables of a machine share.
import { renderPairs } from './table.ts';
import type { Cell } from './table.ts';
import { gigabytes, paint } from './text.ts';
import type { View } from './text.ts';

export type Pair = readonly [string, Cell | string];

/** The value, or that it is not known: why stands at the end. */
export function words(value: string | number | null): string {
  return value === null ? 'not known' : String(value);
}

export function list(values: readonly string[] | null): string {
  if (values === null) return 'not known';
  return values.length === 0 ? 'none' : values.join(', ');
}

/** Bytes as GB. */
export function amount(bytes: number | null): string {
  return bytes === null ? 'not known' : gigabytes(bytes / 1024 ** 2);
}

export function yesNo(value: boolean | null): string {
  return value === null ? 'not known' : value ? 'yes' : 'no';
}

/** Pairs below a title. */
export function titled(title: string, pairs: readonly Pair[], view: View): string {
  return `${paint(title, 'quiet', view)}\n${renderPairs(pairs, view)}`;
}
