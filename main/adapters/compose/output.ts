// What a program prints: its end, and its lines, both bounded.
import { StringDecoder } from 'node:string_decoder';

/** Of a longer line only the beginning is given. Characters. */
export const longestLine = 65_536;

export interface Tail {
  add(part: Buffer): void;
  text(): string;
}

/** Keeps about the last `mostBytes` of what is added, from the beginning of a line where something was left out. */
export function createTail(mostBytes: number): Tail {
  const parts: Buffer[] = [];
  let size = 0;
  let isCut = false;
  return {
    add: (part) => {
      parts.push(part);
      size += part.length;
      while (size - (parts[0]?.length ?? 0) >= mostBytes) {
        size -= parts.shift()?.length ?? 0;
        isCut = true;
      }
    },
    text: () => {
      const all = Buffer.concat(parts);
      const text = all.subarray(Math.max(0, all.length - mostBytes)).toString('utf8');
      return isCut || all.length > mostBytes ? text.slice(text.indexOf('\n') + 1) : text;
    },
  };
}

export interface LineSplitter {
  add(part: Buffer): void;
  /** Gives what has come without an end of line. */
  end(): void;
}

/** Gives whole lines without their ends. */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let begun = '';
  let isOver = false;
  const take = (text: string): void => {
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    for (const [index, line] of lines.entries()) {
      const whole = (index === 0 ? begun + line : line).replace(/\r$/, '');
      onLine(whole.slice(0, longestLine));
    }
    begun = lines.length === 0 ? begun + rest : rest;
    if (begun.length > longestLine) begun = begun.slice(0, longestLine);
  };
  return {
    add: (part) => take(decoder.write(part)),
    end: () => {
      if (isOver) return;
      isOver = true;
      take(decoder.end());
      if (begun !== '') onLine(begun.replace(/\r$/, ''));
      begun = '';
    },
  };
}
