// Tries a provider of OpenID Connect as GitLab would use it, with a code that cannot be: nobody's sign-in is counted.
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { SignInWeb, WebAnswer, WebWay } from '../../access-ports.ts';
import type { SignInStep } from '../../model/stack/sign-in-test.ts';
import { bad, good, json, quoted, skipped, tryAll } from './sso-steps.ts';
import type { Finding } from './sso-steps.ts';

/** GitLab's entry at a provider. */
export interface ProviderEntry {
  readonly issuer: string;
  readonly clientId: string;
  /** `null`: nobody has given it yet. */
  readonly secret: string | null;
  /** Somebody gave the secret for this one try. A kept one is sent nowhere but to the issuer's own host. */
  readonly isSecretTyped?: boolean;
  /** `null`: there is no stack yet whose address it could be. */
  readonly redirectUri: string | null;
  readonly scopes: readonly string[];
  readonly pkce: boolean;
  /** What to do where the provider knows GitLab's entry otherwise. */
  readonly advice: string;
}

export interface ProviderTrial {
  readonly entry: ProviderEntry;
  readonly web: SignInWeb;
  readonly way: WebWay;
}

const https = z.url({ protocol: /^https$/ });
const documentSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: https,
  token_endpoint: https,
  userinfo_endpoint: https,
  jwks_uri: https,
  scopes_supported: z.array(z.string()).optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
});
export type ProviderDocument = z.infer<typeof documentSchema>;

const keysSchema = z.object({
  keys: z.array(
    z.object({
      kty: z.string(),
      use: z.string().optional(),
      alg: z.string().optional(),
      n: z.string().optional(),
    }),
  ),
});
const refusalSchema = z.object({ error: z.string(), error_description: z.string().optional() });

/** The steps in their order, and the provider's document where there is a good one. Never rejects. */
export async function tryProvider(
  trial: ProviderTrial,
): Promise<{ readonly steps: readonly SignInStep[]; readonly document: ProviderDocument | null }> {
  const { entry, web, way } = trial;
  const address = `${entry.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  let answer: WebAnswer | null = null;
  const found: { document: ProviderDocument | null } = { document: null };
  const steps = await tryAll([
    { key: 'sso.name', label: 'Name', run: () => tryName(trial) },
    {
      ...{ key: 'sso.tls', label: 'Encryption' },
      run: async () => {
        answer = await web.ask(address, {}, way);
        return good(`${new URL(entry.issuer).origin} answers, with a certificate that is trusted.`);
      },
    },
    {
      ...{ key: 'sso.discovery', label: 'Discovery', after: ['sso.tls'] },
      run: async () => {
        const read = readDocument(answer, entry);
        if ('state' in read) return read;
        found.document = read;
        return good('The provider describes itself as GitLab expects it.');
      },
    },
    {
      ...{ key: 'sso.keys', label: 'Keys', after: ['sso.tls', 'sso.discovery'] },
      run: () => tryKeys(found.document, trial),
    },
    {
      ...{ key: 'sso.authorization', label: 'Sign-in page', after: ['sso.tls', 'sso.discovery'] },
      run: () => tryAuthorization(found.document, trial),
    },
    {
      ...{ key: 'sso.token', label: "GitLab's secret", after: ['sso.tls', 'sso.discovery'] },
      run: () => trySecret(found.document, trial),
    },
  ]);
  return { steps, document: found.document };
}

/** A lab's own machine need not ask the lab's name server; whoever signs in has to. */
async function tryName({ entry, web, way }: ProviderTrial): Promise<Finding> {
  const host = new URL(entry.issuer).hostname;
  const addresses = await web.resolve(host);
  if (addresses.length > 0) return good(`${host} leads to ${addresses.join(', ')}.`);
  const next = 'Let devices ask the name server of the lab: autogit names show';
  if (way.connect === null)
    return bad(
      `Nobody knows the name ${host} on this machine.`,
      'Correct the issuer, or the name server that this machine asks.',
    );
  return {
    state: 'warning',
    message: `This machine does not know the name ${host}; it was asked at ${way.connect}.`,
    next,
  };
}

function readDocument(answer: WebAnswer | null, { issuer }: ProviderEntry): ProviderDocument | Finding {
  const where = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  if (answer?.status === 404 || (answer?.status ?? 0) >= 500)
    return bad(
      `${where} answers with status ${answer?.status ?? 'none'}: the provider is not there, or is somewhere else.`,
      'See whether it runs: autogit stack status. Of another provider, correct the issuer: it is the address before /.well-known.',
    );
  if (answer?.status !== 200)
    return bad(
      `${where} answers with status ${answer?.status ?? 'none'}.`,
      'Correct the issuer: it is the address before /.well-known, as the provider shows it. docs/sso.md has the shape for each.',
    );
  const read = documentSchema.safeParse(json(answer.text));
  if (!read.success)
    return bad(
      `${where} is no description of a provider: ${read.error.issues[0]?.path.join('.') || 'it is no JSON'} is missing or wrong.`,
      'Correct the issuer. Every address in the description has to begin with https.',
    );
  const document = read.data;
  if (document.issuer !== issuer)
    return bad(
      `The provider calls itself ${quoted(document.issuer)}, and GitLab is told ${quoted(issuer)}: it would refuse every sign-in.`,
      'Enter the issuer exactly as the provider calls itself, with or without the slash at its end. Authelia takes it from the address by which it is asked: through Traefik, never by its container.',
    );
  if (document.code_challenge_methods_supported?.includes('S256') === false)
    return bad(
      'The provider knows no PKCE with S256, which GitLab uses.',
      'Switch PKCE on at the provider, or choose another one.',
    );
  return document;
}

async function tryKeys(document: ProviderDocument | null, { web, way }: ProviderTrial): Promise<Finding> {
  if (document === null) return skipped('Not tried.');
  const { text, status } = await web.ask(document.jwks_uri, {}, way);
  const { keys } = keysSchema.safeParse(json(text)).data ?? { keys: [] };
  const fits = keys.filter(
    ({ kty, use = 'sig', alg = 'RS256', n = '' }) =>
      kty === 'RSA' && use === 'sig' && alg === 'RS256' && Buffer.from(n, 'base64url').length >= 256,
  );
  if (fits.length > 0) return good('There is a key for RS256, of 2048 bits or more.');
  return bad(
    `${document.jwks_uri} has no RSA key of 2048 bits or more for RS256 (status ${status}).`,
    'Let the provider sign ID tokens of GitLab with RS256.',
  );
}

async function tryAuthorization(
  document: ProviderDocument | null,
  { entry, web, way }: ProviderTrial,
): Promise<Finding> {
  if (document === null) return skipped('Not tried.');
  if (entry.redirectUri === null)
    return skipped(
      'There is no stack yet whose address GitLab would have.',
      'Try again once there is one: autogit sso test',
    );
  const random = (): string => randomBytes(24).toString('base64url');
  const url = new URL(document.authorization_endpoint);
  const wish = {
    ...{ response_type: 'code', client_id: entry.clientId, redirect_uri: entry.redirectUri },
    ...{ scope: entry.scopes.join(' '), state: random(), nonce: random() },
    ...(entry.pkce
      ? {
          code_challenge: createHash('sha256').update(random()).digest('base64url'),
          code_challenge_method: 'S256',
        }
      : {}),
  };
  for (const [name, value] of Object.entries(wish)) url.searchParams.set(name, value);
  return judgeAuthorization(await web.ask(url.href, {}, way), entry);
}

/** Authelia tells an error on a page of its own or, where it trusts the address, at GitLab's; others by their status. */
function judgeAuthorization(
  { status, location, text }: WebAnswer,
  { clientId, redirectUri, scopes, advice }: ProviderEntry,
): Finding {
  const to = location === null ? null : new URL(location);
  const told = to?.searchParams ?? new URLSearchParams();
  const {
    error = told.get('error'),
    error_description: more = told.get('error_hint') ?? told.get('error_description'),
  } = refusalSchema.safeParse(json(text)).data ?? {};
  const said = [error, more].filter(Boolean).join(': ');
  const hint = `${error ?? ''} ${more ?? ''} ${status >= 400 ? text.slice(0, 4_000) : ''}`;
  if (error === null && status < 400) {
    if (to !== null && redirectUri !== null && location?.startsWith(redirectUri) === true)
      return bad('The provider sends the browser back at once, without anybody having signed in.', advice);
    return good('The provider asks for name and password when GitLab sends somebody.');
  }
  const what = said === '' ? `status ${status}` : quoted(said);
  if (/redirect[_ ]?uri/i.test(hint))
    return bad(
      `The provider does not know the address to which GitLab wants people back: ${what}.`,
      `Enter it there, letter by letter: ${redirectUri ?? ''}. ${advice}`,
    );
  if (/scope/i.test(hint))
    return bad(`The provider does not give GitLab what it asks for (${scopes.join(' ')}): ${what}.`, advice);
  if (/client/i.test(hint))
    return bad(`The provider does not know the client ${quoted(clientId)}: ${what}.`, advice);
  return bad(`The provider refuses what GitLab asks for: ${what}.`, advice);
}

/** Hosts that belong to an issuer on another one. https://accounts.google.com/.well-known/openid-configuration */
const tokenHosts: ReadonlyMap<string, string> = new Map([
  ['https://accounts.google.com', 'oauth2.googleapis.com'],
]);

/** Why the secret is not sent; `null`: it may be. */
function whyNotSent(
  { token_endpoint: endpoint }: ProviderDocument,
  { issuer, secret, isSecretTyped = false }: ProviderEntry,
): Finding | null {
  if (secret === null)
    return skipped(
      "GitLab's secret there is not known: a kept one is for the provider of the stack as it is, and for no other.",
      'Give it for this try: autogit sso check --secret. For the stack: autogit stack set-secret oidc-client-secret --lab LAB',
    );
  const { host } = new URL(endpoint);
  const isOwn = host === new URL(issuer).host || host === tokenHosts.get(issuer);
  if (isOwn || isSecretTyped) return null;
  return skipped(
    `The provider takes GitLab's secret at ${host}, which is not the host of its issuer: a kept secret is not sent there to try it.`,
    `If ${host} belongs to the provider, give the secret for this try: autogit sso check --secret`,
  );
}

/** A code that cannot be is refused as such only to a client that has shown who it is. */
async function trySecret(
  document: ProviderDocument | null,
  { entry, web, way }: ProviderTrial,
): Promise<Finding> {
  const { clientId, secret, redirectUri, advice } = entry;
  if (document === null) return skipped('Not tried.');
  const hindrance = whyNotSent(document, entry);
  if (hindrance !== null || secret === null) return hindrance ?? skipped('Not tried.');
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString(
    'base64',
  );
  const form = {
    ...{ grant_type: 'authorization_code', code: randomBytes(24).toString('hex') },
    ...{ redirect_uri: redirectUri ?? 'https://localhost/', code_verifier: randomBytes(32).toString('hex') },
  };
  const { status, text } = await web.ask(
    document.token_endpoint,
    { headers: { authorization: `Basic ${basic}` }, form },
    way,
  );
  const { error = '', error_description: more = '' } = refusalSchema.safeParse(json(text)).data ?? {};
  if (error === 'invalid_grant')
    return good('The provider accepts the secret with which GitLab shows who it is.');
  if (/auth[_ ]method|client_secret_(?:basic|post)/i.test(more))
    return bad(
      `The provider wants GitLab to show its secret in another way: ${quoted(more)}.`,
      `Choose client_secret_basic for GitLab there. ${advice}`,
    );
  if (error === 'invalid_client' || error === 'unauthorized_client' || status === 401)
    return bad(
      `The provider does not accept GitLab's secret: ${quoted(error || `status ${status}`)}. Everybody would come back to GitLab's sign-in page.`,
      advice,
    );
  if (/redirect|code|grant|pkce|verifier/i.test(`${error} ${more}`))
    return good('The provider accepts the secret with which GitLab shows who it is.');
  return bad(
    `The provider's answer to GitLab's secret is not understood: ${quoted(error || `status ${status}`)}.`,
    advice,
  );
}
