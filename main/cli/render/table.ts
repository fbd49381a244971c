// Aligned columns without boxes, in the width that there is.
import { clean, columnsOf, cut, fill, paint } from './text.ts';
import type { Tone, View } from './text.ts';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Cell | string;
}

const gap = 2;
/** Below this a cut column tells nothing any more and is left out, the last one first. */
const leastUseful = 6;

/** Widths of the columns that fit: full where possible, then the widest cut, then the last ones left out. */
function fitted(full: readonly number[], width: number): readonly number[] {
  const total = (widths: readonly number[]): number =>
    widths.reduce((sum, one) => sum + one, 0) + gap * Math.max(0, widths.length - 1);
  const widths = [...full];
  while (widths.length > 1) {
    const least = total(widths.map((one) => Math.min(one, leastUseful)));
    if (least <= width) break;
    widths.pop();
  }
  while (total(widths) > width) {
    const widest = widths.indexOf(Math.max(...widths));
    const current = widths[widest] ?? 0;
    if (current <= 1) break;
    widths[widest] = current - 1;
  }
  return widths;
}

/** A table with the important column first. Cells are cleaned; every line ends with a line feed. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], view: View): string {
  const cells = rows.map((row) =>
    columns.map((column): Cell => {
      const cell = column.cell(row);
      return typeof cell === 'string' ? { text: clean(cell) } : { ...cell, text: clean(cell.text) };
    }),
  );
  const full = columns.map((column, index) =>
    Math.max(columnsOf(column.title), ...cells.map((line) => columnsOf(line[index]?.text ?? ''))),
  );
  const widths = fitted(full, view.width);
  const line = (texts: readonly Cell[]): string =>
    widths
      .map((width, index) => {
        const { text = '', tone } = texts[index] ?? {};
        const shown = index === widths.length - 1 ? cut(text, width) : fill(cut(text, width), width);
        return tone === undefined ? shown : paint(shown, tone, view);
      })
      .join(' '.repeat(gap))
      .trimEnd();
  const head = line(columns.map(({ title }) => ({ text: title, tone: 'quiet' })));
  return [head, ...cells.map(line)].map((text) => `${text}\n`).join('');
}

/** Names and values under one another: `Engine   Docker 20.10`. */
export function renderPairs(pairs: readonly (readonly [string, Cell | string])[], view: View): string {
  const left = Math.max(...pairs.map(([name]) => columnsOf(name)));
  return pairs
    .map(([name, value]) => {
      const { text, tone }: Cell = typeof value === 'string' ? { text: value } : value;
      const shown = cut(clean(text), Math.max(1, view.width - left - gap));
      return `${fill(name, left + gap)}${tone === undefined ? shown : paint(shown, tone, view)}`;
    })
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
