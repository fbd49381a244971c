// What answers at an address of the stack, asked of real servers.
import { createServer as createPlain } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLookAtDoor } from '../../../../main/adapters/stack/look-at-door.ts';
import { someAuthority } from '../../../fakes/some-authority.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function listen(server: Server): Promise<{ readonly host: string; readonly port: number }> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { host: '127.0.0.1', port: typeof address === 'object' && address !== null ? address.port : 0 };
}

let signed: Awaited<ReturnType<typeof someAuthority>>;
beforeAll(async () => {
  signed = await someAuthority(['lab.home.arpa', '*.lab.home.arpa']);
});

const look = createLookAtDoor(() => Date.UTC(2026, 10, 22));

describe('a door', () => {
  it('is asked by its name, tells its certificate whoever signed it, and is followed nowhere', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer({ cert: signed.certificate, key: signed.key }, (request, response) => {
      seen.push(request.headers.host, request.url);
      response.writeHead(302, {
        ...{
          location: 'https://gitlab.lab.home.arpa/users/sign_in',
          date: new Date(Date.UTC(2026, 10, 21)).toUTCString(),
        },
        'set-cookie': ['a=1; Secure', 'b=2'],
      });
      response.end('x'.repeat(100_000));
    });
    const reach = await listen(server);
    const door = await look('https://gitlab.lab.home.arpa:8443/', reach);
    expect(seen).toEqual(['gitlab.lab.home.arpa:8443', '/']);
    expect(door).toMatchObject({ status: 302, cookies: ['a=1; Secure', 'b=2'], clockAheadMs: 86_400_000 });
    expect(door.certificate).toMatchObject({
      ...{ subject: 'lab.home.arpa', issuer: 'Some root', names: ['lab.home.arpa', '*.lab.home.arpa'] },
    });
    expect(door.body.length).toBeLessThanOrEqual(2_048);
  });

  it('has no certificate without TLS', async () => {
    const reach = await listen(
      createPlain((_, response) => response.writeHead(404).end('404 page not found\n')),
    );
    const door = await look('http://gitlab.lab.home.arpa/', reach);
    expect(door).toMatchObject({ status: 404, body: '404 page not found\n', certificate: null });
  });

  it('that nobody opens is an answer, too', async () => {
    const reach = await listen(createPlain());
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    expect(await look('https://gitlab.lab.home.arpa/', reach)).toMatchObject({
      status: null,
      certificate: null,
    });
    const plain = await listen(createPlain((_, response) => response.end('no TLS here')));
    expect(await look('https://gitlab.lab.home.arpa/', plain)).toMatchObject({ status: null });
  });
});
