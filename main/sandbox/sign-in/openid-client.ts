// GitLab as a client of OpenID Connect: discovery, the authorization request, tokens and who they are of.
// https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
import { createHash, randomBytes } from 'node:crypto';
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import { z } from 'zod';
import type { OpenIdEntry } from './omniauth-settings.ts';

/** For each answer of the provider. Milliseconds. */
const patienceMs = 15_000;
/** A token that says it was made later than this from now is of a clock that nobody can trust. Seconds. */
const clockSlack = 60;

/** One attempt to sign in, which only the browser that began it can end. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Who the provider says it is. */
export interface OpenIdPerson {
  readonly uid: string;
  readonly email: string | null;
  readonly nickname: string | null;
  readonly name: string | null;
}

/** Why a sign-in came to nothing; the message is for the person. */
export class OpenIdError extends Error {
  override readonly name = 'OpenIdError';
}

export interface OpenIdClient {
  /** Where to send the browser. Rejects with `OpenIdError`. */
  begin(attempt: Attempt): Promise<string>;
  /** Makes of a code who it is. Rejects with `OpenIdError`. */
  finish(code: string, attempt: Attempt): Promise<OpenIdPerson>;
}

export interface OpenIdClientParts {
  readonly entry: OpenIdEntry;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => Date;
}

const https = z.url({ protocol: /^https$/ });
const discoverySchema = z.object({
  issuer: z.string(),
  authorization_endpoint: https,
  token_endpoint: https,
  userinfo_endpoint: https,
  jwks_uri: https,
});
type Discovery = z.infer<typeof discoverySchema>;

const keysSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });
const tokensSchema = z.object({ access_token: z.string().min(1), id_token: z.string().min(1) });
const refusalSchema = z.object({ error: z.string(), error_description: z.string().optional() });
const text = z.string().min(1).nullable().catch(null);
const personSchema = z.looseObject({
  sub: z.string().min(1),
  email: text,
  preferred_username: text,
  name: text,
});

export function newAttempt(): Attempt {
  const random = (): string => randomBytes(32).toString('base64url');
  return { state: random(), nonce: random(), verifier: random() };
}

export function createOpenIdClient(parts: OpenIdClientParts): OpenIdClient {
  const { entry } = parts;
  return {
    begin: async ({ state, nonce, verifier }) => {
      const { authorization_endpoint: endpoint } = await discover(parts);
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      const wish = {
        ...{ response_type: 'code', client_id: entry.clientId, redirect_uri: entry.redirectUri },
        ...{ scope: entry.scopes.join(' '), state, nonce },
        ...(entry.responseMode === null ? {} : { response_mode: entry.responseMode }),
        ...(entry.pkce ? { code_challenge: challenge, code_challenge_method: 'S256' } : {}),
      };
      const url = new URL(endpoint);
      for (const [name, value] of Object.entries(wish)) url.searchParams.set(name, value);
      return url.href;
    },
    finish: async (code, attempt) => {
      const provider = await discover(parts);
      const tokens = await redeem(code, attempt, { ...parts, provider });
      const claims = await verify(tokens.id_token, attempt.nonce, { ...parts, provider });
      const headers = { Authorization: `Bearer ${tokens.access_token}` };
      const told = await ask(provider.userinfo_endpoint, { headers }, parts);
      const person = read(personSchema, told, 'The user information');
      if (person.sub !== claims.sub)
        throw new OpenIdError('Subject of the user information differs from that of the ID token');
      const uid = z.string().min(1).safeParse(person[entry.uidField]).data ?? person.sub;
      return { uid, email: person.email, nickname: person.preferred_username, name: person.name };
    },
  };
}

/** Another issuer's document under this address would lead codes and secrets elsewhere. */
async function discover(parts: OpenIdClientParts): Promise<Discovery> {
  const { issuer } = parts.entry;
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = read(discoverySchema, await ask(url, {}, parts), 'The discovery document');
  if (found.issuer !== issuer) throw new OpenIdError(`Issuer mismatch: ${found.issuer}`);
  return found;
}

type Asking = OpenIdClientParts & { readonly provider: Discovery };

async function redeem(
  code: string,
  { verifier }: Attempt,
  parts: Asking,
): Promise<z.infer<typeof tokensSchema>> {
  const { clientId, secret, redirectUri, authMethod, sendsScope, scopes, pkce } = parts.entry;
  const body = new URLSearchParams({
    ...{ grant_type: 'authorization_code', code, redirect_uri: redirectUri },
    ...(sendsScope ? { scope: scopes.join(' ') } : {}),
    ...(pkce ? { code_verifier: verifier } : {}),
    ...(authMethod === 'query' ? { client_id: clientId, client_secret: secret } : {}),
  });
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString(
    'base64',
  );
  const headers = authMethod === 'basic' ? { Authorization: `Basic ${basic}` } : {};
  const told = await ask(parts.provider.token_endpoint, { method: 'POST', headers, body }, parts);
  return read(tokensSchema, told, 'The answer with tokens');
}

/**
 * The provider's key and one algorithm alone: a token that says `none`, or is signed with a secret that others have, is a
 * forged one. https://www.rfc-editor.org/rfc/rfc8725#section-3.1
 */
async function verify(token: string, nonce: string, parts: Asking): Promise<JWTPayload> {
  const { entry, now, provider } = parts;
  const keys = read(keysSchema, await ask(provider.jwks_uri, {}, parts), 'The list of keys');
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      ...{ algorithms: ['RS256'], issuer: entry.issuer, audience: entry.clientId, currentDate: now() },
      requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
    });
    if (payload['nonce'] !== nonce) throw new OpenIdError('Invalid ID token: unexpected "nonce"');
    const azp = payload['azp'];
    const isShared = Array.isArray(payload.aud) && payload.aud.length > 1;
    if (azp === undefined ? isShared : azp !== entry.clientId)
      throw new OpenIdError('Invalid ID token: unexpected "azp"');
    if ((payload.iat ?? 0) > now().getTime() / 1_000 + clockSlack)
      throw new OpenIdError('Invalid ID token: "iat" lies in the future');
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) throw new OpenIdError(`Invalid ID token: ${error.message}`);
    throw error;
  }
}

/** JSON of an answer, wherever it leads: a redirect is none. */
async function ask(url: string, init: RequestInit, { fetch }: OpenIdClientParts): Promise<unknown> {
  const answer = await fetch(url, {
    ...init,
    redirect: 'error',
    signal: AbortSignal.timeout(patienceMs),
  }).catch((error: unknown) => {
    throw new OpenIdError(`${new URL(url).host} can not be reached: ${reasonOf(error)}`);
  });
  const told: unknown = await answer.json().catch(() => null);
  if (answer.ok) return told;
  const { error, error_description: detail } = refusalSchema.safeParse(told).data ?? {
    error: `status ${answer.status}`,
  };
  throw new OpenIdError([error, detail].filter(Boolean).join(' | '));
}

/** `fetch` says the reason only in the cause: `unable to verify the first certificate`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function read<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  throw new OpenIdError(`${what} has no usable ${error.issues[0]?.path.join('.') || 'content'}`);
}
