// Writes one file whole or not at all, and sweeps what a killed core has left of such a write.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../../durable.ts';

/** Names of files that are not written to the end yet. */
export const halfWritten = /^\..+\.[0-9a-f]{12}\.autogit-tmp$/;

/** Those that this process is writing now. */
const inWork = new Set<string>();

/** Never through a link: Windows alone does not know how to refuse one. */
const noFollow = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW;
export const readFlags = constants.O_RDONLY | constants.O_NONBLOCK | noFollow;

/** Replaces a file so that a crash leaves the old or the new one, and the new one once this resolves. */
export async function writeWhole(file: string, content: string, mode: number): Promise<void> {
  const [folder, name] = [path.dirname(file), path.basename(file)];
  const temporary = path.join(folder, `.${name}.${randomBytes(6).toString('hex')}.autogit-tmp`);
  inWork.add(temporary);
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow;
    const handle = await open(temporary, flags, mode);
    try {
      // What the process's mask takes away, containers need.
      await handle.chmod(mode);
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    inWork.delete(temporary);
  }
  await syncFolder(folder);
}

/** Removes what was half written, in a folder and below it. A folder that is not there has none. */
export async function sweepHalfWritten(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) await sweepHalfWritten(file);
    else if (entry.isFile() && halfWritten.test(entry.name) && !inWork.has(file))
      await rm(file, { force: true });
  }
}
