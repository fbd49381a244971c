// Rules about who may what: access control, and clients of OpenID Connect.
import { at, has, list, names, text } from './document.ts';
import { broken, fine } from './rule.ts';
import type { Broken, Rule } from './rule.ts';

const policies: readonly string[] = ['bypass', 'one_factor', 'two_factor', 'deny'];
const policyWords = 'Write one of deny, one_factor, two_factor, bypass.';

function rule(id: string, judge: (one: unknown, position: number) => readonly Broken[]): Rule {
  return {
    id,
    judge: ({ configuration }) =>
      list(configuration, 'access_control.rules').flatMap((one, index) => judge(one, index + 1)),
  };
}

function clientRule(id: string, judge: (client: unknown, name: string) => readonly Broken[]): Rule {
  return {
    id,
    judge: ({ configuration }) =>
      list(configuration, 'identity_providers.oidc.clients').flatMap((client) =>
        judge(client, text(client, 'client_id') ?? 'without client_id'),
      ),
  };
}

/** Everything that begins so is a name of somebody or something. */
const subject = /^(?:user|group|oauth2:client):\S/;

function isNetwork(text: string): boolean {
  const [, prefix] = /^[0-9a-fA-F.:]+(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  return (
    /^[0-9a-fA-F.:]+(?:\/\d{1,3})?$/.test(text) && Number(prefix ?? 0) <= (text.includes(':') ? 128 : 32)
  );
}

export const accessRules: readonly Rule[] = [
  {
    id: 'default-policy',
    judge: ({ configuration }) => {
      const policy = text(configuration, 'access_control.default_policy') ?? 'deny';
      return policies.includes(policy)
        ? fine
        : broken(`access_control.default_policy is ${policy}, which is no policy`, policyWords);
    },
  },
  {
    id: 'default-policy-alone',
    judge: ({ configuration }) => {
      const policy = text(configuration, 'access_control.default_policy') ?? 'deny';
      const isAlone = list(configuration, 'access_control.rules').length === 0;
      return isAlone && !['one_factor', 'two_factor'].includes(policy)
        ? broken(
            `access_control has no rules, and its default_policy is ${policy}`,
            'Give a rule, or the default_policy one_factor or two_factor.',
          )
        : fine;
    },
  },
  rule('rule-policy', (one, position) => {
    const policy = text(one, 'policy') ?? '';
    return policies.includes(policy)
      ? fine
      : broken(`rule ${position} of access_control has no policy that Authelia knows`, policyWords);
  }),
  rule('rule-domain', (one, position) =>
    has(one, 'domain') || has(one, 'domain_regex')
      ? fine
      : broken(`rule ${position} of access_control names no domain`, 'Give it domain or domain_regex.'),
  ),
  rule('rule-bypass', (one, position) =>
    text(one, 'policy') === 'bypass' && has(one, 'subject')
      ? broken(
          `rule ${position} of access_control lets pass without asking (bypass), but only some people (subject)`,
          'Take the subject out, or ask for a sign-in: one_factor.',
        )
      : fine,
  ),
  rule('rule-subject', (one, position) =>
    list(one, 'subject')
      .flat()
      .every((name) => subject.test(String(name)))
      ? fine
      : broken(
          `a subject of rule ${position} of access_control begins with none of user:, group:, oauth2:client:`,
          'Write it like group:admins.',
        ),
  ),
  {
    id: 'rule-network',
    judge: ({ configuration }) => {
      const named = names(at(configuration, 'definitions.network'));
      const wrong = list(configuration, 'access_control.rules')
        .flatMap((one) => list(one, 'networks').map(String))
        .find((network) => !named.includes(network) && !isNetwork(network));
      return wrong === undefined
        ? fine
        : broken(
            `the network ${wrong} of access_control is neither a network nor a name of one`,
            'Write it like 192.168.1.0/24.',
          );
    },
  },
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
  clientRule('redirect-https', (client, name) => {
    const wrong = list(client, 'redirect_uris')
      .map(String)
      .find((uri) => !/^https:\/\/[^/]/.test(uri));
    return wrong === undefined
      ? fine
      : broken(
          `the redirect address ${wrong} of the client ${name} does not begin with https://`,
          'Give the https address, letter by letter as the client sends it.',
        );
  }),
  clientRule('redirect-there', (client, name) =>
    list(client, 'redirect_uris').length > 0
      ? fine
      : broken(`the client ${name} has no redirect_uris`, 'Give the address that it sends people back to.'),
  ),
  clientRule('client-secret', (client, name) => {
    const secret = text(client, 'client_secret') ?? '';
    const isPublic = at(client, 'public') === true;
    if (
      isPublic ||
      /^\$(?:pbkdf2|argon2|scrypt|bcrypt|2[aby]|[56])[$-]?/.test(secret) ||
      secret.includes('{{')
    )
      return fine;
    return broken(
      secret === ''
        ? `the client ${name} has no client_secret`
        : `the client_secret of ${name} is not a digest`,
      'Give its digest: authelia crypto hash generate pbkdf2 --variant sha512',
    );
  }),
];
