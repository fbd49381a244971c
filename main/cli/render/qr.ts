// A QR code in a terminal: two rows of it in each line.
import type { View } from './text.ts';

/** Black on white whatever the terminal's own colours are: cameras want dark on light. */
const colours = { on: '\u001b[30;107m', off: '\u001b[0m' } as const;

function isDark(rows: readonly string[], row: number, column: number): boolean {
  return rows[row]?.[column] === '1';
}

function half(top: boolean, bottom: boolean): string {
  if (top) return bottom ? '█' : '▀';
  return bottom ? '▄' : ' ';
}

/**
 * `rows`: '1' for dark, with the light edge that a code needs. Empty where nobody points a camera at it, because the text
 * does not go to a terminal, and where it does not fit. Without colours light is drawn, as for a dark terminal.
 */
export function renderQr(rows: readonly string[], view: View): string {
  const width = rows[0]?.length ?? 0;
  if (width === 0 || !Number.isFinite(view.width) || width > view.width) return '';
  const lines: string[] = [];
  for (let row = 0; row < rows.length; row += 2) {
    const line = Array.from({ length: width }, (_, column) => {
      const [top, bottom] = [isDark(rows, row, column), isDark(rows, row + 1, column)];
      return view.colour ? half(top, bottom) : half(!top, row + 1 < rows.length && !bottom);
    }).join('');
    lines.push(view.colour ? `${colours.on}${line}${colours.off}\n` : `${line}\n`);
  }
  return lines.join('');
}
