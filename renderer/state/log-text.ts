// One line of a job's log as styled text: colours of the terminal stay, everything else it could do is dropped.
import { plain, styled } from './log-style.ts';
import type { Style } from './log-style.ts';
import { count } from '../language/strings.ts';

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type LogLine = readonly Span[];

/** Longer lines are cut where they are shown, and say so: nobody reads on, and a browser lays them out slowly. Characters. */
const longest = 4_000;

/** Escape sequences: colours in the first group; everything else has none. */
const escapes =
  /\u001b(?:\[([\d;:]*)m|\[[\d;:?]*[ -/]*[@-~]?|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_]?)/g;
/** What would be invisible, or turn text around. */
const unseen = /(?!\t)[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** What is left of a line that returned to its start and wrote over itself, and what was written over. */
function overwritten(line: string): { readonly before: string; readonly text: string } {
  let end = line.length;
  while (line[end - 1] === '\r') end -= 1;
  const start = line.lastIndexOf('\r', end - 1) + 1;
  return { before: line.slice(0, start), text: line.slice(start, end) };
}

/** The style in which the next line begins. */
export function styleAfter(line: string, style: Style): Style {
  if (!line.includes('\u001b')) return style;
  let now = style;
  for (const [, parameters] of line.matchAll(escapes))
    if (parameters !== undefined) now = styled(now, parameters);
  return now;
}

/** The text of a line without its colours, all of it. */
export function textOf(line: string): string {
  return overwritten(line).text.replace(escapes, '').replace(unseen, '');
}

/** The spans of one line that begins in a style. */
export function spansOf(line: string, style: Style): LogLine {
  const { before, text } = overwritten(line);
  const spans: Span[] = [];
  let now = styleAfter(before, style);
  let room = longest;
  let left = 0;
  const add = (part: string): void => {
    const seen = part.replace(unseen, '');
    const shown = seen.length <= room ? seen : cut(seen, room);
    if (shown !== '') spans.push({ text: shown, style: now });
    room -= shown.length;
    left += seen.length - shown.length;
  };
  let from = 0;
  for (const match of text.matchAll(escapes)) {
    add(text.slice(from, match.index));
    if (match[1] !== undefined) now = styled(now, match[1]);
    from = match.index + match[0].length;
  }
  add(text.slice(from));
  if (left > 0) {
    const more = count(left, '… {{n}} more character', '… {{n}} more characters');
    spans.push({ text: ` ${more}`, style: plain });
  }
  return spans;
}

/** The first characters, none of them halved. */
function cut(text: string, length: number): string {
  const isHalf = /[\ud800-\udbff]/.test(text.charAt(length - 1));
  return text.slice(0, Math.max(0, isHalf ? length - 1 : length));
}
