// Bringing people into step, ended at every instant at which a kill can end it: the next one finishes it, and owes nothing.
import { describe, expect, it } from 'vitest';
import { autheliaProgram } from '../../../../main/apply/stack/authelia-program.ts';
import { readMemory, syncPeople } from '../../../../main/coordinator/stack/people-sync.ts';
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
  const compose = new FakeCompose({ readFile: () => null, onExec: new FakeAuthelia().exec });
  const project = { name: 'autogit-lab', folder: '/stack/lab', engine: 'unix:///engine.sock' };
  const { signal } = new AbortController();
  const tools = { gitlab, secrets, lab: 'lab', signal, authelia: autheliaProgram({ compose, project }) };
  return { gitlab, tools };
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

  it('are looked at as if nothing was remembered where what was cannot be read', async () => {
    const { tools } = bench();
    await tools.secrets.set('stack/lab/people', '{ broken');
    expect(readMemory(tools)).toEqual({});
  });
});
