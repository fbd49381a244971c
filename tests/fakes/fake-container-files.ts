// Containers whose file systems are folders of the test's own, and whose programs are what the test says.
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerFiles, FileFacts } from '../../main/backup-ports.ts';

/** What a program of a container does; the working folder is the container's root. */
export type FakeProgram = (
  command: readonly string[],
  env: Readonly<Record<string, string>>,
) => Promise<{ readonly code: number; readonly output: string }>;

const noFacts: ReadonlyMap<string, FileFacts> = new Map();

export interface FakeContainers {
  readonly files: ContainerFiles;
  /** What was done, as `exec gitlab: rm -rf …`, `put gitlab /x 0:0`, `fetch gitlab /x`. */
  readonly calls: readonly string[];
  /** What was put with an owner and a mode of its own, by its path. */
  readonly put: Map<string, FileFacts>;
  /** Called before each fetch. */
  onFetch: (path: string) => Promise<void>;
}

/** `rootOf`: the folder that is a container's root. `program`: missing, everything succeeds and says nothing. */
export function createFakeContainers(
  rootOf: (container: string) => string,
  program: FakeProgram = () => Promise.resolve({ code: 0, output: '' }),
): FakeContainers {
  const calls: string[] = [];
  const at = (container: string, path: string): string => join(rootOf(container), path);
  const fake: FakeContainers = {
    calls,
    put: new Map(),
    onFetch: () => Promise.resolve(),
    files: {
      fetch: async (container, path, folder, signal, onEntry) => {
        signal.throwIfAborted();
        calls.push(`fetch ${container} ${path}`);
        await fake.onFetch(path);
        await cp(at(container, path), folder, { recursive: true });
        for (const name of ['', ...(await readdir(folder, { recursive: true }))])
          onEntry?.(name, { uid: 7, gid: 8, mode: 0o640, at: 1_000 });
        return { leftOut: [], owner: { uid: 7, gid: 8 }, databases: await databasesIn(folder) };
      },
      put: async (container, folder, path, { uid, gid, facts = noFacts }, signal) => {
        signal.throwIfAborted();
        calls.push(`put ${container} ${path} ${uid}:${gid}`);
        for (const [name, one] of facts) fake.put.set(`${path}/${name}`, one);
        await mkdir(at(container, path), { recursive: true });
        await cp(folder, at(container, path), { recursive: true });
      },
      exec: async (container, command, { env = {} }, signal) => {
        signal.throwIfAborted();
        calls.push(`exec ${container}: ${command.join(' ')}`);
        return await program(command, env);
      },
    },
  };
  return fake;
}

async function databasesIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder, { recursive: true })).filter((name) =>
    /\.(db|sqlite3?)(-wal)?$/.test(name),
  );
  const digests = names.map(async (name) => {
    const content = await readFile(join(folder, name));
    return [name, createHash('sha256').update(content).digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(digests));
}
