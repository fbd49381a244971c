// Puts restored files in the place of a home's, by renames that can be done again after a kill at any instant.
import { chmod, lstat, mkdir, readFile, readdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { halfWritten, syncFolder, writeDurably } from '../../durable.ts';
import { errorCode } from '../../errors.ts';
import { onDisk } from './file-errors.ts';
import { homeFolders } from './home-copy.ts';
import { walkTree } from './tree.ts';

/** What is swapped. A database's own side files go with it: a new database must never meet the old one's log. */
const names = ['state.db-wal', 'state.db-shm', 'state.db', 'settings.yaml', ...homeFolders] as const;

/** `<home>/backups/swap.json`: a swap that has begun. All paths are relative to `<home>/backups`. */
const swapSchema = z.strictObject({
  /** Where the new files come from. */
  from: z.string(),
  /** Where the ones of now go. */
  to: z.string(),
  /** What was there on either side when it began. */
  names: z.array(z.strictObject({ name: z.enum(names), had: z.boolean(), comes: z.boolean() })),
});
type Swap = z.infer<typeof swapSchema>;

const swapName = 'swap.json';

/**
 * Moves a home's files to `to` and those in `from` in their place; both are relative to `<home>/backups`. Nobody may have the
 * home open. Asked again after it was done, it does nothing. Rejects with `backup.no-space`, `backup.no-access`.
 */
export async function swapHome(
  home: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const root = path.join(home, 'backups');
  await onDisk(home, async () => {
    await finishOpen(home);
    // It has been done before: everything has left `from`, and what was there lies in `to`.
    if (!(await isThere(path.join(root, from)))) return;
    await makePrivate(path.join(root, from));
    await mkdir(path.join(root, to), { recursive: true, mode: 0o700 });
    const swap: Swap = { from, to, names: [] };
    for (const name of names) {
      const [had, comes] = await Promise.all(
        [path.join(home, name), path.join(root, from, name)].map(isThere),
      );
      swap.names.push({ name, had: had === true, comes: comes === true });
    }
    await writeDurably(path.join(root, swapName), JSON.stringify(swap), 0o600);
    await finishOpen(home);
  });
}

/** Ends a swap that a kill has left half done; true: there was one. Called before anything of the home is opened. */
export async function finishSwap(home: string): Promise<boolean> {
  return onDisk(home, async () => {
    await removeTemporary(path.join(home, 'backups'));
    return finishOpen(home);
  });
}

/** What `writeDurably` had begun when a kill came: nobody else writes there, as the home is locked. */
async function removeTemporary(root: string): Promise<void> {
  for (const name of await readdir(root).catch(() => []))
    if (halfWritten.test(name)) await rm(path.join(root, name), { force: true });
}

async function finishOpen(home: string): Promise<boolean> {
  const root = path.join(home, 'backups');
  const text = await readFile(path.join(root, swapName), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return false;
  const swap = swapSchema.parse(JSON.parse(text));
  const [from, to] = [path.join(root, swap.from), path.join(root, swap.to)];
  for (const entry of swap.names) await swapOne(home, { from, to }, entry);
  await Promise.all([home, to].map(syncFolder));
  // First, so that a swap which is done is never taken for one that has yet to begin.
  await rm(from, { recursive: true, force: true });
  await syncFolder(path.dirname(from));
  await rm(path.join(root, swapName), { force: true });
  await syncFolder(root);
  return true;
}

async function swapOne(
  home: string,
  { from, to }: { readonly from: string; readonly to: string },
  { name, had, comes }: Swap['names'][number],
): Promise<void> {
  const [here, next, before] = [path.join(home, name), path.join(from, name), path.join(to, name)];
  const isDone = comes ? !(await isThere(next)) : await isThere(before);
  if (isDone) return;
  if (had && !(await isThere(before))) await renameIfThere(here, before);
  if (!comes) return;
  // A start makes a home's folders before it looks for a swap.
  await rmdir(here).catch((error: unknown) => {
    if (!['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw error;
  });
  await rename(next, here);
}

/** The home's files are its owner's alone, whatever a backup says of their permissions. */
async function makePrivate(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for await (const { path: at, type } of walkTree(folder)) {
    const isSecret = at === 'secrets' || at.startsWith('secrets/') || at.startsWith('state.db');
    if (isSecret) await chmod(path.join(folder, at), type === 'folder' ? 0o700 : 0o600);
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    },
  );
}
