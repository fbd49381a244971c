// What is searched for in a directory: a value is never anything but a value.
import fc from 'fast-check';
import { FilterParser, EqualityFilter } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { directorySchema } from '../../../../main/model/stack/answers.ts';
import {
  escapeFilter,
  groupsFilter,
  placeOfDirectory,
  searchOf,
  usersFilter,
} from '../../../../main/model/stack/directory.ts';
import type { LdapDirectory } from '../../../../main/model/stack/directory.ts';

const kinds = ['activedirectory', 'rfc2307bis', 'freeipa', 'lldap', 'glauth'] as const;
const now = Date.UTC(2026, 10, 22, 16, 5, 9, 700);

function directory(change: Readonly<Record<string, unknown>> = {}): LdapDirectory {
  const base = {
    kind: 'ldap',
    address: 'ldaps://ldap.example.net',
    baseDn: 'dc=example,dc=net',
    user: 'cn=r',
  };
  const parsed = directorySchema.parse({ ...base, ...change });
  if (parsed.kind !== 'ldap') throw new Error('it is no directory');
  return parsed;
}

describe('a filter', () => {
  it.each(kinds)('of %s can be read by a directory, for one person and for all', (implementation) => {
    const search = searchOf(directory({ implementation }));
    for (const input of [null, '*)(uid=*', '$&', '{dn}'])
      expect(() => FilterParser.parseString(usersFilter(search, input, now))).not.toThrow();
    const person = { input: 'ana', username: 'ana', dn: 'cn=a\\,b (c)*,dc=x', memberOf: ['cn=g,dc=x'] };
    const filter = groupsFilter(search, person);
    expect(filter).toContain('cn=a\\5c,b \\28c\\29\\2a,dc=x');
    expect(() => FilterParser.parseString(filter)).not.toThrow();
  });

  it('holds whatever is typed as one value', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (typed) => {
        const search = searchOf(
          directory({ implementation: 'custom', usersFilter: '({username_attribute}={input})' }),
        );
        const parsed = FilterParser.parseString(usersFilter(search, typed, now));
        expect(parsed).toBeInstanceOf(EqualityFilter);
        expect(parsed).toMatchObject({ attribute: 'uid' });
      }),
    );
  });

  it('takes nothing within a value for a place', () => {
    const search = searchOf(
      directory({ implementation: 'custom', groupsFilter: '(&(member={dn})(cn={username})(o={input}))' }),
    );
    const person = { input: '{dn}', username: '{input}', dn: '{username}', memberOf: [] };
    expect(groupsFilter(search, person)).toBe('(&(member={username})(cn={input})(o={dn}))');
  });

  it('counts time as each directory does', () => {
    const at = (filter: string): string =>
      usersFilter(searchOf(directory({ implementation: 'custom', usersFilter: filter })), 'x', now);
    expect(at('{date-time:generalized}')).toBe('20261122160509.0Z');
    expect(at('{date-time:unix}')).toBe('1795363509');
    expect(at('{date-time:microsoft-nt}')).toBe('134398371097000000');
  });

  it('escapes what RFC 4515 asks for', () => {
    expect(escapeFilter('a*b(c)d\\e\0f')).toBe('a\\2ab\\28c\\29d\\5ce\\00f');
  });
});

describe('a search', () => {
  it('begins where the implementation has its people, unless the answers say another place', () => {
    expect(searchOf(directory({ implementation: 'lldap' })).usersBase).toBe('OU=people,dc=example,dc=net');
    expect(searchOf(directory({ implementation: 'lldap', additionalUsersDn: '' })).usersBase).toBe(
      'OU=people,dc=example,dc=net',
    );
    expect(searchOf(directory({ additionalUsersDn: 'ou=us' })).usersBase).toBe('ou=us,dc=example,dc=net');
  });
});

describe('an address', () => {
  it.each([
    ['ldaps://ldap.example.net', { isTls: true, host: 'ldap.example.net', port: 636 }],
    ['ldap://10.0.0.5', { isTls: false, host: '10.0.0.5', port: 389 }],
    ['ldap://[fd00::5]:3890', { isTls: false, host: 'fd00::5', port: 3890 }],
  ])('%s leads to a place', (address, place) => {
    expect(placeOfDirectory({ address })).toEqual(place);
  });
});
