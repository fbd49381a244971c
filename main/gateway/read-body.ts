// Reads the bodies of requests, which are small JSON, up to a limit.
import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';

/** Bytes. A job's whole environment is in a create request. */
const limit = 8 * 1024 ** 2;

/** `null` for a body beyond the limit, which is not read to its end. Rejects when the sender goes away. */
export function readBody(incoming: Readable): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(new Error('the sender went away'));
    if (incoming.destroyed) {
      leave();
      return;
    }
    const parts: Buffer[] = [];
    let size = 0;
    incoming.on('data', (part: Buffer) => {
      size += part.length;
      parts.push(part);
      if (size <= limit) return;
      incoming.removeAllListeners('data').pause();
      resolve(null);
    });
    incoming.once('end', () => resolve(Buffer.concat(parts).toString('utf8')));
    incoming.once('error', reject);
    incoming.once('close', leave);
  });
}

/**
 * The body of a request that asks for a stream. Node's parser ends with its head, so that the body, of the length that
 * the head says, comes first on the socket; what follows belongs to the stream.
 */
export async function readBodyOfStream(
  { headers }: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<{ readonly text: string | null; readonly rest: Buffer }> {
  const length = Number(headers['content-length'] ?? 0);
  if (!Number.isSafeInteger(length) || length > limit || headers['transfer-encoding'] !== undefined) {
    return { text: null, rest: head };
  }
  let seen = head;
  while (seen.length < length) {
    const part = await nextPart(socket);
    if (part === null) return { text: null, rest: seen };
    seen = Buffer.concat([seen, part]);
  }
  return { text: seen.subarray(0, length).toString('utf8'), rest: seen.subarray(length) };
}

/** `null` at the end. */
function nextPart(socket: Duplex): Promise<Buffer | null> {
  return new Promise((resolve) => {
    if (socket.destroyed || socket.readableEnded) {
      resolve(null);
      return;
    }
    const finish = (part: Buffer | null): void => {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).pause();
      resolve(part);
    };
    const onData = (part: Buffer): void => finish(part);
    const onEnd = (): void => finish(null);
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).resume();
  });
}
