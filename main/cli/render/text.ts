// Text for a terminal: widths, cutting, colours, times and sizes.
import { stripVTControlCharacters, styleText } from 'node:util';

/** What a renderer knows of where its text goes. */
export interface View {
  /** Columns; `Infinity` when the text does not go to a terminal. */
  readonly width: number;
  readonly colour: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'quiet' | 'strong';

const styles: Readonly<Record<Tone, 'green' | 'red' | 'yellow' | 'blue' | 'gray' | 'bold'>> = {
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  busy: 'blue',
  quiet: 'gray',
  strong: 'bold',
};

/** Text in the colour of its meaning, where colours are wanted. */
export function paint(text: string, tone: Tone, view: Pick<View, 'colour'>): string {
  return view.colour ? styleText(styles[tone], text, { validateStream: false }) : text;
}

/** Names come from GitLab and may hold anything: without what would move the cursor or change the screen. */
export function clean(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

function widthOf(character: string): number {
  if (/\p{Mark}/u.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** Columns that a text without colours takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/** The text in at most `width` columns, with `…` where something is missing. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let kept = '';
  let columns = 0;
  for (const character of text) {
    columns += widthOf(character);
    if (columns > width - 1) break;
    kept += character;
  }
  return width <= 0 ? '' : `${kept}…`;
}

/** The text filled up with spaces to `width` columns. */
export function fill(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columnsOf(text)));
}

/** The text in lines of at most `width` columns, broken between words; a word that is longer goes on in the next. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((word) => pieces(word, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (columnsOf(longer) <= width) line = longer;
    else {
      if (line !== '') lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** A path or an address must be there as a whole: it is what a person copies. */
function pieces(word: string, width: number): readonly string[] {
  if (columnsOf(word) <= width) return [word];
  const cuts: string[] = [];
  let piece = '';
  for (const character of word) {
    if (piece !== '' && columnsOf(piece + character) > width) {
      cuts.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...cuts, piece];
}

/** A span of time: `0.8 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`. */
export function duration(milliseconds: number): string {
  const tenths = Math.max(0, milliseconds) / 1000;
  if (tenths < 9.95) return `${tenths.toFixed(1)} s`;
  const seconds = Math.round(tenths);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A whole number of seconds that somebody has set: `5 s`, `5 min`. */
export function seconds(number: number): string {
  return number < 60 ? `${number} s` : duration(number * 1000);
}

/** How long ago, in one unit: `just now`, `2 min ago`. */
export function ago(then: number, now: number): string {
  const seconds = Math.floor((now - then) / 1000);
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** MiB as GB with one decimal: `0.5 GB`. */
export function gigabytes(mebibytes: number): string {
  return `${((mebibytes * 1_048_576) / 1e9).toFixed(1)} GB`;
}

/** `1 job`, `2 jobs`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The time of day where the reader is: `14:03:09`. */
export function clockTime(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

/** Signs beyond ASCII, unless the locale says otherwise. Containers often have none, and terminals that show them. */
export function hasUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || 'UTF-8';
  return /utf-?8/i.test(locale);
}

/** Our own signs in ASCII; names of others stay as they are. */
export function asciiSigns(text: string): string {
  return text.replaceAll('…', '~').replaceAll('×', 'x');
}
