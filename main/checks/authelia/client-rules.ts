// Rules about OpenID Connect: its keys, and its clients. What Authelia starts with all the same is a warning.
// https://www.authelia.com/configuration/identity-providers/openid-connect/clients/
import { at, has, isFilledIn, list, text } from './document.ts';
import { broken, fine, warned } from './rule.ts';
import type { Broken, Rule } from './rule.ts';

function clientRule(id: string, judge: (client: unknown, name: string) => readonly Broken[]): Rule {
  return {
    id,
    judge: ({ configuration }) =>
      list(configuration, 'identity_providers.oidc.clients').flatMap((client) =>
        judge(client, text(client, 'client_id') ?? 'without client_id'),
      ),
  };
}

/** Of addresses that a client sends people back to, those that are one before Authelia fills them in. */
function redirectsOf(client: unknown): readonly string[] {
  return list(client, 'redirect_uris')
    .map(String)
    .filter((uri) => !isFilledIn(uri));
}

/** Applications have schemes of their own: `app.immich:///oauth-callback`. */
const scheme = /^[a-z][a-z\d+.-]*:/i;
/** An address of the machine itself crosses no network. https://www.rfc-editor.org/rfc/rfc8252#section-7.3 */
const openHttp = /^http:(?!\/\/(?:localhost|127(?:\.\d+){3}|\[::1\])(?:[:/?]|$))/i;

/** Grants that send people back. */
const sending: readonly string[] = ['authorization_code', 'implicit'];

function sendsBack(client: unknown): boolean {
  const grants = list(client, 'grant_types');
  return grants.length === 0 || grants.some((grant) => sending.includes(String(grant)));
}

/** What Authelia 4.39 can compare a secret with. */
const digest = /^\$(?:pbkdf2|argon2|scrypt|bcrypt|2[aby]|[56])[$-]?/;
const makeDigest = 'Give its digest: authelia crypto hash generate pbkdf2 --variant sha512';

function judgeSecret(client: unknown, name: string): readonly Broken[] {
  const secret = text(client, 'client_secret') ?? '';
  const method = text(client, 'token_endpoint_auth_method') ?? 'client_secret_basic';
  if (at(client, 'public') === true || isFilledIn(secret)) return fine;
  if (secret === '')
    return method.startsWith('client_secret_')
      ? broken(`the client ${name} has no client_secret`, makeDigest)
      : warned(
          `the client ${name} has no client_secret, which Authelia 4.39 asks for even with ${method}`,
          'Give it another token_endpoint_auth_method with the digest of a secret, or make it a public client.',
        );
  const isText = !secret.startsWith('$') || secret.startsWith('$plaintext$');
  if (method === 'client_secret_jwt')
    return isText
      ? fine
      : broken(
          `the client_secret of ${name} is a digest, with which client_secret_jwt cannot work`,
          'Give the secret itself, with $plaintext$ before it.',
        );
  if (isText) return warned(`the client_secret of ${name} is not a digest but the secret itself`, makeDigest);
  return digest.test(secret)
    ? fine
    : broken(`the client_secret of ${name} is no digest that Authelia knows`, makeDigest);
}

export const clientRules: readonly Rule[] = [
  {
    id: 'oidc-clients',
    judge: ({ configuration }) =>
      has(configuration, 'identity_providers.oidc') &&
      list(configuration, 'identity_providers.oidc.clients').length === 0
        ? broken('identity_providers.oidc has no clients', 'Give it one, or take oidc out.')
        : fine,
  },
  {
    id: 'oidc-keys',
    judge: ({ configuration }) =>
      has(configuration, 'identity_providers.oidc') &&
      list(configuration, 'identity_providers.oidc.jwks').length === 0
        ? broken(
            'identity_providers.oidc.jwks has no key that signs',
            'Give it an RSA key of 2048 bits or more.',
          )
        : fine,
  },
  clientRule('redirect-uri', (client, name) => {
    const wrong = redirectsOf(client).find((uri) => !scheme.test(uri));
    return wrong === undefined
      ? fine
      : broken(
          `the redirect address ${JSON.stringify(wrong)} of the client ${name} begins with no scheme such as https:`,
          'Give the whole address, letter by letter as the client sends it.',
        );
  }),
  clientRule('redirect-https', (client, name) => {
    const wrong = redirectsOf(client).find((uri) => openHttp.test(uri));
    return wrong === undefined
      ? fine
      : warned(
          `the redirect address ${wrong} of the client ${name} does not begin with https://, and codes cross the network unencrypted`,
          'Give the https address, letter by letter as the client sends it.',
        );
  }),
  clientRule('redirect-there', (client, name) =>
    list(client, 'redirect_uris').length > 0 || !sendsBack(client)
      ? fine
      : warned(`the client ${name} has no redirect_uris`, 'Give the address that it sends people back to.'),
  ),
  clientRule('client-secret', judgeSecret),
];
