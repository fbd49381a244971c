// Damaged texts, and the claim that a damaged text says nothing that the whole one does not.

/** Every byte where the text is short; of long ones every so many, and all with AUTOGIT_STEPS=1000000. */
const steps = Number(process.env['AUTOGIT_STEPS'] ?? 10_000);

export function cutsOf(text: string): readonly number[] {
  const stride = steps >= 1_000_000 ? 1 : Math.ceil((text.length * text.length) / (steps * 100));
  return Array.from({ length: Math.ceil(text.length / stride) }, (_, index) => index * stride);
}

/** The same, `null`, or an entry less. Raises where it is anything else. */
export function expectPart(part: unknown, whole: unknown): void {
  compare(part, whole, (text) => {
    throw new Error(`${text} instead of ${JSON.stringify(whole)}`);
  });
}

/** As `expectPart`, of numbers alone: a text may have the damage in it, and an entry that lost its name has no twin. */
export function expectNumbers(part: unknown, whole: unknown): void {
  compare(part, whole, () => undefined);
}

/** `onText`: what to do with a text that differs, and with an entry that the whole does not have. */
function compare(part: unknown, whole: unknown, onText: (text: string) => void): void {
  if (part === null || part === whole) return;
  if (Array.isArray(part) && Array.isArray(whole)) {
    for (const entry of part) {
      const twins = whole.filter(
        (other) => whole.length * part.length === 1 || keyOf(other) === keyOf(entry),
      );
      // Of several with one key, nobody knows which was damaged.
      if (twins.length === 1) compare(entry, twins[0], onText);
      else if (twins.length === 0) onText(JSON.stringify(entry));
    }
    return;
  }
  if (typeof part === 'object' && typeof whole === 'object' && whole !== null) {
    const right = new Map(Object.entries(whole));
    for (const [name, value] of Object.entries(part)) compare(value, right.get(name), onText);
    return;
  }
  if (typeof part === 'string') onText(JSON.stringify(part));
  else throw new Error(`${JSON.stringify(part)} instead of ${JSON.stringify(whole)}`);
}

/** What tells one entry from another; values that only name it are no numbers that could be wrong. */
export function keyOf(entry: unknown): string {
  const none = { pid: 0, uuid: '', index: 0, key: '', id: '', address: '', renderMinor: 0, milliseconds: 0 };
  const { pid, uuid, index, key, id, address, renderMinor, milliseconds } = {
    ...none,
    ...(typeof entry === 'object' ? entry : {}),
  };
  return JSON.stringify([pid, uuid, index, key, id, address, renderMinor, milliseconds]);
}

/** What tools print where they have no value. */
export const placeholders: readonly string[] = [
  ...[
    '[N/A]',
    'N/A',
    '[Unknown Error]',
    'ERR!',
    '',
    '[GPU is lost]',
    '[Not Supported]',
    '[Function Not Found]',
  ],
];

/** The text with some of its numbers replaced, one at a time: those that have a unit or stand for themselves. */
export function* withPlaceholders(text: string): Generator<string> {
  const numbers = [...text.matchAll(/(?<=[ >"])\d[\d.]*(?= MiB| W| C| %|"|[,\n])/g)].slice(0, 25);
  for (const word of placeholders)
    for (const match of numbers)
      yield text.slice(0, match.index) + word + text.slice(match.index + match[0].length);
}

/** With a comma for the point, and a point between thousands. */
export function inGerman(text: string): string {
  return text
    .replaceAll(/(\d)\.(\d{2,6})(?= W|, |"|,\n)/g, '$1,$2')
    .replaceAll(/(\d)(\d{3})(?= MiB|")/g, '$1.$2');
}

function withFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withFields(item));
  if (typeof value !== 'object' || value === null) return value;
  const own = Object.entries(value).map(([name, field]) => [name, withFields(field)]);
  return { a_new_field: 7, ...Object.fromEntries(own), another: { value: 'x', unit: 'MB' } };
}

/** As a newer release of the tool may say the same: with more columns, fields or elements; `null` where there are none. */
export function withMore(name: string, text: string): string | null {
  if (name.endsWith('.xml'))
    return text.replaceAll(
      /<gpu id="[^"]*">/g,
      (open) => `${open}<a_new_field><total>7 MiB</total></a_new_field>`,
    );
  if (name.endsWith('.json')) return JSON.stringify(withFields(JSON.parse(text)), null, 2);
  if (!name.endsWith('.csv') || name.includes('nounits')) return null;
  return text.replaceAll(/(?<=.)$/gm, ', 7 MiB').replace(', 7 MiB', ', a.new.field [MiB]');
}
