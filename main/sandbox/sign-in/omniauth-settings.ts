// How people sign in through a provider of OpenID Connect, in the words of gitlab.rb: `gitlab_rails['omniauth_…']`.
import { z } from 'zod';

const https = z.url({ protocol: /^https$/ });

/** https://docs.gitlab.com/administration/auth/oidc/ Whatever else stands there has no effect here, and is refused. */
const providerSchema = z.strictObject({
  name: z.literal('openid_connect'),
  label: z.string().default('Openid Connect'),
  args: z.strictObject({
    name: z.literal('openid_connect'),
    strategy_class: z.literal('OmniAuth::Strategies::OpenIDConnect').optional(),
    issuer: https,
    discovery: z.literal(true),
    scope: z.array(z.string()).default(['openid']),
    /** GitLab sends the secret in the body where it reads a word that it does not know, such as its own sample's `query`. */
    client_auth_method: z.enum(['basic', 'query']).default('basic'),
    response_type: z.literal('code'),
    response_mode: z.literal('query').optional(),
    uid_field: z.string().default('sub'),
    send_scope_to_token_endpoint: z.boolean().default(true),
    pkce: z.boolean().default(false),
    client_options: z.strictObject({ identifier: z.string(), secret: z.string(), redirect_uri: https }),
  }),
});

const names = z.union([z.boolean(), z.array(z.string())]).default(false);

/** https://docs.gitlab.com/integration/omniauth/ with GitLab's own defaults. */
const settingsSchema = z.object({
  omniauth_enabled: z.boolean().default(true),
  omniauth_allow_single_sign_on: names,
  omniauth_block_auto_created_users: z.boolean().default(true),
  omniauth_auto_link_user: names,
  omniauth_sync_profile_from_provider: names,
  omniauth_sync_profile_attributes: z.array(z.string()).default(['email']),
  omniauth_providers: z.array(providerSchema).max(1).default([]),
});

/** GitLab's entry at the provider, and what it asks for there. */
export interface OpenIdEntry {
  readonly issuer: string;
  readonly clientId: string;
  readonly secret: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly authMethod: 'basic' | 'query';
  readonly responseMode: 'query' | null;
  readonly sendsScope: boolean;
  readonly pkce: boolean;
  readonly uidField: string;
}

export interface OpenIdSettings extends OpenIdEntry {
  /** What the button says. */
  readonly label: string;
  /** Whoever the provider lets in gets an account. */
  readonly makesAccounts: boolean;
  /** New accounts wait for an administrator. */
  readonly blocksNew: boolean;
  /** An account with the same e-mail address becomes theirs. */
  readonly linksByEmail: boolean;
  /** Of an account, what the provider says at each sign-in. */
  readonly follows: readonly string[];
}

/** `null`: nobody signs in this way. Throws a `ZodError` for what GitLab, or this, does not know. */
export function readOmniauth(settings: unknown): OpenIdSettings | null {
  const found = settingsSchema.parse(settings);
  const [provider] = found.omniauth_providers;
  if (!found.omniauth_enabled || provider === undefined) return null;
  const { args, label } = provider;
  const isIn = (list: boolean | readonly string[]): boolean =>
    typeof list === 'boolean' ? list : list.includes(provider.name);
  return {
    label,
    issuer: args.issuer,
    clientId: args.client_options.identifier,
    secret: args.client_options.secret,
    redirectUri: args.client_options.redirect_uri,
    scopes: args.scope,
    authMethod: args.client_auth_method,
    responseMode: args.response_mode ?? null,
    sendsScope: args.send_scope_to_token_endpoint,
    pkce: args.pkce,
    uidField: args.uid_field,
    makesAccounts: isIn(found.omniauth_allow_single_sign_on),
    blocksNew: found.omniauth_block_auto_created_users,
    linksByEmail: isIn(found.omniauth_auto_link_user),
    follows: isIn(found.omniauth_sync_profile_from_provider) ? found.omniauth_sync_profile_attributes : [],
  };
}
