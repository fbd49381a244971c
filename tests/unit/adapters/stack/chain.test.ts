// Chains as openssl makes them: to a public root, to one that a person gave, and to none.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCrypto } from '../../../../main/adapters/stack/crypto.ts';

const crypto = createCrypto();
const day = 86_400_000;
/** A little later than they are made. */
const now = Date.now() + 60_000;

/** Certificates by name, each signed by the one after it. */
const made: Record<string, string> = {};
const of = (...names: readonly string[]): string => names.map((name) => made[name] ?? '').join('');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'autogit-chain-'));
  const file = (name: string): string => path.join(folder, name);
  const make = (name: string, { by, isAuthority }: { by?: string; isAuthority: boolean }): void => {
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '30',
        ],
        ...['-subj', `/O=Lab/CN=${name}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)],
        ...(by === undefined ? [] : ['-CA', file(`${by}.pem`), '-CAkey', file(`${by}.key`)]),
        ...['-addext', `basicConstraints=critical,CA:${isAuthority ? 'TRUE' : 'FALSE'}`],
      ],
      { stdio: 'ignore' },
    );
    made[name] = readFileSync(file(`${name}.pem`), 'utf8');
  };
  make('root', { isAuthority: true });
  make('middle', { by: 'root', isAuthority: true });
  make('leaf', { by: 'middle', isAuthority: false });
  make('forged', { by: 'leaf', isAuthority: false });
  make('other', { isAuthority: true });
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('a chain', () => {
  it('leads to the root that a person gives', async () => {
    expect(await crypto.trace(of('leaf', 'middle'), of('root'), now)).toEqual({
      kind: 'own',
      root: of('root'),
    });
  });

  it('leads there whatever their order after the first, and where the root itself is in the file', async () => {
    for (const chain of [of('leaf', 'middle', 'root'), of('leaf', 'root', 'middle')])
      expect(await crypto.trace(chain, null, now)).toEqual({ kind: 'own', root: of('root') });
    expect(await crypto.trace(of('leaf'), of('root', 'middle'), now)).toMatchObject({ kind: 'own' });
  });

  it('of which one is missing, or whose root is another, leads nowhere, and says whose is wanted', async () => {
    expect(await crypto.trace(of('leaf'), of('root'), now)).toEqual({
      kind: 'lost',
      issuer: 'CN=middle, O=Lab',
    });
    for (const known of [null, of('other')])
      expect(await crypto.trace(of('leaf', 'middle'), known, now)).toEqual({
        ...{ kind: 'lost', issuer: 'CN=root, O=Lab' },
      });
  });

  it('to a root that everybody has is public', async () => {
    const [known = ''] = rootCertificates;
    const { from } = await crypto.read(known);
    expect(await crypto.trace(known, null, from + day)).toEqual({ kind: 'public' });
  });

  it('with one that has ended, or that may not sign, is broken', async () => {
    const ended = await crypto.trace(of('leaf', 'middle', 'root'), null, now + 40 * day);
    expect(ended).toMatchObject({ kind: 'broken', subject: 'CN=leaf, O=Lab' });
    const forged = await crypto.trace(of('forged', 'leaf', 'middle', 'root'), null, now);
    expect(forged).toMatchObject({ kind: 'broken', subject: 'CN=leaf, O=Lab' });
    expect(forged.kind === 'broken' ? forged.why : '').toContain('may not sign');
  });

  it.each([
    ['', 'an empty file'],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'nonsense'],
    ['-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', 'a key'],
  ])('is refused in words where the file is no certificate (%#)', async (text) => {
    await expect(crypto.trace(text, null, now)).rejects.toMatchObject({ key: 'stack.certificate-invalid' });
    await expect(crypto.trace(of('leaf'), text, now)).rejects.toMatchObject({
      key: 'stack.certificate-invalid',
    });
  });
});
