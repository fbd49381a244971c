// A job's log as it grows: its lines, their times, and the sections that GitLab has it folded into.
import { plain } from './log-style.ts';
import type { Style } from './log-style.ts';
import { spansOf, styleAfter, textOf } from './log-text.ts';
import type { LogLine } from './log-text.ts';

export interface LogSection {
  readonly name: string;
  /** The line that stands for it, always shown. Lines are counted from 0. */
  readonly header: number;
  /** The first line after it; `null`: it goes on. */
  readonly end: number | null;
  /** The section that it is part of; `null`: none. */
  readonly parent: number | null;
  readonly depth: number;
  /** Seconds; `null`: it has not ended. */
  readonly seconds: number | null;
  /** The job wants it folded. */
  readonly isFolded: boolean;
}

export interface LogBook {
  /** Another number after every change. */
  readonly version: number;
  /** Lines, the one that is not yet ended too. */
  readonly count: number;
  /** Another list after one has begun or ended. */
  readonly sections: readonly LogSection[];
  /** The runner has written when each line came. */
  readonly hasTimes: boolean;
  append(more: string): void;
  /** The same object for as long as the line is the same. */
  line(index: number): LogLine;
  text(index: number): string;
  /** Milliseconds since 1970. */
  time(index: number): number | null;
  /** The section that a line begins; `null`: none. */
  sectionAt(index: number): number | null;
  /** The innermost section that a line is in, its header aside; `null`: none. */
  sectionOf(index: number): number | null;
}

/**
 * GitLab marks sections with `section_start:TIME:NAME[options]` and `section_end:TIME:NAME`, a carriage return, and an order to
 * clear the line: https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections
 */
const markers = /section_(start|end):(\d+):([\w.-]+)(?:\[([^\]\r\n]*)\])?\r\u001b\[0K/g;
/** Since 18.7 runners begin each line with its time and stream; `+` goes on with the line before. */
const timeHead = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) [\da-f]{2}[EO]([+ ])/;
const timeHeadLength = 32;
const mostShown = 500;
/** Deeper sections are lines like any other. */
const deepest = 8;

interface Entry {
  readonly raw: string;
  readonly style: Style;
  readonly owner: number | null;
  readonly time: string | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function createLogBook(): LogBook {
  return new Book();
}

class Book implements LogBook {
  version = 0;
  hasTimes = false;
  readonly #entries: Entry[] = [];
  readonly #sections: Mutable<LogSection>[] = [];
  /** What was last told of them; `null`: it has changed since. */
  #told: readonly LogSection[] | null = null;
  readonly #starts: number[] = [];
  readonly #headers = new Map<number, number>();
  /** Open sections, the innermost last. */
  #open: readonly number[] = [];
  /** Begun in this line, and without a header yet. */
  #begun: number | null = null;
  #style = plain;
  /** The start of a line that is not yet ended, as it came. */
  #rest = '';
  #isFirst = true;
  /** Lines that were drawn lately. */
  readonly #shown = new Map<number, { readonly raw: string; readonly line: LogLine }>();

  get count(): number {
    return this.#entries.length + (this.#tail() === null ? 0 : 1);
  }

  get sections(): readonly LogSection[] {
    this.#told ??= this.#sections.map((section) => ({ ...section }));
    return this.#told;
  }

  append(more: string): void {
    const parts = (this.#rest + more).split('\n');
    this.#rest = parts.pop() ?? '';
    for (const part of parts) this.#take(part);
    this.version += 1;
  }

  line(index: number): LogLine {
    const { raw, style } = this.#entry(index);
    const shown = this.#shown.get(index);
    if (shown !== undefined && shown.raw === raw) return shown.line;
    if (this.#shown.size >= mostShown) this.#shown.clear();
    const line = spansOf(raw, style);
    this.#shown.set(index, { raw, line });
    return line;
  }

  text(index: number): string {
    return textOf(this.#entry(index).raw);
  }

  time(index: number): number | null {
    const { time } = this.#entry(index);
    return time === null ? null : Date.parse(time);
  }

  sectionAt(index: number): number | null {
    return this.#headers.get(index) ?? null;
  }

  sectionOf(index: number): number | null {
    return this.#entry(index).owner;
  }

  #entry(index: number): Entry {
    const entry = this.#entries[index] ?? (index === this.#entries.length ? this.#tail() : null);
    return entry ?? { raw: '', style: plain, owner: null, time: null };
  }

  /** The line that is not yet ended, as far as there is something to see; markers of sections in it wait for its end. */
  #tail(): Entry | null {
    if (this.#rest === '') return null;
    const { text, time } = this.#headOf(this.#rest);
    const raw = text.replace(markers, '');
    return raw === '' ? null : { raw, style: this.#style, owner: this.#open.at(-1) ?? null, time };
  }

  #headOf(line: string): { readonly text: string; readonly time: string | null; readonly goesOn: boolean } {
    const found = this.hasTimes || this.#isFirst ? timeHead.exec(line) : null;
    if (found === null) return { text: line, time: null, goesOn: false };
    return { text: line.slice(timeHeadLength), time: found[1] ?? null, goesOn: found[2] === '+' };
  }

  #take(line: string): void {
    if (this.#isFirst) this.hasTimes = timeHead.test(line);
    this.#isFirst = false;
    const { text, time, goesOn } = this.#headOf(line);
    const before = goesOn ? this.#entries.at(-1) : undefined;
    const isWhole = !text.includes('section_');
    if (before !== undefined && isWhole) {
      // GitLab's runner writes a long line in pieces.
      this.#entries[this.#entries.length - 1] = { ...before, raw: before.raw + text };
      this.#style = styleAfter(text, this.#style);
    } else if (isWhole) this.#add(text, time);
    else this.#takeMarked(text, time);
  }

  /** A line in which sections begin or end: what stands between the marks are lines of their own. */
  #takeMarked(text: string, time: string | null): void {
    let from = 0;
    for (const match of text.matchAll(markers)) {
      this.#addSeen(text.slice(from, match.index), time);
      from = match.index + match[0].length;
      const [, kind, at = '', name = '', options = ''] = match;
      if (kind === 'start') this.#begin(name, Number(at), options, time);
      else this.#end(name, Number(at), time);
    }
    const rest = text.slice(from);
    if (from === 0) this.#add(rest, time);
    else this.#addSeen(rest, time);
    this.#giveHeader(time);
  }

  #begin(name: string, at: number, options: string, time: string | null): void {
    this.#giveHeader(time);
    if (this.#open.length >= deepest) return;
    this.#told = null;
    this.#starts.push(at);
    this.#sections.push({
      ...{ name, header: this.#entries.length, end: null, seconds: null },
      ...{ parent: this.#open.at(-1) ?? null, depth: this.#open.length },
      isFolded: /(?:^|,)\s*collapsed=true\s*(?:,|$)/.test(options),
    });
    this.#begun = this.#sections.length - 1;
  }

  #end(name: string, at: number, time: string | null): void {
    this.#giveHeader(time);
    const place = this.#open.findLastIndex((index) => this.#sections[index]?.name === name);
    if (place < 0) return;
    this.#told = null;
    for (const index of this.#open.slice(place)) {
      const section = this.#sections[index];
      if (section === undefined) continue;
      section.end = this.#entries.length;
      section.seconds = section.name === name ? Math.max(0, at - (this.#starts[index] ?? at)) : null;
    }
    this.#open = this.#open.slice(0, place);
  }

  /** A section that says nothing of itself has its name for a header. */
  #giveHeader(time: string | null): void {
    if (this.#begun === null) return;
    this.#add(this.#sections[this.#begun]?.name.replaceAll('_', ' ') ?? '', time);
  }

  /** Nothing but marks makes no line. */
  #addSeen(text: string, time: string | null): void {
    if (textOf(text) === '') this.#style = styleAfter(text, this.#style);
    else this.#add(text, time);
  }

  #add(raw: string, time: string | null): void {
    const owner = this.#open.at(-1) ?? null;
    if (this.#begun !== null) {
      this.#headers.set(this.#entries.length, this.#begun);
      this.#open = [...this.#open, this.#begun];
      this.#begun = null;
    }
    this.#entries.push({ raw, style: this.#style, owner, time });
    this.#style = styleAfter(raw, this.#style);
  }
}
