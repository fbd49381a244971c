// Aligned columns without boxes, in the width that there is.
import { clean, columnsOf, cut, fill, paint, wrap } from './text.ts';
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

/** A column of values narrower than this is no column any more: values go below their names. */
const leastValue = 12;

/** Names and values under one another: `Engine   Docker 20.10`. A value that is too long goes on in the next line. */
export function renderPairs(pairs: readonly (readonly [string, Cell | string])[], view: View): string {
  const left = Math.max(...pairs.map(([name]) => columnsOf(name))) + gap;
  const isNarrow = view.width - left < leastValue;
  const indent = isNarrow ? gap : left;
  return pairs
    .flatMap(([name, value]) => {
      const { text, tone }: Cell = typeof value === 'string' ? { text: value } : value;
      const shown = wrap(clean(text), Math.max(1, view.width - indent)).map((line) =>
        tone === undefined ? line : paint(line, tone, view),
      );
      const [first = '', ...more] = isNarrow ? [name, ...shown] : shown;
      return [
        isNarrow ? first : `${fill(name, left)}${first}`,
        ...more.map((line) => ' '.repeat(indent) + line),
      ];
    })
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
