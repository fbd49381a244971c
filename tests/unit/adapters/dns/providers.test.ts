// Records at providers: found, made, changed only where they are AutoGit's, and every refusal named.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createConnectDnsProvider } from '../../../../main/adapters/dns/connect.ts';
import { elementsOf, escapeXml, textOf } from '../../../../main/adapters/dns/xml.ts';
import { recordChanges } from '../../../../main/plan/names.ts';
import type { DnsProvider, DnsRecord } from '../../../../main/stack-ports.ts';
import { serverWith } from '../../../fixtures/answering-server.ts';
import { addressSet, fakeCloudflare, fakeRoute53 } from './fake-providers.ts';
import type { CloudflareRecord } from './fake-providers.ts';

const zone = 'example.com';
const wanted: DnsRecord = { name: 'gitlab.lab.example.com', type: 'A', value: '192.168.1.10', ttl: 300 };
const present = (change: Partial<CloudflareRecord>): CloudflareRecord => ({
  ...{
    id: 'r',
    name: wanted.name,
    type: 'A',
    content: '192.168.1.10',
    ttl: 300,
    proxied: false,
    comment: null,
  },
  ...change,
});

function cloudflareAt(base: string, token = 'a token', name = zone): DnsProvider {
  return createConnectDnsProvider({ cloudflare: base, route53: '' })('cloudflare', name, {
    CF_DNS_API_TOKEN: token,
  });
}

const key = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' };
function route53At(
  base: string,
  credentials: Readonly<Record<string, string>> = key,
  name = zone,
): DnsProvider {
  return createConnectDnsProvider({ cloudflare: '', route53: base })('route53', name, credentials);
}

describe('Cloudflare', () => {
  it('is made a record with a mark, once', async () => {
    const { base, asked, records } = await fakeCloudflare(zone, []);
    const provider = cloudflareAt(base);
    await provider.put(wanted);
    await provider.put(wanted);
    expect(records).toEqual([{ ...present({ id: 'r0' }), comment: 'Made by AutoGit' }]);
    expect(asked.filter(({ method }) => method !== 'GET')).toHaveLength(1);
    expect(asked.filter(({ url }) => url.pathname === '/zones')).toHaveLength(1);
  });

  it('has its records read, page by page', async () => {
    const many = Array.from({ length: 250 }, (_, index) =>
      present({ id: `r${index}`, name: `N${index}.example.com` }),
    );
    const { base } = await fakeCloudflare(zone, [...many, present({ id: 'x', type: 'TXT', content: 'x' })]);
    const records = await cloudflareAt(base).records();
    expect(records).toHaveLength(250);
    expect(records[249]).toEqual({ name: 'n249.example.com', type: 'A', value: '192.168.1.10', ttl: 300 });
  });

  it.each([
    ['a proxy', present({ proxied: true, comment: 'Made by AutoGit' }), 'behind Cloudflare'],
    ['a CNAME', present({ type: 'CNAME', content: 'elsewhere.example' }), 'CNAME elsewhere.example'],
  ])('has %s in the place of a name told, and replaced where that is agreed to', async (_, record, words) => {
    const { base, records } = await fakeCloudflare(zone, [record]);
    const lab = { names: [{ name: wanted.name, what: 'GitLab', addresses: ['192.168.1.10', 'fd00::1'] }] };
    const provider = cloudflareAt(base);
    const [first] = recordChanges(lab, await provider.records());
    expect(first).toMatchObject({ change: 'update', from: expect.stringContaining(words) as string });
    for (const { name, type, to, change } of recordChanges(lab, await provider.records()))
      await provider.put({ name, type, value: to, ttl: 300 }, { replace: change === 'update' });
    expect(records.map(({ type, content, proxied }) => [type, content, proxied])).toEqual([
      ['A', '192.168.1.10', false],
      ['AAAA', 'fd00::1', false],
    ]);
    expect(recordChanges(lab, await provider.records()).every(({ change }) => change === 'same')).toBe(true);
  });

  it('has a record of ours changed', async () => {
    const ours = present({ content: '10.0.0.1', comment: 'Made by AutoGit' });
    const { base, records } = await fakeCloudflare(zone, [
      ours,
      present({ id: 'other', type: 'AAAA', content: 'fd00::1' }),
    ]);
    await cloudflareAt(base).put(wanted);
    expect(records.map(({ content }) => content)).toEqual(['192.168.1.10', 'fd00::1']);
  });

  it.each([
    ['another address', present({ content: '203.0.113.9' }), '203.0.113.9'],
    ['an address behind its proxy', present({ proxied: true }), 'behind Cloudflare'],
    ['another name', present({ type: 'CNAME', content: 'elsewhere.example' }), 'elsewhere.example'],
  ])('keeps what somebody else has made: %s', async (_, record, words) => {
    const { base, records } = await fakeCloudflare(zone, [record]);
    const before = structuredClone(records);
    await expect(cloudflareAt(base).put(wanted)).rejects.toMatchObject({
      ...{ key: 'names.record-differs', message: expect.stringContaining(words) as string },
    });
    expect(records).toEqual(before);
    await cloudflareAt(base).put(wanted, { replace: true });
    expect(records).toMatchObject([{ type: 'A', content: '192.168.1.10', proxied: false }]);
  });

  it('leaves one that says the same as it is', async () => {
    const { base, asked } = await fakeCloudflare(zone, [present({ comment: 'mine' })]);
    await cloudflareAt(base).put(wanted);
    expect(asked.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('says which zone it does not have', async () => {
    const { base } = await fakeCloudflare(zone, []);
    await expect(cloudflareAt(base, 'a token', 'example.org').records()).rejects.toMatchObject({
      key: 'names.no-such-zone',
    });
  });

  it('that refuses is quoted, without the token', async () => {
    const { base } = await fakeCloudflare(zone, []);
    const error: unknown = await cloudflareAt(base, 'wrong token')
      .records()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      ...{
        key: 'names.provider-refused',
        message: expect.stringContaining('Invalid access token (9109)') as string,
      },
    });
    expect(JSON.stringify(error)).not.toContain('wrong token');
  });
});

const zones = (...all: readonly string[]): string => all.join('');
const hosted = (id: string, name: string, isPrivate = false): string =>
  `<HostedZone><Id>/hostedzone/${id}</Id><Name>${name}.</Name><Config><PrivateZone>${String(isPrivate)}</PrivateZone></Config></HostedZone>`;
const ours = zones(hosted('Z9', zone, true), hosted('Z1', zone), hosted('Z2', 'example.net'));

describe('Route 53', () => {
  it('is made a record in the public zone, signed, once', async () => {
    const { base, asked, sets } = await fakeRoute53(ours, [addressSet('other.example.com', 'A', '10.0.0.1')]);
    const provider = route53At(base);
    await provider.put(wanted);
    await provider.put(wanted);
    expect(sets().at(-1)).toEqual(addressSet(wanted.name, 'A', '192.168.1.10'));
    const changes = asked.filter(({ method }) => method === 'POST');
    expect(changes).toHaveLength(1);
    expect(changes[0]?.url.pathname).toBe('/2013-04-01/hostedzone/Z1/rrset/');
    expect(changes[0]?.body).toContain('<Action>CREATE</Action>');
    expect(JSON.stringify(asked)).not.toContain('secret"');
  });

  it('has its records read, page by page, wildcards too', async () => {
    const many = Array.from({ length: 7 }, (_, index) =>
      addressSet(`n${index}.example.com`, 'A', '10.0.0.1', '10.0.0.2'),
    );
    const { base } = await fakeRoute53(ours, [...many, addressSet('*.example.com', 'AAAA', 'fd00::1')], 3);
    const records = await route53At(base).records();
    expect(records).toHaveLength(15);
    expect(records.at(-1)).toEqual({ name: '*.example.com', type: 'AAAA', value: 'fd00::1', ttl: 300 });
  });

  it('never has a record with another value overwritten, unless asked', async () => {
    const { base, sets } = await fakeRoute53(ours, [addressSet(wanted.name, 'A', '203.0.113.9')]);
    await expect(route53At(base).put(wanted)).rejects.toMatchObject({
      ...{ key: 'names.record-differs', message: expect.stringContaining('203.0.113.9') as string },
    });
    expect(sets()).toEqual([addressSet(wanted.name, 'A', '203.0.113.9')]);
    await route53At(base).put(wanted, { replace: true });
    expect(sets()).toEqual([addressSet(wanted.name, 'A', '192.168.1.10')]);
  });

  it('has a CNAME in the place of a name told, and replaced at one stroke where that is agreed to', async () => {
    const { base, asked, sets } = await fakeRoute53(ours, [
      addressSet(wanted.name, 'CNAME', 'elsewhere.example'),
    ]);
    const lab = { names: [{ name: wanted.name, what: 'GitLab', addresses: ['192.168.1.10', 'fd00::1'] }] };
    const provider = route53At(base);
    await expect(provider.put(wanted)).rejects.toMatchObject({
      ...{
        key: 'names.record-differs',
        message: expect.stringContaining('(CNAME): elsewhere.example') as string,
      },
    });
    const changes = recordChanges(lab, await provider.records());
    expect(changes.map(({ change, from }) => [change, from])).toEqual([
      ['update', 'CNAME elsewhere.example'],
      ['update', 'CNAME elsewhere.example'],
    ]);
    for (const { name, type, to } of changes)
      await provider.put({ name, type, value: to, ttl: 300 }, { replace: true });
    expect(sets()).toEqual([
      addressSet(wanted.name, 'A', '192.168.1.10'),
      addressSet(wanted.name, 'AAAA', 'fd00::1'),
    ]);
    expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(2);
  });

  it.each([
    ['<AliasTarget><DNSName>lb.amazonaws.com.</DNSName></AliasTarget>', 'an alias of lb.amazonaws.com'],
    [
      '<SetIdentifier>a</SetIdentifier><Weight>1</Weight><TTL>300</TTL><ResourceRecords><ResourceRecord><Value>203.0.113.9</Value></ResourceRecord></ResourceRecords>',
      '203.0.113.9, one of several answers',
    ],
  ])(
    'keeps what is more than an address, even when asked, and says who can delete it: %s',
    async (inside, words) => {
      const set = { name: wanted.name, type: 'A', inside };
      const { base, sets } = await fakeRoute53(ours, [set]);
      const provider = route53At(base);
      expect(await provider.records()).toMatchObject([{ type: 'A', value: words }]);
      const error: unknown = await provider.put(wanted, { replace: true }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        key: 'names.record-differs',
        message: expect.stringContaining(words) as string,
        next: expect.stringContaining('delete this A record at Route 53 yourself') as string,
      });
      expect(sets()).toEqual([set]);
    },
  );

  it('says which zone it does not have', async () => {
    const { base } = await fakeRoute53(ours, []);
    const missing = { key: 'names.no-such-zone' };
    await expect(route53At(base, key, 'example.org').records()).rejects.toMatchObject(missing);
    const wrong = { ...key, AWS_HOSTED_ZONE_ID: 'Z404' };
    await expect(route53At(base, wrong).records()).rejects.toMatchObject(missing);
  });

  it('that refuses is quoted', async () => {
    const { base } = await fakeRoute53(ours, []);
    await expect(route53At(base, { ...key, AWS_ACCESS_KEY_ID: 'other' }).records()).rejects.toMatchObject({
      ...{
        key: 'names.provider-refused',
        message: expect.stringContaining('(InvalidClientTokenId)') as string,
      },
    });
  });
});

describe.each([
  ['Cloudflare', (base: string) => cloudflareAt(base)],
  ['Route 53', (base: string) => route53At(base)],
] as const)('%s', (_, connect) => {
  const unreachable = { key: 'names.provider-unreachable', retry: true };

  it('that is not there is said to be unreachable', async () => {
    await expect(connect('http://127.0.0.1:1').records()).rejects.toMatchObject(unreachable);
  });

  it.each([
    [500, 'oops'],
    [429, 'slow down'],
    [200, 'Welcome to the hotel network'],
    [200, '<!DOCTYPE html><html></html>'],
    [200, '{"success":true,"result":7}'],
  ])('that says %d %j is said to be unreachable', async (status, body) => {
    const base = await serverWith((_request, response) => void response.writeHead(status).end(body));
    const error: unknown = await connect(base)
      .records()
      .catch((thrown: unknown) => thrown);
    // A document of another kind has no zones.
    expect(error).toMatchObject({
      key: expect.stringMatching(/^names\.(?:provider-unreachable|no-such-zone)$/) as string,
    });
  });

  it('does not take its credentials elsewhere', async () => {
    const seen: string[] = [];
    const elsewhere = await serverWith((request, response) => {
      seen.push(request.headers.authorization ?? '');
      response.end('{}');
    });
    const base = await serverWith(
      (_request, response) => void response.writeHead(302, { location: elsewhere }).end(),
    );
    await expect(connect(base).records()).rejects.toMatchObject(unreachable);
    expect(seen).toEqual([]);
  });
});

describe('a provider without credentials', () => {
  it('is not asked', async () => {
    const connect = createConnectDnsProvider();
    for (const provider of ['cloudflare', 'route53'] as const)
      await expect(connect(provider, zone, {}).records()).rejects.toMatchObject({
        key: 'names.provider-refused',
      });
  });
});

describe('XML', () => {
  it('gives back any text that was written into it', () => {
    const plain = fc.string({ unit: 'grapheme' }).map((text) => text.trim());
    fc.assert(
      fc.property(plain, (text) => {
        expect(textOf(`<A><B>${escapeXml(text)}</B></A>`, 'B')).toBe(text);
      }),
    );
  });

  it('is read without end or fault, whatever it is', () => {
    const piece = fc.constantFrom('<A>', '</A>', '<AB>', '&amp;', '&#x41;', '&#9999999;', 'x', '<', '>');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const found = elementsOf(pieces.join(''), 'A');
        expect(found.every((inside) => !inside.includes('</A>'))).toBe(true);
      }),
    );
  });
});
