// Certificates that other programs accept, and digests that other programs verify.
import { execFile, execFileSync } from 'node:child_process';
import { X509Certificate, createPrivateKey, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { connect, createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { argon2id } from '@noble/hashes/argon2.js';
import { createCrypto } from '../../../../main/adapters/stack/crypto.ts';
import { parseNames } from '../../../../main/adapters/stack/subject-names.ts';
import { temporaryFolder } from '../host/temporary.ts';

const run = promisify(execFile);
const crypto = createCrypto();
const day = 86_400_000;
const now = Date.now();
const domain = 'lab.home.arpa';
const root = await crypto.authority('AutoGit lab', domain, now);
const names = [`gitlab.${domain}`, `*.${domain}`, domain];
const leaf = await crypto.leaf(root, names, now);
const foreign = await crypto.leaf(root, ['gitlab.example.com'], now);

/** What openssl says of a certificate under our root. */
async function verify(certificate: string, ...options: readonly string[]): Promise<string> {
  const folder = temporaryFolder();
  const [ca, own] = [path.join(folder, 'ca.crt'), path.join(folder, 'own.crt')];
  writeFileSync(ca, root.certificate);
  writeFileSync(own, certificate);
  const args = ['verify', '-x509_strict', '-purpose', 'sslserver', ...options, '-CAfile', ca, own];
  return run('openssl', args).then(
    () => 'OK',
    (error: unknown) => (error instanceof Error && 'stderr' in error ? String(error.stderr) : ''),
  );
}

interface Server {
  readonly port: number;
  readonly folder: string;
}

async function serve(): Promise<Server> {
  const server = createServer({ cert: leaf.certificate, key: leaf.key }, (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'ca.crt'), root.certificate);
  return { port: (server.address() as AddressInfo).port, folder };
}

describe('the authority of a lab', () => {
  it('is trusted by openssl for names of its lab', async () => {
    for (const name of [`gitlab.${domain}`, `anything.${domain}`, domain])
      expect(await verify(leaf.certificate, '-verify_hostname', name)).toBe('OK');
  });

  it('is trusted for no name outside of it', async () => {
    expect(await verify(foreign.certificate)).toContain('permitted subtree violation');
    expect(await verify(leaf.certificate, '-verify_hostname', 'gitlab.example.com')).toContain(
      'hostname mismatch',
    );
  });

  it('is believed as long as it says, and a little before', () => {
    const [authority, own] = [new X509Certificate(root.certificate), new X509Certificate(leaf.certificate)];
    const span = (certificate: X509Certificate): number =>
      (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / day;
    expect(Date.parse(own.validFrom)).toBeLessThan(now);
    expect(span(authority)).toBeGreaterThan(3650);
    expect(span(own)).toBeGreaterThan(397);
    expect(span(own)).toBeLessThan(398);
    expect(authority.ca).toBe(true);
    expect(own.ca).toBe(false);
    expect(authority.serialNumber).not.toBe(own.serialNumber);
  });

  it('never signs for longer than it is believed itself', async () => {
    const late = now + 3600 * day;
    const { certificate } = await crypto.leaf(root, names, late);
    const end = Date.parse(new X509Certificate(certificate).validTo);
    expect(end).toBe(Date.parse(new X509Certificate(root.certificate).validTo));
  });

  it('is accepted by a client of Node that trusts it, and by no other', async () => {
    const { port } = await serve();
    const dial = (ca: string | undefined, servername: string): Promise<string> =>
      new Promise((resolve) => {
        const socket: TLSSocket = connect({ port, host: '127.0.0.1', servername, ca }, () => {
          resolve(socket.authorized ? 'OK' : 'not authorized');
          socket.destroy();
        });
        socket.on('error', (error: Error) => resolve(error.message));
      });
    expect(await dial(root.certificate, `gitlab.${domain}`)).toBe('OK');
    expect(await dial(root.certificate, 'gitlab.example.com')).toMatch(/does not match/i);
    expect(await dial(undefined, `gitlab.${domain}`)).toMatch(/unable to verify|self.signed/i);
  });

  it('is accepted by curl, by its names', async () => {
    const { port, folder } = await serve();
    const get = (host: string): Promise<{ readonly stdout: string }> =>
      run('curl', [
        ...['--silent', '--show-error', '--noproxy', '*', '--max-time', '20'],
        ...['--cacert', path.join(folder, 'ca.crt'), '--resolve', `${host}:${port}:127.0.0.1`],
        `https://${host}:${port}/`,
      ]);
    expect((await get(`gitlab.${domain}`)).stdout).toBe('ok');
    await expect(get('127.0.0.1')).rejects.toThrow();
    await expect(get('gitlab.example.com')).rejects.toThrow();
  });

  it('names what is longer than a common name may be all the same', async () => {
    const label = 'a'.repeat(60);
    const long = `${label}.${label}.${domain}`;
    const { certificate } = await crypto.leaf(root, [long], now);
    expect(await verify(certificate, '-verify_hostname', long)).toBe('OK');
  });
});

describe('a certificate that is read', () => {
  it('says its names and its time', async () => {
    expect(await crypto.read(leaf.certificate)).toEqual({
      names,
      from: Math.floor((now - 3_600_000) / 1000) * 1000,
      to: Math.floor((now + 397 * day) / 1000) * 1000,
    });
    expect((await crypto.read(`${leaf.certificate}${root.certificate}`)).names).toContain(domain);
  });

  it('has its key, and no other', async () => {
    expect(await crypto.matches(leaf.certificate, leaf.key)).toBe(true);
    expect(await crypto.matches(leaf.certificate, root.key)).toBe(false);
    expect(await crypto.matches(leaf.certificate, await crypto.rsaKey())).toBe(false);
  });

  it('of openssl is read, too, and its key with a passphrase refused with the reason', async () => {
    const folder = temporaryFolder();
    const [cert, key, locked] = ['cert.pem', 'key.pem', 'locked.pem'].map((name) => path.join(folder, name));
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '9', '-subj', '/CN=x'],
        ...['-addext', 'subjectAltName=DNS:Git.Example.com,IP:192.168.1.10,URI:https://x'],
        ...['-keyout', key ?? '', '-out', cert ?? ''],
      ],
      { stdio: 'ignore' },
    );
    execFileSync(
      'openssl',
      ['rsa', '-aes256', '-passout', 'pass:secret', '-in', key ?? '', '-out', locked ?? ''],
      { stdio: 'ignore' },
    );
    const read = (file: string | undefined): string => execFileSync('cat', [file ?? '']).toString();
    expect((await crypto.read(read(cert))).names).toEqual(['git.example.com', '192.168.1.10']);
    expect(await crypto.matches(read(cert), read(key))).toBe(true);
    await expect(crypto.matches(read(cert), read(locked))).rejects.toMatchObject({
      key: 'stack.certificate-invalid',
      message: expect.stringContaining('encrypted') as string,
    });
  });

  it.each(['', 'nonsense', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'is none: %j',
    async (text) => {
      await expect(crypto.read(text)).rejects.toMatchObject({ key: 'stack.certificate-invalid' });
      await expect(crypto.matches(text, leaf.key)).rejects.toMatchObject({
        key: 'stack.certificate-invalid',
      });
    },
  );

  it('gives no name that it does not have, however its names are written', () => {
    expect(parseNames('DNS:"a, DNS:evil", DNS:b')).toEqual(['a, dns:evil', 'b']);
    expect(parseNames('email:x@y, DNS:b')).toEqual(['b']);
  });
});

describe('random text', () => {
  it('has letters and digits alone, as many as asked for, and never the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 128 }), (length) => {
        const [one, other] = [crypto.random(length), crypto.random(length)];
        expect(one).toMatch(new RegExp(`^[A-Za-z0-9]{${length}}$`));
        expect(one).not.toBe(other);
      }),
    );
  });
});

describe('a key', () => {
  it('is RSA of 2048 bits, PKCS#8', async () => {
    const text = await crypto.rsaKey();
    expect(text.startsWith('-----BEGIN PRIVATE KEY-----\n')).toBe(true);
    expect(createPrivateKey(text).asymmetricKeyDetails?.modulusLength).toBe(2048);
  });
});

/** Verifies as passlib does, with Python's own hashlib. */
const verifyPbkdf2 = `
import base64, hashlib, sys
_, name, rounds, salt, digest = sys.argv[1].split('$')
plain = lambda text: base64.b64decode(text.replace('.', '+') + '=' * (-len(text) % 4))
assert name == 'pbkdf2-sha512' and len(plain(salt)) == 16 and len(plain(digest)) == 64
made = hashlib.pbkdf2_hmac('sha512', sys.argv[2].encode(), plain(salt), int(rounds))
print('yes' if made == plain(digest) else 'no')
`;

describe('a digest', () => {
  it('by PBKDF2 is verified by Python', async () => {
    const digest = await crypto.pbkdf2('a secret of 64 – äöü');
    expect(digest).toMatch(/^\$pbkdf2-sha512\$310000\$[A-Za-z0-9./]{22}\$[A-Za-z0-9./]{86}$/);
    const ask = async (secret: string): Promise<string> =>
      (await run('python3', ['-c', verifyPbkdf2, digest, secret])).stdout.trim();
    expect(await ask('a secret of 64 – äöü')).toBe('yes');
    expect(await ask('another')).toBe('no');
  });

  it('by Argon2id has the form that Authelia reads, and leaves the core its time', async () => {
    let turns = 0;
    const others = setInterval(() => (turns += 1), 0);
    const digest = crypto.argon2id('a password');
    expect(await digest).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    clearInterval(others);
    // In one piece, nobody else would have had a turn.
    expect(turns).toBeGreaterThan(5);
    expect(await crypto.argon2id('a password')).not.toBe(await digest);
  });

  it('by the Argon2id of this library is that of RFC 9106', () => {
    // https://www.rfc-editor.org/rfc/rfc9106#section-5.3
    const tag = argon2id(new Uint8Array(32).fill(1), new Uint8Array(16).fill(2), {
      ...{ t: 3, m: 32, p: 4, dkLen: 32, key: new Uint8Array(8).fill(3) },
      personalization: new Uint8Array(12).fill(4),
    });
    expect(Buffer.from(tag).toString('hex')).toBe(
      '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659',
    );
  });

  it('by Argon2id is verified by Node, where Node has it', async () => {
    const { argon2Sync } = await import('node:crypto');
    if (typeof argon2Sync !== 'function') return;
    const password = randomBytes(9).toString('base64');
    const [, , , , salt = '', digest = ''] = (await crypto.argon2id(password)).split('$');
    const made = argon2Sync('argon2id', {
      ...{ message: password, nonce: Buffer.from(salt, 'base64'), parallelism: 4 },
      ...{ tagLength: 32, memory: 65_536, passes: 3 },
    });
    expect(made.toString('base64').replace(/=+$/, '')).toBe(digest);
  });
});
