// Pretended people of a lab: they are added, disabled, reset, grouped, removed and brought into step.
import { encode } from 'uqr';
import type { Outcome, Output, ParsedInput } from '../../main/contract/contract.ts';
import { AutoGitError } from '../../main/errors.ts';

export type People = Output<'user.list'>;
export type Person = People['users'][number];

/** Somebody with all that is usual. */
export function somePerson(change: Partial<Person> & Pick<Person, 'name'>): Person {
  const { name } = change;
  return {
    displayName: name.charAt(0).toUpperCase() + name.slice(1),
    email: `${name}@lab.home.arpa`,
    groups: ['developers'],
    disabled: false,
    admin: false,
    factors: ['totp'],
    gitlab: { state: 'active', admin: false, username: name },
    differences: [],
    decision: null,
    ...change,
  };
}

export const somePeople: readonly Person[] = [
  somePerson({
    ...{ name: 'ana', displayName: 'Ana Núñez', groups: ['admins', 'developers'], admin: true },
    ...{ factors: ['totp', 'passkey'], gitlab: { state: 'active', admin: true, username: 'ana' } },
  }),
  somePerson({ name: 'ben', displayName: 'Ben Okafor' }),
  somePerson({
    ...{ name: 'chloe', displayName: 'Chloé Martin', groups: ['developers', 'photos'], factors: ['passkey'] },
    differences: ['GitLab does not have her in the group photos.'],
  }),
  somePerson({
    ...{ name: 'dmitri', displayName: 'Dmitri Orlov', disabled: true, factors: [] },
    gitlab: { state: 'blocked', admin: false, username: 'dmitri' },
  }),
  somePerson({
    ...{ name: 'eve', displayName: 'Eve Larsen', groups: [], factors: [] },
    gitlab: { state: 'missing', admin: false, username: null },
    differences: ['GitLab has no account for them.', 'Nobody has signed in with this name yet.'],
  }),
];

/** So many people, no two alike. */
export function manyPeople(count: number): Person[] {
  return Array.from({ length: count }, (_, index) =>
    somePerson({
      name: `person${index}`,
      displayName: `Person ${index} of the House`,
      factors: index % 7 === 0 ? [] : ['totp'],
      groups: index % 5 === 0 ? ['developers', 'photos'] : ['developers'],
    }),
  );
}

/** The sentence that such a list has. */
function peopleSentence(users: readonly Person[]): string {
  const differ = users.filter(({ differences }) => differences.length > 0).length;
  const who = users.length === 1 ? '1 person' : `${users.length.toLocaleString('en')} people`;
  if (users.length === 0) return 'Nobody can sign in yet.';
  return differ === 0 ? `${who}, in step with GitLab.` : `${who}; ${differ} not in step with GitLab.`;
}

/** A fake that holds its people. */
export interface FakePeople {
  readonly get: () => People;
  set(change: Partial<People>): void;
}

/** `sentence`: in place of the one that follows from who is there. */
export function createFakePeople(start: Partial<People> = {}): FakePeople {
  let people: Omit<People, 'sentence'> & Partial<Pick<People, 'sentence'>> = {
    ...{ source: 'file', gitlabProblem: null, users: [...somePeople] },
    ...start,
  };
  return {
    get: () => ({ ...people, sentence: people.sentence ?? peopleSentence(people.users) }),
    set: (change) => {
      people = { ...people, ...change };
    },
  };
}

type Access = Pick<Output<'user.add'>, 'password' | 'totp'>;

/** Rows as the core draws them. */
export function qrRows(text: string): string[] {
  return encode(text, { border: 0 }).data.map((row) => row.map((dark) => (dark ? '1' : '0')).join(''));
}

/** Made for a person; its QR code can be read. */
export function someTotp(name: string): NonNullable<Access['totp']> {
  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
  const uri = `otpauth://totp/AutoGit:${name}?secret=${secret}&issuer=AutoGit`;
  return { uri, secret, qr: qrRows(uri) };
}

export const somePassword = 'tuba-Anchor-41-violet';

type UserCall =
  | 'user.list'
  | 'user.add'
  | 'user.disable'
  | 'user.enable'
  | 'user.remove'
  | 'user.reset'
  | 'user.groups'
  | 'user.sync';
type Calls = { readonly [N in UserCall]: (input: ParsedInput<N>) => Output<N> };

interface Wanted {
  readonly name: string;
  readonly dryRun: boolean;
}

function planned(dryRun: boolean, message: string, actions: Outcome['actions']): Outcome {
  return { dryRun, actions: dryRun ? actions : [], message, next: null };
}

/** GitLab as the lab has its people. */
function inStep(person: Person): Person {
  if (person.differences.length === 0) return person;
  const { admin, name } = person;
  return { ...person, differences: [], decision: null, gitlab: { state: 'active', admin, username: name } };
}

/** Requests about people, over the pretended ones. */
export function peopleCalls({ get, set }: FakePeople): Calls {
  const one = (
    { name, dryRun }: Wanted,
    kind: string,
    message: string,
    deed: (person: Person) => Person,
  ): Outcome => {
    const { users } = get();
    if (!users.some((person) => person.name === name))
      throw new AutoGitError({
        key: 'user.unknown',
        message: `There is nobody named "${name}".`,
        next: 'See who is there: autogit user list',
      });
    if (!dryRun) set({ users: users.map((person) => (person.name === name ? deed(person) : person)) });
    return planned(dryRun, message, [
      { kind, target: `person ${name}`, reason: 'as you have asked' },
      { kind, target: `GitLab account ${name}`, reason: 'GitLab is kept in step' },
    ]);
  };
  return {
    'user.list': get,
    'user.add': ({ name, email, displayName = name, groups = [], totp, dryRun }) => {
      const admin = groups.includes('admins');
      const person = somePerson({
        ...{ name, email, displayName, groups, admin, factors: totp ? ['totp'] : [] },
        gitlab: { state: 'active', admin, username: name },
      });
      if (!dryRun) set({ users: [...get().users, person] });
      const outcome = planned(dryRun, `${name} can sign in.`, [
        { kind: 'add', target: `person ${name}`, reason: 'to the file of people' },
        { kind: 'create', target: `GitLab account ${name}`, reason: 'with the same e-mail address' },
      ]);
      if (dryRun) return { ...outcome, password: null, totp: null };
      return { ...outcome, password: somePassword, totp: totp ? someTotp(name) : null };
    },
    'user.disable': (input) =>
      one(input, 'disable', `${input.name} is let in no longer.`, (person) => ({
        ...{ ...person, disabled: true },
        gitlab: { ...person.gitlab, state: 'blocked' },
      })),
    'user.enable': (input) =>
      one(input, 'enable', `${input.name} is let in again.`, (person) => ({
        ...{ ...person, disabled: false },
        gitlab: { ...person.gitlab, state: 'active' },
      })),
    'user.remove': (input) => {
      const outcome = one(input, 'remove', `${input.name} is gone.`, (person) => person);
      if (!input.dryRun) set({ users: get().users.filter(({ name }) => name !== input.name) });
      return outcome;
    },
    'user.reset': (input) => {
      const { name, password, factors, totp, dryRun } = input;
      const outcome = one(input, 'reset', `${name} has new access.`, (person) => ({
        ...person,
        factors: totp ? ['totp'] : factors ? [] : person.factors,
      }));
      if (dryRun) return { ...outcome, password: null, totp: null };
      return { ...outcome, password: password ? somePassword : null, totp: totp ? someTotp(name) : null };
    },
    'user.groups': (input) => {
      const { name, add = [], remove = [] } = input;
      return one(input, 'change', `The groups of ${name} are changed.`, (person) => {
        const groups = [...new Set([...person.groups, ...add])].filter((group) => !remove.includes(group));
        return { ...person, groups, admin: groups.includes('admins') };
      });
    },
    'user.sync': ({ dryRun }) => {
      const { users } = get();
      const actions = users.flatMap(({ name, differences }) =>
        differences.map((reason) => ({ kind: 'mend', target: `GitLab account ${name}`, reason })),
      );
      if (!dryRun) set({ users: users.map(inStep) });
      return planned(dryRun, 'GitLab is in step.', actions);
    },
  };
}
