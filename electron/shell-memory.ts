// What the desktop remembers of itself from one start to the next: the window's place, and what it has explained.
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Of the window's place: screens end before this. */
const mostPixels = 100_000;
const longestRoute = 2000;

export interface ShellState {
  /** Of the window, when it was not maximized. */
  readonly bounds: Readonly<Record<'x' | 'y' | 'width' | 'height', number>> | null;
  readonly isMaximized: boolean;
  /** The address in the page, as it stands behind the `#`. */
  readonly route: string;
  /** That closing the window does not end AutoGit. */
  readonly hasToldHiding: boolean;
  /** That this desktop has no place for an icon. */
  readonly hasToldNoTray: boolean;
}

const blank: ShellState = {
  bounds: null,
  isMaximized: false,
  route: '',
  hasToldHiding: false,
  hasToldNoTray: false,
};

export interface ShellMemory {
  get(): ShellState;
  /** Written in its own time; a disk that refuses costs nothing but that memory. */
  set(change: Partial<ShellState>): void;
  /** Resolves when everything is written. */
  settled(): Promise<void>;
}

/** Reads `shell.json` in `folder` once, at the start: a file that is damaged is as if there were none. */
export function openShellMemory(folder: string): ShellMemory {
  const file = path.join(folder, 'shell.json');
  let state = readState(file);
  let last: Promise<void> = Promise.resolve();
  return {
    get: () => state,
    set: (change) => {
      const next = { ...state, ...change };
      const [before, text] = [JSON.stringify(state), JSON.stringify(next)];
      state = next;
      if (text === before) return;
      last = last.then(() => writeFile(file, `${text}\n`, { mode: 0o600 })).catch(() => undefined);
    },
    settled: () => last,
  };
}

function readState(file: string): ShellState {
  try {
    return parseState(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return blank;
  }
}

/** By hand: to read a library of schemas takes as long as to show the icon. What is no such thing is as if it were not there. */
function parseState(read: unknown): ShellState {
  const fields = fieldsOf(read);
  const route = fields['route'];
  return {
    bounds: parseBounds(fields['bounds']),
    isMaximized: fields['isMaximized'] === true,
    route: typeof route === 'string' && route.length <= longestRoute ? route : blank.route,
    hasToldHiding: fields['hasToldHiding'] === true,
    hasToldNoTray: fields['hasToldNoTray'] === true,
  };
}

function parseBounds(read: unknown): ShellState['bounds'] {
  const fields = fieldsOf(read);
  const [x, y, width, height] = [fields['x'], fields['y'], fields['width'], fields['height']];
  if (!isPixels(x) || !isPixels(y) || !isPixels(width) || !isPixels(height)) return null;
  return width < 1 || height < 1 ? null : { x, y, width, height };
}

function isPixels(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= mostPixels;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
