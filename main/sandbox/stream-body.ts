// A stream as the body of an answer, whose client may hang up at any time.
import type { Readable } from 'node:stream';

/**
 * The stream's bytes as a web stream; cancelling that destroys the stream.
 * Node's own `Readable.toWeb` raises ERR_INVALID_STATE where nobody can catch it when bytes come after the cancelling:
 * https://github.com/nodejs/node/issues/64529
 */
export function streamBody(stream: Readable): ReadableStream<Uint8Array> {
  const bytes: AsyncIterable<Uint8Array> = stream;
  return ReadableStream.from(bytes);
}
