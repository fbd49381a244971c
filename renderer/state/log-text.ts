// A job's log as lines of styled text: colours of the terminal become classes, everything else it could do is dropped.

export const inkNames = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
export type Ink = (typeof inkNames)[number];

export interface Style {
  readonly ink: Ink | null;
  readonly bold: boolean;
  readonly faint: boolean;
  readonly underline: boolean;
}

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type LogLine = readonly Span[];

export interface LogText {
  /** Whole lines. */
  readonly lines: readonly LogLine[];
  /** The start of a line that is not yet ended, as it came. */
  readonly rest: string;
  /** In force at the start of `rest`. */
  readonly style: Style;
}

export const plain: Style = { ink: null, bold: false, faint: false, underline: false };
export const emptyLog: LogText = { lines: [], rest: '', style: plain };

/** Longer lines are cut, and say so: nobody reads on, and a browser lays them out slowly. Characters. */
const longest = 4_000;

/** GitLab marks sections with `section_start:<time>:<name>[options]` and a carriage return. */
const sections = /section_(?:start|end):\d+:[\w.-]+(?:\[[^\]\r\n]*\])?\r?/g;
/** Escape sequences: colours in the first group; everything else has none. */
const escapes =
  /\u001b(?:\[([\d;]*)m|\[[\d;?]*[ -/]*[@-~]?|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_]?)/g;
/** What would be invisible, or turn text around. */
const unseen = /(?!\t)[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function inkOf(code: number): Ink | null {
  return inkNames[code % 10] ?? null;
}

/** https://www.ecma-international.org/publications-and-standards/standards/ecma-48/, 8.3.117 */
function styled(style: Style, parameters: string): Style {
  let now = style;
  const codes = parameters.split(';').map(Number);
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 0) now = plain;
    else if (code === 1) now = { ...now, bold: true };
    else if (code === 2) now = { ...now, faint: true };
    else if (code === 4) now = { ...now, underline: true };
    else if (code === 22) now = { ...now, bold: false, faint: false };
    else if (code === 24) now = { ...now, underline: false };
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) now = { ...now, ink: inkOf(code) };
    else if (code === 39) now = { ...now, ink: null };
    // Colours out of many keep the text readable as it is: `38;5;n` and `38;2;r;g;b`.
    else if (code === 38 || code === 48) at += codes[at + 1] === 2 ? 4 : 2;
  }
  return now;
}

/** What is left of a line that returned to its start and wrote over itself. */
function overwritten(line: string): string {
  const text = line.replace(/\r+$/, '');
  return text.slice(text.lastIndexOf('\r') + 1);
}

function shortened(text: string): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest)} … ${(text.length - longest).toLocaleString('en')} more characters`;
}

/** The spans of one line, and the style in which the next one begins. */
export function readLine(line: string, style: Style): { readonly spans: LogLine; readonly style: Style } {
  const text = shortened(overwritten(line.replace(sections, '')));
  const spans: Span[] = [];
  let now = style;
  let from = 0;
  const add = (part: string): void => {
    const seen = part.replace(unseen, '');
    if (seen !== '') spans.push({ text: seen, style: now });
  };
  for (const match of text.matchAll(escapes)) {
    add(text.slice(from, match.index));
    if (match[1] !== undefined) now = styled(now, match[1]);
    from = match.index + match[0].length;
  }
  add(text.slice(from));
  return { spans, style: now };
}

/** The log with more text at its end. */
export function appendLog(log: LogText, more: string): LogText {
  const parts = (log.rest + more).split('\n');
  const rest = parts.pop() ?? '';
  if (parts.length === 0) return { ...log, rest };
  let { style } = log;
  const added = parts.map((part) => {
    const line = readLine(part, style);
    ({ style } = line);
    return line.spans;
  });
  return { lines: [...log.lines, ...added], rest, style };
}

/** Every line there is, the one that is not yet ended too. */
export function linesOf(log: LogText): readonly LogLine[] {
  return log.rest === '' ? log.lines : [...log.lines, readLine(log.rest, log.style).spans];
}

/** The text of a line without its colours. */
export function textOf(line: LogLine): string {
  return line.map((span) => span.text).join('');
}
