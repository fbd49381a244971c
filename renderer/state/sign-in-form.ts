// The forms that try a directory of people, or another provider of OpenID Connect: their texts and what they mean.
import type { Input } from '../../main/contract/contract.ts';
import { directorySchema, oidcSchema } from '../../main/model/stack/answers.ts';
import type { Directory } from '../../main/model/stack/answers.ts';
import { typed } from './row-deeds.ts';
import { t } from '../language/strings.ts';

type Ldap = Extract<Directory, { readonly kind: 'ldap' }>;

export const implementations: readonly (readonly [Ldap['implementation'], string])[] = [
  ['custom', t('OpenLDAP, or another')],
  ['activedirectory', 'Active Directory, Samba'],
  ['rfc2307bis', 'RFC 2307bis'],
  ['freeipa', 'FreeIPA'],
  ['lldap', 'LLDAP'],
  ['glauth', 'GLAuth'],
];

/** How the way to a directory is encrypted. */
export const directoryWays = ['ldaps', 'starttls', 'plain'] as const;
export type DirectoryWay = (typeof directoryWays)[number];

export interface DirectoryTexts {
  readonly implementation: string;
  readonly way: DirectoryWay;
  /** `ldap.example.net` or with a port. */
  readonly address: string;
  readonly baseDn: string;
  readonly user: string;
  readonly password: string;
  readonly ca: string;
  readonly usersFilter: string;
  readonly groupsFilter: string;
  readonly additionalUsersDn: string;
  readonly additionalGroupsDn: string;
  readonly search: string;
}

export const emptyDirectory: DirectoryTexts = {
  ...{ implementation: 'custom', way: 'ldaps', address: '', baseDn: '', user: '', password: '', ca: '' },
  ...{ usersFilter: '', groupsFilter: '', additionalUsersDn: '', additionalGroupsDn: '', search: '' },
};

const directoryErrors: Readonly<Record<string, string>> = {
  address: t('The name or address of the server, as ldap.example.net or 192.168.1.10:636.'),
  baseDn: t('Where its people are, as dc=example,dc=net.'),
  user: t('Who searches, as cn=reader,dc=example,dc=net.'),
};

function orNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}

function directoryOf(texts: DirectoryTexts): object {
  const { way } = texts;
  return {
    kind: 'ldap',
    implementation: texts.implementation,
    address: `${way === 'ldaps' ? 'ldaps' : 'ldap'}://${texts.address.trim()}`,
    ...(way === 'starttls' ? { startTls: true } : {}),
    ...(way === 'plain' ? { plain: true } : {}),
    baseDn: texts.baseDn.trim(),
    user: texts.user.trim(),
    usersFilter: orNull(texts.usersFilter),
    groupsFilter: orNull(texts.groupsFilter),
    additionalUsersDn: orNull(texts.additionalUsersDn),
    additionalGroupsDn: orNull(texts.additionalGroupsDn),
    ca: orNull(texts.ca),
  };
}

/** The first thing wrong with each field, in the schema's order and its words, or those that fit better. */
function errorsIn(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
  words: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const errors: Record<string, string> = {};
  for (const { path, message } of issues) {
    const name = String(path[0] ?? '');
    errors[name] ??= words[name] ?? `${message}.`;
  }
  return errors;
}

export interface ReadTry<I> {
  /** `null` while something is wrong. */
  readonly input: I | null;
  /** By field of the schema. */
  readonly errors: Readonly<Record<string, string>>;
  /** The same on the command line, without secrets. */
  readonly line: string;
}

/** Reads the form for another directory. */
export function readDirectory(texts: DirectoryTexts): ReadTry<Input<'directory.test'>> {
  const wanted = directoryOf(texts);
  const parsed = directorySchema.safeParse(wanted);
  const search = orNull(texts.search);
  const line = `autogit directory test${search === null ? '' : ` ${typed(search)}`}`;
  return {
    input: parsed.success
      ? {
          directory: parsed.data,
          ...(texts.password === '' ? {} : { password: texts.password }),
          ...(search === null ? {} : { search }),
        }
      : null,
    errors: errorsIn(parsed.error?.issues ?? [], directoryErrors),
    line: `${line} --answers lab.yaml${texts.password === '' ? '' : ' --password'}`,
  };
}

export interface OidcTexts {
  readonly provider: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly secret: string;
  readonly ca: string;
}

export const emptyOidc: OidcTexts = { provider: 'other', issuer: '', clientId: '', secret: '', ca: '' };

const oidcErrors: Readonly<Record<string, string>> = {
  issuer: t('The address that the provider calls its issuer; it begins with https://.'),
  clientId: t('The client id that the provider has given to GitLab.'),
};

/** Without TLS nobody could trust what it says. */
function isIssuer(text: string): boolean {
  return URL.canParse(text) && text.startsWith('https://');
}

/** Reads the form for another provider. */
export function readOidc(texts: OidcTexts): ReadTry<Input<'sso.check'>> {
  const wanted = {
    ...{ provider: texts.provider, issuer: texts.issuer.trim(), clientId: texts.clientId.trim() },
    ca: orNull(texts.ca),
  };
  const parsed = oidcSchema.safeParse(wanted);
  const words = oidcErrors['issuer'] ?? '';
  const issuer: Record<string, string> = isIssuer(wanted.issuer) ? {} : { issuer: words };
  return {
    input:
      parsed.success && isIssuer(wanted.issuer)
        ? { oidc: parsed.data, ...(texts.secret === '' ? {} : { secret: texts.secret }) }
        : null,
    errors: { ...issuer, ...errorsIn(parsed.error?.issues ?? [], oidcErrors) },
    line: `autogit sso check --answers lab.yaml${texts.secret === '' ? '' : ' --secret'}`,
  };
}
