// A folder of this machine as an archive for an engine: files and folders, streamed, all of one owner but for what is known.
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import type { Header, Pack } from 'tar-stream';
import type { FileFacts } from '../../backup-ports.ts';

export interface PackOptions {
  readonly folder: string;
  readonly owner: { readonly uid: number; readonly gid: number };
  /** How each was, by its path below the folder; missing: as it is here, and the owner's. */
  readonly facts?: ReadonlyMap<string, FileFacts> | undefined;
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

function headerOf(
  name: string,
  stat: { readonly mode: number; readonly mtime: Date },
  { owner, facts }: PackOptions,
): Pick<Header, 'name' | 'mode' | 'mtime' | 'uid' | 'gid'> {
  const known = facts?.get(name);
  return {
    name,
    ...{ mode: stat.mode & 0o777, mtime: stat.mtime, uid: owner.uid, gid: owner.gid },
    ...(known !== undefined && {
      ...{ mode: known.mode & 0o777, mtime: new Date(known.at), uid: known.uid, gid: known.gid },
    }),
  };
}

async function writeBelow(below: string, tar: Pack, options: PackOptions): Promise<void> {
  const { folder } = options;
  const names = (await readdir(path.join(folder, below))).toSorted();
  for (const found of names) {
    const name = below === '' ? found : `${below}/${found}`;
    const source = path.join(folder, name);
    const stat = await lstat(source);
    const { size } = stat;
    const header = headerOf(name, stat, options);
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
