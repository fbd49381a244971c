// The sandbox in GitLab's place as a client of OpenID Connect: who gets in, as whom, and who does not.
import { createHmac } from 'node:crypto';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import type { FakePerson, Lies } from '../../../fakes/fake-provider.ts';
import { openSignInLab } from './browser.ts';
import type { Browser, SignInLab } from './browser.ts';

const ana: FakePerson = { sub: '7f3a', email: 'ana@lab.test', preferred_username: 'ana', name: 'Ana' };
const profile = '/-/user_settings/profile';

let lab: SignInLab;
const open = async (change: Readonly<Record<string, unknown>> = {}): Promise<Browser> => {
  lab = await openSignInLab(change);
  return lab.browser();
};
afterEach(() => lab.close());

/** What the page says that a refusal leads to; holds that nobody is signed in. */
async function refusalIn(browser: Browser, answer: Response): Promise<string> {
  expect(answer.headers.get('location')).toBe('/users/sign_in');
  const page = await browser.text('/users/sign_in');
  expect((await browser.get(profile)).status).toBe(302);
  return /role="alert">([^<]*)</.exec(page)?.[1] ?? '';
}

describe('signing in through the provider', () => {
  it('asks the provider as GitLab does, with a button that has the provider’s name', async () => {
    const browser = await open();
    expect(await browser.text('/users/sign_in')).toContain('The &lt;lab&gt;');
    const asked = new URL(await browser.begin());
    expect(`${asked.origin}${asked.pathname}`).toBe(`${lab.provider.issuer}/api/oidc/authorization`);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      ...{ client_id: 'gitlab', redirect_uri: lab.provider.redirectUri, response_type: 'code' },
      ...{ scope: 'openid profile email groups', code_challenge_method: 'S256' },
    });
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(asked.searchParams.get(name), name).toMatch(/^[\w-]{43}$/);
  });

  it('makes an account, and knows it again by its id whatever the person is called since', async () => {
    const browser = await open();
    expect((await browser.signIn(ana)).headers.get('location')).toBe(profile);
    expect(await browser.text(profile)).toContain('openid_connect:7f3a');
    const later = lab.browser();
    await later.signIn({ ...ana, preferred_username: 'anna', name: 'Anna', email: 'anna@lab.test' });
    const [, user, ...others] = lab.ctx.store.users.all();
    expect(others).toEqual([]);
    expect(user).toMatchObject({ username: 'ana', name: 'Anna', email: 'ana@lab.test', state: 'active' });
  });

  it('links an account with the same address, and none where that was not wished', async () => {
    const root = { ...ana, email: 'ROOT@lab.test', preferred_username: 'boss' };
    await (await open()).signIn(root);
    expect(lab.ctx.store.users.all()).toHaveLength(1);
    lab.close();
    const browser = await open({ omniauth_auto_link_user: false });
    expect(await refusalIn(browser, await browser.signIn(root))).toContain('Email has already been taken');
    expect(lab.ctx.store.users.all()[0]?.identities).toEqual([]);
  });

  it('gives a taken name a number', async () => {
    const browser = await open();
    await browser.signIn({ ...ana, preferred_username: 'root' });
    expect(await browser.text(profile)).toContain('>root1<');
  });

  it('holds a new account back where GitLab is told to, and makes none where it must not', async () => {
    const waiting = await open({ omniauth_block_auto_created_users: true });
    expect(await refusalIn(waiting, await waiting.signIn(ana))).toContain('pending approval');
    lab.close();
    const closed = await open({ omniauth_allow_single_sign_on: false });
    expect(await refusalIn(closed, await closed.signIn(ana))).toContain('is not allowed');
    expect(lab.ctx.store.users.all()).toHaveLength(1);
  });

  it('lets no blocked account in, and ends the session of one that is blocked meanwhile', async () => {
    const browser = await open();
    await browser.signIn(ana);
    const [, user] = lab.ctx.store.users.all();
    lab.ctx.store.users.update(user?.id ?? 0, { state: 'blocked' });
    expect((await browser.get(profile)).headers.get('location')).toBe('/users/sign_in');
    expect(await refusalIn(browser, await browser.signIn(ana))).toContain('has been blocked');
  });

  it('adds the identity to whoever is signed in already, unless it is somebody else’s', async () => {
    const browser = await open();
    const [login, password] = ['user[login]', 'user[password]'];
    const form = { [login]: 'root', [password]: 'correct horse' };
    await browser.post('/users/sign_in', { ...form, authenticity_token: await browser.csrf() });
    expect(await browser.text(profile)).toContain('root@lab.test');
    const token = /authenticity_token" value="([^"]+)"/.exec(await browser.text(profile))?.[1] ?? '';
    const to = await browser.post('/users/auth/openid_connect', { authenticity_token: token });
    await browser.get(lab.provider.letIn(to.headers.get('location') ?? '', ana));
    expect(lab.ctx.store.users.all()).toHaveLength(1);
    expect(await browser.text(profile)).toContain('openid_connect:7f3a');
  });
});

describe('an answer that is none', () => {
  it('is refused without a state, with another’s, and a second time', async () => {
    const browser = await open();
    const back = lab.provider.letIn(await browser.begin(), ana);
    const without = new URL(back);
    without.searchParams.delete('state');
    expect(await refusalIn(browser, await browser.get(without.href))).toContain('Csrf detected');
    const other = lab.browser();
    await other.begin();
    expect(await refusalIn(other, await other.get(back))).toContain('Csrf detected');
    const again = lab.provider.letIn(await browser.begin(), ana);
    await browser.get(again);
    const thief = lab.browser();
    expect(await refusalIn(thief, await thief.get(again))).toContain('Csrf detected');
  });

  it('is refused where its code was used before', async () => {
    const browser = await open();
    const used = new URL(lab.provider.letIn(await browser.begin(), ana)).searchParams.get('code') ?? '';
    const code = (to: string): string => {
      const back = new URL(lab.provider.letIn(to, ana));
      back.searchParams.set('code', used);
      return back.href;
    };
    const other = lab.browser();
    expect(await refusalIn(other, await other.get(code(await other.begin())))).toContain('invalid_grant');
  });

  it('is refused from another issuer, too late, and shows a refusal as text', async () => {
    const browser = await open();
    const back = (): Promise<URL> => browser.begin().then((to) => new URL(lab.provider.letIn(to, ana)));
    const mixed = await back();
    mixed.searchParams.set('iss', 'https://evil.example');
    expect(await refusalIn(browser, await browser.get(mixed.href))).toContain('another issuer');
    const late = await back();
    lab.wait(16 * 60_000);
    expect(await refusalIn(browser, await browser.get(late.href))).toContain('Csrf detected');
    const refused = await back();
    refused.searchParams.set('error', 'access_denied');
    refused.searchParams.set('error_description', '<script>alert(1)</script>');
    const said = await refusalIn(browser, await browser.get(refused.href));
    expect(said).toContain('access_denied | &lt;script&gt;');
  });
});

describe('a token that is not the provider’s own', () => {
  const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const forged: Readonly<Record<string, () => Lies | Promise<Lies>>> = {
    'has no signature': () => ({ token: async (claims) => `${b64({ alg: 'none' })}.${b64(claims)}.` }),
    'is signed with the public key as a secret': async () => {
      const pem = await exportSPKI(lab.provider.keys.public);
      return {
        token: async (claims) => {
          const text = `${b64({ alg: 'HS256', kid: 'fake' })}.${b64(claims)}`;
          return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
        },
      };
    },
    "is signed with the client's secret": () => ({
      token: (claims) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256' })
          .sign(new TextEncoder().encode(lab.provider.clientSecret)),
    }),
    'is signed with another key': async () => {
      const { privateKey } = await generateKeyPair('RS256');
      return {
        token: (claims) =>
          new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'fake' }).sign(privateKey),
      };
    },
    'is of another issuer': () => ({ claims: { iss: 'https://evil.example' } }),
    'is for another client': () => ({ claims: { aud: 'other' } }),
    'is for several clients without a word whose it is': () => ({
      claims: { aud: ['gitlab', 'other'], azp: undefined },
    }),
    'was given to another client': () => ({ claims: { azp: 'other' } }),
    'has ended': () => ({ claims: { exp: 1 } }),
    'was made in the future': () => ({ claims: { iat: 4_000_000_000, exp: 4_000_003_600 } }),
    'is of another attempt': () => ({ claims: { nonce: 'other' } }),
    'has no nonce': () => ({ claims: { nonce: undefined } }),
    'comes with information about somebody else': () => ({ userInfo: { sub: 'root' } }),
  };

  it.each(Object.keys(forged))('lets nobody in: it %s', async (name) => {
    const browser = await open();
    Object.assign(lab.provider.lies, await forged[name]?.());
    await refusalIn(browser, await browser.signIn(ana));
    expect(lab.ctx.store.users.all()).toHaveLength(1);
  });

  it('lets nobody in where the discovery document is another issuer’s', async () => {
    const browser = await open();
    Object.assign(lab.provider.lies, { discovery: { issuer: 'https://evil.example' } });
    expect(await browser.begin()).toBe('/users/sign_in');
    expect(await browser.text('/users/sign_in')).toContain('Issuer mismatch');
  });
});

describe('sessions', () => {
  it('have a cookie that no other site or program gets, and another one once somebody is signed in', async () => {
    const browser = await open();
    const first = (await browser.get('/users/sign_in')).headers.get('set-cookie') ?? '';
    expect(first).toMatch(/^__Host-sandbox_session=/);
    for (const word of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']) expect(first).toContain(word);
    expect(first).not.toContain('Domain');
    const before = browser.cookies.get('__Host-sandbox_session');
    await browser.signIn(ana);
    expect(browser.cookies.get('__Host-sandbox_session')).not.toBe(before);
  });

  it('take no form that another page has made', async () => {
    const browser = await open();
    for (const path of ['/users/auth/openid_connect', '/users/sign_in', '/users/sign_out'])
      expect((await browser.post(path, { authenticity_token: 'x'.repeat(43) })).status, path).toBe(422);
    expect((await browser.get('/users/auth/openid_connect')).status).toBe(404);
  });

  it('end when somebody signs out', async () => {
    const browser = await open();
    await browser.signIn(ana);
    const token = /authenticity_token" value="([^"]+)"/.exec(await browser.text(profile))?.[1] ?? '';
    expect((await browser.post('/users/sign_out', { authenticity_token: token })).status).toBe(302);
    expect((await browser.get(profile)).headers.get('location')).toBe('/users/sign_in');
  });

  it('go on at a page of this site alone, whatever an address says', async () => {
    const browser = await open();
    for (const name of ['user_return_to', 'redirect_to', 'return_to'])
      await browser.get(`/users/sign_in?${name}=https://evil.example/`);
    const answer = await browser.signIn(ana);
    expect(answer.headers.get('location')).toBe(profile);
  });

  it('say the same of a name that nobody has and of a wrong password', async () => {
    const browser = await open();
    const attempt = async (name: string): Promise<string> => {
      const form = {
        'user[login]': name,
        'user[password]': 'wrong',
        authenticity_token: await browser.csrf(),
      };
      return refusalIn(browser, await browser.post('/users/sign_in', form));
    };
    expect(await attempt('root')).toBe(await attempt('nobody'));
  });
});
