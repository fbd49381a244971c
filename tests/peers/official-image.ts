// A runner image with the official gitlab-runner: the sandbox's image with the one program put in the other's place.
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import type { Pack } from 'tar-stream';
import { createSandboxImage } from '../../main/adapters/host/rootfs.ts';
import type { Engine } from '../../main/ports.ts';

const place = 'usr/bin/gitlab-runner';

/** Git, bash and the usual tools of this machine, and `gitlab-runner` from `binary`. */
export async function importOfficialImage(
  engine: Engine,
  reference: string,
  { binary, cacheFolder }: { readonly binary: string; readonly cacheFolder: string },
): Promise<void> {
  const image = createSandboxImage({ cacheFolder, searchPath: process.env['PATH'] ?? '' });
  const rootfs = replaceProgram(await image.rootfs(), await readFile(binary));
  await engine.importImage(reference, rootfs, { env: { LANG: 'C.UTF-8' }, labels: {} });
}

function replaceProgram(rootfs: NodeJS.ReadableStream, program: Buffer): NodeJS.ReadableStream {
  const source = extract();
  const tar = pack();
  const fill = async (): Promise<void> => {
    let replaced = false;
    for await (const entry of source) {
      if (entry.header.name === place) {
        replaced = true;
        entry.resume();
        await write(tar, { name: place, mode: 0o755 }, program);
      } else {
        await write(tar, entry.header, await buffer(entry));
      }
    }
    if (!replaced) throw new Error(`The sandbox's image has no ${place}`);
    tar.finalize();
  };
  fill().catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))));
  rootfs.pipe(source);
  return Readable.from(tar, { objectMode: false });
}

function write(tar: Pack, header: Parameters<Pack['entry']>[0], content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry({ ...header, size: content.length }, content, (error) => (error ? reject(error) : resolve()));
  });
}
