// What AutoGit finds out about a provider of OpenID Connect: the same for the real Authelia and for the one of the tests.
import { createServer } from 'node:https';
import { createAdaptorServer } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSignInWeb } from '../../main/adapters/identity/oidc.ts';
import { tryProvider } from '../../main/coordinator/stack/sso-provider.ts';
import type { ProviderTrial } from '../../main/coordinator/stack/sso-provider.ts';
import { openFakeProvider } from './fake-provider.ts';
import type { FakeProvider } from './fake-provider.ts';
import { someAuthority } from './some-authority.ts';

export interface OpenProvider {
  readonly issuer: string;
  /** PEM of the root that its certificate leads to. */
  readonly root: string;
  /** Where it listens: `127.0.0.1:40123`. */
  readonly connect: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  close(): Promise<void>;
}

export type ServedProvider = OpenProvider & Pick<FakeProvider, 'lies'>;

/** The tests' provider behind TLS. */
export async function serveFakeProvider(): Promise<ServedProvider> {
  const issuer = 'https://auth.lab.test';
  const provider = await openFakeProvider({ issuer });
  const { authority: root, certificate: cert, key } = await someAuthority(['auth.lab.test']);
  const server = createAdaptorServer({
    fetch: provider.app.fetch,
    createServer,
    serverOptions: { cert, key },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('the provider has no port');
  return {
    ...{ issuer, root, connect: `127.0.0.1:${at.port}`, lies: provider.lies },
    ...{ clientSecret: provider.clientSecret, redirectUri: provider.redirectUri },
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

/** States by the last word of their keys, and the sentences. */
export async function tried(
  { issuer, root, connect, clientSecret, redirectUri }: OpenProvider,
  change: {
    readonly entry?: Partial<ProviderTrial['entry']>;
    readonly way?: Partial<ProviderTrial['way']>;
  } = {},
): Promise<{ readonly states: Readonly<Record<string, string>>; readonly said: string }> {
  const { steps } = await tryProvider({
    entry: {
      ...{
        issuer,
        clientId: 'gitlab',
        secret: clientSecret,
        redirectUri,
        pkce: true,
        advice: 'Compare both.',
      },
      scopes: ['openid', 'profile', 'email', 'groups'],
      ...change.entry,
    },
    web: createSignInWeb(),
    way: { ca: root, connect, ...change.way },
  });
  return {
    states: Object.fromEntries(steps.map(({ key, state }) => [key.replace('sso.', ''), state])),
    said: steps.map(({ message, next }) => `${message} ${next ?? ''}`).join('\n'),
  };
}

/** The name is the test's own, so this machine does not know it. */
const all = {
  ...{ name: 'warning', tls: 'good', discovery: 'good', keys: 'good', authorization: 'good', token: 'good' },
};

export function providerSuite(open: () => Promise<OpenProvider>): void {
  describe('as AutoGit tries it', () => {
    let provider: OpenProvider;
    beforeAll(async () => {
      provider = await open();
    });
    afterAll(() => provider.close());

    it('is good where everything fits', async () => {
      const { states, said } = await tried(provider);
      expect(states, said).toEqual(all);
    });

    it('does not take another secret, and says so', async () => {
      const { states, said } = await tried(provider, { entry: { secret: 'other' } });
      expect(states).toEqual({ ...all, token: 'bad' });
      expect(said).toContain("does not accept GitLab's secret");
      expect(said).not.toContain(provider.clientSecret);
    });

    it('does not know another client', async () => {
      const { states, said } = await tried(provider, { entry: { clientId: 'nobody' } });
      expect(states).toEqual({ ...all, authorization: 'bad', token: 'bad' });
      expect(said).toContain('does not know the client "nobody"');
    });

    it('sends nobody back to another address', async () => {
      const { states, said } = await tried(provider, { entry: { redirectUri: 'https://evil.example/' } });
      expect(states).toMatchObject({ authorization: 'bad' });
      expect(said).toContain('does not know the address to which GitLab wants people back');
    });

    it('does not give what it was not told to give', async () => {
      const { states, said } = await tried(provider, { entry: { scopes: ['openid', 'address'] } });
      expect(states).toEqual({ ...all, authorization: 'bad' });
      expect(said).toContain('does not give GitLab what it asks for (openid address)');
    });

    it('calls itself as it does, slash or not', async () => {
      const { states, said } = await tried(provider, { entry: { issuer: `${provider.issuer}/` } });
      expect(states).toMatchObject({
        discovery: 'bad',
        keys: 'skipped',
        authorization: 'skipped',
        token: 'skipped',
      });
      expect(said).toContain(`calls itself "${provider.issuer}"`);
    });

    it('is not believed without the root of its certificate, and is said to be away where nothing answers', async () => {
      const strange = await tried(provider, { way: { ca: null } });
      expect(strange.states).toMatchObject({ tls: 'bad', discovery: 'skipped', token: 'skipped' });
      expect(strange.said).toContain('is not trusted');
      const away = await tried(provider, { way: { connect: '127.0.0.1:1' } });
      expect(away.states).toMatchObject({ tls: 'bad' });
      expect(away.said).toContain('does not answer');
    });
  });
}
