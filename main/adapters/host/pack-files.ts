// A few files in memory as a tar, for an image that has nothing else.
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { PackedFile } from '../../ports.ts';

/** All of them executable and owned by root. */
export function packFiles(files: readonly PackedFile[]): NodeJS.ReadableStream {
  const tar = pack();
  for (const { path, content } of files) tar.entry({ name: path, mode: 0o755 }, Buffer.from(content));
  tar.finalize();
  return Readable.from(tar);
}
