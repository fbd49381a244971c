// Lines of a real Traefik 3.7.13 that asked pebble and Knot for certificates, and what Let's Encrypt writes in its answers.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acmeFailureKeys,
  acmeFailures,
  failureWords,
  latestFailure,
} from '../../../../main/model/stack/acme-log.ts';
import type { AcmeFailureKey } from '../../../../main/model/stack/acme-log.ts';
import { tlsSchema } from '../../../../main/model/stack/answers.ts';

const recorded = readFileSync(new URL('../../../fixtures/acme/traefik-3.7.13.txt', import.meta.url), 'utf8');
const log = (name: string): string => recorded.split('# ').find((part) => part.startsWith(`${name}\n`)) ?? '';
const http = tlsSchema.parse({ mode: 'acme-http', email: 'ana@example.net' });
const dns = tlsSchema.parse({ mode: 'acme-dns', email: 'ana@example.net', provider: 'cloudflare' });

describe('what a real Traefik has written', () => {
  it.each<[string, AcmeFailureKey]>([
    ['http-no-address', 'acme.name-unknown'],
    ['http-servfail', 'acme.name-unknown'],
    ['http-refused', 'acme.not-reached'],
    ['rate-duplicate', 'acme.limit-reached'],
    ['rate-failures', 'acme.limit-reached'],
    ['caa', 'acme.caa'],
    ['rejected', 'acme.refused-name'],
    ['busy', 'acme.authority-unreachable'],
    ['no-ca', 'acme.authority-unreachable'],
    ['bad-ca', 'acme.authority-untrusted'],
    ['no-secret', 'acme.token-missing'],
    ['bad-token', 'acme.zone-unknown'],
    ['dns-bad-secret', 'acme.token-refused'],
    ['dns-bad-key', 'acme.token-refused'],
    ['dns-refused', 'acme.token-refused'],
    ['dns-silent', 'acme.zone-unknown'],
    ['permissions', 'acme.storage-open'],
  ])('%s is %s', (name, key) => {
    expect(acmeFailures(log(name)).map((one) => one.key)).toEqual([key]);
  });

  it('has the names, the instant, and the reason without what is around it', () => {
    expect(acmeFailures(log('caa'))).toEqual([
      {
        ...{ key: 'acme.caa', at: Date.parse('2026-11-22T16:22:16Z'), domains: ['gitlab.lab.example.net'] },
        ...{ said: 'CAA record for lab.example.net prevents issuance', isRenewal: false },
      },
    ]);
    expect(acmeFailures(log('dns-bad-secret'))[0]).toMatchObject({
      domains: ['lab.example.net', '*.lab.example.net'],
      said: 'dnsupdate: failed to insert: DNS update failed: dns: bad authentication',
    });
  });

  it('says of a certificate that is not renewed that there was one', () => {
    const line =
      '2026-11-22T16:22:16Z ERR Error renewing ACME certificate: {lab.example.net [*.lab.example.net]} error="acme: error: 400 :: urn:ietf:params:acme:error:unauthorized :: No TXT record found at _acme-challenge.lab.example.net" providerName=letsencrypt.acme';
    expect(acmeFailures(line)).toMatchObject([
      { key: 'acme.record-missing', isRenewal: true, domains: ['lab.example.net', '*.lab.example.net'] },
    ]);
  });
});

describe("what Let's Encrypt writes", () => {
  it.each<[string, AcmeFailureKey]>([
    [
      'dns :: DNS problem: NXDOMAIN looking up A for gitlab.a.net - check that a DNS record exists',
      'acme.name-unknown',
    ],
    [
      'dns :: DNS problem: NXDOMAIN looking up TXT for _acme-challenge.a.net - check that',
      'acme.record-missing',
    ],
    [
      'connection :: 203.0.113.5: Fetching http://a.net/.well-known/acme-challenge/x: Timeout during connect (likely firewall problem)',
      'acme.not-reached',
    ],
    [
      'unauthorized :: 203.0.113.5: Invalid response from http://a.net/.well-known/acme-challenge/x: 404',
      'acme.other-answers',
    ],
    ['unauthorized :: Incorrect TXT record \\"y\\" found at _acme-challenge.a.net', 'acme.record-missing'],
    ['invalidContact :: Error creating new account :: contact email has forbidden domain', 'acme.contact'],
    ['somethingNew :: nobody knows', 'acme.failed'],
  ])('%s', (text, key) => {
    const line = `2026-11-22T16:22:16Z ERR Unable to obtain ACME certificate for domains error="acme: error: 400 :: urn:ietf:params:acme:error:${text}" domains=["a.net"]`;
    expect(acmeFailures(line).map((one) => one.key)).toEqual([key]);
  });
});

it('takes the newest failure of the names that are missing, a wildcard for the names below it', () => {
  const failures = acmeFailures([log('http-refused'), log('caa'), log('dns-silent')].join('\n'));
  expect(latestFailure(failures, ['gitlab.lab.example.net'])?.key).toBe('acme.zone-unknown');
  expect(latestFailure(failures.slice(0, 2), ['gitlab.lab.example.net'])?.key).toBe('acme.caa');
  expect(latestFailure(failures, ['gitlab.other.net'])).toBeNull();
});

it('says every failure in words, with what to do', () => {
  for (const key of acmeFailureKeys)
    for (const tls of [http, dns]) {
      const words = failureWords({ key, domains: ['a.net'], said: 'no' }, tls);
      expect(words.message).toMatch(/^Traefik gets no certificate for a\.net: .+\. It was told: no$/);
      expect(words.next.length).toBeGreaterThan(10);
    }
});

it('reads any text at all, and invents nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...recorded.split('\n')))), (lines) => {
      const known = lines
        .flatMap((line) => line.split(/\r?\n/))
        .filter((line) => recorded.includes(line) && / ERR /.test(line));
      expect(acmeFailures(lines.join('\n')).length).toBeGreaterThanOrEqual(known.length);
      for (const { key, said } of acmeFailures(lines.join('\n'))) {
        expect(acmeFailureKeys).toContain(key);
        expect(said).not.toMatch(/\p{Cc}/u);
      }
    }),
  );
});
