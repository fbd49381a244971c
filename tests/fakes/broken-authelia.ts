// For each rule of Authelia's a setup that breaks it: the lines of a good one that are changed.
import { autheliaRules } from '../../main/checks/authelia/index.ts';

export interface BrokenSetup {
  readonly rule: string;
  /** Texts of a rendered configuration and what stands in their place. */
  readonly change: readonly (readonly [from: string | RegExp, to: string])[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Variables that are gone. */
  readonly without?: readonly string[];
  /** With people in a directory instead of a file. */
  readonly directory?: true;
  /** Authelia itself lets it pass: AutoGit is stricter, each with why. */
  readonly ours?: string;
}

const file = /^ {2}file:\n(?: {4}.*\n)+/m;
const ldap = /^ {2}ldap:\n(?: {4}.*\n)+/m;
/** Of a client: up to the next setting. */
const redirects = /^ {8}redirect_uris:\n(?: {10}.*\n)+/m;
const secret = /client_secret: .*/;
/** Of a secret that nobody has; `$` stands doubled, as in every replacement. */
const someDigest =
  '$$pbkdf2-sha512$$310000$$c8p78n7pUMln0jzvd4aK4Q$$JNRBzwAo0ek5qKn50cFzzvE9RXV88h1wJn5KGiHrD0YKtZaR/nCb2CJPOsKaPK0hjf.9yHxzQGZziziccp6Yng';
const client = /^ {4}clients:\n(?: {6}.*\n)+/m;
const someLdap = "  ldap:\n    address: 'ldaps://ldap.example.net'\n    base_dn: 'dc=x'\n    user: 'cn=x'\n";

export const brokenSetups: readonly BrokenSetup[] = [
  { rule: 'backend-one', change: [[file, `$&${someLdap}    implementation: 'lldap'\n    password: 'x'\n`]] },
  { rule: 'backend-file', change: [["    path: '/data/users_database.yml'\n", '']] },
  {
    rule: 'backend-directory',
    directory: true,
    change: [[/^ {4}base_dn: .*\n/m, '']],
    ours: 'it would search all of the directory',
  },
  { rule: 'backend-directory', directory: true, change: [[/^ {4}user: .*\n/m, '']] },
  {
    rule: 'backend-directory',
    directory: true,
    change: [['implementation: "rfc2307bis"', 'implementation: "custom"']],
  },
  { rule: 'backend-directory', directory: true, change: [[ldap, "$&    users_filter: '(uid={input})'\n"]] },
  { rule: 'backend-directory', directory: true, change: [[ldap, "$&    groups_filter: 'member={dn}'\n"]] },
  { rule: 'backend-directory', directory: true, change: [[/address: "ldaps:\/\//, 'address: "https://']] },
  {
    rule: 'directory-password',
    directory: true,
    change: [],
    without: ['AUTHELIA_AUTHENTICATION_BACKEND_LDAP_PASSWORD_FILE'],
  },
  { rule: 'storage-one', change: [[/^ {2}local:\n.*\n/m, '']] },
  { rule: 'storage-key', change: [], without: ['AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE'] },
  {
    ...{ rule: 'storage-key-length', change: [['storage:\n', "storage:\n  encryption_key: 'too short'\n"]] },
    without: ['AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE'],
  },
  { rule: 'notifier-one', change: [[/^ {2}filesystem:\n.*\n/m, '']] },
  { rule: 'notifier-whole', change: [["filename: '/data/notification.txt'", "filename: ''"]] },
  {
    ...{ rule: 'reset-secret', change: [['    disable: true\n', '    disable: false\n']] },
    without: ['AUTHELIA_IDENTITY_VALIDATION_RESET_PASSWORD_JWT_SECRET_FILE'],
  },
  {
    ...{ rule: 'session-secret', change: [['session:\n', "session:\n  redis:\n    host: 'redis'\n"]] },
    without: ['AUTHELIA_SESSION_SECRET_FILE'],
  },
  { rule: 'session-redis', change: [['session:\n', 'session:\n  redis:\n    port: 6379\n']] },
  {
    rule: 'session-redis',
    change: [['session:\n', "session:\n  redis:\n    host: 'redis'\n    port: 65536\n"]],
  },
  {
    ...{ rule: 'oidc-secret', change: [], without: ['AUTHELIA_IDENTITY_PROVIDERS_OIDC_HMAC_SECRET_FILE'] },
    ours: 'tokens would end with every restart',
  },
  { rule: 'secret-twice', change: [['session:\n', "session:\n  secret: 'twice'\n"]] },
  { rule: 'variable-unknown', change: [], environment: { AUTHELIA_SESION_NAME: 'x' } },
  { rule: 'duration', change: [["inactivity: '1 hour'", "inactivity: 'an hour'"]] },
  { rule: 'regulation', change: [["    - 'user'\n", "    - 'everybody'\n"]] },
  { rule: 'totp', change: [['totp:\n', 'totp:\n  digits: 7\n']] },
  {
    ...{
      rule: 'verification',
      directory: true,
      change: [['    tls:\n', '    tls:\n      skip_verify: true\n']],
    },
    ours: 'verification is never switched off',
  },
  { rule: 'cookie-there', change: [[/^ {2}cookies:\n(?: {4}.*\n)+/m, '']] },
  { rule: 'cookie-whole', change: [[/^ {6}authelia_url: .*\n/m, '']] },
  { rule: 'cookie-dot', change: [['domain: "lab.home.arpa"', 'domain: "localhost"']] },
  { rule: 'cookie-wildcard', change: [['domain: "lab.home.arpa"', 'domain: "*.lab.home.arpa"']] },
  { rule: 'cookie-characters', change: [['domain: "lab.home.arpa"', 'domain: "lab_x.home.arpa"']] },
  {
    rule: 'cookie-address',
    change: [
      ['    - domain: "lab.home.arpa"\n      auth', '    - domain: "192.168.1.10"\n      auth'],
      [/authelia_url: .*/, 'authelia_url: "https://192.168.1.10:9443"'],
      [/redirection_url: .*/, 'redirection_url: "https://192.168.1.10"'],
    ],
    ours: 'passkeys and forward authentication cannot work',
  },
  { rule: 'cookie-public-suffix', change: [['domain: "lab.home.arpa"', 'domain: "home.arpa"']] },
  {
    rule: 'cookie-overlap',
    change: [
      [
        '  cookies:\n',
        '  cookies:\n    - domain: "home.lab.home.arpa"\n      authelia_url: "https://auth.home.lab.home.arpa"\n',
      ],
    ],
    ours: 'it only looks whether a later one is below an earlier one',
  },
  { rule: 'portal-https', change: [['authelia_url: "https://', 'authelia_url: "http://']] },
  {
    rule: 'portal-below',
    change: [['authelia_url: "https://auth.lab.', 'authelia_url: "https://auth.other.']],
  },
  {
    rule: 'redirection-https',
    change: [['redirection_url: "https://gitlab.lab.', 'redirection_url: "https://gitlab.other.']],
  },
  {
    rule: 'redirection-elsewhere',
    change: [['redirection_url: "https://gitlab.', 'redirection_url: "https://auth.']],
  },
  { rule: 'cookie-former', change: [['session:\n', 'session:\n  domain: "lab.home.arpa"\n']] },
  { rule: 'same-site', change: [["same_site: 'lax'", "same_site: 'loose'"]] },
  { rule: 'default-policy', change: [["default_policy: 'deny'", "default_policy: 'open'"]] },
  { rule: 'default-policy-alone', change: [[/^ {2}rules:\n(?: {4}.*\n)+/m, '']] },
  { rule: 'rule-policy', change: [[/^ {6}policy: .*\n/m, '']] },
  { rule: 'rule-domain', change: [[/^ {4}- domain: .*\n {6}subject/m, '    - subject']] },
  { rule: 'rule-bypass', change: [[/^ {6}policy: .*\n/m, "      policy: 'bypass'\n"]] },
  { rule: 'rule-subject', change: [[/subject: ['"]group:admins['"]/, 'subject: "admins"']] },
  {
    rule: 'rule-network',
    change: [['      subject:', "      networks: ['192.168.1.0/99']\n      subject:"]],
  },
  { rule: 'oidc-clients', change: [[client, '']] },
  { rule: 'oidc-keys', change: [[/^ {4}jwks:\n(?: {6}.*\n)+/m, '']] },
  {
    ...{
      rule: 'redirect-https',
      change: [
        [/- "https:\/\/gitlab\.lab\.home\.arpa(:\d+)?\/users/, '- "http://gitlab.lab.home.arpa/users'],
      ],
    },
    ours: 'codes would cross the network unencrypted',
  },
  {
    rule: 'redirect-uri',
    change: [[redirects, "$&          - 'gitlab.lab.home.arpa/other'\n"]],
  },
  { rule: 'redirect-there', change: [[redirects, '']], ours: 'nobody could be sent back' },
  { rule: 'client-secret', change: [[secret, "client_secret: ''"]] },
  { rule: 'client-secret', change: [[secret, "client_secret: '$$1$$abc$$def'"]] },
  {
    rule: 'client-secret',
    change: [
      [
        "token_endpoint_auth_method: 'client_secret_basic'",
        "token_endpoint_auth_method: 'client_secret_jwt'",
      ],
      [secret, `client_secret: '${someDigest}'`],
    ],
  },
  {
    ...{ rule: 'client-secret', change: [[secret, "client_secret: 'plain'"]] },
    ours: 'it only warns, and the secret would stand in a file that is no secret',
  },
  {
    ...{ rule: 'client-secret', change: [[secret, "client_secret: '$$plaintext$$abc'"]] },
    ours: 'it only warns, and the secret would stand in a file that is no secret',
  },
];

export interface AcceptedSetup {
  readonly title: string;
  readonly change: BrokenSetup['change'];
}

/** A client more, after that of GitLab. */
function another(lines: readonly string[]): readonly [RegExp, string] {
  const all = ["- client_id: 'other'", "  client_name: 'Other'", "  authorization_policy: 'one_factor'"];
  const more = lines.map((line) => `  ${line}`);
  return [client, `$&${[...all, ...more].map((line) => `      ${line}\n`).join('')}`];
}

/** What people have in files of their own, and Authelia starts with: no rule may stand against a start. */
export const acceptedSetups: readonly AcceptedSetup[] = [
  {
    title: 'an application with a scheme of its own',
    change: [[redirects, "$&          - 'app.immich:///oauth-callback'\n"]],
  },
  {
    title: 'an application on the machine itself',
    change: [[redirects, "$&          - 'http://localhost:8080/cb'\n          - 'http://127.0.0.1/cb'\n"]],
  },
  { title: 'an address without https', change: [[redirects, "$&          - 'http://gitea.lab/cb'\n"]] },
  {
    title: 'a single address without a list',
    change: [[redirects, "        redirect_uris: 'https://x.lab/'\n"]],
  },
  { title: 'a secret in plain text', change: [[secret, "client_secret: '$$plaintext$$abc'"]] },
  {
    title: 'a client that signs with its secret',
    change: [
      another([
        ...["client_secret: '$$plaintext$$abcabcabcabcabcabcabcabcabcabcabc'", "scopes: ['openid']"],
        ...["redirect_uris: ['https://other.lab/cb']", "token_endpoint_auth_method: 'client_secret_jwt'"],
      ]),
    ],
  },
  {
    title: 'a client that nobody is sent back to',
    change: [
      another([
        ...[`client_secret: '${someDigest}'`, "scopes: ['profile']"],
        ...["grant_types: ['client_credentials']", "token_endpoint_auth_method: 'client_secret_basic'"],
      ]),
    ],
  },
  {
    title: 'a public client',
    change: [another(['public: true', "scopes: ['openid']", "redirect_uris: ['other:/cb']"])],
  },
  {
    title: 'a value that is named again',
    change: [
      ["default_policy: 'deny'", "default_policy: &policy 'one_factor'"],
      ['policy: "one_factor"', 'policy: *policy'],
    ],
  },
  {
    title: 'a rule that is merged into another',
    change: [
      [/^ {4}- domain: (?=.*\n {6}subject)/m, '    - &rule\n      domain: '],
      ['\nsession:', "    - <<: *rule\n      policy: 'two_factor'\n\nsession:"],
    ],
  },
  {
    title: 'networks as former versions name them',
    change: [
      ['  rules:\n', "  networks:\n    - name: 'home'\n      networks: ['192.168.1.0/24']\n  rules:\n"],
      ['      subject:', "      networks: ['home']\n      subject:"],
    ],
  },
  {
    title: 'networks as definitions',
    change: [
      ['access_control:\n', "definitions:\n  network:\n    home: ['10.0.0.0/8']\naccess_control:\n"],
      ['      subject:', "      networks: 'home'\n      subject:"],
    ],
  },
];

/** Rules that none of the above breaks. */
export function rulesWithoutExample(): readonly string[] {
  return autheliaRules.map(({ id }) => id).filter((id) => !brokenSetups.some(({ rule }) => rule === id));
}

/** The text with all its changes. Throws where one does not apply. */
export function brokenText(
  text: string,
  { change, ...of }: Pick<BrokenSetup, 'rule' | 'change'> | AcceptedSetup,
): string {
  return change.reduce((before, [from, to]) => {
    const after = before.replace(from, to);
    if (after === before)
      throw new Error(`${'rule' in of ? of.rule : of.title}: ${String(from)} is not there`);
    return after;
  }, text);
}

/** Variables as the change leaves them. */
export function brokenEnvironment(
  environment: Readonly<Record<string, string>>,
  { environment: more = {}, without = [] }: Pick<BrokenSetup, 'environment' | 'without'>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(environment).filter(([name]) => !without.includes(name));
  return { ...Object.fromEntries(kept), ...more };
}
