// Reads the text files below a folder, and refuses links.
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { isAbsent, linkFound } from './errors.ts';
import { kindOf } from './safe-path.ts';
import { halfWritten, readFlags } from './write-file.ts';

/** A file's content and mode, or why it was left out. */
export interface FoundFile {
  /** Below the folder, with `/`. */
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

export interface TreeLimits {
  /** Bytes of one file, beyond which it cannot be one of ours. */
  readonly largest: number;
  readonly mostFiles: number;
  /** Names directly in the folder that are left out. */
  readonly without: readonly string[];
  /** Paths that are left out, too: nobody shall have read them. */
  readonly isSecret?: (path: string) => boolean;
  /** What is done about a file beyond the limits; by default it is left out. */
  readonly tooLarge?: (path: string) => never;
  readonly tooMany?: () => never;
}

/** Sorted by path; `null`: there is no such folder. Devices, pipes and sockets are left out. Rejects with `stack.link`. */
export async function readTree(folder: string, limits: TreeLimits): Promise<readonly FoundFile[] | null> {
  const kind = await kindOf(folder);
  if (kind === 'link') throw linkFound(folder);
  if (kind === 'none') return null;
  const found: FoundFile[] = [];
  const visit = async (at: string, below: string): Promise<void> => {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      if (below === '' && limits.without.includes(entry.name)) continue;
      const [file, name] = [path.join(at, entry.name), `${below}${entry.name}`];
      if (entry.isSymbolicLink()) throw linkFound(file);
      if (entry.isDirectory()) await visit(file, `${name}/`);
      else if (entry.isFile() && !halfWritten.test(entry.name) && limits.isSecret?.(name) !== true) {
        if (found.length >= limits.mostFiles) limits.tooMany?.();
        else found.push(...(await readOne(file, name, limits)));
      }
    }
  };
  await visit(folder, '');
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Nothing for a file that goes away meanwhile. */
async function readOne(file: string, name: string, limits: TreeLimits): Promise<readonly FoundFile[]> {
  const handle = await open(file, readFlags).catch((error: unknown) => {
    if (isAbsent(error)) return null;
    throw error;
  });
  if (handle === null) return [];
  try {
    const { size, mode } = await handle.stat();
    if (size > limits.largest) {
      limits.tooLarge?.(name);
      return [];
    }
    return [{ path: name, content: await handle.readFile('utf8'), mode: mode & 0o777 }];
  } finally {
    await handle.close();
  }
}
