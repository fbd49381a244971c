// GitLab's people by its API, on the sandbox server.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { connectPeople } from '../../../../main/adapters/gitlab/people.ts';
import { startSandbox } from '../../../../main/sandbox/server.ts';

const token = 'glpat-people-suite-root';
let stateDir: string;
let sandbox: Awaited<ReturnType<typeof startSandbox>>;

beforeAll(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'autogit-gitlab-people-'));
  sandbox = await startSandbox({ stateDir, host: '127.0.0.1', port: 0, rootToken: token });
});
afterAll(async () => {
  await sandbox.close();
  await rm(stateDir, { recursive: true });
});

const gitlab = (given = token) => connectPeople({ url: sandbox.url, ca: null, reach: null }, given);
const api = (method: string, at: string, body?: unknown): Promise<Response> =>
  fetch(`${sandbox.url}/api/v4${at}`, {
    method,
    headers: { 'PRIVATE-TOKEN': token, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const idOf = async (answer: Promise<Response>): Promise<number> =>
  z.object({ id: z.int() }).parse(await (await answer).json()).id;
const somebody = (username: string) => ({
  ...{ username, name: `Somebody ${username}`, email: `${username}@lab.home.arpa`, admin: false },
  subject: `sub-${username}`,
});

describe("GitLab's people", () => {
  it('are made with the mark by which Authelia knows them, and listed with it', async () => {
    const made = await gitlab().create(somebody('ana'));
    expect(made).toMatchObject({ username: 'ana', state: 'active', subject: 'sub-ana', isBot: false });
    const all = await gitlab().people();
    expect(all.find(({ id }) => id === made.id)).toEqual(made);
    const root = all.find(({ username }) => username === 'root');
    expect(root).toMatchObject({ admin: true, subject: null });
    expect(await gitlab().self()).toBe(root?.id);
  });

  it('are all listed, however many there are', async () => {
    for (let at = 0; at < 105; at += 1)
      await api('POST', '/users', {
        ...{
          username: `many${at}`,
          name: 'Many',
          email: `many${at}@lab.home.arpa`,
          force_random_password: true,
        },
      });
    const names = (await gitlab().people()).map(({ username }) => username);
    expect(new Set(names).size).toBeGreaterThan(105);
    expect(names).toHaveLength(new Set(names).size);
  });

  it('are changed, blocked and let in again', async () => {
    const { id } = await gitlab().create(somebody('ben'));
    await gitlab().change(id, { name: 'Ben', email: 'b@lab.home.arpa', admin: true, subject: 'sub-b' });
    await gitlab().block(id);
    await gitlab().block(id);
    const now = async () => (await gitlab().people()).find((one) => one.id === id);
    expect(await now()).toMatchObject({
      name: 'Ben',
      email: 'b@lab.home.arpa',
      admin: true,
      subject: 'sub-b',
      state: 'blocked',
    });
    await gitlab().unblock(id);
    await gitlab().unblock(id);
    expect((await now())?.state).toBe('active');
  });

  it('come into groups at the top and leave them, done twice or not', async () => {
    const group = await idOf(api('POST', '/groups', { name: 'Team', path: 'Team' }));
    await idOf(api('POST', '/groups', { name: 'Below', path: 'below', parent_id: group }));
    const { id } = await gitlab().create(somebody('cleo'));
    await gitlab().addMember(group, id);
    await gitlab().addMember(group, id);
    const seen = await gitlab().groups({ paths: ['team', 'below'], ids: [] });
    expect(seen.map(({ path: at }) => at)).toEqual(['Team']);
    expect(seen[0]?.members).toContainEqual({ id, level: 30 });
    await gitlab().removeMember(group, id);
    await gitlab().removeMember(group, id);
    const [left] = await gitlab().groups({ paths: [], ids: [group] });
    expect(left?.members.some((one) => one.id === id)).toBe(false);
    expect(await gitlab().groups({ paths: [], ids: [] })).toEqual([]);
  });

  it('that GitLab refuses are refused in its own words', async () => {
    await gitlab().create(somebody('dan'));
    const refused = (change: object) => expect(gitlab().create({ ...somebody('eve'), ...change })).rejects;
    await refused({ email: 'dan@lab.home.arpa' }).toMatchObject({ key: 'gitlab.refused' });
    await refused({ email: 'dan@lab.home.arpa' }).toThrow('Email has already been taken');
    await refused({ subject: 'sub-dan' }).toThrow('identities.extern_uid has already been taken');
    await refused({ username: 'a/b' }).toThrow('username can contain only');
    await expect(gitlab('glpat-wrong').people()).rejects.toMatchObject({ key: 'gitlab.unauthorized' });
  });
});

describe('the identity of a person in the sandbox', () => {
  it('is found by both of its parts, by administrators alone, and taken away', async () => {
    const id = await idOf(
      api('POST', '/users', {
        ...{ username: 'fay', name: 'Fay', email: 'fay@lab.home.arpa', force_random_password: true },
        ...{ extern_uid: 'x', provider: 'openid_connect' },
      }),
    );
    const find = async (query: string) => (await api('GET', `/users?${query}`)).json();
    expect(await find('extern_uid=x&provider=openid_connect')).toMatchObject([{ id }]);
    expect(await find('extern_uid=y&provider=openid_connect')).toEqual([]);
    expect((await api('GET', '/users?extern_uid=x')).status).toBe(400);
    expect(
      (await fetch(`${sandbox.url}/api/v4/users?username=fay&extern_uid=x&provider=openid_connect`)).status,
    ).toBe(401);
    const gone = `/users/${id}/identities/openid_connect`;
    expect((await api('DELETE', gone)).status).toBe(204);
    expect((await api('DELETE', gone)).status).toBe(404);
  });
});
