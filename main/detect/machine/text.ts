// Reading what the kernel and configuration files say: whole lines only, because a cut one says something else.

/** The lines of a file that were written to their end. `null` and what is no text have none. */
export function wholeLines(text: unknown): readonly string[] {
  if (typeof text !== 'string') return [];
  const lines = text.split('\n');
  // After the last line feed there is nothing, or the beginning of a line that was cut.
  return lines.slice(0, -1).map((line) => line.replace(/\r$/, ''));
}

/** A name, a model, a version: `null` for what nobody means by such, as control characters or a page of text. */
export function plainText(text: string | undefined, longest = 200): string | null {
  const trimmed = (text ?? '').replaceAll(/\s+/g, ' ').trim();
  return trimmed === '' || trimmed.length > longest || /[\p{Cc}\uFFFD]/u.test(trimmed) ? null : trimmed;
}

/** A whole number that is not negative; `null` for everything else. */
export function wholeNumber(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,16}$/.test(text.trim())) return null;
  const value = Number(text.trim());
  return Number.isSafeInteger(value) ? value : null;
}
