// Answers about Let's Encrypt: what is wrong with them, and what of them reaches Traefik.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { acmeProviders, acmeVariables } from '../../../main/templates/acme-providers.ts';
import { renderStack } from '../../../main/templates/render-stack.ts';
import type { RenderedStack, StackFacts } from '../../../main/model/stack/stack.ts';
import { bundledTemplates, someAnswers, someFacts } from '../../fakes/stack-templates.ts';

const templates = bundledTemplates();
const email = 'ana@example.net';
const rfc2136 = {
  ...{
    DNSUPDATE_NAMESERVER: '192.168.1.53',
    DNSUPDATE_TSIG_KEY: 'autogit',
    DNSUPDATE_TSIG_ALGORITHM: 'hmac-sha256',
  },
};

function rendering(
  tls: Readonly<Record<string, unknown>>,
  facts: Partial<StackFacts> = {},
  domain = 'lab.example.net',
) {
  const answers = someAnswers({ domain, tls: { email, ...tls } });
  return renderStack({ answers, facts: someFacts(facts), templates });
}

function stackOf(
  tls: Readonly<Record<string, unknown>>,
  facts: Partial<StackFacts> = {},
  domain?: string,
): RenderedStack {
  const made = rendering(tls, facts, domain);
  if (made.ok) return made.stack;
  throw new Error(JSON.stringify(made.problems));
}

function problemsOf(
  tls: Readonly<Record<string, unknown>>,
  domain?: string,
): readonly (readonly [string, string])[] {
  const made = rendering(tls, {}, domain);
  return made.ok ? [] : made.problems.map(({ field, key }) => [field, key] as const);
}

const textOf = ({ files }: RenderedStack, path: string): string =>
  files.find((file) => file.path === path)?.content ?? '';
const traefikOf = (stack: RenderedStack): string => textOf(stack, 'traefik/traefik.yml');
const dns = (provider: string, options: Readonly<Record<string, string>> = {}) => ({
  mode: 'acme-dns',
  provider,
  options,
});

describe('options', () => {
  it('reach the environment of Traefik, and secrets only as files', () => {
    const stack = stackOf(dns('rfc2136', { ...rfc2136, DNSUPDATE_PROPAGATION_TIMEOUT: '300' }));
    const compose: unknown = parse(textOf(stack, 'compose.yaml'));
    expect(compose).toMatchObject({
      services: {
        traefik: {
          environment: {
            ...{ ...rfc2136, DNSUPDATE_PROPAGATION_TIMEOUT: '300' },
            DNSUPDATE_TSIG_SECRET_FILE: '/run/secrets/acme-dnsupdate-tsig-secret',
          },
        },
      },
    });
    expect(stack.secrets).toContainEqual(
      expect.objectContaining({ name: 'acme-dnsupdate-tsig-secret', kind: 'asked' }),
    );
  });

  it('are refused where one is missing, unknown, wrong, or a secret', () => {
    const at = (name: string) => [`tls.options.${name}`, 'stack.tls-option'];
    expect(problemsOf(dns('ovh'))).toEqual([at('OVH_ENDPOINT')]);
    expect(problemsOf(dns('ovh', { OVH_ENDPOINT: 'https://evil.example' }))).toEqual([at('OVH_ENDPOINT')]);
    expect(problemsOf(dns('rfc2136', { ...rfc2136, DNSUPDATE_NAMESERVER: 'a b' }))).toEqual([
      at('DNSUPDATE_NAMESERVER'),
    ]);
    expect(problemsOf(dns('cloudflare', { CF_DNS_API_TOKEN: 'secret' }))).toEqual([at('CF_DNS_API_TOKEN')]);
    expect(problemsOf(dns('cloudflare', { CLOUDFLARE_BASE_URL: 'https://evil.example' }))).toEqual([
      at('CLOUDFLARE_BASE_URL'),
    ]);
    expect(problemsOf(dns('cloudflare', { LD_PRELOAD: '/x' }))).toEqual([at('LD_PRELOAD')]);
    expect(problemsOf(dns('cloudflare', { CLOUDFLARE_TTL: 'soon' }))).toEqual([at('CLOUDFLARE_TTL')]);
  });
});

describe('every provider', () => {
  it.each(Object.keys(acmeProviders))('%s has help, a page, and fields of which each has one place', (id) => {
    const provider = acmeProviders[id];
    expect(provider?.url).toMatch(/^https:\/\//);
    expect(provider?.help.length).toBeGreaterThan(20);
    expect(acmeVariables(id).length).toBeGreaterThan(0);
    for (const { name, secret } of provider?.fields ?? []) {
      expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
      if (secret !== null) expect(secret).toMatch(/^acme-[a-z0-9-]+$/);
    }
  });
});

describe('whom Traefik asks', () => {
  it('is the staging authority until the way has worked, then the real one, each with a storage of its own', () => {
    const tls = { mode: 'acme-http' };
    const trial = stackOf(tls);
    expect(trial.isTrial).toBe(true);
    expect(trial.answers.tls).toMatchObject({ staging: false });
    expect(traefikOf(trial)).toContain('https://acme-staging-v02.api.letsencrypt.org/directory');
    expect(traefikOf(trial)).toContain('/data/acme-staging.json');
    const way = 'acme-http port-80 lab.example.net';
    const real = stackOf(tls, { acmeProven: [way] });
    expect(real.isTrial).toBeUndefined();
    expect(traefikOf(real)).toContain('https://acme-v02.api.letsencrypt.org/directory');
    expect(traefikOf(real)).toContain('"/data/acme.json"');
    expect(textOf(trial, 'traefik/dynamic/middlewares.yml')).not.toContain('stsSeconds');
    expect(textOf(real, 'traefik/dynamic/middlewares.yml')).toContain('stsSeconds');
  });

  it('is tried anew for another domain and another provider', () => {
    const proven = { acmeProven: ['acme-dns cloudflare lab.example.net'] };
    expect(stackOf(dns('cloudflare'), proven).isTrial).toBeUndefined();
    expect(stackOf(dns('desec'), proven).isTrial).toBe(true);
    expect(stackOf(dns('cloudflare'), proven, 'other.example.net').isTrial).toBe(true);
  });

  it("is an authority of a person's own at once, for any domain, with its root for Traefik and GitLab", () => {
    const own = {
      mode: 'acme-http',
      server: 'https://ca.lab.home.arpa:9000/acme/acme/directory',
      ca: '/srv/root.pem',
    };
    const stack = stackOf(own, {}, 'lab.home.arpa');
    expect(stack.isTrial).toBeUndefined();
    expect(parse(traefikOf(stack))).toMatchObject({
      certificatesResolvers: {
        letsencrypt: {
          acme: {
            caServer: own.server,
            storage: '/data/acme-ca-lab-home-arpa-9000-acme-acme-directory.json',
            caCertificates: ['/etc/traefik/ca.crt'],
            certificatesDuration: 24,
          },
        },
      },
    });
    const readers = stack.services.filter(({ readsRoot }) => readsRoot === true).map(({ name }) => name);
    expect(readers).toEqual(expect.arrayContaining(['gitlab', 'traefik']));
    expect(textOf(stack, 'traefik/dynamic/middlewares.yml')).not.toContain('stsSeconds');
  });

  it('is not mixed up', () => {
    expect(problemsOf({ mode: 'acme-http', ca: '/srv/root.pem' })).toEqual([
      ['tls.ca', 'stack.tls-root-unasked'],
    ]);
    const server = 'https://ca.example.net/directory';
    expect(problemsOf({ mode: 'acme-http', server, staging: true })).toEqual([
      ['tls.staging', 'stack.tls-staging'],
    ]);
    expect(problemsOf({ mode: 'acme-http' }, 'lab.home.arpa')).toEqual([
      ['tls.mode', 'stack.tls-not-public'],
    ]);
  });
});
