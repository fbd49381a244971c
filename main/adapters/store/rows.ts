// Rows of the database as values: parsed, and skipped with a word in the log when they do not parse.
import { z } from 'zod';
import type { Log } from '../../log.ts';
import { scopeSchema } from '../../model/pool.ts';

export interface RowReader<T> {
  all(rows: readonly unknown[]): readonly T[];
  /** `null` for no row, and for one that does not parse. */
  one(row: unknown): T | null;
}

/** A reader for the rows of one table. */
export function rowReader<T>(table: string, schema: z.ZodType<T>, log: Log | undefined): RowReader<T> {
  const read = (row: unknown): readonly T[] => {
    const result = schema.safeParse(row);
    if (result.success) return [result.data];
    log?.warn(`A row of ${table} cannot be read and is skipped`, {
      table,
      id: z.object({ id: z.unknown() }).safeParse(row).data?.id,
      problem: z.prettifyError(result.error),
    });
    return [];
  };
  return {
    all: (rows) => rows.flatMap(read),
    one: (row) => (row === undefined ? null : (read(row)[0] ?? null)),
  };
}

/**
 * A reader that is asked in every pass, although its table is written rarely: it keeps its last answers until `forget`,
 * which whoever writes calls first. One core alone has the database open.
 */
export function untilWritten<K extends string | number, T>(
  read: (question: K) => T,
): { readonly read: (question: K) => T; readonly forget: () => void } {
  const answers = new Map<K, { readonly answer: T }>();
  return {
    read: (question) => {
      const known = answers.get(question);
      if (known !== undefined) return known.answer;
      const answer = read(question);
      answers.set(question, { answer });
      return answer;
    },
    forget: () => answers.clear(),
  };
}

/** JSON in a text column. */
export const jsonColumn = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('not JSON');
    return z.NEVER;
  }
});

/** A JSON array of strings in a text column. */
export const tagsColumn = jsonColumn.pipe(z.array(z.string()));

/** Whose jobs a pool takes, as JSON in a text column. */
export const scopeColumn = jsonColumn.pipe(scopeSchema);

/** 0 or 1 in an integer column. */
export const booleanColumn = z.literal([0, 1]).transform((value) => value === 1);
