// One bad request never ends the gateway, whose end would fail every job that runs.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBell } from '../../../main/gateway/bell.ts';
import { guarded } from '../../../main/gateway/guarded.ts';
import { openGatewayBench } from '../../fakes/gateway-bench.ts';
import type { GatewayBench } from '../../fakes/gateway-bench.ts';

const secret = 'a secret of the hooks';
const notes: string[] = [];
let bell: Server;
let bench: GatewayBench;
beforeEach(async () => {
  notes.length = 0;
  bench = await openGatewayBench();
  bell = await listening(createBell(secret, (event) => void notes.push(event)));
});
afterEach(async () => {
  bell.close();
  await bench.close();
});

async function listening(server: Server): Promise<Server> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

function portOf(server: Server): number {
  const bound = server.address();
  return typeof bound === 'object' ? (bound?.port ?? 0) : 0;
}

/** The first line of what comes back; nothing where the connection is closed without a word. */
async function raw(port: number, said: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    socket.write(said, 'latin1');
    for await (const part of socket) return String(part).split('\r\n', 1).join('');
  } catch {
    // It was cut off.
  }
  return '';
}

const targets = [
  '//',
  '///',
  '//x/bell',
  '/\\',
  '/%',
  '/%zz?%',
  'http://[',
  'http://',
  '*',
  '?',
  '/bell?#',
  '/é',
];
const methods = ['GET', 'POST', 'OPTIONS', 'PROPFIND', 'CONNECT', 'NONSENSE', ''];
const headers = [
  'Host: x',
  'Host: [',
  'Host: x\r\nExpect: 100-continue',
  'Host: x\r\nExpect: nonsense',
  'Host: x\r\nUpgrade: tcp\r\nConnection: Upgrade',
  'Host: x\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings',
  'Host: x\r\nContent-Length: -1',
  'Host: x\r\nTransfer-Encoding: chunked\r\n\r\nzz',
  'Host: x\r\nX-Gitlab-Token: \xff\x01',
  'Host: x\r\nX-Gitlab-Token: a\r\nX-Gitlab-Token: b',
  `Host: x\r\nX-Big: ${'x'.repeat(100_000)}`,
];

describe('malformed requests', () => {
  it('end neither the bell nor the relay', async () => {
    for (const target of targets) {
      for (const header of headers) {
        const said = methods.map((method) => `${method} ${target} HTTP/1.1\r\n${header}\r\n\r\n`);
        await Promise.all(said.flatMap((one) => [raw(portOf(bell), one), raw(bench.port, one)]));
      }
      const own = `GET ${bench.prefix}${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
      expect(await raw(bench.port, own)).toMatch(/^HTTP\/1\.1 40[03] /);
    }
    expect(notes).toEqual([]);
    const ring = `POST /hook HTTP/1.1\r\nHost: x\r\nX-Gitlab-Token: ${secret}\r\nConnection: close\r\n\r\n`;
    expect(await raw(portOf(bell), ring)).toBe('HTTP/1.1 200 OK');
    const info = `GET ${bench.prefix}/v1.41/info HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    expect(await raw(bench.port, info)).toBe('HTTP/1.1 200 OK');
  }, 30_000);

  it.each(['//', '/bell/', '/%', 'http://[/bell'])(
    'to %s are 400 with the secret, and 401 without',
    async (target) => {
      const head = `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`;
      expect(await raw(portOf(bell), `${head}\r\n`)).toMatch(/ 401 /);
      expect(await raw(portOf(bell), `${head}X-Gitlab-Token: ${secret}\r\n\r\n`)).toMatch(/ 400 /);
    },
  );

  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('get an answer when what answers them %s', async (_, fail) => {
    const server = await listening(
      createServer(guarded(fail, (event) => void notes.push(event), [500, 'It failed.'])),
    );
    expect(await raw(portOf(server), 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
      / 500 /,
    );
    expect(notes).toEqual(['failed']);
    server.close();
  });
});
