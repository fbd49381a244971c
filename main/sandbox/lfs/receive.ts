// An LFS object as it comes in: streamed to a file, and checked on the way.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LfsObject } from './files.ts';

/** Whether the body was the object, whole; only then is it at `path`, and on the disk. */
export async function receiveObject(
  body: ReadableStream<Uint8Array> | null,
  path: string,
  { oid, size }: LfsObject,
): Promise<boolean> {
  const hash = createHash('sha256');
  let received = 0;
  // It takes no more than was announced, whatever comes.
  const check = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      received += chunk.length;
      if (received > size) return;
      hash.update(chunk);
      yield chunk;
    }
  };
  let isObject = false;
  try {
    await pipeline(Readable.from(body ?? []), check, createWriteStream(path, { flush: true }));
    isObject = received === size && hash.digest('hex') === oid;
  } finally {
    if (!isObject) await rm(path, { force: true });
  }
  return isObject;
}
