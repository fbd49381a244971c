// Other providers of OpenID Connect, as data: what to enter there, and what GitLab may believe of what they say.

export interface OidcProvider {
  readonly title: string;
  /** The shape of its issuer, exactly as it calls itself. */
  readonly issuer: string;
  /** What to do there so that it knows GitLab; `REDIRECT` is the address to copy. */
  readonly steps: readonly string[];
  /** How groups get into what it says of a person; `null`: it says none. */
  readonly groups: string | null;
  readonly scopes: readonly string[];
  /** Nobody there can say of an address that it is theirs unless it is: an account with that address may become theirs. */
  readonly linksByEmail: boolean;
  /** Also people who have nothing to do with the lab have an account there: new ones wait for an administrator. */
  readonly holdsNew: boolean;
}

const common = ['openid', 'profile', 'email'] as const;

export const oidcProviders: Readonly<Record<string, OidcProvider>> = {
  // https://docs.gitlab.com/administration/auth/oidc/#configure-keycloak
  keycloak: {
    title: 'Keycloak',
    issuer: 'https://keycloak.example.net/realms/main',
    steps: [
      'In the realm choose Clients, Create client; type OpenID Connect, and an id, such as gitlab.',
      'Switch Client authentication and Standard flow on, and everything else off.',
      'Valid redirect URIs: REDIRECT',
      'Under Advanced choose S256 as Proof Key for Code Exchange Code Challenge Method, and RS256 for ID tokens.',
      'Under Credentials choose Client Id and Secret, and copy the secret.',
    ],
    groups:
      'Add a mapper of type Group Membership to the client, with the token claim name groups and Full group path off.',
    scopes: common,
    // People may change their address by themselves, and whether it is verified is the realm's choice.
    linksByEmail: false,
    holdsNew: false,
  },
  // https://developer.okta.com/docs/concepts/auth-servers/
  okta: {
    title: 'Okta',
    issuer: 'https://example.okta.com',
    steps: [
      'Choose Applications, Create App Integration, OIDC, Web Application.',
      'Grant type: Authorization Code alone. Client authentication: Client secret, with Require PKCE.',
      'Sign-in redirect URIs: REDIRECT',
      'Assign the people or groups who may use GitLab, and copy client ID and secret.',
    ],
    groups: 'Under Sign On add a groups claim filter named groups.',
    scopes: common,
    linksByEmail: true,
    holdsNew: false,
  },
  // https://integrations.goauthentik.io/development/gitlab/
  authentik: {
    title: 'authentik',
    issuer: 'https://authentik.example.net/application/o/gitlab/',
    steps: [
      'Choose Applications, Create with provider, OAuth2/OpenID; the slug, such as gitlab, becomes part of the issuer, which ends with a slash.',
      'Client type: Confidential. Redirect URI, strict: REDIRECT',
      'Signing key: any RSA key, so that ID tokens are signed with RS256.',
      'Subject mode: based on the hashed user ID. Copy client ID and secret.',
    ],
    groups: 'They come with the scope profile, as the claim groups.',
    scopes: common,
    linksByEmail: false,
    holdsNew: false,
  },
  // https://developers.google.com/identity/openid-connect/openid-connect
  google: {
    title: 'Google',
    issuer: 'https://accounts.google.com',
    steps: [
      'In the Google Cloud console choose APIs & Services, Credentials, Create credentials, OAuth client ID, Web application.',
      'Authorized redirect URIs: REDIRECT (Google takes only names below public domains).',
      'On the consent screen choose Internal where all people are of one Workspace.',
      'Copy client ID and secret.',
    ],
    groups: null,
    scopes: common,
    linksByEmail: false,
    holdsNew: true,
  },
  other: {
    title: 'Another provider',
    issuer: 'https://id.example.net',
    steps: [
      'Make a confidential client for the code flow, with PKCE (S256) and client_secret_basic.',
      'Redirect URI: REDIRECT',
      'Let ID tokens be signed with RS256, and user information be plain JSON with sub, email, name and preferred_username.',
      'Allow the scopes openid, profile and email, and copy client ID and secret.',
    ],
    groups: null,
    scopes: common,
    linksByEmail: false,
    holdsNew: true,
  },
};
