// A provider of OpenID Connect over TLS, asked as GitLab would ask it.
import { afterEach, describe, expect, it } from 'vitest';
import { providerSuite, serveFakeProvider, tried } from '../../../fakes/provider-suite.ts';
import type { ServedProvider } from '../../../fakes/provider-suite.ts';

describe('the provider of the tests', () => providerSuite(serveFakeProvider));

describe('a provider that GitLab cannot use', () => {
  let provider: ServedProvider;
  afterEach(() => provider.close());
  const open = async (lies: Partial<ServedProvider['lies']>): Promise<ServedProvider> => {
    provider = await serveFakeProvider();
    Object.assign(provider.lies, lies);
    return provider;
  };

  it.each([
    ['has no key', []],
    ['has a key for something else', [{ kty: 'RSA', use: 'enc', n: 'A'.repeat(400) }]],
    ['has a short key', [{ kty: 'RSA', use: 'sig', n: 'A'.repeat(171) }]],
    ['signs in another way', [{ kty: 'EC', use: 'sig', alg: 'ES256' }]],
  ])('is said to be one: it %s', async (_, keys) => {
    expect((await tried(await open({ keys }))).states).toMatchObject({ keys: 'bad', token: 'good' });
  });

  it.each([
    ['another issuer', { issuer: 'https://evil.example' }],
    ['an address without encryption', { token_endpoint: 'http://auth.lab.test/token' }],
    ['no PKCE', { code_challenge_methods_supported: ['plain'] }],
  ])('is said to be one: its description has %s', async (_, discovery) => {
    expect((await tried(await open({ discovery }))).states).toMatchObject({
      discovery: 'bad',
      token: 'skipped',
    });
  });
});
