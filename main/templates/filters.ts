// The filters through which every value leaves a template: one for each syntax, so that no answer can leave its place.

/** Text that is right in the syntax it was made for. */
export class SafeText {
  readonly text: string;
  readonly syntax: string;

  constructor(syntax: string, text: string) {
    this.syntax = syntax;
    this.text = text;
  }
}

/** Control characters and the ends of lines that YAML, Ruby and JavaScript do not all see alike. */
const unseen = /[\u007f-\u009f\u2028\u2029\ufeff]/g;
const control = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

function refuse(syntax: string, value: unknown): never {
  throw new Error(
    `${value === undefined ? 'nothing' : JSON.stringify(value)} can not be written with the filter ${syntax}`,
  );
}

/** JSON, which is YAML, too. */
function json(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  return text.replaceAll(unseen, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same in a file that Compose reads: a doubled `$` means one. https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md */
function jsonForCompose(value: unknown): string {
  return json(value).replaceAll('$', '$$$$');
}

/** A Ruby literal. Single-quoted strings know only `\\` and `\'`. https://docs.ruby-lang.org/en/3.3/syntax/literals_rdoc.html */
function ruby(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(ruby).join(', ')}]`;
  if (typeof value !== 'string' || control.test(value)) refuse('ruby', value);
  return `'${value.replaceAll(/[\\']/g, (char) => `\\${char}`)}'`;
}

/** One word of a Corefile, or several: no blanks, quotes, braces, comments. https://coredns.io/manual/configuration/ */
function corefile(value: unknown): string {
  if (Array.isArray(value) && value.length > 0) return value.map(corefile).join(' ');
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string' || !/^[^\s{}"'`\\#\p{C}\p{Z}]+$/u.test(value)) refuse('corefile', value);
  return value;
}

/** A word that means itself in every syntax. */
function word(value: unknown): string {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  if (typeof text !== 'string' || !/^[A-Za-z0-9._:/@=+,*-]+$/.test(text)) refuse('word', value);
  return text;
}

/** One line, for a comment. */
function comment(value: unknown): string {
  const text = typeof value === 'string' ? value : json(value);
  return text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim();
}

/** The filters by name, for configuration files and for `compose.yaml`. */
export const syntaxFilters: Readonly<
  Record<'file' | 'compose', Readonly<Record<string, (value: unknown) => string>>>
> = {
  file: { json, ruby, corefile, word, comment },
  compose: { json: jsonForCompose, word, comment },
};

/** Liquid's own filters that are left: the same in, the same out, no clock, no chance, no markup. */
export const plainFilters: ReadonlySet<string> = new Set([
  ...['append', 'prepend', 'upcase', 'downcase', 'strip', 'replace', 'split', 'join', 'size', 'slice'],
  ...['first', 'last', 'map', 'where', 'sort', 'uniq', 'compact', 'concat', 'reverse', 'default', 'push'],
  ...[
    'plus',
    'minus',
    'times',
    'divided_by',
    'modulo',
    'floor',
    'ceil',
    'round',
    'at_least',
    'at_most',
    'abs',
  ],
]);

export const plainTags: ReadonlySet<string> = new Set([
  ...['if', 'unless', 'case', 'for', 'assign', 'capture', 'comment', 'raw', 'break', 'continue', '#'],
]);
