// What the file system tells of restic's work without asking restic, which derives its key anew for each call: that is made to be slow.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The whole id of a snapshot that was just made or read, by its first digits; `null`: the cache does not tell. restic keeps
 * every such snapshot in its cache, in a folder for each repository: https://github.com/restic/restic/blob/v0.14.0/doc/cache.rst
 */
export async function cachedSnapshot(cache: string, digits: string): Promise<string | null> {
  if (!/^[0-9a-f]{8,64}$/.test(digits)) return null;
  const found: string[] = [];
  for (const repository of await namesIn(cache)) {
    const names = await namesIn(join(cache, repository, 'snapshots', digits.slice(0, 2)));
    found.push(...names.filter((name) => name.length === 64 && name.startsWith(digits)));
  }
  const [only, another] = found;
  return another === undefined ? (only ?? null) : null;
}

/** Whether a repository in a folder has no lock; false also where nobody can tell. */
export async function isUnlocked(repository: string): Promise<boolean> {
  return readdir(join(repository, 'locks')).then(
    (names) => names.length === 0,
    () => false,
  );
}

/** Bytes of the data in a repository in a folder; `null`: there is none. A pack that goes away meanwhile counts nothing. */
export async function dataBytes(repository: string, signal: AbortSignal): Promise<number | null> {
  const data = join(repository, 'data');
  const folders = await readdir(data).catch(() => null);
  if (folders === null) return null;
  let sum = 0;
  for (const folder of folders) {
    for (const pack of await namesIn(join(data, folder))) {
      signal.throwIfAborted();
      sum += (await stat(join(data, folder, pack)).catch(() => null))?.size ?? 0;
    }
  }
  return sum;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
