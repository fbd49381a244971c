// GitLab's people in step with the lab's: what is done, what is left to somebody, and what is never touched.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adminGroup, memoryOf, noMemory, nothingAsked } from '../../../../main/model/person.ts';
import type { GitlabGroup, GitlabPerson, Person, PersonMemory } from '../../../../main/model/person.ts';
import { losesLastAdmin } from '../../../../main/plan/people/last-admin.ts';
import { groupsToSee, planPeople, remember, settleMemory } from '../../../../main/plan/people/plan-people.ts';
import type { PeopleAction, PeopleWorld } from '../../../../main/plan/people/plan-people.ts';
import { aPerson, somebody } from '../../../fakes/fake-people.ts';

const root = somebody({ id: 1, username: 'root', admin: true });
const anaAt = (change: Partial<GitlabPerson> = {}): GitlabPerson =>
  somebody({ id: 7, username: 'ana', email: 'ana@lab.home.arpa', subject: 's-ana', ...change });
const team = (members: GitlabGroup['members'] = []): GitlabGroup => ({ id: 5, path: 'team', members });
const known = (change: Partial<PersonMemory> = {}): PersonMemory => ({
  ...{ ...noMemory, subject: 's-ana', sure: true },
  ...change,
});

function plan(given: Partial<PeopleWorld>) {
  const world = { people: [], gitlab: [root], groups: [], self: 1, memory: {}, asked: nothingAsked };
  return planPeople({ ...world, ...given });
}
const kinds = (given: Partial<PeopleWorld>) => plan(given).actions.map(({ kind }) => kind);

describe('somebody of the lab', () => {
  it('whom GitLab does not know gets an account, unless nobody lets them in', () => {
    expect(kinds({ people: [aPerson({ name: 'ana' })] })).toEqual(['create']);
    expect(kinds({ people: [aPerson({ name: 'ana', disabled: true })] })).toEqual([]);
  });

  it('is known by address before, and by the mark once there is one', () => {
    const people = [aPerson({ name: 'ana' })];
    expect(kinds({ people, gitlab: [root, anaAt({ subject: null })] })).toEqual(['link']);
    const elsewhere = anaAt({ email: 'other@example.org', username: 'anab' });
    expect(kinds({ people, gitlab: [root, elsewhere], memory: { ana: known() } })).toEqual([]);
  });

  it('does not get the account of another one of the same name', () => {
    const other = anaAt({ email: 'another-ana@example.org', subject: null });
    const { actions, differences } = plan({ people: [aPerson({ name: 'ana' })], gitlab: [root, other] });
    expect(actions).toEqual([]);
    expect(differences.get('ana')?.join()).toContain('another ana');
  });

  it('is blocked and let in with Authelia, and not let in where somebody else has blocked them', () => {
    const people = [aPerson({ name: 'ana', disabled: true })];
    expect(kinds({ people, gitlab: [root, anaAt()], memory: { ana: known() } })).toEqual(['block']);
    const blocked = {
      ...{ people: [aPerson({ name: 'ana' })], gitlab: [root, anaAt({ state: 'blocked' })] },
      memory: { ana: known() },
    };
    expect(kinds({ ...blocked, memory: { ana: known({ blocked: true }) } })).toEqual(['unblock']);
    expect(kinds(blocked)).toEqual([]);
    expect(plan(blocked).differences.get('ana')?.join()).toContain('autogit user enable ana');
    const enabled = { ...nothingAsked, letIn: ['ana'] };
    expect(kinds({ ...blocked, asked: enabled })).toEqual(['unblock']);
    expect(kinds({ ...blocked, asked: enabled, memory: { ana: known({ sure: false }) } })).toEqual([]);
  });

  it.each([null, 's-ana'])('does not get an account that another mark has (own mark %s)', (subject) => {
    const people = [aPerson({ name: 'ana', groups: [adminGroup, 'team'] })];
    for (const state of ['active', 'blocked'] as const) {
      const gitlab = [root, anaAt({ state, subject: 's-mallory' })];
      const memory = { ana: known({ subject, blocked: true }) };
      const asked = { letIn: ['ana'], confirm: ['ana'] };
      const { actions, differences, accounts } = plan({ people, gitlab, memory, groups: [team()], asked });
      expect(actions).toEqual([]);
      expect(differences.get('ana')?.join()).toContain('belongs to somebody else');
      const settled = settleMemory({ people, memory, groups: [], asked }, accounts);
      expect(settled['ana']).toEqual(memory.ana);
    }
  });

  it('gets no rights in an account that only its address says is theirs', () => {
    const people = [aPerson({ name: 'ana', groups: [adminGroup, 'team'] })];
    const gitlab = [root, anaAt({ subject: null, state: 'blocked' })];
    const given = { people, gitlab, groups: [team()], memory: { ana: known({ blocked: true }) } };
    expect(kinds(given)).toEqual(['link']);
    expect(plan(given).differences.get('ana')?.join()).toContain('autogit user sync --confirm ana');
  });

  it('does not get what another one of their name has left, who was taken out', () => {
    const told = { name: 'Ana', email: 'old@example.org' };
    const gitlab = [root, anaAt({ state: 'blocked', email: told.email })];
    const memory = { ana: known({ told, blocked: true, removed: true }) };
    const given = { people: [aPerson({ name: 'ana' })], gitlab, memory };
    expect(kinds(given)).toEqual([]);
    expect(plan(given).differences.get('ana')?.join()).toContain('old@example.org');
    const settled = settleMemory({ ...given, groups: [], asked: nothingAsked }, plan(given).accounts);
    expect(settled['ana']).toEqual(memory.ana);
    expect(kinds({ ...given, asked: { ...nothingAsked, confirm: ['ana'] } })).toContain('unblock');
  });

  it('administrates GitLab while in the group, and loses only what AutoGit has given', () => {
    const admin = {
      ...{ people: [aPerson({ name: 'ana', groups: [adminGroup] })], gitlab: [root, anaAt()] },
      memory: { ana: known() },
    };
    expect(plan(admin).actions).toEqual([{ kind: 'admin', name: 'ana', account: 7, admin: true }]);
    const former = { people: [aPerson({ name: 'ana' })], gitlab: [root, anaAt({ admin: true })] };
    expect(kinds({ ...former, memory: { ana: known({ admin: true }) } })).toEqual(['admin']);
    const others = { ...former, memory: { ana: known() } };
    expect(kinds(others)).toEqual([]);
    expect(plan(others).differences.get('ana')?.join()).toContain('administrator in GitLab');
  });

  it("gets into GitLab's group of the same path, and out again only if AutoGit has put them there", () => {
    const inTeam = {
      ...{ people: [aPerson({ name: 'ana', groups: ['team'] })], gitlab: [root, anaAt()] },
      memory: { ana: known() },
    };
    expect(kinds({ ...inTeam, groups: [team()] })).toEqual(['join']);
    expect(kinds({ ...inTeam, groups: [team([{ id: 7, level: 40 }])] })).toEqual([]);
    const out = {
      people: [aPerson({ name: 'ana' })],
      gitlab: [root, anaAt()],
      memory: { ana: known({ groups: [5] }) },
    };
    expect(kinds({ ...out, groups: [team([{ id: 7, level: 30 }])] })).toEqual(['leave']);
    expect(kinds({ ...out, groups: [team([{ id: 7, level: 40 }])] })).toEqual([]);
    expect(kinds({ ...out, memory: {}, groups: [team([{ id: 7, level: 30 }])] })).toEqual([]);
  });

  it('has the name and address that the lab changes, and keeps those they have changed in GitLab', () => {
    const told = { name: 'Ana', email: 'ana@lab.home.arpa' };
    const renamed = { people: [aPerson({ name: 'ana', displayName: 'Ana B.' })], gitlab: [root, anaAt()] };
    expect(plan({ ...renamed, memory: { ana: known({ told }) } }).actions).toEqual([
      { kind: 'tell', name: 'ana', account: 7, change: { name: 'Ana B.' } },
    ]);
    expect(kinds({ ...renamed, memory: { ana: known({ told: { ...told, name: 'Ana B.' } }) } })).toEqual([]);
  });

  it('is blocked when taken out by AutoGit, and only shown when taken out by hand', () => {
    const gitlab = [root, anaAt()];
    expect(kinds({ gitlab, memory: { ana: known({ removed: true }) } })).toEqual(['block']);
    const byHand = plan({ gitlab, memory: { ana: known() } });
    expect(byHand.actions).toEqual([]);
    expect(byHand.alone.map(({ username }) => username)).toEqual(['ana']);
  });
});

describe("GitLab's root", () => {
  it('is never changed, whoever has its address', () => {
    const people = [aPerson({ name: 'admin', email: 'root@gitlab.test', disabled: true })];
    const { actions, differences, accounts } = plan({ people });
    expect(actions).toEqual([]);
    expect(accounts.get('admin')?.username).toBe('root');
    expect(differences.get('admin')?.join()).toContain('never blocked');
  });
});

describe('the last administrator', () => {
  it('is the one without whom nobody is left who is let in', () => {
    const admin = aPerson({ name: 'a', groups: [adminGroup] });
    const other = aPerson({ name: 'b', groups: [adminGroup], disabled: true });
    expect(losesLastAdmin([admin, other], [other])).toBe(true);
    expect(losesLastAdmin([admin, other], [admin])).toBe(false);
    expect(losesLastAdmin([other], [])).toBe(false);
  });
});

const names = ['ana', 'ben', 'cleo', 'dan'] as const;
const groupNames = ['team', 'family', adminGroup] as const;
const arbitraryPerson = (name: string): fc.Arbitrary<Person> =>
  fc.record({
    name: fc.constant(name),
    displayName: fc.constantFrom(name, name.toUpperCase()),
    email: fc.constantFrom(`${name}@lab.home.arpa`, `${name}@example.org`, '', root.email),
    groups: fc.uniqueArray(fc.constantFrom(...groupNames)),
    disabled: fc.boolean(),
  });
const arbitraryAccount = (name: string, id: number): fc.Arbitrary<GitlabPerson> =>
  fc.record({
    ...{ id: fc.constant(id), username: fc.constantFrom(name, `${name}2`), name: fc.constant(name) },
    email: fc.constantFrom(`${name}@lab.home.arpa`, `${name}@example.org`),
    state: fc.constantFrom('active', 'blocked', 'other'),
    admin: fc.boolean(),
    isBot: fc.boolean(),
    subject: fc.constantFrom(null, `s-${name}`),
  });
const arbitraryMemory = (name: string): fc.Arbitrary<PersonMemory> =>
  fc.record({
    subject: fc.constantFrom(null, `s-${name}`),
    sure: fc.boolean(),
    blocked: fc.boolean(),
    admin: fc.boolean(),
    groups: fc.uniqueArray(fc.constantFrom(5, 6)),
    told: fc.constantFrom(null, { name, email: `${name}@lab.home.arpa` }),
    removed: fc.boolean(),
  });
const arbitraryWorld: fc.Arbitrary<PeopleWorld> = fc
  .record({
    people: fc.tuple(...names.map((name) => fc.option(arbitraryPerson(name)))),
    accounts: fc.tuple(...names.map((name, index) => fc.option(arbitraryAccount(name, 10 + index)))),
    memory: fc.tuple(...names.map((name) => fc.option(arbitraryMemory(name)))),
    members: fc.array(fc.record({ id: fc.integer({ min: 9, max: 14 }), level: fc.constantFrom(30, 50) })),
  })
  .map(({ people, accounts, memory, members }) => ({
    people: people.filter((one) => one !== null),
    gitlab: [root, ...accounts.filter((one) => one !== null)],
    groups: [
      team(members.filter(({ id }, index) => members.findIndex((one) => one.id === id) === index)),
      { id: 6, path: 'family', members: [] },
    ],
    self: 1,
    asked: nothingAsked,
    memory: Object.fromEntries(
      names.flatMap((name, index) => {
        const one = memory[index] ?? null;
        return one === null ? [] : [[name, one]];
      }),
    ),
  }));

/** GitLab as it is after an action, and what is remembered then. */
function after(world: PeopleWorld, action: PeopleAction): PeopleWorld {
  const name = action.kind === 'create' ? action.person.name : action.name;
  const person = world.people.find((one) => one.name === name) ?? null;
  const subject = `s-${name}`;
  const memory = {
    ...world.memory,
    [name]: remember(memoryOf(world.memory, name), action, { person, subject }),
  };
  const set = (id: number, change: Partial<GitlabPerson>): PeopleWorld => ({
    ...world,
    memory,
    gitlab: world.gitlab.map((one) => (one.id === id ? { ...one, ...change } : one)),
  });
  const member = (group: number, id: number, level: number | null): PeopleWorld => ({
    ...world,
    memory,
    groups: world.groups.map((one) =>
      one.id === group
        ? {
            ...one,
            members: [
              ...one.members.filter((each) => each.id !== id),
              ...(level === null ? [] : [{ id, level }]),
            ],
          }
        : one,
    ),
  });
  switch (action.kind) {
    case 'create': {
      const { displayName, email } = action.person;
      const id = 100 + world.gitlab.length;
      const admin = action.person.groups.includes(adminGroup);
      const made = somebody({ ...{ id, username: name, name: displayName, email, admin, subject } });
      return { ...world, memory, gitlab: [...world.gitlab, made] };
    }
    case 'link':
      return set(action.account, { subject });
    case 'block':
      return set(action.account, { state: 'blocked' });
    case 'unblock':
      return set(action.account, { state: 'active' });
    case 'admin':
      return set(action.account, { admin: action.admin });
    case 'tell':
      return set(action.account, action.change);
    case 'join':
      return member(action.group, action.account, 30);
    case 'leave':
      return member(action.group, action.account, null);
  }
}

describe('whatever the lab and GitLab are like', () => {
  it('both are in step after two rounds, and stay so', () => {
    fc.assert(
      fc.property(arbitraryWorld, (first) => {
        let world = first;
        for (let round = 0; round < 2; round += 1)
          for (const action of planPeople(world).actions) world = after(world, action);
        expect(planPeople(world).actions).toEqual([]);
        const settled = { ...world, memory: settleMemory(world, planPeople(world).accounts) };
        expect(planPeople(settled).actions).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('root, bots and whoever the lab does not know are never changed', () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const { actions, alone, accounts } = planPeople(world);
        const kept = [1, ...world.gitlab.filter(({ isBot }) => isBot), ...alone].map((one) =>
          typeof one === 'number' ? one : one.id,
        );
        const touched = actions.flatMap((action) => (action.kind === 'create' ? [] : [action.account]));
        expect(touched.filter((id) => kept.includes(id))).toEqual([]);
        expect(new Set([...accounts.values()].map(({ id }) => id)).size).toBe(accounts.size);
      }),
      { numRuns: 500 },
    );
  });

  it('AutoGit takes away nothing that it has not given, and lets in nobody whom it has not kept out', () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        for (const action of planPeople(world).actions) {
          if (action.kind === 'create') continue;
          const memory = world.memory[action.name];
          const { kind } = action;
          if (kind === 'leave') expect(memory?.groups).toContain(action.group);
          if (kind === 'unblock') expect(memory?.blocked).toBe(true);
          if (kind === 'admin' && !action.admin) expect(memory?.admin).toBe(true);
          const person = world.people.find(({ name }) => name === action.name);
          if (kind === 'block') expect(person?.disabled ?? memory?.removed).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('rights come only to whom Authelia and somebody, or AutoGit itself, say the account is of', () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        for (const action of planPeople(world).actions) {
          const isGift = action.kind === 'unblock' || action.kind === 'join';
          if (!isGift && !(action.kind === 'admin' && action.admin)) continue;
          const memory = world.memory[action.name];
          const account = world.gitlab.find(({ id }) => id === action.account);
          expect(account?.subject ?? 'none').toBe(memory?.subject);
          if (action.kind !== 'unblock') expect(memory?.sure).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('the groups to look at are those of the lab and those AutoGit has put somebody into', () => {
    const people = [
      aPerson({ name: 'ana', groups: ['team', adminGroup] }),
      aPerson({ name: 'ben', groups: ['team'] }),
    ];
    expect(groupsToSee(people, { ana: known({ groups: [9] }) })).toEqual({ paths: ['team'], ids: [9] });
  });
});
