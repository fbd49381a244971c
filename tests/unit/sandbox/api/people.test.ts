// Names that belong to one person only, and roles that nobody gives themselves.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idOf, startManagementServer } from '../management-server.ts';
import type { ManagementServer } from '../management-server.ts';

let server: ManagementServer;

beforeAll(async () => {
  server = await startManagementServer();
});
afterAll(async () => await server.close());

describe('a user who gets another name', () => {
  it('gets none that GitLab refuses, and none of another user or group', async () => {
    const { user } = server.person('ada');
    server.person('Taken');
    await server.api('POST', '/groups', { name: 'team', path: 'team' });
    const rename = async (username: string): Promise<number> =>
      (await server.api('PUT', `/users/${user.id}`, { username })).status;
    expect(await rename('a/b')).toBe(400);
    expect(await rename('taken')).toBe(409);
    expect(await rename('team')).toBe(409);
    expect(await rename('ADA')).toBe(200);
    expect((await server.api('PUT', `/users/${user.id}`, { password: 'short' })).status).toBe(400);
  });
});

describe('a project that gets another path', () => {
  it('gets none that differs from a neighbour’s in its case only', async () => {
    await server.api('POST', '/projects', { name: 'one' });
    const id = idOf(await server.api('POST', '/projects', { name: 'two' }));
    expect((await server.api('PUT', `/projects/${id}`, { path: 'ONE' })).status).toBe(400);
    expect((await server.api('PUT', `/projects/${id}`, { path: 'Two' })).status).toBe(200);
  });
});

describe('maintainers', () => {
  it('make members, but no owners, and do not touch those there are', async () => {
    const id = idOf(await server.api('POST', '/projects', { name: 'shared' }));
    const maintainer = server.person('maintainer');
    const friend = server.person('friend');
    const owner = server.person('owner');
    const members = `/projects/${id}/members`;
    await server.api('POST', members, { user_id: maintainer.user.id, access_level: 40 });
    await server.api('POST', members, { user_id: owner.user.id, access_level: 50 });
    const as = async (method: string, path: string, body?: unknown): Promise<number> =>
      (await server.api(method, path, body, maintainer.token)).status;
    expect(await as('POST', members, { user_id: friend.user.id, access_level: 50 })).toBe(403);
    expect(await as('POST', members, { user_id: friend.user.id, access_level: 40 })).toBe(201);
    expect(await as('PUT', `${members}/${maintainer.user.id}`, { access_level: 50 })).toBe(403);
    expect(await as('DELETE', `${members}/${owner.user.id}`)).toBe(403);
    expect(await as('DELETE', `${members}/${friend.user.id}`)).toBe(204);
  });
});

describe('a runner of the instance', () => {
  it('is not tied to a project, and outlives those it once was tied to', async () => {
    const id = idOf(await server.api('POST', '/projects', { name: 'short-lived' }));
    const runner = idOf(await server.api('POST', '/user/runners', { runner_type: 'instance_type' }));
    expect((await server.api('POST', `/projects/${id}/runners`, { runner_id: runner })).status).toBe(403);
    server.ctx.store.runners.update(runner, { projectIds: [id] });
    await server.api('DELETE', `/projects/${id}`);
    expect(server.ctx.store.runners.get(runner)).toMatchObject({ projectIds: [] });
  });
});

describe('pipelines', () => {
  it('never get the number of one that was deleted', async () => {
    const id = idOf(await server.api('POST', '/projects', { name: 'numbered' }));
    const files = { branch: 'main', commit_message: 'CI', content: 'a:\n' };
    await server.api('POST', `/projects/${id}/repository/files/.gitlab-ci.yml`, files);
    const first = server.ctx.store.pipelines.by('projectId', id)[0];
    await server.api('DELETE', `/projects/${id}/pipelines/${first?.id ?? 0}`);
    const next = await server.api('POST', `/projects/${id}/pipeline`, { ref: 'main' });
    expect([first?.iid, next.body]).toMatchObject([1, { iid: 2 }]);
  });
});
