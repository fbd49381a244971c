// In a router's place: questions for names at port 53 of an address go on to the port that a stack's name server has there.
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';

const usual = 53;

/** Over UDP, as resolvers ask. A name server that has port 53 itself needs none. */
export async function relayNames(
  address: string,
  port: number,
): Promise<{ readonly close: () => Promise<void> }> {
  if (port === usual) return { close: () => Promise.resolve() };
  const door = createSocket('udp4');
  const asking = new Set<Socket>();
  door.on('message', (question, { address: from, port: fromPort }) => {
    const socket = createSocket('udp4');
    asking.add(socket);
    const end = (): void => {
      if (asking.delete(socket)) socket.close();
    };
    socket.once('message', (answer) => {
      door.send(answer, fromPort, from);
      end();
    });
    // Nobody listens there now: whoever has asked asks again.
    socket.once('error', end);
    socket.connect(port, address, () => socket.send(question));
  });
  await new Promise<void>((resolve, reject) => {
    door.once('error', reject);
    door.bind(usual, address, resolve);
  });
  return {
    close: async () => {
      for (const socket of asking) socket.close();
      asking.clear();
      await new Promise<void>((resolve) => door.close(resolve));
    },
  };
}
