// A folder of this machine as an archive for an engine: files and folders, streamed, all of one owner.
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import type { Pack } from 'tar-stream';

export interface PackOptions {
  readonly folder: string;
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Called for everything that has gone. */
  readonly onBytes: () => void;
}

/** What is neither a file nor a folder is left out. */
export function packFolder(options: PackOptions): NodeJS.ReadableStream {
  const tar = pack();
  writeBelow('', tar, options).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  // The tar library has streams of its own; the engine's client wants Node's.
  return Readable.from(tar, { objectMode: false }).on('data', options.onBytes);
}

async function writeBelow(below: string, tar: Pack, options: PackOptions): Promise<void> {
  const { folder, owner } = options;
  const names = (await readdir(path.join(folder, below))).toSorted();
  for (const found of names) {
    const name = below === '' ? found : `${below}/${found}`;
    const source = path.join(folder, name);
    const stat = await lstat(source);
    const { size } = stat;
    const header = { name, mode: stat.mode & 0o777, mtime: stat.mtime, ...owner };
    if (stat.isDirectory()) {
      tar.entry({ ...header, type: 'directory' });
      await writeBelow(name, tar, options);
    } else if (stat.isFile()) {
      if (size === 0) tar.entry(header, '');
      else
        // A file that grows meanwhile is as long as it was.
        await pipeline(
          createReadStream(source, { highWaterMark: 1 << 18, end: size - 1 }),
          tar.entry({ ...header, size }),
        );
    }
  }
}
