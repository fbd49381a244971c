// A runner image with the official gitlab-runner: the sandbox's image with the one program put in the other's place.
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import type { Pack } from 'tar-stream';
import { createSandboxImage } from '../../main/adapters/host/rootfs.ts';
import type { Engine } from '../../main/ports.ts';

const place = 'usr/bin/gitlab-runner';

/** A file for an image, without a slash at the beginning of its name. */
export interface ImageFile {
  readonly name: string;
  readonly mode: number;
  readonly content: Buffer;
}

/** Git, bash and the usual tools of this machine, `gitlab-runner` from `binary`, and what else is given. */
export async function importOfficialImage(
  engine: Engine,
  reference: string,
  {
    binary,
    cacheFolder,
    more = [],
  }: { readonly binary: string; readonly cacheFolder: string; readonly more?: readonly ImageFile[] },
): Promise<void> {
  const image = createSandboxImage({ cacheFolder, searchPath: process.env['PATH'] ?? '' });
  const rootfs = replaceProgram(await image.rootfs(), await readFile(binary), more);
  await engine.importImage(reference, rootfs, { env: { LANG: 'C.UTF-8' }, labels: {} });
}

function replaceProgram(
  rootfs: NodeJS.ReadableStream,
  program: Buffer,
  more: readonly ImageFile[],
): NodeJS.ReadableStream {
  const source = extract();
  const tar = pack();
  const fill = async (): Promise<void> => {
    let replaced = false;
    const names = new Set<string>();
    for await (const entry of source) {
      names.add(entry.header.name.replace(/\/$/, ''));
      if (entry.header.name === place) {
        replaced = true;
        entry.resume();
        await write(tar, { name: place, mode: 0o755 }, program);
      } else {
        await write(tar, entry.header, await buffer(entry));
      }
    }
    if (!replaced) throw new Error(`The sandbox's image has no ${place}`);
    for (const { name, mode, content } of more.filter((file) => !names.has(file.name))) {
      for (const folder of foldersOf(name).filter((one) => !names.has(one))) {
        tar.entry({ name: folder, type: 'directory', mode: 0o755 });
        names.add(folder);
      }
      await write(tar, { name, mode }, content);
    }
    tar.finalize();
  };
  fill().catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))));
  rootfs.pipe(source);
  return Readable.from(tar, { objectMode: false });
}

/** A path's folders, outermost first: rootless Docker 20.10 makes those that are missing with mode 0600. */
function foldersOf(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === '.' ? [] : [...foldersOf(folder), folder];
}

function write(tar: Pack, header: Parameters<Pack['entry']>[0], content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry({ ...header, size: content.length }, content, (error) => (error ? reject(error) : resolve()));
  });
}
