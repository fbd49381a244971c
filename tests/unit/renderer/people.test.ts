import { describe, expect, it } from 'vitest';
import {
  differing,
  factorLook,
  filterPeople,
  groupsOf,
  peopleFilterOf,
  peopleGroups,
  peopleQueryOf,
  personLook,
  readOnlyReason,
  shortFactors,
} from '../../../renderer/state/people.ts';
import { addPersonLine, resetPersonDeed } from '../../../renderer/state/people-deeds.ts';
import { newPersonTexts, readPerson, suggestedName } from '../../../renderer/state/person-form.ts';
import { manyPeople, somePeople, somePerson } from '../../fakes/fake-user-calls.ts';

const unknown = { state: 'unknown', admin: false, username: null } as const;

describe('a person', () => {
  it.each([
    ['In step', {}],
    ['Not in step', { differences: ['x'], disabled: true }],
    ['Disabled', { disabled: true, gitlab: unknown }],
    ['Unknown', { gitlab: unknown }],
  ])('is called %s', (word, change) =>
    expect(personLook(somePerson({ name: 'ana', ...change })).word).toBe(word),
  );

  it.each([
    ['unknown', 'Unknown', 'Factor unknown'],
    [[], 'None', 'No factor'],
    [['totp'], 'One-time password', 'One-time'],
    [['passkey'], 'Passkey', 'Passkey'],
    [['totp', 'passkey'], 'One-time password and passkey', 'Both factors'],
  ] as const)('with the factors %j', (factors, word, short) => {
    const person = { factors: typeof factors === 'string' ? factors : [...factors] };
    expect([factorLook(person).word, shortFactors(person)]).toEqual([word, short]);
  });

  it('is changed here only where a file keeps people', () => {
    expect(
      (['file', 'ldap', 'oidc', 'gitlab', 'none'] as const).map((one) => readOnlyReason(one) === null),
    ).toEqual([true, false, false, false, false]);
  });
});

describe('the list of people', () => {
  it.each([
    ['all of them', {}, ['ana', 'ben', 'chloe', 'dmitri', 'eve']],
    ['those not in step', { state: 'trouble' }, ['chloe', 'eve']],
    ['those who may sign in by a password alone', { state: 'no-factor' }, ['eve']],
    ['administrators', { state: 'admins' }, ['ana']],
    ['those who are disabled', { state: 'disabled' }, ['dmitri']],
    ['a group and a name', { text: 'PHOTOS chlo' }, ['chloe']],
    ['an e-mail address', { text: 'ben@lab' }, ['ben']],
  ])('finds %s', (_, query, found) => {
    expect(filterPeople(somePeople, peopleFilterOf(query)).map(({ name }) => name)).toEqual(found);
  });

  it('has nobody without a second factor whose factors nobody knows', () => {
    const users = [somePerson({ name: 'ana', factors: 'unknown' })];
    expect(filterPeople(users, { group: 'no-factor', text: '' })).toEqual([]);
  });

  it('keeps its filter in the address', () => {
    for (const group of peopleGroups)
      expect(peopleFilterOf(peopleQueryOf({ group, text: 'a b' }))).toEqual({ group, text: 'a b' });
  });

  it('knows its groups once each, and how many differ', () => {
    expect(groupsOf([...manyPeople(50), ...somePeople])).toEqual(['admins', 'developers', 'photos']);
    expect(differing(somePeople)).toBe(2);
  });
});

describe('a new person', () => {
  it.each([
    ['Ana Núñez', 'ana.nunez'],
    ['  7 of Nine ', 'of.nine'],
    ['Ærøskøbing!', 'r.sk.bing'],
    ['山田', ''],
    ['x'.repeat(60), 'x'.repeat(31)],
  ])('called %s may sign in as %s', (displayName, name) => expect(suggestedName(displayName)).toBe(name));

  it('is read off the form, without what was left empty', () => {
    const texts = { ...newPersonTexts, name: ' ana ', email: 'ana@example.net', groups: 'a, b  a' };
    expect(readPerson(texts, [])).toEqual({
      person: { name: 'ana', email: 'ana@example.net', groups: ['a', 'b'], totp: true },
      errors: {},
    });
  });

  it.each([
    [{}, { name: 'They need a name to sign in with.' }],
    [{ name: 'Ana!' }, { name: 'Small letters, digits, dots, hyphens; a letter first.' }],
    [{ name: 'ben' }, { name: 'There is somebody named ben already.' }],
    [{ name: 'ana', email: 'ana' }, { email: 'An e-mail address is needed, as ana@example.net.' }],
    [{ name: 'ana', groups: 'ok, a/b' }, { groups: 'Letters, digits, dots, hyphens.' }],
  ])('of %j is told what is wrong', (change, errors) => {
    const texts = { ...newPersonTexts, email: 'ana@example.net', ...change };
    expect(readPerson(texts, ['ben'])).toEqual({ person: null, errors });
  });

  it('has a line in which a shell takes nothing apart', () => {
    const person = { name: 'ana', email: 'ana@example.net', displayName: "Ana $(id) O'Neill", totp: true };
    expect(addPersonLine(person)).toBe(
      String.raw`user add ana --email 'ana@example.net' --display-name 'Ana $(id) O'\''Neill' --totp`,
    );
  });
});

describe('new access', () => {
  it.each([
    [{ password: true, factors: false, totp: false }, 'Give ana a new password', 'ana'],
    [
      { password: false, factors: true, totp: true },
      'Give ana a new one-time password',
      'ana --no-password --factors --totp',
    ],
    [
      { password: true, factors: true, totp: false },
      'Give ana a new password and no second factor',
      'ana --factors',
    ],
  ])('of %j', (reset, title, line) => {
    const deed = resetPersonDeed('ana', reset);
    expect([deed.title, deed.commands]).toEqual([title, [`autogit user reset ${line}`]]);
  });
});
