// `certificate.check` and `certificate.providers` for Let's Encrypt, on a whole core: what is asked of whom, with which secrets.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTemplates } from '../../../../main/adapters/stack/templates.ts';
import { tlsSchema } from '../../../../main/model/stack/answers.ts';
import { closeLab, createWorld, openLab } from '../../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../../fakes/fake-lab.ts';

const email = 'ana@example.net';
const domain = 'lab.example.net';
const host = 'unix:///var/run/docker.sock';
const engine = { host, info: { host, isHere: true, version: '27.0.0', memoryBytes: 16e9, cpus: 8 } };

let world: World;
let core: OpenLab;
let tried: unknown[];
beforeEach(async () => {
  const templates = await createTemplates({ own: '/nowhere' }).read();
  world = createWorld({ templates, engine, gitlab: { kind: 'none' }, pools: [] });
  tried = [];
  Object.assign(world.stack, {
    tryDnsToken: async (...given: unknown[]) => {
      tried.push(given);
      return { kind: 'good', zone: 'example.net' };
    },
    lookOutside: {
      domain: async () => ({ zone: 'example.net', caa: { at: domain, records: [] } }),
      name: async () => ({ addresses: ['203.0.113.5'], addresses6: ['2001:db8::9'] }),
      ownAddress: async () => '203.0.113.5',
    },
  });
  core = await openLab(world, { act: true });
});
afterEach(() => closeLab(world, core));

const check = (tls: Readonly<Record<string, unknown>>, secrets?: Readonly<Record<string, string>>) =>
  core.call('certificate.check', {
    ...{ tls: tlsSchema.parse({ email, ...tls }), domain },
    ...(secrets === undefined ? {} : { secrets: { ...secrets } }),
  });
const statesOf = ({ checks }: Awaited<ReturnType<typeof check>>) =>
  Object.fromEntries(checks.map(({ key, state }) => [key, state]));

describe('a way by DNS', () => {
  it('is tried with the secrets that were typed, by the names that lego has for them', async () => {
    const found = await check(
      { mode: 'acme-dns', provider: 'cloudflare' },
      { 'acme-cf-dns-api-token': 'token' },
    );
    expect(statesOf(found)).toEqual({
      'acme.authority': 'good',
      'acme.domain': 'good',
      'acme.caa': 'good',
      'acme.token-scope': 'good',
    });
    expect(found.good).toBe(true);
    expect(tried).toEqual([['cloudflare', domain, { CF_DNS_API_TOKEN: 'token' }]]);
  });

  it('has the file of AWS taken apart', async () => {
    const file = '[default]\naws_access_key_id = AKIA\naws_secret_access_key = secret\n';
    await check({ mode: 'acme-dns', provider: 'route53' }, { 'acme-aws-credentials': file });
    expect(tried).toEqual([
      ['route53', domain, { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' }],
    ]);
  });

  it('is bad without its secret, and nobody is asked', async () => {
    const found = await check({ mode: 'acme-dns', provider: 'hetzner' });
    expect(statesOf(found)).toMatchObject({ 'acme.token-missing': 'bad' });
    expect(found.good).toBe(false);
    expect(tried).toEqual([]);
  });

  it('is bad with options that are missing', async () => {
    expect(statesOf(await check({ mode: 'acme-dns', provider: 'ovh' }))).toEqual({
      'stack.tls-option': 'bad',
    });
  });
});

it('a way by HTTP says what is known, what is not, and that an IPv6 address leads elsewhere', async () => {
  const found = await check({ mode: 'acme-http' });
  expect(statesOf(found)).toMatchObject({ 'acme.address': 'warning', 'acme.address6': 'bad' });
});

it('an authority of a person is not looked for on the Internet', async () => {
  const found = await check({
    mode: 'acme-http',
    server: 'https://ca.lab.home.arpa/directory',
    ca: '/srv/root.pem',
  });
  expect(Object.keys(statesOf(found))).not.toContain('acme.domain');
});

it('lists every provider with its fields', async () => {
  const { providers } = await core.call('certificate.providers', {});
  expect(providers.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['cloudflare', 'rfc2136', 'duckdns', 'ovh']),
  );
  expect(providers.find(({ id }) => id === 'ovh')?.fields[0]).toMatchObject({
    name: 'OVH_ENDPOINT',
    secret: null,
  });
});
