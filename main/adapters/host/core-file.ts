// run/core.json: how to find the core that runs with a home.
import { readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { writeDurably } from '../../durable.ts';

const coreFileSchema = z.object({
  pid: z.int().positive(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  /** Unix socket or named pipe. */
  socket: z.string().min(1),
  /** `http://127.0.0.1:<port>`; `null` while there is no HTTP door. */
  address: z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }).nullable(),
  version: z.string(),
});

export type CoreFile = Readonly<z.infer<typeof coreFileSchema>>;

type Paths = { readonly coreFile: string };

/**
 * What the running core wrote; `null` for no file and for one that is not a core's. It may be of a dead core. A home
 * that cannot be read has none either: opening it says why.
 */
export async function readCoreFile(paths: Paths): Promise<CoreFile | null> {
  try {
    const text = await readFile(paths.coreFile, 'utf8');
    return coreFileSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Only for the process that holds the core lock. */
export async function writeCoreFile(paths: Paths, core: CoreFile): Promise<void> {
  await writeDurably(paths.coreFile, `${JSON.stringify(core)}\n`, 0o600);
}

/** Removes the file if it still speaks of this very core. */
export async function removeCoreFile(paths: Paths, core: Pick<CoreFile, 'pid' | 'startedAt'>): Promise<void> {
  const found = await readCoreFile(paths);
  if (found?.pid === core.pid && found.startedAt === core.startedAt)
    await rm(paths.coreFile, { force: true });
}
