// What a person is asked about who keeps people: AutoGit, or a directory that they have.
import { ask, choice } from './ask.ts';
import type { Asked } from '../model/stack/questions.ts';

const ldap: Pick<Asked, 'onlyIf'> = { onlyIf: { field: 'directory.kind', values: ['ldap'] } };

/** All of them, asked where Authelia signs people in. */
export function directoryQuestions(): readonly Asked[] {
  return [
    choice(
      ['directory.kind', 'People', 'Who keeps people, their passwords and their groups.'],
      'file',
      [
        ['file', 'AutoGit', 'In a file of the lab; you add and remove people here.'],
        ['ldap', 'A directory', 'An LDAP directory or Active Directory that you have; it is only read.'],
      ],
      { field: 'sso', values: ['authelia'] },
    ),
    choice(
      ['directory.implementation', 'Kind of directory', 'What is known of it without being told.'],
      'rfc2307bis',
      [
        ['rfc2307bis', 'OpenLDAP', 'And most others: people with a uid, groups with members.'],
        ['activedirectory', 'Active Directory', 'Of Windows Server or Samba.'],
        ['freeipa', 'FreeIPA', 'Also Red Hat Identity Management.'],
        ['lldap', 'lldap', 'The small one for homes.'],
        ['glauth', 'GLAuth', 'People in one file.'],
        ['custom', 'Another', 'You give the filters for people and groups.'],
      ],
      ldap.onlyIf,
    ),
    ask(
      [
        'directory.address',
        'Address of the directory',
        'Like ldaps://ldap.example.net. With ldap:// either StartTLS is needed, or your word that passwords may be unencrypted.',
      ],
      'text',
      null,
      ldap,
    ),
    ask(
      ['directory.startTls', 'StartTLS', 'With ldap://: encryption begins before anything is said.'],
      'boolean',
      false,
      ldap,
    ),
    ...searching(),
  ];
}

function searching(): readonly Asked[] {
  return [
    ask(['directory.baseDn', 'Where it begins', 'Like dc=example,dc=net.'], 'text', null, ldap),
    ask(
      [
        'directory.user',
        'Who searches',
        'An account that may read people and groups, like cn=reader,dc=example,dc=net. Its password is asked for later.',
      ],
      'text',
      null,
      ldap,
    ),
    ask(
      [
        'directory.ca',
        'Root of the directory',
        'Path of a PEM file with the root that its certificate leads to. Without an answer: a public one.',
      ],
      'text',
      null,
      ldap,
    ),
    ask(
      ['directory.adminGroup', 'Group of administrators', 'Its people see the dashboards.'],
      'text',
      'admins',
      ldap,
    ),
    ...filters(),
    ...rarely(),
  ];
}

function filters(): readonly Asked[] {
  const custom: Pick<Asked, 'onlyIf'> = {
    onlyIf: { field: 'directory.implementation', values: ['custom'] },
  };
  return [
    ask(
      [
        'directory.usersFilter',
        'Filter for people',
        'Like (&({username_attribute}={input})(objectClass=person)).',
      ],
      'text',
      null,
      custom,
    ),
    ask(
      ['directory.groupsFilter', 'Filter for groups', 'Like (&(member={dn})(objectClass=groupOfNames)).'],
      'text',
      null,
      custom,
    ),
  ];
}

/** Directories that are not as most are. */
function rarely(): readonly Asked[] {
  return [
    ask(
      [
        'directory.plain',
        'Without encryption',
        'With ldap:// and no StartTLS: passwords cross the network as they are.',
      ],
      'boolean',
      false,
      ldap,
    ),
    ask(
      [
        'directory.serverName',
        'Name in its certificate',
        'Where the address has another name, or a number. Without an answer: that of the address.',
      ],
      'text',
      null,
      ldap,
    ),
    ask(
      ['directory.additionalUsersDn', 'Where people are', 'Below where it begins, like ou=people.'],
      'text',
      null,
      ldap,
    ),
    ask(
      ['directory.additionalGroupsDn', 'Where groups are', 'Below where it begins, like ou=groups.'],
      'text',
      null,
      ldap,
    ),
    ask(
      [
        'directory.changesPasswords',
        'Passwords are changed there',
        'Whoever searches may also set the passwords of people in the directory.',
      ],
      'boolean',
      false,
      ldap,
    ),
  ];
}
