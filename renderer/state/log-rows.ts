// Which lines of a log are shown while some of its sections are folded.
import type { LogBook, LogSection } from './log-book.ts';

/** What somebody has folded or opened, which counts more than what the job wants. */
export interface Folds {
  /** All sections, those that come later too; `null`: as the job wants each. */
  readonly all: 'open' | 'folded' | null;
  readonly own: ReadonlyMap<number, boolean>;
}

export const noFolds: Folds = { all: null, own: new Map() };

export function isFolded(folds: Folds, index: number, section: LogSection | undefined): boolean {
  const own = folds.own.get(index);
  if (own !== undefined) return own;
  return folds.all === null ? section?.isFolded === true : folds.all === 'folded';
}

export function withFold(folds: Folds, index: number, folded: boolean): Folds {
  return { ...folds, own: new Map([...folds.own, [index, folded]]) };
}

/** With every section open that a line is in. */
export function revealed(folds: Folds, book: LogBook, line: number): Folds {
  let now = folds;
  for (let at = book.sectionOf(line); at !== null; at = book.sections[at]?.parent ?? null)
    if (isFolded(now, at, book.sections[at])) now = withFold(now, at, false);
  return now;
}

export interface Rows {
  readonly count: number;
  lineAt(row: number): number;
  /** The row of a line, or of the header that it is folded under. */
  rowOf(line: number): number;
}

/** Every line that no folded section hides, in order. `all`: how many lines there are. */
export function rowsOf(all: number, sections: readonly LogSection[], folds: Folds): Rows {
  const hidden: (readonly [number, number])[] = [];
  let until = 0;
  for (const [index, section] of sections.entries()) {
    if (section.header < until || !isFolded(folds, index, section)) continue;
    until = section.end ?? all;
    if (until > section.header + 1) hidden.push([section.header + 1, until]);
  }
  if (hidden.length === 0) return { count: all, lineAt: (row) => row, rowOf: (line) => line };
  const lines = new Int32Array(all);
  let count = 0;
  let line = 0;
  for (const [from, to] of [...hidden, [all, all] as const]) {
    while (line < from) lines[count++] = line++;
    line = to;
  }
  return {
    count,
    lineAt: (row) => lines[row] ?? 0,
    rowOf: (wanted) => lastAtMost(lines, count, wanted),
  };
}

/** The place of the last number that is not above `wanted`, of so many that grow. */
function lastAtMost(numbers: Int32Array, count: number, wanted: number): number {
  let [low, high] = [0, count - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((numbers[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** Lines that an address names, counted from 0, the last one too. */
export interface LineRange {
  readonly from: number;
  readonly to: number;
}

/** Reads `120` and `120-140`, which count from 1 as people do. */
export function parseLines(text: string | undefined): LineRange | null {
  const [, first, last = first] = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(text ?? '') ?? [];
  const [one, other] = [Number(first), Number(last)];
  if (!(one >= 1 && other >= 1)) return null;
  return { from: Math.min(one, other) - 1, to: Math.max(one, other) - 1 };
}

export function formatLines({ from, to }: LineRange): string {
  return from === to ? String(from + 1) : `${from + 1}-${to + 1}`;
}
