// A token is tried at its provider before it is used: what the verdict is, and that nothing is left behind.
import { beforeEach, describe, expect, it } from 'vitest';
import { createTryDnsToken } from '../../../../main/adapters/dns/try-token.ts';
import { readOnly, right, startTokenProviders, zone } from './token-provider-double.ts';
import type { TokenProviders } from './token-provider-double.ts';

const domain = `lab.${zone}`;
const ovh = { OVH_ENDPOINT: 'ovh-eu', OVH_APPLICATION_KEY: 'app-key', OVH_APPLICATION_SECRET: 'app-secret' };
const given: Readonly<Record<string, (token: string) => Readonly<Record<string, string>>>> = {
  cloudflare: (token) => ({ CF_DNS_API_TOKEN: `${token}\n` }),
  desec: (token) => ({ DESEC_TOKEN: token }),
  digitalocean: (token) => ({ DO_AUTH_TOKEN: token }),
  hetzner: (token) => ({ HETZNER_API_TOKEN: token }),
  ovh: (token) => ({ ...ovh, OVH_CONSUMER_KEY: token }),
  route53: (token) => ({ AWS_ACCESS_KEY_ID: token, AWS_SECRET_ACCESS_KEY: 'aws-secret' }),
};

let world: TokenProviders;
const tryIt = (provider: string, secrets: Readonly<Record<string, string>>, of = domain) =>
  createTryDnsToken(world.addresses, async () => [...world.records.values()])(provider, of, secrets);
beforeEach(async () => {
  world = await startTokenProviders();
});

describe.each(Object.keys(given))('at %s', (provider) => {
  const of = given[provider] ?? (() => ({}));

  it('a right token is good, and the record is gone again', async () => {
    expect(await tryIt(provider, of(right))).toEqual({ kind: 'good', zone });
    expect([...world.records]).toEqual([]);
  });

  it('a wrong token, one for another domain, and one that may only read are told apart', async () => {
    expect(await tryIt(provider, of('somebody-elses-token'))).toMatchObject({ kind: 'wrong-token' });
    expect(await tryIt(provider, of(right), 'lab.example.org')).toMatchObject({ kind: 'no-zone' });
    expect(await tryIt(provider, of(readOnly))).toMatchObject({ kind: 'read-only' });
  });

  it('nothing is asked without a token', async () => {
    expect(await tryIt(provider, {})).toMatchObject({ kind: 'incomplete' });
    expect(world.calls).toEqual([]);
  });

  it('a provider that has had enough, is ill or away says nothing about the token', async () => {
    world.status = 429;
    expect(await tryIt(provider, of(right))).toMatchObject({ kind: 'busy' });
    world.status = 503;
    expect(await tryIt(provider, of(right))).toMatchObject({ kind: 'unreachable' });
    const nowhere = 'http://127.0.0.1:9';
    const away = {
      cloudflare: nowhere,
      desec: nowhere,
      digitalocean: nowhere,
      duckdns: nowhere,
      hetzner: nowhere,
    };
    const verdict = createTryDnsToken({ ...away, route53: nowhere, ovh: { 'ovh-eu': nowhere } })(
      provider,
      domain,
      of(right),
    );
    expect(await verdict).toMatchObject({ kind: 'unreachable' });
  });

  it('no verdict repeats a secret', async () => {
    for (const token of [right, readOnly, 'somebody-elses-token'])
      expect(JSON.stringify(await tryIt(provider, of(token)))).not.toContain(token);
  });
});

it('DuckDNS only says no', async () => {
  expect(await tryIt('duckdns', { DUCKDNS_TOKEN: right }, 'lab.duckdns.org')).toEqual({
    kind: 'good',
    zone: 'lab.duckdns.org',
  });
  expect([...world.records]).toEqual([]);
  expect(await tryIt('duckdns', { DUCKDNS_TOKEN: 'another' }, 'lab.duckdns.org')).toMatchObject({
    kind: 'wrong-token',
  });
  expect(await tryIt('duckdns', { DUCKDNS_TOKEN: right })).toMatchObject({ kind: 'no-zone' });
});

it('a set of records that somebody else has made at deSEC stays', async () => {
  const path = '/domains/example.net/rrsets/_acme-challenge.lab/TXT/';
  for (const records of [['"theirs"'], ['"autogit-check"', '"theirs"']]) {
    world.records.set(path, JSON.stringify({ records }));
    expect(await tryIt('desec', { DESEC_TOKEN: right })).toMatchObject({ kind: 'occupied' });
    expect(world.records.get(path)).toBe(JSON.stringify({ records }));
  }
});

it('a set of records that somebody else has made at Route 53 stays', async () => {
  const path = '/2013-04-01/hostedzone/Z1/rrset/';
  world.records.set(path, 'theirs');
  expect(await tryIt('route53', given['route53']?.(right) ?? {})).toMatchObject({ kind: 'occupied' });
  expect(world.records.get(path)).toBe('theirs');
});

it('a challenge that is under way at DuckDNS is neither overwritten nor cleared', async () => {
  world.records.set('1', 'a challenge of Traefik');
  expect(await tryIt('duckdns', { DUCKDNS_TOKEN: right }, 'lab.duckdns.org')).toMatchObject({
    kind: 'occupied',
  });
  expect([...world.records.values()]).toEqual(['a challenge of Traefik']);
  expect(world.calls).toEqual([]);
  // What is cleared has an empty text, and ours is from a try that was cut off.
  for (const left of ['', 'autogit-check']) {
    world.records.set('1', left);
    expect(await tryIt('duckdns', { DUCKDNS_TOKEN: right }, 'lab.duckdns.org')).toMatchObject({
      kind: 'good',
    });
  }
});

describe.each(['cloudflare', 'desec', 'route53'])('a try that was cut off at %s', (provider) => {
  const secrets = given[provider]?.(right) ?? {};

  it('leaves a record that the next one removes', async () => {
    world.keeps = 2;
    expect(await tryIt(provider, secrets)).toMatchObject({ kind: 'left' });
    expect(world.records.size).toBe(1);
    expect(await tryIt(provider, secrets)).toEqual({ kind: 'good', zone });
    expect([...world.records]).toEqual([]);
  });

  it('is said to be still there, after a second removal that failed, and without the token', async () => {
    world.keeps = 2;
    const verdict = await tryIt(provider, secrets);
    const said = verdict.kind === 'left' ? verdict.said : '';
    expect(said).toContain(`_acme-challenge.${domain} has "autogit-check" now`);
    expect(said).not.toContain(right);
  });

  it('is made up for by a second removal', async () => {
    world.keeps = 1;
    expect(await tryIt(provider, secrets)).toEqual({ kind: 'good', zone });
    expect([...world.records]).toEqual([]);
  });
});

it('says of providers that nobody can ask that nothing was tried', async () => {
  expect(await tryIt('netcup', {})).toMatchObject({ kind: 'not-tried' });
});
