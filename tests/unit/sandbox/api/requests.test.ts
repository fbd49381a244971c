import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extraScopes } from '../../../../main/sandbox/api/authentication.ts';
import { createAccessToken } from '../../../../main/sandbox/api/new-user.ts';
import { parseCursor, renderCursor } from '../../../../main/sandbox/api/paging.ts';
import { parseNested } from '../../../../main/sandbox/api/params.ts';
import { containing, listOf, startManagementServer } from '../management-server.ts';
import type { ManagementServer } from '../management-server.ts';

let server: ManagementServer;
let now = new Date();

beforeAll(async () => {
  server = await startManagementServer({ now: () => now });
  for (let index = 0; index < 45; index += 1) {
    const path = `p-${String(index).padStart(2, '0')}`;
    server.ctx.store.projects.insert({
      ...{ namespaceId: 1, name: path, path, fullPath: `root/${path}`, creatorId: 1 },
      ...{ createdAt: now.toISOString(), lastActivityAt: now.toISOString() },
    });
  }
});
afterAll(async () => await server.close());

function tokenWith(scopes: readonly string[], userId = server.root.id): string {
  return createAccessToken(server.ctx, { userId, name: randomUUID(), scopes }).token;
}

describe('who may ask', () => {
  it('answers 401 without and with a wrong token', async () => {
    for (const token of ['', 'glpat-nonsense']) {
      const answer = await server.api('GET', '/user', undefined, token);
      expect(answer).toMatchObject({ status: 401, body: { message: '401 Unauthorized' } });
    }
  });

  it('takes a token from every place that GitLab takes it from', async () => {
    const url = `${server.url}/api/v4/user`;
    const bearer = await fetch(url, { headers: { authorization: `Bearer ${server.token}` } });
    const query = await fetch(`${url}?private_token=${server.token}`);
    expect([bearer.status, query.status]).toEqual([200, 200]);
  });

  it('tells expired, revoked and blocked apart', async () => {
    const { user, token } = server.person('leaving');
    now = new Date(now.getTime() + 366 * 86_400_000);
    expect((await server.api('GET', '/user', undefined, token)).body).toMatchObject({
      error: 'invalid_token',
      error_description: containing('expired'),
    });
    now = new Date(now.getTime() - 366 * 86_400_000);
    await server.api('POST', `/users/${user.id}/block`);
    expect(await server.api('GET', '/user', undefined, token)).toMatchObject({
      status: 403,
      body: { message: '403 Forbidden - Your account has been blocked.' },
    });
    await server.api('POST', `/users/${user.id}/unblock`);
    await server.api('DELETE', '/personal_access_tokens/self', undefined, token);
    expect((await server.api('GET', '/user', undefined, token)).body).toMatchObject({
      error_description: containing('revoked'),
    });
  });

  it('keeps scopes apart', async () => {
    const reader = tokenWith(['read_api']);
    expect((await server.api('GET', '/projects', undefined, reader)).status).toBe(200);
    expect(await server.api('POST', '/projects', { name: 'x' }, reader)).toMatchObject({
      status: 403,
      body: { error: 'insufficient_scope', scope: 'api' },
    });
    const creator = tokenWith(['create_runner']);
    const runner = { runner_type: 'instance_type' };
    expect((await server.api('POST', '/user/runners', runner, creator)).status).toBe(201);
    expect((await server.api('GET', '/projects', undefined, creator)).status).toBe(403);
    const manager = tokenWith(['manage_runner']);
    expect((await server.api('GET', '/runners/1', undefined, manager)).status).toBe(200);
    expect((await server.api('GET', '/runners/all', undefined, manager)).status).toBe(403);
    expect(extraScopes('GET', '/users/3')).toEqual(['read_user']);
  });

  it('wants the admin_mode scope once admin mode is on', async () => {
    const plain = tokenWith(['api']);
    await server.api('PUT', '/application/settings', { admin_mode: true });
    expect((await server.api('GET', '/runners/all', undefined, plain)).status).toBe(403);
    expect((await server.api('GET', '/runners/all')).status).toBe(200);
    await server.api('PUT', '/application/settings', { admin_mode: false });
  });

  it('acts as somebody else for administrators with sudo', async () => {
    const { user, token } = server.person('other');
    expect((await server.api('GET', `/user?sudo=${user.username}`)).body).toMatchObject({
      username: 'other',
    });
    expect((await server.api('GET', '/user?sudo=root', undefined, token)).status).toBe(403);
    expect((await server.api('GET', '/user?sudo=ghost')).body).toEqual({
      message: "404 User with ID or username 'ghost' Not Found",
    });
  });
});

describe('parameters', () => {
  it('complains as Grape does', async () => {
    expect(await server.api('POST', '/users', { email: 'a@b.c' })).toMatchObject({
      status: 400,
      body: { error: 'username is missing, name is missing' },
    });
    expect((await server.api('POST', '/projects', { name: 'n', visibility: 'odd' })).body).toEqual({
      error: 'visibility does not have a valid value',
    });
    expect((await server.api('GET', '/projects?page=x')).body).toEqual({ error: 'page is invalid' });
    expect((await server.api('GET', '/nowhere')).body).toEqual({ error: '404 Not Found' });
    expect((await server.api('GET', '/projects/9999')).body).toEqual({ message: '404 Project Not Found' });
  });

  it('takes booleans as other languages write them', async () => {
    for (const written of ['true', 'True', 'yes', '1']) {
      expect((await server.api('GET', `/projects?archived=${written}`)).body).toEqual([]);
    }
    expect((await server.api('GET', '/projects?archived=False')).body).toHaveLength(20);
    expect((await server.api('GET', '/projects?archived=maybe')).body).toEqual({
      error: 'archived is invalid',
    });
  });

  it('reads forms', async () => {
    const answer = await fetch(`${server.url}/api/v4/user/runners`, {
      method: 'POST',
      headers: { 'PRIVATE-TOKEN': server.token },
      body: new URLSearchParams({ runner_type: 'instance_type', tag_list: 'a, b', run_untagged: 'false' }),
    });
    expect(answer.status).toBe(201);
    expect(server.ctx.store.runners.all().at(-1)).toMatchObject({ tags: ['a', 'b'], runUntagged: false });
  });

  it('nests as Rack does', () => {
    expect(
      parseNested([
        ['scope[]', 'pending'],
        ['scope[]', 'running'],
        ['filter[environment_scope]', '*'],
        ['variables[][key]', 'A'],
        ['variables[][value]', '1'],
        ['variables[][key]', 'B'],
        ['variables[][value]', '2'],
        ['plain', 'x'],
      ]),
    ).toEqual({
      scope: ['pending', 'running'],
      filter: { environment_scope: '*' },
      variables: [
        { key: 'A', value: '1' },
        { key: 'B', value: '2' },
      ],
      plain: 'x',
    });
  });

  it('never raises on any form', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (pairs) => {
        expect(parseNested(pairs)).toBeTypeOf('object');
      }),
    );
  });
});

describe('pages', () => {
  it('numbers them with totals and links', async () => {
    const answer = await server.api('GET', '/projects?per_page=20&page=2&order_by=id&sort=asc&search=p-');
    expect(listOf(answer).map((project) => project['path'])[0]).toBe('p-20');
    const header = (name: string) => answer.headers.get(name);
    expect([header('x-page'), header('x-total'), header('x-total-pages')]).toEqual(['2', '45', '3']);
    expect([header('x-prev-page'), header('x-next-page'), header('x-per-page')]).toEqual(['1', '3', '20']);
    expect(header('link')).toMatch(/<http:\/\/127[^>]+page=3[^>]*>; rel="next"/);
  });

  it('gives at most 100 of them', async () => {
    const answer = await server.api('GET', '/projects?per_page=500');
    expect(answer.headers.get('x-per-page')).toBe('100');
  });

  /** Ids on all pages that the links lead to. */
  async function walk(path: string): Promise<unknown[]> {
    const seen: unknown[] = [];
    let next: string | undefined = `${server.url}/api/v4${path}`;
    while (next !== undefined) {
      const answer: Response = await fetch(next, { headers: { 'PRIVATE-TOKEN': server.token } });
      expect(answer.headers.get('x-total')).toBeNull();
      const page: unknown = await answer.json();
      if (Array.isArray(page)) seen.push(...page.map((item: { id: number }) => item.id));
      next = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    return seen;
  }

  it('follows keyset links to the end, each item once', async () => {
    const ids = (items: readonly { readonly id: number }[]) => items.map((item) => item.id);
    const { projects, users } = server.ctx.store;
    const query = 'pagination=keyset&order_by=id&per_page=2';
    expect(await walk(`/projects?${query}0`)).toEqual(ids(projects.all()).reverse());
    expect(await walk(`/projects?${query}&sort=asc`)).toEqual(ids(projects.all()));
    expect(users.size).toBeGreaterThan(2);
    expect(await walk(`/users?${query}`)).toEqual(ids(users.all()).reverse());
  });

  it('brings every cursor back to its id, and no other text', () => {
    fc.assert(fc.property(fc.nat(), (id) => parseCursor(renderCursor(id)) === id));
    for (const text of ['', 'x', 'eyJ9', '{}']) expect(parseCursor(text)).toBeUndefined();
  });
});
