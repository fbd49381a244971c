// What Authelia knows by itself of each kind of LDAP directory, and the searches that it makes with it.
import type { Directory } from './answers.ts';

export type LdapDirectory = Extract<Directory, { readonly kind: 'ldap' }>;

/** Names of attributes; '': it has none of it. */
export interface DirectoryAttributes {
  readonly dn: string;
  readonly username: string;
  readonly displayName: string;
  readonly mail: string;
  readonly memberOf: string;
  readonly groupName: string;
}

/** A directory of which nothing is left open; filters with Authelia's places in braces. */
export interface DirectorySearch {
  readonly usersBase: string;
  readonly groupsBase: string;
  readonly usersFilter: string;
  readonly groupsFilter: string;
  readonly attributes: DirectoryAttributes;
}

type Preset = Pick<DirectorySearch, 'usersFilter' | 'groupsFilter' | 'attributes'> & {
  readonly usersDn: string;
  readonly groupsDn: string;
};

const usual: DirectoryAttributes = {
  ...{ dn: '', username: 'uid', displayName: 'displayName', mail: 'mail', memberOf: 'memberOf' },
  groupName: 'cn',
};
const byNameOrMail = '(|({username_attribute}={input})({mail_attribute}={input}))';

/** https://github.com/authelia/authelia/blob/v4.39.20/internal/configuration/schema/authentication.go */
const presets: Readonly<Record<LdapDirectory['implementation'], Preset>> = {
  custom: {
    ...{ usersDn: '', groupsDn: '', usersFilter: '', groupsFilter: '' },
    attributes: { ...usual, memberOf: '' },
  },
  activedirectory: {
    ...{ usersDn: '', groupsDn: '' },
    usersFilter: `(&${byNameOrMail}(sAMAccountType=805306368)(!(userAccountControl:1.2.840.113556.1.4.803:=2))(!(pwdLastSet=0))(|(!(accountExpires=*))(accountExpires=0)(accountExpires>={date-time:microsoft-nt})))`,
    groupsFilter: '(&(member={dn})(|(sAMAccountType=268435456)(sAMAccountType=536870912)))',
    attributes: { ...usual, dn: 'distinguishedName', username: 'sAMAccountName' },
  },
  rfc2307bis: {
    ...{ usersDn: '', groupsDn: '' },
    usersFilter: `(&${byNameOrMail}(|(objectClass=inetOrgPerson)(objectClass=organizationalPerson)))`,
    groupsFilter:
      '(&(|(member={dn})(uniqueMember={dn}))(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=groupOfMembers))(!(pwdReset=TRUE)))',
    attributes: usual,
  },
  freeipa: {
    ...{ usersDn: '', groupsDn: '' },
    usersFilter: `(&${byNameOrMail}(objectClass=person)(!(nsAccountLock=TRUE))(krbPasswordExpiration>={date-time:generalized})(|(!(krbPrincipalExpiration=*))(krbPrincipalExpiration>={date-time:generalized})))`,
    groupsFilter: '(&(member={dn})(objectClass=groupOfNames))',
    attributes: usual,
  },
  lldap: {
    ...{ usersDn: 'OU=people', groupsDn: 'OU=groups' },
    usersFilter: `(&${byNameOrMail}(objectClass=person))`,
    groupsFilter: '(&(member={dn})(objectClass=groupOfUniqueNames))',
    attributes: { ...usual, displayName: 'cn' },
  },
  glauth: {
    ...{ usersDn: '', groupsDn: '' },
    usersFilter: `(&${byNameOrMail}(objectClass=posixAccount)(!(accountStatus=inactive)))`,
    groupsFilter: '(&(uniqueMember={dn})(objectClass=posixGroup))',
    attributes: { ...usual, username: 'cn', displayName: 'description' },
  },
};

/** What is searched for where, with what the implementation has for all that was not answered. */
export function searchOf(directory: LdapDirectory): DirectorySearch {
  const preset = presets[directory.implementation];
  // As Authelia takes it: what is empty was not answered.
  const chosen = (answer: string | null, known: string): string =>
    answer === null || answer === '' ? known : answer;
  const below = (dn: string): string => (dn === '' ? directory.baseDn : `${dn},${directory.baseDn}`);
  return {
    usersBase: below(chosen(directory.additionalUsersDn, preset.usersDn)),
    groupsBase: below(chosen(directory.additionalGroupsDn, preset.groupsDn)),
    usersFilter: chosen(directory.usersFilter, preset.usersFilter),
    groupsFilter: chosen(directory.groupsFilter, preset.groupsFilter),
    attributes: preset.attributes,
  };
}

/** A value as part of a filter, where it can only be a value. https://www.rfc-editor.org/rfc/rfc4515#section-3 */
export function escapeFilter(value: string): string {
  return value.replaceAll(/[\\*()\0]/g, (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** 100 ns since 1601, in which Active Directory counts, at 1970. */
const ntEpoch = 116_444_736_000_000_000n;

/** `20261122155800.0Z` */
function generalized(now: number): string {
  return `${new Date(now).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}.0Z`;
}

function withAttributes(filter: string, attributes: DirectoryAttributes): string {
  return filter
    .replaceAll('{distinguished_name_attribute}', attributes.dn)
    .replaceAll('{username_attribute}', attributes.username)
    .replaceAll('{display_name_attribute}', attributes.displayName)
    .replaceAll('{mail_attribute}', attributes.mail)
    .replaceAll('{member_of_attribute}', attributes.memberOf);
}

/** Values come in by a function: a `$` of theirs means nothing. */
function put(filter: string, place: string, value: string): string {
  return filter.replaceAll(place, () => value);
}

/**
 * The filter for one person, by the name that they type; `null`: for everybody, within what the rest of the filter allows.
 * `now`: milliseconds since 1970.
 */
export function usersFilter(
  { usersFilter: filter, attributes }: DirectorySearch,
  input: string | null,
  now: number,
): string {
  const timed = [
    ['{date-time:generalized}', generalized(now)],
    ['{date-time:unix}', String(Math.floor(now / 1_000))],
    ['{date-time:microsoft-nt}', String(BigInt(Math.floor(now)) * 10_000n + ntEpoch)],
  ] as const;
  const known = timed.reduce(
    (text, [place, value]) => put(text, place, value),
    withAttributes(filter, attributes),
  );
  return put(known, '{input}', input === null ? '*' : escapeFilter(input));
}

/** The filter for the groups of a person who was found. */
export function groupsFilter(
  { groupsFilter: filter, attributes }: DirectorySearch,
  person: {
    /** As it was typed. */
    readonly input: string;
    readonly username: string;
    readonly dn: string;
    readonly memberOf: readonly string[];
  },
): string {
  const groups = person.memberOf.map(escapeFilter);
  const places = [
    ['{username}', escapeFilter(person.username)],
    ['{dn}', escapeFilter(person.dn)],
    ['{memberof:dn}', groups.map((dn) => `(${attributes.dn}=${dn})`).join('')],
    ['{memberof:rdn}', groups.map((dn) => `(${dn.split(',')[0] ?? ''})`).join('')],
    ['{input}', escapeFilter(person.input)],
  ] as const;
  // In one pass: what a value has in it is never taken for a place.
  const pattern = /\{(?:username|dn|memberof:dn|memberof:rdn|input)\}/g;
  const values = new Map<string, string>(places);
  return withAttributes(filter, attributes).replaceAll(pattern, (place) => values.get(place) ?? place);
}

/** Host and port of a directory's address; an IPv6 address without its brackets. */
export function placeOfDirectory({ address }: Pick<LdapDirectory, 'address'>): {
  readonly isTls: boolean;
  readonly host: string;
  readonly port: number;
} {
  const [, scheme = 'ldaps', plain, bracketed, port] =
    /^(ldaps?):\/\/(?:([^[\]:]+)|\[([^\]]+)\])(?::(\d{1,5}))?$/.exec(address) ?? [];
  const isTls = scheme === 'ldaps';
  return {
    isTls,
    host: plain ?? bracketed ?? '',
    port: port === undefined ? (isTls ? 636 : 389) : Number(port),
  };
}
