// Takes one file out of a zip archive: for artifacts that are asked for by path.
import type { Readable } from 'node:stream';
import { openPromise } from 'yauzl';
import type { ZipFile } from 'yauzl';

/**
 * The content of `path`, unpacked as it is read; it fails when it grows beyond what the archive says. `null` when the
 * archive has no such file, or is none that can be read.
 */
export async function openZipEntry(archive: string, path: string): Promise<Readable | null> {
  try {
    return await findEntry(await openPromise(archive), path);
  } catch {
    return null;
  }
}

async function findEntry(zip: ZipFile, path: string): Promise<Readable | null> {
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName === path) return await zip.openReadStreamPromise(entry);
  }
  return null;
}
