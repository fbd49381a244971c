// A log as plain text, to be copied or taken along, made in slices.
import type { LogBook } from './log-book.ts';
import type { LineRange } from './log-rows.ts';
import { nextTask } from './next-task.ts';

/** Lines that are read in one task. */
const slice = 4_000;

/** Its lines without their colours; folded ones too. */
export async function plainText(book: LogBook, range: LineRange | null): Promise<string> {
  const { from, to } = range ?? { from: 0, to: book.count - 1 };
  const end = Math.min(to + 1, book.count);
  const parts: string[] = [];
  for (let line = from; line < end; line += slice) {
    if (line > from) await nextTask();
    const count = Math.min(slice, end - line);
    parts.push(Array.from({ length: count }, (_, at) => book.text(line + at)).join('\n'));
  }
  return parts.join('\n');
}
