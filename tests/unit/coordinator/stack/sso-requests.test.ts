// Trying another provider by a request: which secret is sent to whom.
import { beforeEach, describe, expect, it } from 'vitest';
import type { SignInWeb } from '../../../../main/access-ports.ts';
import { checkProvider } from '../../../../main/coordinator/stack/sso-requests.ts';
import type { ProviderContext } from '../../../../main/coordinator/stack/sso-requests.ts';
import { oidcSchema } from '../../../../main/model/stack/answers.ts';
import type { Oidc } from '../../../../main/model/stack/answers.ts';
import { openFakeProvider } from '../../../fakes/fake-provider.ts';
import type { FakeProvider } from '../../../fakes/fake-provider.ts';
import { someAnswers } from '../../../fakes/stack-templates.ts';

const issuer = 'https://id.example.org';
const own = { provider: 'other', issuer, clientId: 'gitlab' };

let provider: FakeProvider;
/** Every address at which a secret was shown, with the secret. */
let shown: [string, string][];
beforeEach(async () => {
  provider = await openFakeProvider({ issuer });
  shown = [];
});

const web: SignInWeb = {
  resolve: async () => ['192.0.2.1'],
  ask: async (url, { headers = {}, form }) => {
    const [, basic = ''] = /^Basic (.+)$/.exec(headers['authorization'] ?? '') ?? [];
    if (basic !== '')
      shown.push([new URL(url).host, Buffer.from(basic, 'base64').toString().split(':')[1] ?? '']);
    const init =
      form === undefined ? { headers } : { method: 'POST', headers, body: new URLSearchParams(form) };
    const answer = await provider.app.request(url, init);
    const location = answer.headers.get('location');
    return { status: answer.status, location, cookies: [], text: await answer.text() };
  },
};

/** A stack with this provider; the secret at the provider is kept. */
function context(oidc: object | null = own): ProviderContext {
  const secrets = {
    get: (name: string) => (name === 'stack/lab/oidc-client-secret' ? provider.clientSecret : null),
  };
  const stack: ProviderContext['stack'] = {
    journal: { current: () => (oidc === null ? null : someAnswers({ sso: 'oidc', oidc })) },
    ...{ signInWeb: web, render: async () => ({ rendering: { ok: false, problems: [] } }) },
    readText: async () => '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    readDirectoryRoot: async () => ({ certificates: [['AAAA']] }),
  };
  return { secrets, stack };
}

/** What is said of the secret. */
async function token(oidc: Partial<Oidc>, secret?: string, text?: string) {
  const given = text === undefined ? { oidc: oidcSchema.parse({ ...own, ...oidc }) } : { text };
  const { steps } = await checkProvider({ ...given, ...(secret === undefined ? {} : { secret }) }, context());
  return steps.find(({ key }) => key === 'sso.token');
}

describe('a kept secret', () => {
  it('is shown to the provider that the stack has', async () => {
    expect(await token({})).toMatchObject({ state: 'good' });
    expect(shown).toEqual([['id.example.org', provider.clientSecret]]);
  });

  it.each([
    { issuer: 'https://evil.example' },
    { issuer: `${issuer}/` },
    { clientId: 'other' },
    { ca: '/srv/other-root.pem' },
  ])('is shown to nobody else: %o', async (change) => {
    provider = await openFakeProvider({ issuer: change.issuer ?? issuer });
    const step = await token(change);
    expect([step?.state, step?.message]).toEqual(['skipped', expect.stringContaining('for no other')]);
    expect(shown).toEqual([]);
  });

  it('is not shown to who stands in answers that somebody gives', async () => {
    provider = await openFakeProvider({ issuer: 'https://evil.example' });
    const oidc = { ...own, issuer: 'https://evil.example' };
    const text = JSON.stringify({
      lab: 'lab',
      data: '/srv/lab',
      tls: { mode: 'local-ca' },
      sso: 'oidc',
      oidc,
    });
    expect(await token({}, undefined, text)).toMatchObject({ state: 'skipped' });
    expect(shown).toEqual([]);
  });

  it('is not shown to another host than that of the issuer, which is said', async () => {
    provider.lies.discovery = { token_endpoint: 'https://evil.example/api/oidc/token' };
    const step = await token({});
    expect([step?.state, step?.message]).toEqual(['skipped', expect.stringContaining('evil.example')]);
    expect(step?.next).toContain('sso check --secret');
    expect(shown).toEqual([]);
  });
});

it('a secret that is given for the try goes where its provider takes it', async () => {
  provider.lies.discovery = { token_endpoint: 'https://token.example.org/api/oidc/token' };
  expect(await token({}, 'typed')).toMatchObject({ state: 'bad' });
  expect(shown).toEqual([['token.example.org', 'typed']]);
});
