// Looking for words in a log: every place where they stand, in slices, so that the page stays quick meanwhile.
import type { LogBook } from './log-book.ts';
import type { LogLine, Span } from './log-text.ts';

/** More places than these nobody goes through. */
export const mostFound = 10_000;

export interface Found {
  /** The line of each place, in order; a line with two has it twice. */
  readonly lines: readonly number[];
  /** Lines that were looked at. */
  readonly looked: number;
  /** There may be more than were counted. */
  readonly isCut: boolean;
}

export const nothingFound: Found = { lines: [], looked: 0, isCut: false };

/** The words as they are, whatever signs are in them; large and small letters are the same. `null`: no words. */
export function needleOf(words: string): RegExp | null {
  return words === '' ? null : new RegExp(words.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`), 'giu');
}

/** Goes on where it has stopped, over at most so many lines, and never further than the whole ones up to `end`. */
export function searchOn(found: Found, book: LogBook, needle: RegExp, end: number, most: number): Found {
  if (found.isCut || found.looked >= end) return found;
  const until = Math.min(end, found.looked + most);
  const added: number[] = [];
  for (let line = found.looked; line < until; line += 1) {
    const { length } = [...book.text(line).matchAll(needle)];
    for (let hit = 0; hit < length; hit += 1) added.push(line);
  }
  const lines = added.length === 0 ? found.lines : [...found.lines, ...added];
  return { lines: lines.slice(0, mostFound), looked: until, isCut: lines.length >= mostFound };
}

/** Which of the places in its line a place is, from 0. */
export function ordinalOf({ lines }: Found, place: number): number {
  const line = lines[place];
  let ordinal = 0;
  while (place - ordinal > 0 && lines[place - ordinal - 1] === line) ordinal += 1;
  return ordinal;
}

/** The first place at a line or after it; the first of all where there is none. */
export function placeFrom({ lines }: Found, line: number): number {
  const place = lines.findIndex((one) => one >= line);
  return Math.max(0, place);
}

export interface MarkedSpan extends Span {
  /** Which of the places in this line it is part of; `null`: none. */
  readonly place: number | null;
}

/** The spans of a line, cut where places begin and end. */
export function markedSpans(line: LogLine, needle: RegExp | null): readonly MarkedSpan[] {
  if (needle === null) return line.map((span) => ({ ...span, place: null }));
  const text = line.map((span) => span.text).join('');
  const places = [...text.matchAll(needle)].map(
    (match) => [match.index, match.index + match[0].length] as const,
  );
  let at = 0;
  return line.flatMap((span) => {
    const start = at;
    at += span.text.length;
    return cutSpan(span, start, places);
  });
}

function cutSpan(
  span: Span,
  start: number,
  places: readonly (readonly [number, number])[],
): readonly MarkedSpan[] {
  const end = start + span.text.length;
  const parts: MarkedSpan[] = [];
  let at = start;
  const add = (to: number, place: number | null): void => {
    if (to > at) parts.push({ ...span, text: span.text.slice(at - start, to - start), place });
    at = Math.max(at, to);
  };
  for (const [place, [from, to]] of places.entries()) {
    if (to <= start || from >= end) continue;
    add(Math.max(start, from), null);
    add(Math.min(end, to), place);
  }
  add(end, null);
  return parts;
}
