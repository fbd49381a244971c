// What is wrong with the answers about a directory of people, in the words of whoever would fail with them.
import { z } from 'zod';
import { judgePath } from './paths.ts';
import { shown } from './problem.ts';
import type { Issue } from '../model/issue.ts';
import { placeOfDirectory, searchOf } from '../model/stack/directory.ts';
import type { DirectorySearch, LdapDirectory } from '../model/stack/directory.ts';
import type { StackAnswers } from '../model/stack/answers.ts';
import type { AnswerProblem, StackFacts } from '../model/stack/stack.ts';

type Found = Omit<AnswerProblem, 'field'>;

function at(field: string, found: Found | null): readonly AnswerProblem[] {
  return found === null ? [] : [{ field: `directory.${field}`, ...found }];
}

/** Everything but what the file of its root says. Pure; the same for a stack and for a test of the directory alone. */
export function judgeDirectory(directory: LdapDirectory): readonly AnswerProblem[] {
  const search = searchOf(directory);
  return [
    ...at('address', judgeAddress(directory)),
    ...judgeEncryption(directory),
    ...at('baseDn', judgeDn(directory.baseDn)),
    ...at('user', judgeUser(directory)),
    ...at('additionalUsersDn', judgeOptionalDn(directory.additionalUsersDn)),
    ...at('additionalGroupsDn', judgeOptionalDn(directory.additionalGroupsDn)),
    ...at('usersFilter', judgeUsersFilter(search, directory)),
    ...at('groupsFilter', judgeGroupsFilter(search, directory)),
    ...at('adminGroup', judgePlain(directory.adminGroup, 'the name of a group')),
    ...at('serverName', directory.serverName === null ? null : judgeHost(directory.serverName)),
    ...at('ca', directory.ca === null ? null : judgePath(directory.ca)),
  ];
}

/** Names of this machine for itself: within Authelia's container they are the container. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost(?:\.localdomain)?|.*\.localhost|127\.\d+\.\d+\.\d+|::1|0\.0\.0\.0|::)$/i.test(host);
}

/** What is wrong with the directory of a stack: also what is fine for a test, and not for a container. */
export function checkDirectory(
  { directory, sso }: StackAnswers,
  { directoryRoot }: StackFacts,
): readonly AnswerProblem[] {
  if (directory.kind !== 'ldap' || sso !== 'authelia') return [];
  const { host } = placeOfDirectory(directory);
  return [
    ...judgeDirectory(directory),
    ...(isLoopback(host) ? at('address', loopbackProblem(host)) : []),
    ...(directory.ca === null || directoryRoot?.certificates !== undefined
      ? []
      : at('ca', directoryRoot?.problem ?? notRead(directory.ca))),
  ];
}

/** What should be known of a directory that works. */
export function directoryWarnings({ directory, sso }: StackAnswers): readonly Issue[] {
  if (directory.kind !== 'ldap') return [];
  if (sso !== 'authelia')
    return [
      {
        ...{ key: 'stack.directory-unused', severity: 'warning', subject: directory.address },
        message: `Nobody asks the directory ${directory.address}: Authelia would, and the answers say sso: ${sso}.`,
        next: 'Choose sso: authelia, or directory: { kind: file }.',
      },
    ];
  if (!isOpen(directory)) return [];
  return [
    {
      ...{ key: 'stack.directory-open', severity: 'warning', subject: directory.address },
      message: `Everybody's password crosses the network to ${directory.address} unencrypted, as the answers want it (plain: true).`,
      next: 'Use ldaps://, or startTls: true, as soon as the directory can.',
    },
  ];
}

/** Whether nothing of it is encrypted. */
export function isOpen(directory: Pick<LdapDirectory, 'address' | 'startTls'>): boolean {
  return !placeOfDirectory(directory).isTls && !directory.startTls;
}

function notRead(path: string): Found {
  return {
    key: 'stack.directory-ca',
    message: `The file ${shown(path)}, which the answers name as root of the directory, was not read.`,
    next: 'Give a path of a PEM file that AutoGit may read.',
  };
}

/** Only for a test from this machine itself such an address is right. */
export function loopbackProblem(host: string): Found {
  return {
    key: 'stack.directory-loopback',
    message: `${shown(host)} is this machine for itself; within Authelia's container it is the container, where no directory is.`,
    next: "Give the directory's name or address in the network, also where it runs on this machine.",
  };
}

function judgeAddress(directory: LdapDirectory): Found | null {
  const { host, port } = placeOfDirectory(directory);
  if (host === '' || port < 1 || port > 65_535)
    return {
      key: 'stack.directory-address',
      message: `${shown(directory.address)} is no address of a directory.`,
      next: 'Write it like ldaps://ldap.example.net or ldap://192.168.1.5:389, without anything behind it.',
    };
  return judgeHost(host);
}

function judgeHost(host: string): Found | null {
  const isHost =
    /^[\x21-\x7e]+$/.test(host) && z.hostname().or(z.ipv4()).or(z.ipv6()).safeParse(host).success;
  if (isHost) return null;
  return {
    key: 'stack.directory-address',
    message: `${shown(host)} is neither a name nor an address of a machine.`,
    next: 'Write it like ldap.example.net or 192.168.1.5.',
  };
}

function judgeEncryption(directory: LdapDirectory): readonly AnswerProblem[] {
  const { isTls } = placeOfDirectory(directory);
  if (isTls && directory.startTls)
    return at('startTls', {
      key: 'stack.directory-tls-twice',
      message: 'ldaps:// is encrypted from its first byte, so StartTLS has nothing left to begin.',
      next: 'Take startTls out, or write ldap:// with it.',
    });
  if (isOpen(directory) && directory.changesPasswords)
    return at('changesPasswords', {
      key: 'stack.directory-plain',
      message: 'New passwords would cross the network unencrypted, and Active Directory refuses them so.',
      next: 'Use ldaps://, or ldap:// with startTls: true.',
    });
  if (!isOpen(directory) || directory.plain) return [];
  return at('plain', {
    key: 'stack.directory-plain',
    message: `With ${shown(directory.address)} every password would cross the network unencrypted.`,
    next: 'Write ldaps://, or add startTls: true. Where the directory can do neither, say so: plain: true.',
  });
}

/** Authelia fills in such places in its whole configuration: what stands between the braces would be carried out. */
function judgePlain(text: string, what: string): Found | null {
  if (!/\{\{|\}\}/.test(text)) return null;
  return {
    key: 'stack.directory-braces',
    message: `${shown(text)} has doubled braces, which Authelia would take for an instruction.`,
    next: `Give ${what} without them.`,
  };
}

function judgeOptionalDn(dn: string | null): Found | null {
  return dn === null || dn === '' ? null : judgeDn(dn);
}

/** Attribute and value, with commas between. https://www.rfc-editor.org/rfc/rfc4514#section-3 */
function judgeDn(dn: string): Found | null {
  const braces = judgePlain(dn, 'a distinguished name');
  if (braces !== null) return braces;
  const part = String.raw`\s*(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=(?:[^,+"\\<>;\0]|\\.)+`;
  if (new RegExp(String.raw`^${part}(?:[,+]${part})*$`, 'u').test(dn)) return null;
  return {
    key: 'stack.directory-dn',
    message: `${shown(dn)} is no distinguished name.`,
    next: 'Write it like dc=example,dc=net; a comma within a value has a backslash before it.',
  };
}

/** Active Directory takes ana@example.net and EXAMPLE\ana as well. */
function judgeUser({ user, implementation }: LdapDirectory): Found | null {
  const isName = /^[^\s@\\=]+@[^\s@\\=]+$/.test(user) || /^[^\s@\\=]+\\[^\s@\\=]+$/.test(user);
  return implementation === 'activedirectory' && isName ? judgePlain(user, 'the name') : judgeDn(user);
}

function filterMissing(kind: string): Found {
  return {
    key: 'stack.directory-filter',
    message: `Authelia knows no filter for ${kind} of a directory of the kind custom.`,
    next: 'Give the filter, or the kind of directory: rfc2307bis is right for most of OpenLDAP.',
  };
}

function wrongFilter(filter: string, what: string, next: string): Found {
  return { key: 'stack.directory-filter', message: `The filter ${shown(filter)} ${what}.`, next };
}

function judgeUsersFilter({ usersFilter }: DirectorySearch, { implementation }: LdapDirectory): Found | null {
  if (usersFilter === '') return filterMissing('people');
  const form = judgeFilter(usersFilter);
  if (form !== null) return form;
  const missing = ['{username_attribute}', '{input}'].find((place) => !usersFilter.includes(place));
  if (missing !== undefined)
    return wrongFilter(
      usersFilter,
      `has no ${missing}, so Authelia does not start with it`,
      'Begin with ({username_attribute}={input}).',
    );
  return judgeMemberOf(usersFilter, implementation);
}

function judgeGroupsFilter(
  { groupsFilter }: DirectorySearch,
  { implementation }: LdapDirectory,
): Found | null {
  if (groupsFilter === '') return filterMissing('groups');
  return judgeFilter(groupsFilter) ?? judgeMemberOf(groupsFilter, implementation);
}

/** Only Active Directory has an attribute for its own name, and custom none for groups. */
function judgeMemberOf(filter: string, implementation: LdapDirectory['implementation']): Found | null {
  const isWrong =
    (filter.includes('{memberof:dn}') && implementation !== 'activedirectory') ||
    (/\{memberof:rdn\}|\{member_of_attribute\}/.test(filter) && implementation === 'custom') ||
    (filter.includes('{distinguished_name_attribute}') && implementation !== 'activedirectory');
  if (!isWrong) return null;
  return wrongFilter(
    filter,
    `names groups in a way for which ${implementation} has no attribute`,
    'Look for the person among the members instead: (member={dn}).',
  );
}

/** Places that Authelia fills in. */
const places =
  /\{(?:input|username|dn|memberof:dn|memberof:rdn|(?:username|mail|display_name|member_of|distinguished_name)_attribute|date-time:(?:generalized|unix|microsoft-nt))\}/g;

/** https://www.rfc-editor.org/rfc/rfc4515#section-3 */
function judgeFilter(filter: string): Found | null {
  const braces = judgePlain(filter, 'the filter');
  if (braces !== null) return braces;
  const former = /\{[01]\}/.exec(filter);
  const rest = filter.replaceAll(places, 'x');
  const unknown = /\{[^}]*\}?/.exec(rest);
  if (former !== null || unknown !== null)
    return wrongFilter(
      filter,
      `has the place ${(former ?? unknown)?.[0] ?? ''}, which Authelia does not fill in`,
      'It fills in {input}, {username_attribute}, {mail_attribute}, and for groups {dn} and {username}.',
    );
  // Values have their parentheses escaped, so those that are left are the structure.
  let text = rest.replaceAll(/\\[0-9a-fA-F]{2}/g, 'x');
  if (text.includes('\\'))
    return wrongFilter(
      filter,
      'has a backslash without two hex digits behind it',
      'Write \\5c for a backslash.',
    );
  const item = /\((?:[A-Za-z0-9.;:_-]+(?:=|~=|>=|<=)[^()]*|!<>|[&|](?:<>)*)\)/g;
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replaceAll(item, '<>');
  }
  if (text === '<>') return null;
  return wrongFilter(
    filter,
    'is no filter in the form of LDAP',
    'Count its parentheses: each condition is in a pair of its own, and one pair is around all.',
  );
}
