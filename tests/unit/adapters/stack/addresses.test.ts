// A lab's root signs for its machine's address, and for none of the internet: as OpenSSL, Node, curl and Python see it.
import { execFile } from 'node:child_process';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCrypto } from '../../../../main/adapters/stack/crypto.ts';
import { certificateWorkshop } from '../../../fakes/own-certificates.ts';
import type { CertificateWorkshop } from '../../../fakes/own-certificates.ts';

const run = promisify(execFile);
const crypto = createCrypto();
const domain = 'lab.home.arpa';
const now = Date.now();

let shop: CertificateWorkshop;
let root: { readonly certificate: string; readonly key: string };
beforeAll(async () => {
  shop = certificateWorkshop();
  root = await crypto.authority('AutoGit lab', domain, now, ['203.0.113.7', '2001:db8::7']);
  shop.write('ca.pem', root.certificate);
  shop.write('ca.key', root.key);
});
afterAll(() => shop.remove());

async function verify(certificate: string, ...words: readonly string[]): Promise<string> {
  const file = shop.write('leaf.pem', certificate);
  return run('openssl', ['verify', '-CAfile', shop.path('ca.pem'), ...words, file]).then(
    () => 'OK',
    (error: unknown) => String((error as { stderr?: string }).stderr),
  );
}

describe('the root of a lab', () => {
  it('says for whom it may sign', async () => {
    const [facts] = await crypto.describe(root.certificate);
    expect(facts?.limits?.names).toEqual([domain]);
    expect(facts?.limits?.addresses).toEqual(
      expect.arrayContaining([
        '192.168.0.0/16',
        '10.0.0.0/8',
        'fc00::/7',
        '203.0.113.7/32',
        '2001:db8::7/128',
      ]),
    );
  });

  it.each(['192.168.1.10', '10.1.2.3', '100.100.1.1', '127.0.0.1', 'fd00::10', '203.0.113.7', '2001:db8::7'])(
    'is believed for %s, and for the names beside it',
    async (address) => {
      const { certificate } = await crypto.leaf(root, [domain, address], now);
      expect(await verify(certificate, '-verify_ip', address)).toBe('OK');
      expect(await verify(certificate, '-verify_hostname', domain)).toBe('OK');
    },
  );

  it('leaves out an address that it may not sign for, so that the names are believed', async () => {
    const { certificate } = await crypto.leaf(root, [domain, '8.8.8.8', '2001:4860::8'], now);
    expect((await crypto.describe(certificate))[0]?.names).toEqual([domain]);
    expect(await verify(certificate)).toBe('OK');
  });

  it('is not believed for an address of the internet by whoever has its key', async () => {
    shop.write('lab.pem', root.certificate);
    shop.write('lab.key', root.key);
    const forged = shop.make('forged', { by: 'lab', names: 'IP:8.8.8.8' });
    expect(await verify(forged.certificate)).toContain('permitted subtree violation');
  });

  it('of a version before, which limits no addresses, signs for every address of the machine', async () => {
    const older = shop.make('older', {
      isAuthority: true,
      more: [`nameConstraints=critical,permitted;DNS:${domain}`],
    });
    const { certificate } = await crypto.leaf(older, [domain, '192.168.1.10'], now + 60_000);
    expect((await crypto.describe(certificate))[0]?.names).toEqual([domain, '192.168.1.10']);
    expect((await crypto.describe(older.certificate))[0]?.limits).toEqual({
      names: [domain],
      addresses: null,
    });
  });

  it('has the address of a server trusted by Node, curl and Python, with verification on', async () => {
    const { certificate, key } = await crypto.leaf(root, [domain, '127.0.0.1'], now);
    const server = createServer({ cert: certificate, key }, (_, response) => response.end('ok'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const dialled = await new Promise((resolve) => {
        const socket = connect({ port, host: '127.0.0.1', ca: root.certificate }, () => {
          resolve(socket.authorized);
          socket.destroy();
        });
        socket.on('error', resolve);
      });
      expect(dialled).toBe(true);
      const url = `https://127.0.0.1:${port}/`;
      const ca = shop.path('ca.pem');
      const quiet = ['--silent', '--show-error', '--noproxy', '*', '--max-time', '20'];
      expect((await run('curl', [...quiet, '--cacert', ca, url])).stdout).toBe('ok');
      const script = `import ssl,urllib.request as u; c=ssl.create_default_context(cafile=${JSON.stringify(ca)}); print(u.build_opener(u.ProxyHandler({}),u.HTTPSHandler(context=c)).open(${JSON.stringify(url)},timeout=20).read().decode())`;
      expect((await run('python3', ['-c', script])).stdout.trim()).toBe('ok');
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
