// The gateway's relay on a free port, before an engine that records what it is asked.
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { linkEngine } from '../../main/gateway/engine-link.ts';
import { takeLabels } from '../../main/gateway/labels.ts';
import { createRelay } from '../../main/gateway/relay.ts';
import { createIdentification, signWith } from '../../main/gateway/speaker.ts';
import { tokenText } from '../../main/model/grant.ts';
import { label } from '../../main/model/labels.ts';
import { someGrant, someKnown } from './gateway.ts';

export interface Heard {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

export interface GatewayBench {
  readonly port: number;
  /** What every request of the runner's begins with. */
  readonly prefix: string;
  /** What reached the engine but the gateway's own questions, oldest first. */
  readonly heard: readonly Heard[];
  /** The engine's ends of streams, oldest first. */
  readonly streams: readonly Duplex[];
  readonly notes: readonly Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

const sign = signWith('a key of 32 characters and more…');
const { runner, instance } = someKnown;

/** The runner's address is `address`; the engine has a container `runner-own-1` of it, and begins streams after `mayStream`. */
export async function openGatewayBench(
  address = '127.0.0.1',
  mayStream: Promise<undefined> = Promise.resolve(undefined),
  { trust = null, takesFiles = true }: { readonly trust?: string | null; readonly takesFiles?: boolean } = {},
): Promise<GatewayBench> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-gateway-'));
  const heard: Heard[] = [];
  const streams: Duplex[] = [];
  const notes: Record<string, unknown>[] = [];
  const grantText = JSON.stringify({ ...someGrant, trust });
  const server = fakeEngine({ address, grantText, takesFiles }, heard);
  server.on('upgrade', (incoming, socket, head) => {
    heard.push({ method: incoming.method ?? '', target: incoming.url ?? '', body: head.toString() });
    streams.push(socket);
    void mayStream.then(() => echo(socket));
  });
  const socketPath = join(folder, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(socketPath, () => resolve()));
  const engine = linkEngine(socketPath);
  const relay = createRelay({
    ...{ engine, instance, sign, kind: someKnown.engine },
    identify: createIdentification({ engine, network: 'net', sign }),
    note: (event, details) => void notes.push({ event, ...details }),
    onLeave: () => undefined,
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', () => resolve()));
  const bound = relay.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    prefix: `/${runner}/${sign(tokenText(runner, grantText))}`,
    ...{ heard, notes, streams },
    close: async () => {
      for (const stream of streams) stream.destroy();
      for (const one of [relay, server]) {
        one.closeAllConnections();
        await new Promise((resolve) => one.close(resolve));
      }
      await rm(folder, { recursive: true });
    },
  };
}

interface FakeEngine {
  readonly address: string;
  readonly grantText: string;
  readonly takesFiles: boolean;
}

function fakeEngine({ address, grantText, takesFiles }: FakeEngine, heard: Heard[]): Server {
  const taken = takeLabels({}, 'runner-own-1', someGrant, { ...someKnown, sign });
  const own = {
    Id: 'full-id-1',
    Name: '/runner-own-1',
    Config: { Labels: 'fields' in taken ? taken.fields : {} },
  };
  const speaker = {
    Config: { Labels: { [label.grant]: grantText } },
    NetworkSettings: { Networks: { net: { IPAddress: address } } },
  };
  const server = createServer((incoming, outgoing) => {
    const { method = '', url: target = '' } = incoming;
    if (target === `/containers/${runner}/json`) return void outgoing.end(JSON.stringify(speaker));
    if (target === '/containers/runner-own-1/json') return void outgoing.end(JSON.stringify(own));
    if (target === '/exec/exec1/json') return void outgoing.end('{"ContainerID":"runner-own-1"}');
    if (/^\/(?:containers|volumes|networks)\/[^/]+(?:\/json)?$/.test(target) && method === 'GET') {
      return void outgoing.writeHead(404).end('{}');
    }
    void buffer(incoming).then((body) => {
      heard.push({ method, target, body: body.toString() });
      if (method === 'PUT' && !takesFiles) outgoing.writeHead(500);
      outgoing.end('{"Id":"x"}');
    });
  });
  return server;
}

/** A stream that gives back what it gets, and ends after that. */
function echo(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
  socket.on('data', (part: Buffer) => void socket.write(`engine got ${part.toString()};`));
  socket.on('end', () => void socket.end('and the end'));
  socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
}
