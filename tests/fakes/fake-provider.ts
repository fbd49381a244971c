// A small provider of OpenID Connect with keys of its own, honest unless a test makes it lie. It answers as Authelia does.
import { createHash, randomBytes } from 'node:crypto';
import type { webcrypto } from 'node:crypto';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { JWTPayload } from 'jose';

export interface FakePerson {
  readonly sub: string;
  readonly email?: string;
  readonly preferred_username?: string;
  readonly name?: string;
}

/** What it does otherwise than an honest one would; a test changes it as it goes. */
export interface Lies {
  claims?: JWTPayload;
  /** In place of the token that it signs; given what that one would say. */
  token?: (claims: JWTPayload) => Promise<string>;
  userInfo?: Readonly<Record<string, unknown>>;
  discovery?: Readonly<Record<string, unknown>>;
  keys?: readonly object[];
}

export interface FakeProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly app: Hono;
  readonly lies: Lies;
  /** What it signs with, and what others check that with. */
  readonly keys: { readonly public: webcrypto.CryptoKey; readonly private: webcrypto.CryptoKey };
  /** The person lets the client in: where the browser is sent back to. Throws what an honest provider would refuse. */
  letIn(authorization: string, person: FakePerson): string;
  /** `fetch` that reaches it alone. */
  readonly fetch: typeof fetch;
}

export interface FakeProviderOptions {
  readonly issuer?: string;
  readonly redirectUri?: string;
  readonly now?: () => Date;
}

interface Grant {
  readonly person: FakePerson;
  readonly nonce: string;
  readonly challenge: string;
}

const scopes = ['openid', 'profile', 'email', 'groups'];

export async function openFakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const { issuer = 'https://auth.lab.test', now = () => new Date() } = options;
  const { redirectUri = 'https://gitlab.lab.test/users/auth/openid_connect/callback' } = options;
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'fake', alg: 'RS256', use: 'sig' };
  const [clientId, clientSecret] = ['gitlab', randomBytes(24).toString('hex')];
  const codes = new Map<string, Grant>();
  const tokens = new Map<string, FakePerson>();
  const lies: Lies = {};
  const app = new Hono();
  app.get('/.well-known/openid-configuration', (c) =>
    c.json({
      ...{ issuer, jwks_uri: `${issuer}/jwks.json`, userinfo_endpoint: `${issuer}/api/oidc/userinfo` },
      authorization_endpoint: `${issuer}/api/oidc/authorization`,
      token_endpoint: `${issuer}/api/oidc/token`,
      ...{ response_types_supported: ['code'], id_token_signing_alg_values_supported: ['RS256'] },
      ...{ scopes_supported: scopes, code_challenge_methods_supported: ['S256'] },
      ...lies.discovery,
    }),
  );
  app.get('/jwks.json', (c) => c.json({ keys: lies.keys ?? [jwk] }));
  const judge = (wish: URLSearchParams): string | null => {
    const error = (name: string, hint: string, at = `${issuer}/consent/completion`): string =>
      `${at}?${new URLSearchParams({ error: name, error_hint: hint, state: wish.get('state') ?? '' }).toString()}`;
    if (wish.get('client_id') !== clientId) return error('invalid_client', 'The Client does not exist.');
    if (wish.get('redirect_uri') !== redirectUri)
      return error('invalid_request', "The 'redirect_uri' parameter does not match any of the Client's.");
    const foreign = (wish.get('scope') ?? '').split(' ').find((one) => !scopes.includes(one));
    return foreign === undefined ? null : error('invalid_scope', `Not allowed: '${foreign}'.`, redirectUri);
  };
  app.get('/api/oidc/authorization', (c) => {
    const refused = judge(new URL(c.req.url).searchParams);
    return c.redirect(refused ?? `${issuer}/?flow=openid_connect&flow_id=1`);
  });
  const makeToken = async ({ person, nonce }: Grant): Promise<string> => {
    const at = Math.floor(now().getTime() / 1_000);
    const claims = {
      ...{ iss: issuer, aud: clientId, azp: clientId, sub: person.sub, nonce, iat: at, exp: at + 3_600 },
      ...lies.claims,
    };
    if (lies.token !== undefined) return lies.token(claims);
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'fake' }).sign(privateKey);
  };
  app.post('/api/oidc/token', async (c) => {
    const expected = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    if (c.req.header('authorization') !== `Basic ${expected}`)
      return c.json({ error: 'invalid_client' }, 401);
    return redeem(c);
  });
  const redeem = async (c: Context): Promise<Response> => {
    const { code, code_verifier: verifier, redirect_uri: back } = await c.req.parseBody();
    const grant = typeof code === 'string' ? codes.get(code) : undefined;
    if (typeof code === 'string') codes.delete(code);
    const challenge = createHash('sha256')
      .update(typeof verifier === 'string' ? verifier : '')
      .digest('base64url');
    if (grant?.challenge !== challenge || back !== redirectUri)
      return c.json({ error: 'invalid_grant' }, 400);
    const token = randomBytes(16).toString('hex');
    tokens.set(token, grant.person);
    return c.json({ access_token: token, token_type: 'bearer', id_token: await makeToken(grant) });
  };
  app.get('/api/oidc/userinfo', (c) => {
    const person = tokens.get(c.req.header('authorization')?.replace('Bearer ', '') ?? '');
    return person === undefined
      ? c.json({ error: 'invalid_token' }, 401)
      : c.json({ ...person, ...lies.userInfo });
  });
  return {
    ...{ issuer, clientId, clientSecret, redirectUri, app, lies },
    keys: { public: publicKey, private: privateKey },
    letIn: (authorization, person) => {
      const wish = new URL(authorization).searchParams;
      const refused = judge(wish);
      if (refused !== null || wish.get('code_challenge_method') !== 'S256')
        throw new Error(refused ?? 'no PKCE');
      const code = randomBytes(16).toString('hex');
      codes.set(code, {
        person,
        nonce: wish.get('nonce') ?? '',
        challenge: wish.get('code_challenge') ?? '',
      });
      return `${redirectUri}?${new URLSearchParams({ code, state: wish.get('state') ?? '', iss: issuer }).toString()}`;
    },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      if (!request.url.startsWith(issuer)) throw new TypeError('fetch failed');
      return app.fetch(request);
    },
  };
}
