// A line to a server of this machine that can stop carrying its answers, though it stays up.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { z } from 'zod';

export interface StallingLine {
  /** Of the loopback. */
  readonly port: number;
  /** After so many more bytes of answers nothing comes any more; resolves when that is so. */
  stallAfter(bytes: number): Promise<void>;
  /** It carries everything again, also what has waited. */
  flow(): void;
  close(): Promise<void>;
}

export async function openStallingLine(behind: number): Promise<StallingLine> {
  const sockets = new Set<Socket>();
  const state = { left: Number.POSITIVE_INFINITY, onStall: (): void => undefined };
  const isStalled = (): boolean => state.left <= 0;
  const carry = (from: Socket, to: Socket): void => {
    from.on('data', (part: Buffer) => {
      state.left -= part.length;
      if (!to.write(part) || isStalled()) from.pause();
      if (isStalled()) state.onStall();
    });
    to.on('drain', () => {
      if (!isStalled()) from.resume();
    });
    from.on('end', () => to.end());
  };
  const server = createServer((near) => {
    const far = connect(behind, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        // Not before what it still has to carry: a server that closes has sent all.
        other.destroySoon();
      });
    }
    near.pipe(far);
    carry(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    port,
    stallAfter: (bytes) => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      Object.assign(state, { left: bytes, onStall: () => resolve(undefined) });
      return promise;
    },
    flow: () => {
      Object.assign(state, { left: Number.POSITIVE_INFINITY, onStall: () => undefined });
      for (const socket of sockets) socket.resume();
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
