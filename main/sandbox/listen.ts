// Waits until a server listens.
import { once } from 'node:events';
import type { ServerType } from '@hono/node-server';
import { z } from 'zod';

/** Returns the port, which the system chose when 0 was asked for. Raises the system's error, e.g. `EADDRINUSE`. */
export async function listen(server: ServerType, port: number, host: string): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return z.object({ port: z.number() }).parse(server.address()).port;
}
