// What is said of certificates that a person brings: each one that is wrong with its reason, as real files have it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCrypto } from '../../../../main/adapters/stack/crypto.ts';
import { readTextFile } from '../../../../main/adapters/host/read-text.ts';
import { lookAtOwn } from '../../../../main/apply/stack/own-certificate.ts';
import { firstBad, judgeOwn } from '../../../../main/model/stack/judge-own.ts';
import type { OwnCheck } from '../../../../main/model/stack/own-seen.ts';
import { certificateWorkshop } from '../../../fakes/own-certificates.ts';
import type { CertificateWorkshop, MadeCertificate } from '../../../fakes/own-certificates.ts';

const crypto = createCrypto();
const day = 86_400_000;
/** A little later than they are made. */
const begin = Date.now() + 60_000;
const names = 'DNS:*.lab.example.org,DNS:lab.example.org';
const wanted = {
  domain: 'lab.example.org',
  names: ['gitlab.lab.example.org', 'auth.lab.example.org'],
  optional: [],
};

/** A text with this in it. */
const saying = (part: string): unknown => expect.stringContaining(part);

let shop: CertificateWorkshop;
const made: Record<string, MadeCertificate> = {};
const certificate = (...of: readonly string[]): string =>
  of.map((name) => made[name]?.certificate ?? '').join('');
const key = (name: string): string => made[name]?.key ?? '';

beforeAll(() => {
  shop = certificateWorkshop();
  const put = (name: string, wish: Parameters<CertificateWorkshop['make']>[1] = {}): void => {
    made[name] = shop.make(name, wish);
  };
  put('root', { isAuthority: true, days: 3650 });
  put('middle', { isAuthority: true, by: 'root', days: 365 });
  put('leaf', { by: 'middle', names });
  put('elsewhere', { isAuthority: true });
  put('single', { by: 'root', names: 'DNS:gitlab.lab.example.org,IP:192.168.1.2' });
  put('deep', { by: 'root', names: 'DNS:*.example.org' });
  put('nameless', { by: 'root' });
  put('long', { by: 'root', names, days: 900 });
  put('authority', { by: 'root', names, isAuthority: true });
  put('client', { by: 'root', names, usage: 'clientAuth' });
  put('server', { by: 'root', names, usage: 'serverAuth,clientAuth' });
  put('short-rsa', { by: 'root', names, kind: 'rsa:1024' });
  put('rsa', { by: 'root', names, kind: 'rsa:2048' });
  put('sha1', { by: 'root', names, digest: 'sha1' });
  put('rsa-root', { isAuthority: true, kind: 'rsa:2048' });
  put('md5', { by: 'rsa-root', names, digest: 'md5' });
  put('curve', { by: 'root', names, kind: 'ec:secp256k1' });
  put('p384', { by: 'root', names, kind: 'ec:secp384r1' });
  put('ed', { by: 'root', names, kind: 'ed25519', digest: 'sha256' });
  put('told', {
    by: 'middle',
    names,
    more: ['authorityInfoAccess=caIssuers;URI:http://ca.example.org/middle.cer'],
  });
  put('weak-root', { isAuthority: true, kind: 'rsa:1024' });
  put('below-weak', { by: 'weak-root', names });
  put('p521', { by: 'root', names, kind: 'ec:secp521r1' });
  put('p521-root', { isAuthority: true, kind: 'ec:secp521r1' });
  put('below-p521', { by: 'p521-root', names });
  put('ed-root', { isAuthority: true, kind: 'ed25519' });
  put('below-ed', { by: 'ed-root', names });
  put('short-middle', { by: 'root', isAuthority: true, kind: 'rsa:1024' });
  put('below-short', { by: 'short-middle', names });
  put('rare-below-short', { by: 'short-middle', names, kind: 'ec:secp521r1' });
});
afterAll(() => shop.remove());

/** Of a chain that has its root itself nothing is given beside. */
const caOf = (chain: readonly string[]): null | undefined =>
  chain.at(-1)?.endsWith('-root') === true ? null : undefined;

interface Given {
  readonly certificate: string;
  readonly key: string;
  readonly ca?: string | null | undefined;
  readonly at?: number;
  readonly wanted?: typeof wanted;
}

async function judged(given: Given): Promise<readonly OwnCheck[]> {
  const ca = given.ca === undefined ? shop.write('given-root.pem', certificate('root')) : given.ca;
  const files = {
    certificate: shop.write('given.pem', given.certificate),
    key: shop.write('given.key', given.key),
    ca,
  };
  return judgedFiles(files, given);
}

async function judgedFiles(
  files: { readonly certificate: string; readonly key: string; readonly ca: string | null },
  { at = begin, wanted: names = wanted }: Partial<Given> = {},
): Promise<readonly OwnCheck[]> {
  const clock = { now: () => at, monotonic: () => at, sleep: async () => undefined };
  return judgeOwn(await lookAtOwn(files, { crypto, clock, readText: readTextFile }), names, at);
}

const refusal = async (given: Given): Promise<OwnCheck | null> => firstBad(await judged(given));

describe('a certificate of a person', () => {
  it.each([
    ['of an intermediate authority', ['leaf', 'middle'], 'leaf'],
    ['with its root', ['leaf', 'middle', 'root'], 'leaf'],
    ['of RSA', ['rsa'], 'rsa'],
    ['on P-384', ['p384'], 'p384'],
    ['for servers and clients', ['server'], 'server'],
  ])('%s is good, and every check says so', async (_, chain, of) => {
    const checks = await judged({ certificate: certificate(...chain), key: key(of) });
    expect(checks.filter(({ state }) => state !== 'good')).toEqual([]);
    expect(checks).toHaveLength(10);
  });

  it('is told its names, dates, key and chain in sentences', async () => {
    const checks = await judged({ certificate: certificate('leaf', 'middle'), key: key('leaf') });
    const said = checks.map(({ message }) => message).join('\n');
    for (const words of [
      'holds 2 certificates',
      'EC P-256, signed with SHA256',
      'gitlab.lab.example.org',
      '89 days from now',
    ])
      expect(said).toContain(words);
  });

  it.each([
    ['a key of another', 'stack.certificate-key', ['leaf', 'middle'], 'rsa', 'does not belong'],
    ['no intermediate', 'stack.certificate-untrusted', ['leaf'], 'leaf', 'CN=middle, O=Lab'],
    ['another before it', 'stack.certificate-order', ['server', 'rsa'], 'rsa', 'begins with CN=server'],
    [
      'its chain reversed',
      'stack.certificate-order',
      ['root', 'middle', 'leaf'],
      'leaf',
      'begins with CN=root',
    ],
    [
      'its authorities in the wrong order',
      'stack.certificate-order',
      ['leaf', 'root', 'middle'],
      'leaf',
      'wrong order',
    ],
    ['one name missing', 'stack.certificate-names', ['single'], 'single', 'is not for auth.lab.example.org'],
    ['a wildcard one label too high', 'stack.certificate-names', ['deep'], 'deep', 'one label alone'],
    ['no subject alternative name', 'stack.certificate-names', ['nameless'], 'nameless', 'common name'],
    ['RSA of 1024 bits', 'stack.certificate-weak', ['short-rsa'], 'short-rsa', 'RSA key of 1024 bits'],
    ['a signature by SHA-1', 'stack.certificate-weak', ['sha1'], 'sha1', 'SHA1'],
    ['a signature by MD5', 'stack.certificate-weak', ['md5', 'rsa-root'], 'md5', 'MD5'],
    ['a curve that browsers lack', 'stack.certificate-weak', ['curve'], 'curve', 'secp256k1'],
    ['a key of Ed25519', 'stack.certificate-weak', ['ed'], 'ed', 'ed25519'],
    ['the rights of an authority', 'stack.certificate-purpose', ['authority'], 'authority', 'authority'],
    ['no right to serve', 'stack.certificate-purpose', ['client'], 'client', 'serverAuth'],
  ])('with %s is refused with %s', async (_, problem, chain, of, words) => {
    const bad = await refusal({ certificate: certificate(...chain), key: key(of) });
    expect(bad).toMatchObject({ problem });
    expect(`${bad?.message} ${bad?.next}`).toContain(words);
    expect(bad?.message).toContain(shop.path('given.pem'));
  });

  it.each([
    ['another authority behind it', 'foreign', ['leaf', 'middle', 'elsewhere'], 'leaf', 'CN=elsewhere'],
    ['another authority between', 'foreign', ['leaf', 'elsewhere', 'middle'], 'leaf', 'CN=elsewhere'],
    ['another leaf behind it', 'foreign', ['rsa', 'server'], 'rsa', 'CN=server'],
    ['a weak one that has nothing to do with it', 'foreign', ['rsa', 'short-rsa'], 'rsa', 'CN=short-rsa'],
    ['itself twice', 'foreign', ['rsa', 'rsa'], 'rsa', 'twice'],
    ['its authority twice', 'foreign', ['leaf', 'middle', 'middle'], 'leaf', 'twice'],
    ['a curve that Chrome lacks', 'weak', ['p521'], 'p521', 'P-521'],
    ['a root on such a curve', 'weak', ['below-p521', 'p521-root'], 'below-p521', 'CN=p521-root'],
    ['a root of RSA 1024', 'weak', ['below-weak', 'weak-root'], 'below-weak', 'CN=weak-root'],
    ['a root of Ed25519', 'weak', ['below-ed', 'ed-root'], 'below-ed', 'CN=ed-root'],
  ])('with %s is served, and that is said', async (_, problem, chain, of, words) => {
    const checks = await judged({ certificate: certificate(...chain), key: key(of), ca: caOf(chain) });
    expect(firstBad(checks)).toBeNull();
    const [warning, ...others] = checks.filter(({ state }) => state !== 'good');
    expect(warning).toMatchObject({ state: 'warning', problem: `stack.certificate-${problem}` });
    expect(`${warning?.message} ${warning?.next}`).toContain(words);
    expect(others).toEqual([]);
  });

  it('below an authority that is weak and no root is refused, and what is fatal is told first', async () => {
    const middle = { certificate: certificate('below-short', 'short-middle'), key: key('below-short') };
    expect(await refusal(middle)).toMatchObject({
      ...{ problem: 'stack.certificate-weak', message: saying('CN=short-middle') },
    });
    const both = certificate('rare-below-short', 'short-middle');
    expect(await refusal({ certificate: both, key: key('rare-below-short') })).toMatchObject({
      message: saying('RSA key of 1024 bits'),
    });
  });

  it('in the wrong order is told the right one', async () => {
    const bad = await refusal({ certificate: certificate('root', 'middle', 'leaf'), key: key('leaf') });
    expect(bad?.next).toContain('1. CN=leaf, O=Lab 2. CN=middle, O=Lab 3. CN=root, O=Lab');
  });

  it('whose intermediate lies at its authority is told the line that gets it', async () => {
    const bad = await refusal({ certificate: certificate('told'), key: key('told') });
    expect(bad?.next).toContain('curl -sS http://ca.example.org/middle.cer | openssl x509 -inform DER');
  });

  it('that has ended, or does not hold yet, is refused with its dates; one that ends soon is not', async () => {
    const given = { certificate: certificate('leaf', 'middle', 'root'), key: key('leaf'), ca: null };
    expect(await refusal({ ...given, at: begin + 91 * day })).toMatchObject({
      ...{ problem: 'stack.certificate-dates', message: saying('has ended') },
    });
    expect(await refusal({ ...given, at: begin - 2 * day })).toMatchObject({
      ...{ problem: 'stack.certificate-dates', message: saying('does not hold yet') },
    });
    const soon = await judged({ ...given, at: begin + 80 * day });
    expect(firstBad(soon)).toBeNull();
    expect(soon.filter(({ state }) => state === 'warning').map(({ problem }) => problem)).toEqual([
      'stack.certificate-ending',
    ]);
  });

  it('for more days than Apple takes is served, and that is said', async () => {
    const checks = await judged({ certificate: certificate('long'), key: key('long') });
    expect(firstBad(checks)).toBeNull();
    expect(checks.find(({ key: name }) => name === 'certificate.duration')).toMatchObject({
      ...{ state: 'warning', message: saying('900 days') },
    });
  });

  it('lacks only what some stacks have: that is a warning', async () => {
    const checks = await judged({
      ...{ certificate: certificate('single'), key: key('single') },
      wanted: { ...wanted, names: ['gitlab.lab.example.org'], optional: ['auth.lab.example.org'] } as never,
    });
    expect(checks.find(({ key: name }) => name === 'certificate.names')?.state).toBe('warning');
  });

  it('needs a root that can be read, where the answers name one', async () => {
    const given = { certificate: certificate('leaf', 'middle'), key: key('leaf') };
    expect(await refusal({ ...given, ca: shop.path('nowhere.pem') })).toMatchObject({
      ...{ problem: 'stack.certificate-unreadable', message: saying('nowhere.pem') },
    });
    expect(await refusal({ ...given, ca: shop.write('no-root.pem', 'nothing') })).toMatchObject({
      problem: 'stack.certificate-invalid',
    });
  });
});

describe('a file that is none of PEM', () => {
  beforeAll(() => {
    shop.openssl(
      'pkcs12',
      '-export',
      '-in',
      'leaf.pem',
      '-inkey',
      'leaf.key',
      '-out',
      'lab.pfx',
      '-passout',
      'pass:x',
    );
    shop.openssl('x509', '-in', 'leaf.pem', '-outform', 'DER', '-out', 'lab.der');
    shop.openssl('pkey', '-in', 'leaf.key', '-outform', 'DER', '-out', 'lab.key.der');
    shop.openssl('pkey', '-in', 'rsa.key', '-outform', 'DER', '-traditional', '-out', 'rsa.key.der');
    shop.openssl('pkey', '-in', 'leaf.key', '-aes256', '-passout', 'pass:x', '-out', 'locked.key');
    shop.openssl(
      'rsa',
      '-in',
      'rsa.key',
      '-aes256',
      '-passout',
      'pass:x',
      '-traditional',
      '-out',
      'locked-rsa.key',
    );
    shop.openssl('req', '-new', '-key', 'leaf.key', '-subj', '/CN=x', '-out', 'lab.csr');
    shop.openssl('crl2pkcs7', '-nocrl', '-certfile', 'leaf.pem', '-out', 'lab.p7b');
    const leaf = certificate('leaf');
    shop.write('utf16.pem', Buffer.from(`\ufeff${leaf}`, 'utf16le'));
    shop.write('bare.pem', leaf.replaceAll(/-----[^-]+-----\n/g, ''));
    shop.write('cut.pem', leaf.slice(0, 300));
    shop.write('empty.pem', ' \n');
    shop.write('big.pem', 'x'.repeat(10_000_000));
    shop.write('damaged.pem', leaf.replace(/\n(.{40})/, `\n${'A'.repeat(40)}`));
    shop.write('damaged.key', key('leaf').replace(/\n(.{40})/, `\n${'A'.repeat(40)}`));
    shop.write('text.pem', 'a certificate\n');
    shop.write('mark.pem', `\ufeff${certificate('leaf', 'middle')}`);
  });

  it.each([
    ['lab.pfx', 'stack.certificate-format', 'openssl pkcs12 -in'],
    ['lab.der', 'stack.certificate-format', 'openssl x509 -inform DER -in'],
    ['lab.p7b', 'stack.certificate-format', 'openssl pkcs7 -print_certs -in'],
    ['lab.csr', 'stack.certificate-format', 'request'],
    ['utf16.pem', 'stack.certificate-format', 'iconv -f UTF-16'],
    ['bare.pem', 'stack.certificate-format', '-----BEGIN CERTIFICATE-----'],
    ['cut.pem', 'stack.certificate-invalid', 'breaks off'],
    ['empty.pem', 'stack.certificate-unreadable', 'is empty'],
    ['big.pem', 'stack.certificate-unreadable', 'more than 1 MB'],
    ['nowhere.pem', 'stack.certificate-unreadable', 'there is no such file'],
    ['damaged.pem', 'stack.certificate-invalid', 'cannot be read'],
    ['text.pem', 'stack.certificate-invalid', 'no PEM file'],
    ['leaf.key', 'stack.certificate-swapped', 'Exchange the two'],
  ])('as certificate, %s, is refused with %s and the way out', async (file, problem, words) => {
    const files = { certificate: shop.path(file), key: shop.path('leaf.key'), ca: null };
    const bad = firstBad(await judgedFiles(files));
    expect(bad).toMatchObject({ problem, key: 'certificate.file' });
    expect(`${bad?.message} ${bad?.next}`).toContain(words);
  });

  it.each([
    ['lab.pfx', 'stack.certificate-format', 'openssl pkcs12 -in'],
    ['lab.key.der', 'stack.certificate-format', 'openssl pkey -inform DER -in'],
    ['rsa.key.der', 'stack.certificate-format', 'openssl pkey -inform DER -in'],
    ['locked.key', 'stack.certificate-encrypted', 'openssl pkey -in'],
    ['locked-rsa.key', 'stack.certificate-encrypted', 'passphrase'],
    ['empty.pem', 'stack.certificate-unreadable', 'is empty'],
    ['big.pem', 'stack.certificate-unreadable', 'more than 1 MB'],
    ['nowhere.key', 'stack.certificate-unreadable', 'there is no such file'],
    ['damaged.key', 'stack.certificate-invalid', 'cannot be read'],
    ['leaf.pem', 'stack.certificate-swapped', 'Exchange the two'],
  ])('as key, %s, is refused with %s and the way out', async (file, problem, words) => {
    const chain = shop.write('chain.pem', certificate('leaf', 'middle', 'root'));
    const bad = firstBad(await judgedFiles({ certificate: chain, key: shop.path(file), ca: null }));
    expect(bad).toMatchObject({ problem, key: 'certificate.key-file' });
    expect(`${bad?.message} ${bad?.next}`).toContain(words);
  });

  it('says how to quote a path that has blanks', async () => {
    const file = shop.write("my lab's.pfx", shop.read('lab.pfx'));
    const bad = firstBad(await judgedFiles({ certificate: file, key: shop.path('leaf.key'), ca: null }));
    expect(bad?.next).toContain(`'${file.replace("'", `'\\''`)}'`);
  });

  it('may begin with the mark of an editor, which is not served', async () => {
    const files = {
      certificate: shop.path('mark.pem'),
      key: shop.path('leaf.key'),
      ca: shop.path('root.pem'),
    };
    const clock = { now: () => begin, monotonic: () => begin, sleep: async () => undefined };
    const seen = await lookAtOwn(files, { crypto, clock, readText: readTextFile });
    expect(firstBad(judgeOwn(seen, wanted, begin))).toBeNull();
    expect(seen.certificate.text?.startsWith('-----BEGIN')).toBe(true);
  });

  it('is judged alike when its contents are given before there is a file', async () => {
    const clock = { now: () => begin, monotonic: () => begin, sleep: async () => undefined };
    const tools = { crypto, clock, readText: readTextFile };
    const tls = { certificate: '', key: '', ca: null };
    const of = async (text: { certificate: string; key: string }): Promise<string | undefined> =>
      firstBad(judgeOwn(await lookAtOwn(tls, tools, text), wanted, begin))?.message;
    expect(await of({ certificate: shop.read('lab.pfx').toString('utf8'), key: key('leaf') })).toContain(
      'The certificate is a PKCS#12 file',
    );
    expect(await of({ certificate: certificate('leaf'), key: 'x'.repeat(12_000_000) })).toContain(
      'more than 1 MB',
    );
    expect(
      await of({ certificate: '-----BEGIN CERTIFICATE-----'.repeat(40_000), key: key('leaf') }),
    ).toContain('1 MB');
  });
});
