// A sheet for a bad day: what is on it, and the same as plain text to copy or to keep as a file.
import { t } from '../language/strings.ts';

export interface SheetRow {
  /** What it is. Without it the row is a sentence. */
  readonly label?: string;
  readonly value: string;
  /** Hidden on the page until somebody asks for it. On paper and in what is copied or saved it always stands. */
  readonly secret?: boolean;
}

export interface SheetSection {
  readonly title: string;
  /** Its labels are numbers: short rows that stand beside one another. */
  readonly isNumbered?: boolean;
  /** Its sentences are for a terminal: each letter of them counts. */
  readonly isTyped?: boolean;
  /** A section without rows is left out. */
  readonly rows: readonly SheetRow[];
}

/** Plain text of a sheet, without a line break at its end. `made` in the reader's own words. */
export function sheetText(title: string, made: string, sections: readonly SheetSection[]): string {
  const parts = sections
    .filter(({ rows }) => rows.length > 0)
    .map(({ title: name, rows }) => [
      ...['', name.toUpperCase()],
      ...rows.map(({ label, value }) => (label === undefined ? `  ${value}` : `  ${label}: ${value}`)),
    ]);
  return [`AUTOGIT: ${title.toUpperCase()}`, t('Made {{date}}', { date: made }), ...parts.flat()].join('\n');
}
