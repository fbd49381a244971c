// What is in a snapshot: its folders listed, one file of it read.
import type { ResticNode, ResticPlace } from '../../backup-ports.ts';
import { createChannel } from './channel.ts';
import type { Ask, Caller } from './restic-call.ts';
import { readNode } from './restic-lines.ts';

/**
 * Held up while nobody takes what it has found. Without `--recursive` restic names a folder and what lies right in it, and reads
 * no other: https://github.com/restic/restic/blob/v0.14.0/cmd/restic/cmd_ls.go
 */
export async function* list(
  caller: Caller,
  place: ResticPlace,
  { snapshot, folder }: { readonly snapshot: string; readonly folder: string | null },
  signal: AbortSignal,
): AsyncGenerator<ResticNode> {
  const top = folder === null ? null : trimSlashes(folder);
  const isMeant = ({ path }: ResticNode): boolean => top === null || parentOf(path) === top;
  const channel = createChannel<ResticNode>();
  const gone = new AbortController();
  const question: Ask = {
    deed: 'list the files of a snapshot',
    args: [
      ...['ls', '--json', '--no-lock'],
      ...(top === null ? ['--recursive', '--', snapshot] : ['--', snapshot, `/${top}`]),
    ],
    deadlineMs: null,
    onLine: (line, from) => {
      const node = from === 'stdout' ? readNode(line) : null;
      if (node !== null && isMeant(node)) return channel.put(node);
    },
  };
  const asked = caller.ask(place, question, AbortSignal.any([signal, gone.signal])).then(
    () => channel.close(),
    (error: unknown) => channel.fail(error),
  );
  try {
    yield* channel.take();
  } finally {
    gone.abort();
    channel.close();
    await asked;
  }
}

/** `null`: it is not in the snapshot. */
export async function read(
  caller: Caller,
  place: ResticPlace,
  { snapshot, path, most }: { readonly snapshot: string; readonly path: string; readonly most: number },
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const full = new AbortController();
  const question: Ask = {
    deed: 'read a file of a snapshot',
    args: ['dump', '--no-lock', '--', snapshot, `/${trimSlashes(path)}`],
    deadlineMs: null,
    onBytes: (part) => {
      parts.push(part);
      size += part.length;
      if (size > most) full.abort();
    },
    isAnswer: ({ stderr }) => /not found in snapshot|not found in repository: .*path/i.test(stderr),
  };
  try {
    const { code } = await caller.ask(place, question, AbortSignal.any([signal, full.signal]));
    if (code !== 0) return null;
  } catch (error) {
    signal.throwIfAborted();
    if (!full.signal.aborted) throw error;
  }
  return Buffer.concat(parts).subarray(0, most);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}
