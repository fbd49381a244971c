import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBell } from '../../../main/gateway/bell.ts';
import { openGatewayBench } from '../../fakes/gateway-bench.ts';
import type { GatewayBench } from '../../fakes/gateway-bench.ts';
import { createTarget, jobBody } from '../../fakes/gateway.ts';

let bench: GatewayBench;
beforeEach(async () => {
  bench = await openGatewayBench();
});
afterEach(() => bench.close());

/** Raw bytes to the gateway, and everything that comes back. */
async function raw(...parts: readonly string[]): Promise<string> {
  const socket = connect({ port: bench.port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  for (const part of parts) socket.write(part);
  socket.end();
  return text(socket);
}

async function send(
  method: string,
  target: string,
  body = '',
  prefix = bench.prefix,
): Promise<{ readonly status: number; readonly text: string }> {
  const outgoing = request({
    port: bench.port,
    host: '127.0.0.1',
    method,
    path: `${prefix}${target}`,
    agent: false,
  });
  outgoing.end(body);
  const answer = await new Promise<Parameters<typeof text>[0] & { statusCode?: number }>(
    (resolve, reject) => {
      outgoing.once('response', resolve).once('error', reject);
    },
  );
  return { status: answer.statusCode ?? 0, text: await text(answer) };
}

const binding = { ...jobBody.HostConfig, Binds: ['/:/host'], NetworkMode: '' };
const plain = JSON.stringify({
  ...jobBody,
  HostConfig: { ...jobBody.HostConfig, Binds: null, NetworkMode: '' },
  NetworkingConfig: {},
});

describe('a runner', () => {
  it('gets what it may have, written anew', async () => {
    expect((await send('POST', createTarget, plain)).status).toBe(200);
    expect(bench.heard).toHaveLength(1);
    const [{ target, body } = { target: '', body: '' }] = bench.heard;
    expect(target).toBe('/v1.41/containers/create?name=runner-new-build');
    expect(JSON.parse(body)).toMatchObject({ HostConfig: { Memory: 256 * 1024 ** 2, NetworkMode: 'none' } });
  });

  it('is refused with the key, and one line of the log says what', async () => {
    const answer = await send('POST', createTarget, JSON.stringify({ ...jobBody, HostConfig: binding }));
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text)).toMatchObject({
      message: expect.stringContaining('(gateway.bind): HostConfig.Binds may not be ["/:/host"]') as string,
    });
    expect(bench.heard).toEqual([]);
    expect(bench.notes).toEqual([
      expect.objectContaining({ event: 'refused', key: 'gateway.bind', from: '127.0.0.1', method: 'POST' }),
    ]);
    expect(JSON.stringify(bench.notes)).not.toContain(bench.prefix.slice(-64));
  });

  it('is nobody without its token, with another’s, or from another address', async () => {
    const wrong = bench.prefix.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    for (const prefix of ['', wrong, bench.prefix.replace('0a1b2c3d', '0a1b2c3e'), `${bench.prefix}/..`]) {
      expect(await send('GET', '/v1.41/info', '', prefix)).toMatchObject({ status: 403 });
    }
    const elsewhere = await openGatewayBench('10.1.2.3');
    const before = bench;
    bench = elsewhere;
    expect(await send('GET', '/v1.41/info')).toMatchObject({ status: 403 });
    expect(elsewhere.notes).toMatchObject([{ key: 'gateway.unidentified' }]);
    bench = before;
    await elsewhere.close();
    expect(bench.heard).toEqual([]);
  });
});

describe('a container that is to trust an own root', () => {
  const trust = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  const create = async (takesFiles: boolean) => {
    const before = bench;
    bench = await openGatewayBench(undefined, undefined, { trust, takesFiles });
    await before.close();
    return send('POST', createTarget, plain);
  };

  it('has its files once it is said to be made', async () => {
    expect(await create(true)).toEqual({ status: 200, text: '{"Id":"x"}' });
    expect(bench.heard.map(({ method, target }) => `${method} ${target}`)).toEqual([
      `POST ${createTarget}`,
      'PUT /v1.41/containers/runner-new-build/archive?path=%2F',
    ]);
    expect(bench.heard[1]?.body).toContain(trust);
  });

  it('is not said to be made when the engine does not take them', async () => {
    expect((await create(false)).status).toBe(502);
    expect(bench.notes).toMatchObject([{ event: 'failed', status: 500 }]);
  });
});

describe('smuggling', () => {
  it('of a second value under the same key does not pass', async () => {
    const doubled = plain.replace('"Privileged":false', '"Privileged":true,"Privileged":false');
    expect((await send('POST', createTarget, doubled)).status).toBe(200);
    const cased = plain.replace('"Privileged":false', '"Privileged":false,"privileged":true');
    expect((await send('POST', createTarget, cased)).status).toBe(403);
    expect(bench.heard.map(({ body }) => body).join('')).not.toMatch(/privileged/i);
  });

  it('of a second request in the body of the first does not pass', async () => {
    const evil = `POST /v1.41/containers/prune HTTP/1.1\r\nHost: x\r\n\r\n`;
    const head = `POST ${bench.prefix}/v1.41/containers/runner-own-1/start HTTP/1.1\r\nHost: x\r\n`;
    await raw(`${head}Content-Length: ${evil.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${evil}`);
    await raw(`${head}Content-Length: 0\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`);
    await raw(`${head}Transfer-Encoding: chunked, identity\r\n\r\n${evil}`);
    await raw(`${head}Transfer-Encoding: xchunked\r\n\r\n${evil}`);
    await raw(`${head}Content-Length: ${evil.length}\r\n\r\n${evil}`);
    expect(bench.heard).toEqual([]);
  });

  it('behind an upgrade does not pass', async () => {
    const evil = 'POST /v1.41/containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
    const upgrade = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n';
    expect(await raw(`GET ${bench.prefix}/v1.41/info HTTP/1.1\r\n${upgrade}\r\n${evil}`)).toMatch(
      /^HTTP\/1.1 403 /,
    );
    expect(await raw(`POST ${bench.prefix}${createTarget} HTTP/1.1\r\n${upgrade}\r\n${evil}`)).toMatch(
      /^HTTP\/1.1 403 /,
    );
    expect(bench.heard).toEqual([]);
  });

  it('of bodies without an end is cut off', async () => {
    const answer = send('POST', createTarget, `{"Env":["${'x'.repeat(9 * 1024 ** 2)}"]}`);
    const status = await answer.then(
      (known) => known.status,
      () => 403,
    );
    expect(status).toBe(403);
    expect(bench.heard).toEqual([]);
  });
});

describe('a stream', () => {
  const upgrade = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n';

  it('runs in both directions, and its end is passed on while answers still come', async () => {
    const said = await raw(
      `POST ${bench.prefix}/v1.41/containers/runner-own-1/attach?stream=1&stdin=1 HTTP/1.1\r\n${upgrade}\r\n`,
      'hello',
    );
    expect(said).toMatch(/^HTTP\/1.1 101 UPGRADED\r\n/);
    expect(said).toMatch(/engine got hello;and the end$/);
    expect(bench.heard).toMatchObject([{ target: '/v1.41/containers/full-id-1/attach?stream=1&stdin=1' }]);
  });

  it('of a command has its body checked, and what follows belongs to the stream', async () => {
    const body = '{"Detach":false,"Tty":false}';
    const head = `POST ${bench.prefix}/v1.41/exec/exec1/start HTTP/1.1\r\n${upgrade}`;
    const said = await raw(`${head}Content-Length: ${body.length}\r\n\r\n${body}typed`);
    expect(said).toMatch(/engine got typed;and the end$/);
    const evil = '{"Detach":true}';
    expect(await raw(`${head}Content-Length: ${evil.length}\r\n\r\n${evil}`)).toMatch(/^HTTP\/1.1 403 /);
  });

  it('that the runner has left before it began is ended at the engine too', async () => {
    const begin = Promise.withResolvers<undefined>();
    const before = bench;
    bench = await openGatewayBench('127.0.0.1', begin.promise);
    const socket = connect({ port: bench.port, host: '127.0.0.1' });
    socket.write(
      `POST ${bench.prefix}/v1.41/containers/runner-own-1/attach?stream=1 HTTP/1.1\r\n${upgrade}\r\n`,
    );
    await vi.waitFor(() => expect(bench.streams).toHaveLength(1));
    const [stream] = bench.streams;
    const ended = stream === undefined ? null : once(stream.resume(), 'end');
    socket.resetAndDestroy();
    await ended;
    begin.resolve(undefined);
    await bench.close();
    bench = before;
  });
});

describe('the doorbell', () => {
  it('counts hooks that know the secret, and answers the core when the count has changed', async () => {
    const bell = createBell('a secret of the hooks', () => undefined);
    await new Promise<void>((resolve) => bell.listen(0, '127.0.0.1', () => resolve()));
    const bound = bell.address();
    const base = `http://127.0.0.1:${typeof bound === 'object' ? (bound?.port ?? 0) : 0}`;
    const headers = { 'X-Gitlab-Token': 'a secret of the hooks' };
    const waiting = fetch(`${base}/bell?count=0`, { headers });
    expect((await fetch(`${base}/hook`, { method: 'POST', body: '{}' })).status).toBe(401);
    expect(await (await fetch(`${base}/hook`, { method: 'POST', headers, body: '{}' })).json()).toEqual({
      count: 1,
    });
    expect(await (await waiting).json()).toEqual({ count: 1 });
    expect(await (await fetch(`${base}/bell?count=0`, { headers })).json()).toEqual({ count: 1 });
    bell.closeAllConnections();
    bell.close();
  });
});
