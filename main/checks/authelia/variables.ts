// Names of Authelia's settings that a variable of its environment can have; anything else that begins so stops its start.

/**
 * By what they lie below. https://github.com/authelia/authelia/blob/v4.39.20/docs/data/configkeys.json
 */
const names: Readonly<Record<string, string>> = {
  access_control: 'default_policy',
  'authentication_backend.file.password': 'algorithm',
  'authentication_backend.file.password.argon2':
    'iterations key_length memory parallelism salt_length variant',
  'authentication_backend.file.password.bcrypt': 'cost variant',
  'authentication_backend.file.password.pbkdf2': 'iterations salt_length variant',
  'authentication_backend.file.password.scrypt':
    'block_size iterations key_length parallelism salt_length variant',
  'authentication_backend.file.password.sha2crypt': 'iterations salt_length variant',
  'authentication_backend.file': 'path watch',
  'authentication_backend.file.search': 'case_insensitive email',
  'authentication_backend.ldap':
    'additional_groups_dn additional_users_dn address base_dn group_search_mode groups_filter implementation password permit_referrals permit_unauthenticated_bind start_tls timeout user users_filter',
  'authentication_backend.ldap.attributes':
    'birthdate country display_name distinguished_name family_name gender given_name group_name locale locality mail member_of middle_name nickname phone_extension phone_number picture postal_code profile region street_address username website zoneinfo',
  'authentication_backend.ldap.pooling': 'count enable retries timeout',
  'authentication_backend.ldap.tls':
    'certificate_chain maximum_version minimum_version private_key server_name skip_verify',
  'authentication_backend.password_change': 'disable',
  'authentication_backend.password_reset': 'custom_url disable',
  authentication_backend: 'refresh_interval',
  '': 'certificates_directory default_2fa_method session theme',
  duo_api: 'disable enable_self_enrollment hostname integration_key secret_key',
  identity_providers: 'oidc',
  'identity_providers.oidc.cors': 'allowed_origins_from_client_redirect_uris endpoints',
  'identity_providers.oidc':
    'discovery_signed_response_alg discovery_signed_response_key_id enable_client_debug_messages enable_jwt_access_token_stateless_introspection enable_pkce_plain_challenge enforce_pkce hmac_secret minimum_parameter_entropy require_pushed_authorization_requests',
  'identity_providers.oidc.lifespans':
    'access_token authorize_code device_code id_token jwt_secured_authorization refresh_token',
  'identity_validation.elevated_session':
    'characters code_lifespan elevation_lifespan require_second_factor skip_second_factor',
  'identity_validation.reset_password': 'jwt_algorithm jwt_lifespan jwt_secret',
  log: 'file_path format keep_stdout level',
  notifier: 'disable_startup_check template_path',
  'notifier.filesystem': 'filename',
  'notifier.smtp':
    'address disable_html_emails disable_require_tls disable_starttls identifier password sender startup_check_address subject timeout username',
  'notifier.smtp.tls':
    'certificate_chain maximum_version minimum_version private_key server_name skip_verify',
  ntp: 'address disable_failure disable_startup_check max_desync version',
  'password_policy.standard':
    'enabled max_length min_length require_lowercase require_number require_special require_uppercase',
  'password_policy.zxcvbn': 'enabled min_score',
  privacy_policy: 'enabled policy_url require_user_acceptance',
  regulation: 'ban_time find_time max_retries modes',
  server: 'address asset_path disable_healthcheck',
  'server.buffers': 'read write',
  'server.endpoints': 'enable_expvars enable_pprof',
  'server.endpoints.rate_limits.openid_connect_introspection': 'enable',
  'server.endpoints.rate_limits.openid_connect_pushed_authorization_request': 'enable',
  'server.endpoints.rate_limits.openid_connect_revocation': 'enable',
  'server.endpoints.rate_limits.openid_connect_token': 'enable',
  'server.endpoints.rate_limits.openid_connect_userinfo': 'enable',
  'server.endpoints.rate_limits.reset_password_finish': 'enable',
  'server.endpoints.rate_limits.reset_password_start': 'enable',
  'server.endpoints.rate_limits.second_factor_duo': 'enable',
  'server.endpoints.rate_limits.second_factor_totp': 'enable',
  'server.endpoints.rate_limits.session_elevation_finish': 'enable',
  'server.endpoints.rate_limits.session_elevation_start': 'enable',
  'server.headers': 'csp_template',
  'server.timeouts': 'idle read write',
  'server.tls': 'certificate client_certificates key',
  session: 'expiration inactivity name remember_me same_site secret',
  'session.redis':
    'database_index host max_retries maximum_active_connections minimum_idle_connections password port timeout username',
  'session.redis.high_availability':
    'route_by_latency route_randomly sentinel_name sentinel_password sentinel_username',
  'session.redis.tls':
    'certificate_chain maximum_version minimum_version private_key server_name skip_verify',
  storage: 'encryption_key',
  'storage.local': 'path',
  'storage.mysql': 'address database password timeout username',
  'storage.mysql.tls':
    'certificate_chain maximum_version minimum_version private_key server_name skip_verify',
  'storage.postgres': 'address database password schema timeout username',
  'storage.postgres.tls':
    'certificate_chain maximum_version minimum_version private_key server_name skip_verify',
  'telemetry.metrics': 'address enabled',
  'telemetry.metrics.buffers': 'read write',
  'telemetry.metrics.timeouts': 'idle read write',
  totp: 'algorithm allowed_algorithms allowed_digits allowed_periods digits disable disable_reuse_security_policy issuer period secret_size skew',
  webauthn:
    'attestation_conveyance_preference disable display_name enable_passkey_login experimental_enable_passkey_upgrade experimental_enable_passkey_uv_two_factors timeout',
  'webauthn.filtering': 'prohibit_backup_eligibility',
  'webauthn.metadata':
    'cache_policy enabled validate_entry validate_entry_permit_zero_aaguid validate_status validate_status_permitted validate_status_prohibited validate_trust_anchor',
  'webauthn.selection_criteria': 'attachment discoverability user_verification',
};

/** Those that hold secrets: their variable may name a file instead, with `_FILE`. */
const secretEnds = /_(?:KEY|SECRET|PASSWORD|TOKEN|CERTIFICATE_CHAIN)$/;

function variableOf(path: string): string {
  return `AUTHELIA_${path.replaceAll('.', '_').toUpperCase()}`;
}

/** Paths of settings by their variable: `session.secret` of `AUTHELIA_SESSION_SECRET`. */
export const settingsByVariable: ReadonlyMap<string, string> = new Map(
  Object.entries(names).flatMap(([section, list]) =>
    list.split(' ').map((name) => {
      const path = section === '' ? name : `${section}.${name}`;
      return [variableOf(path), path] as const;
    }),
  ),
);

/** Path of the setting that a variable sets, by itself or by a file; `null`: Authelia knows none. */
export function settingOf(variable: string): string | null {
  const own = settingsByVariable.get(variable);
  if (own !== undefined) return own;
  const named = /^(.+)_FILE$/.exec(variable)?.[1] ?? '';
  return secretEnds.test(named) ? (settingsByVariable.get(named) ?? null) : null;
}

/** The variable of a setting. */
export function variableFor(path: string): string {
  return variableOf(path);
}
