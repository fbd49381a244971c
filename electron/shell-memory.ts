// What the desktop remembers of itself from one start to the next: the window's place, and what it has explained.
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const pixels = z.int().min(-100_000).max(100_000);

const memorySchema = z.object({
  /** Of the window, when it was not maximized. */
  bounds: z
    .object({ x: pixels, y: pixels, width: pixels.min(1), height: pixels.min(1) })
    .nullable()
    .catch(null),
  isMaximized: z.boolean().catch(false),
  /** The address in the page, as it stands behind the `#`. */
  route: z.string().max(2000).catch(''),
  /** That closing the window does not end AutoGit. */
  hasToldHiding: z.boolean().catch(false),
  /** That this desktop has no place for an icon. */
  hasToldNoTray: z.boolean().catch(false),
});

export type ShellState = Readonly<z.infer<typeof memorySchema>>;

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
    const read = memorySchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return read.success ? read.data : blank;
  } catch {
    return blank;
  }
}
