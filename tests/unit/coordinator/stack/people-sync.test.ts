// Bringing people into step, ended at every instant at which a kill can end it: the next one finishes it, and owes nothing.
import { describe, expect, it } from 'vitest';
import { autheliaProgram } from '../../../../main/apply/stack/authelia-program.ts';
import { readMemory, syncPeople } from '../../../../main/coordinator/stack/people-sync.ts';
import { noMemory, nothingAsked } from '../../../../main/model/person.ts';
import type { Person } from '../../../../main/model/person.ts';
import { memorySecrets } from '../../../fakes/fake-context.ts';
import { aPerson, FakeAuthelia, FakeGitlabPeople, somebody } from '../../../fakes/fake-people.ts';
import { FakeCompose } from '../../../fakes/fake-stack-compose.ts';

const before: readonly Person[] = [
  aPerson({ name: 'ana', groups: ['admins', 'team'] }),
  aPerson({ name: 'ben' }),
  aPerson({ name: 'cleo', disabled: true }),
];
const after: readonly Person[] = [
  aPerson({ name: 'ana', displayName: 'Ana B.' }),
  aPerson({ name: 'ben', groups: ['admins', 'team'], disabled: true }),
  aPerson({ name: 'cleo' }),
];

/** A GitLab whose nth change ends whoever asks for it, before or after it has happened. */
class MortalGitlab extends FakeGitlabPeople {
  left = Infinity;
  isDone = false;

  mortal(): this {
    for (const name of ['create', 'change', 'block', 'unblock', 'addMember', 'removeMember'] as const) {
      const call: (...given: never[]) => Promise<unknown> = this[name];
      Object.assign(this, {
        [name]: async (...given: never[]) => {
          this.left -= 1;
          if (this.left === 0 && !this.isDone) throw new Error('killed');
          const result = await call(...given);
          if (this.left === 0) throw new Error('killed');
          return result;
        },
      });
    }
    return this;
  }
}

function bench() {
  const gitlab = new MortalGitlab().mortal();
  gitlab.everybody = [
    ...gitlab.everybody,
    somebody({ id: 7, username: 'ben', email: 'ben@lab.home.arpa' }),
    somebody({ id: 8, username: 'cleo', email: 'cleo@lab.home.arpa' }),
  ];
  gitlab.allGroups = [{ id: 5, path: 'team', members: [] }];
  const secrets = memorySecrets();
  const fake = new FakeAuthelia();
  const compose = new FakeCompose({ readFile: () => null, onExec: fake.exec });
  const project = { name: 'autogit-lab', folder: '/stack/lab', engine: 'unix:///engine.sock' };
  const { signal } = new AbortController();
  const authelia = autheliaProgram({ compose, project });
  const tools = { ...{ gitlab, secrets, lab: 'lab', signal, authelia }, asked: nothingAsked };
  return { gitlab, tools, fake };
}

/** What GitLab and AutoGit know at the end, without numbers that another order gives. */
function stateOf({ gitlab, tools }: ReturnType<typeof bench>) {
  const named = gitlab.everybody.map((one) => ({ ...one, id: 0, subject: one.subject !== null }));
  const nameOf = (id: number) => gitlab.everybody.find((one) => one.id === id)?.username;
  const memory = Object.entries(readMemory(tools)).map(([name, one]) => ({ ...one, name, subject: null }));
  return {
    people: named.sort((one, other) => (one.username < other.username ? -1 : 1)),
    members: gitlab.allGroups.map(({ members }) => members.map(({ id, level }) => [nameOf(id), level])),
    memory: memory.sort((one, other) => (one.name < other.name ? -1 : 1)),
  };
}

async function whole(
  isDone: boolean,
  killedAt: number,
): Promise<{ readonly state: unknown; readonly calls: number }> {
  const made = bench();
  const { gitlab, tools } = made;
  Object.assign(gitlab, { left: killedAt, isDone });
  for (const people of [before, after]) {
    await syncPeople(people, tools).catch((error: unknown) => {
      expect(String(error)).toContain('killed');
    });
    await syncPeople(people, tools);
  }
  const { actions } = await syncPeople(after, tools);
  expect(actions).toEqual([]);
  return { state: stateOf(made), calls: gitlab.calls.length };
}

describe('people brought into step', () => {
  it.each([
    ['before', false],
    ['after', true],
  ])('are the same whichever change was the last %s a kill', async (_, isDone) => {
    const { state, calls } = await whole(isDone, Infinity);
    expect(calls).toBeGreaterThan(8);
    for (let killedAt = 1; killedAt <= calls; killedAt += 1)
      expect((await whole(isDone, killedAt)).state, `killed at change ${killedAt}`).toEqual(state);
  });

  it('are as the lab has them', async () => {
    const made = bench();
    await syncPeople(before, made.tools);
    expect(made.gitlab.account('ana')).toMatchObject({ admin: true, state: 'active' });
    expect(made.gitlab.account('cleo')?.state).toBe('blocked');
    await syncPeople(after, made.tools);
    expect(made.gitlab.account('ana')).toMatchObject({ admin: false, name: 'Ana B.' });
    expect(made.gitlab.account('ben')?.state).toBe('blocked');
    expect(made.gitlab.account('cleo')?.state).toBe('active');
    expect(made.gitlab.allGroups[0]?.members).toEqual([]);
  });

  it('stay as they are where what was remembered cannot be read, and it is not written over', async () => {
    const { gitlab, tools } = bench();
    await tools.secrets.set('stack/lab/people', '{ broken');
    await expect(syncPeople(before, tools)).rejects.toMatchObject({ key: 'user.memory-invalid' });
    expect([gitlab.calls, tools.secrets.get('stack/lab/people')]).toEqual([[], '{ broken']);
  });

  it('are remembered whatever somebody is called', async () => {
    const { gitlab, tools } = bench();
    const people = [...before, aPerson({ name: 'constructor', groups: ['team'] })];
    await syncPeople(people, tools);
    await syncPeople(people, tools);
    expect(gitlab.account('constructor')?.subject).toBe(readMemory(tools)['constructor']?.subject);
    expect(Object.keys(readMemory(tools)).sort()).toEqual(['ana', 'ben', 'cleo', 'constructor']);
  });

  it('wait for an Authelia that starts, and nothing is learned of an account that may be another’s', async () => {
    const { gitlab, tools, fake } = bench();
    gitlab.everybody = gitlab.everybody.map((one) =>
      one.username === 'ben' ? { ...one, subject: "somebody's" } : one,
    );
    fake.isUp = false;
    const { actions, refused } = await syncPeople(before, tools);
    expect([actions, gitlab.calls, readMemory(tools)]).toEqual([[], [], {}]);
    expect([...refused].map(([name, { key }]) => [name, key])).toEqual(
      ['ana', 'ben', 'cleo'].map((name) => [name, 'user.authelia-failed']),
    );
    fake.isUp = true;
    expect((await syncPeople(before, tools)).refused.size).toBe(0);
  });

  it('are not kept back by one whom Authelia refuses', async () => {
    const { gitlab, tools, fake } = bench();
    fake.refusing.add('ana');
    const { refused } = await syncPeople(before, tools);
    expect([...refused.keys()]).toEqual(['ana']);
    expect([gitlab.account('ana'), gitlab.account('cleo')?.state]).toEqual([undefined, 'blocked']);
  });

  it('have what was noted meanwhile still noted', async () => {
    const { gitlab, tools } = bench();
    await syncPeople(before, tools);
    const groups = gitlab.groups;
    gitlab.groups = async (wanted) => {
      const known = readMemory(tools);
      const ana = { ...noMemory, ...known['ana'], removed: true };
      await tools.secrets.set('stack/lab/people', JSON.stringify({ ...known, ana }));
      return groups(wanted);
    };
    await syncPeople(before, tools);
    expect(readMemory(tools)['ana']?.removed).toBe(true);
  });

  it('who are found by their address alone get no rights before somebody confirms it', async () => {
    const { gitlab, tools } = bench();
    const people = [aPerson({ name: 'ben', groups: ['admins', 'team'] })];
    const { plan } = await syncPeople(people, tools);
    expect([gitlab.account('ben')?.admin, gitlab.account('ben')?.subject]).toEqual([
      false,
      readMemory(tools)['ben']?.subject,
    ]);
    expect(gitlab.allGroups[0]?.members).toEqual([]);
    expect(plan.differences.get('ben')?.join()).toContain('autogit user sync --confirm ben');
    await syncPeople(people, { ...tools, asked: { ...nothingAsked, confirm: ['ben'] } });
    expect([gitlab.account('ben')?.admin, gitlab.allGroups[0]?.members]).toEqual([
      true,
      [{ id: 7, level: 30 }],
    ]);
    const { plan: after } = await syncPeople(people, tools);
    expect([after.actions, after.differences.size]).toEqual([[], 0]);
  });
});
