// What harms a repository of restic in a folder: which files hold its data, and one bit that is turned in them.
import { chmod, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Packs with parts of `big`: all others are far smaller. */
export async function largePacks(path: string): Promise<readonly string[]> {
  const entries = await readdir(join(path, 'data'), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return files.filter((_, index) => (sizes[index] ?? 0) > 1_000_000);
}

/** One bit of a byte in its middle. */
export async function flipByte(file: string): Promise<void> {
  await chmod(file, 0o600);
  const handle = await open(file, 'r+');
  try {
    const at = Math.floor((await handle.stat()).size / 2);
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
    await handle.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, at);
  } finally {
    await handle.close();
  }
}
