// What programs in jobs are given to trust an own root with.
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { ownRoots, trustEnvironment, trustFiles, trustFolder } from '../../../main/model/job-trust.ts';
import { someAuthority } from '../../fakes/some-authority.ts';

const { authority } = await someAuthority(['gitlab.lab.home.arpa']);
const [first = '', second = ''] = rootCertificates;

describe('the files', () => {
  const files = trustFiles(ownRoots(authority, rootCertificates), rootCertificates);
  const contentOf = (variable: string): string =>
    files.find(({ path }) => path === trustEnvironment[variable])?.content ?? '';
  const certificatesIn = (pem: string): readonly string[] =>
    (pem.match(/-----BEGIN[^]+?-----END CERTIFICATE-----/g) ?? []).map(
      (one) => new X509Certificate(one).fingerprint256,
    );

  it('are there for every variable, in a folder of their own, and nobody changes them', () => {
    const paths = files.map(({ path }) => path);
    expect(Object.values(trustEnvironment).filter((path) => !paths.includes(path))).toEqual([]);
    expect(paths.every((path) => path.startsWith(`${trustFolder}/`))).toBe(true);
    expect(new Set(files.map(({ mode }) => mode))).toEqual(new Set([0o444]));
  });

  it('have the public roots and the own one, each a certificate that can be read', () => {
    const all = certificatesIn(contentOf('SSL_CERT_FILE'));
    expect(all).toHaveLength(rootCertificates.length + 1);
    expect(all).toContain(new X509Certificate(authority).fingerprint256);
    expect(all.length).toBeGreaterThan(100);
  });

  it('have the own root alone for programs that add it to theirs', () => {
    expect(certificatesIn(contentOf('NODE_EXTRA_CA_CERTS'))).toEqual([
      new X509Certificate(authority).fingerprint256,
    ]);
  });

  it('switch nothing off', () => {
    expect(Object.keys(trustEnvironment).join(' ')).not.toMatch(/VERIFY|INSECURE|UNAUTHORIZED/);
    expect(contentOf('WGETRC')).toBe(`ca_certificate = ${trustEnvironment['SSL_CERT_FILE']}\n`);
  });
});

describe('own roots', () => {
  it('are those that are not public, however their lines are broken', () => {
    const unbroken = first.replaceAll(/(?<!-)\n(?!-)/g, '');
    expect(ownRoots(`${unbroken}\n${authority}${second}`, rootCertificates).trim()).toBe(authority.trim());
  });

  it('are none where a public authority has signed', () => {
    expect(ownRoots(`${first}\n${second}\n`, rootCertificates)).toBe('');
  });
});
