// Rules about where Authelia has its data, people and mail, and about secrets and variables.
import { at, has, isFilledIn, isGiven, list, text } from './document.ts';
import type { AutheliaSetup } from './document.ts';
import { broken, fine, warned } from './rule.ts';
import type { Broken, Rule } from './rule.ts';
import { settingOf } from './variables.ts';

/** Of these settings there is one, never two. */
function oneOf(id: string, section: string, names: readonly string[]): Rule {
  return {
    id,
    judge: (setup) => {
      const found = names.filter((name) => has(setup.configuration, `${section}.${name}`));
      if (found.length === 1) return fine;
      const all = `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
      return found.length === 0
        ? broken(`${section} has neither ${all}`, `Give it one of ${all}.`)
        : broken(`${section} has ${found.join(' and ')} together`, `Keep one of them.`);
    },
  };
}

function needed(setup: AutheliaSetup, path: string, next: string): readonly Broken[] {
  return isGiven(setup, path) ? fine : broken(`${path} is missing`, next);
}

const units = 'ns|us|µs|ms|s|m|h|d|w|M|y|milliseconds?|seconds?|minutes?|hours?|days?|weeks?|months?|years?';
const duration = new RegExp(String.raw`^(?:[1-9]\d*(?:${units}))+$`);

/** `15 minutes`, `1h30m`, `90`. https://www.authelia.com/configuration/prologue/common/#duration */
export function isDuration(value: string): boolean {
  return (
    value === '' || /^\d+$/.test(value) || duration.test(value.replaceAll('and', '').replaceAll(' ', ''))
  );
}

/** Settings that are durations. */
const durations = [
  ...['session.expiration', 'session.inactivity', 'regulation.find_time', 'regulation.ban_time'],
  ...['identity_validation.reset_password.jwt_lifespan', 'authentication_backend.ldap.timeout'],
  ...['ntp.max_desync', 'webauthn.timeout', 'server.timeouts.read', 'server.timeouts.write'],
  ...['identity_validation.elevated_session.code_lifespan', 'notifier.smtp.timeout'],
];

/** Durations that may also be switched off by a word or a sign. */
function isWord(path: string, value: string): boolean {
  return (
    (path === 'session.remember_me' && value === '-1') ||
    (path === 'authentication_backend.refresh_interval' && ['always', 'disable'].includes(value))
  );
}

function judgeDurations({ configuration }: AutheliaSetup): readonly Broken[] {
  const paths = [...durations, 'session.remember_me', 'authentication_backend.refresh_interval'];
  return paths.flatMap((path) => {
    const value = text(configuration, path);
    return value === null || isDuration(value) || isWord(path, value)
      ? fine
      : broken(`${path} is ${JSON.stringify(value)}, which is no duration`, 'Write it like 15 minutes.');
  });
}

/** Where sessions are, if not in memory. With sentinels, these are asked for the place. */
function judgeRedis(setup: AutheliaSetup): readonly Broken[] {
  const redis = at(setup.configuration, 'session.redis');
  if (redis === undefined || has(redis, 'high_availability')) return fine;
  const host = needed(setup, 'session.redis.host', 'Write authelia-redis.');
  const port = text(redis, 'port') ?? '6379';
  const isFile = (text(redis, 'host') ?? '').startsWith('/');
  return isFile || isFilledIn(port) || (/^\d+$/.test(port) && Number(port) <= 65_535)
    ? host
    : [...host, ...broken('session.redis.port is no port', 'Leave it out: 6379 is usual.')];
}

function judgeDirectory({ configuration }: AutheliaSetup): readonly Broken[] {
  const ldap = at(configuration, 'authentication_backend.ldap');
  if (ldap === undefined) return fine;
  const address = text(ldap, 'address') ?? '';
  if (!/^ldap[si]?:\/\//.test(address))
    return broken(
      'authentication_backend.ldap.address is no address of a directory',
      'Write it like ldaps://ldap.example.net.',
    );
  if (!has(ldap, 'user'))
    return broken('authentication_backend.ldap.user is missing', 'Give the directory in the answers.');
  const base = has(ldap, 'base_dn')
    ? fine
    : warned(
        'authentication_backend.ldap.base_dn is missing, and all of the directory is searched',
        'Give the directory in the answers.',
      );
  return [...base, ...judgeFilters(ldap)];
}

function judgeFilters(ldap: unknown): readonly Broken[] {
  const isCustom = (text(ldap, 'implementation') ?? 'custom') === 'custom';
  return ['users_filter', 'groups_filter'].flatMap((name) => {
    const filter = text(ldap, name);
    if (filter === null)
      return isCustom ? broken(`authentication_backend.ldap.${name} is missing`, 'Give the filter.') : fine;
    const lacks =
      name === 'users_filter'
        ? ['{username_attribute}', '{input}'].find((place) => !filter.includes(place))
        : undefined;
    if (lacks !== undefined)
      return broken(
        `authentication_backend.ldap.${name} has no ${lacks}`,
        'Begin with ({username_attribute}={input}).',
      );
    return filter.startsWith('(') && filter.endsWith(')')
      ? fine
      : broken(`authentication_backend.ldap.${name} is not within parentheses`, 'Put a pair around it.');
  });
}

/** Wherever it stands: AutoGit never lets anybody pass who has not proven who they are. */
function skipsVerification(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([key, item]) => (key === 'skip_verify' && item === true) || skipsVerification(item),
  );
}

export const settingRules: readonly Rule[] = [
  oneOf('backend-one', 'authentication_backend', ['file', 'ldap']),
  {
    id: 'backend-file',
    judge: ({ configuration }) =>
      at(configuration, 'authentication_backend.file') === undefined ||
      has(configuration, 'authentication_backend.file.path')
        ? fine
        : broken('authentication_backend.file.path is missing', 'Give the path of the file of people.'),
  },
  { id: 'backend-directory', judge: judgeDirectory },
  {
    id: 'directory-password',
    judge: (setup) =>
      has(setup.configuration, 'authentication_backend.ldap')
        ? needed(
            setup,
            'authentication_backend.ldap.password',
            'Give it: autogit stack set-secret directory-password',
          )
        : fine,
  },
  oneOf('storage-one', 'storage', ['local', 'mysql', 'postgres']),
  {
    id: 'storage-key',
    judge: (setup) =>
      needed(setup, 'storage.encryption_key', 'Name the file of the secret authelia-storage-key.'),
  },
  {
    id: 'storage-key-length',
    judge: ({ configuration, environment }) => {
      const key =
        text(configuration, 'storage.encryption_key') ?? environment['AUTHELIA_STORAGE_ENCRYPTION_KEY'];
      return key === undefined || key === '' || key.length >= 20 || isFilledIn(key)
        ? fine
        : broken(
            `storage.encryption_key has ${key.length} characters, and at least 20 are needed`,
            "Leave it to AutoGit's secret.",
          );
    },
  },
  oneOf('notifier-one', 'notifier', ['filesystem', 'smtp']),
  {
    id: 'notifier-whole',
    judge: ({ configuration }) => {
      const notifier = at(configuration, 'notifier');
      if (has(notifier, 'filesystem') && !has(notifier, 'filesystem.filename'))
        return broken('notifier.filesystem.filename is missing', 'Give it /data/notification.txt.');
      return has(notifier, 'smtp') && !(has(notifier, 'smtp.address') && has(notifier, 'smtp.sender'))
        ? broken('notifier.smtp lacks address or sender', 'Give both, or answer the template mail.')
        : fine;
    },
  },
  {
    id: 'reset-secret',
    judge: (setup) =>
      at(setup.configuration, 'authentication_backend.password_reset.disable') === true
        ? fine
        : needed(
            setup,
            'identity_validation.reset_password.jwt_secret',
            'Name the file of the secret authelia-reset-secret.',
          ),
  },
  {
    id: 'session-secret',
    judge: (setup) =>
      has(setup.configuration, 'session.redis')
        ? needed(setup, 'session.secret', 'Name the file of the secret authelia-session-secret.')
        : fine,
  },
  { id: 'session-redis', judge: judgeRedis },
  {
    id: 'oidc-secret',
    severity: 'warning',
    judge: (setup) =>
      has(setup.configuration, 'identity_providers.oidc')
        ? needed(
            setup,
            'identity_providers.oidc.hmac_secret',
            'Name the file of the secret authelia-oidc-secret.',
          )
        : fine,
  },
  {
    id: 'secret-twice',
    judge: ({ configuration, environment }) =>
      Object.keys(environment).flatMap((variable) => {
        const path = settingOf(variable);
        const isDouble =
          path !== null &&
          variable.endsWith('_FILE') &&
          (has(configuration, path) || environment[variable.replace(/_FILE$/, '')] !== undefined);
        return isDouble
          ? broken(`${path} is set by ${variable} and once more`, 'Take one of them out.')
          : fine;
      }),
  },
  {
    id: 'variable-unknown',
    severity: 'warning',
    judge: ({ environment }) =>
      Object.keys(environment)
        .filter((variable) => variable.startsWith('AUTHELIA_') && settingOf(variable) === null)
        .flatMap((variable) =>
          broken(
            `Authelia knows no variable ${variable}`,
            'Take it out, or write it as the setting has it: lists cannot be set by variables.',
          ),
        ),
  },
  { id: 'duration', judge: judgeDurations },
  {
    id: 'regulation',
    judge: ({ configuration }) =>
      list(configuration, 'regulation.modes').every((mode) => ['user', 'ip'].includes(String(mode)))
        ? fine
        : broken('regulation.modes has something else than user and ip', 'Write user.'),
  },
  {
    id: 'totp',
    judge: ({ configuration }) => {
      const totp = at(configuration, 'totp');
      const algorithm = (text(totp, 'algorithm') ?? 'sha1').toLowerCase();
      const digits = Number(text(totp, 'digits') ?? 6);
      return ['sha1', 'sha256', 'sha512'].includes(algorithm) && [6, 8].includes(digits)
        ? fine
        : broken(
            'totp.algorithm or totp.digits is none that Authelia knows',
            'Leave both out: every application knows what is usual.',
          );
    },
  },
  {
    id: 'verification',
    judge: ({ configuration }) =>
      skipsVerification(configuration)
        ? broken(
            'skip_verify lets anybody pass for the directory or the mail server',
            'Name the root of its certificate instead.',
          )
        : fine,
  },
];
