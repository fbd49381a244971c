import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobSpec, openFixture } from '../fixture.ts';
import type { Fixture } from '../fixture.ts';

let fixture: Fixture;
beforeEach(() => {
  fixture = openFixture();
});
afterEach(() => {
  fixture.close();
});

const info = {
  version: '19.4.0',
  platform: 'linux',
  architecture: 'arm64',
  executor: 'shell',
  features: { refspecs: true, proxy: false },
};

describe('a runner’s own requests', () => {
  it('verifies a token and remembers the manager', async () => {
    const answer = await fixture.request('POST', '/runners/verify', {
      token: 'glrt-first',
      system_id: 's_9',
      info,
    });
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { id: 1, token: 'glrt-first', token_expires_at: null },
    ]);
    expect(fixture.store.runnerManagers.all()).toMatchObject([
      { runnerId: 1, systemId: 's_9', version: '19.4.0', architecture: 'arm64', features: ['refspecs'] },
    ]);
    expect((await fixture.request('POST', '/runners/verify', { token: 'other' })).status).toBe(403);
  });

  it('keeps one manager for each system id, and notes when it was heard of last', async () => {
    await fixture.take();
    fixture.advance(60);
    await fixture.take();
    await fixture.request('POST', '/jobs/request', { token: 'glrt-first', system_id: 's_2' });
    const managers = fixture.store.runnerManagers.all();
    expect(managers.map((one) => one.systemId)).toEqual(['s_1', 's_2']);
    expect(managers[0]?.contactedAt).toBe('2026-01-02T03:05:05.000Z');
    expect(fixture.store.runners.need(1).contactedAt).toBe('2026-01-02T03:05:05.000Z');
  });

  it('deletes one manager', async () => {
    await fixture.take();
    const ask = (body: unknown): Promise<Response> => fixture.request('DELETE', '/runners/managers', body);
    expect((await ask({ token: 'glrt-first' })).status).toBe(400);
    expect((await ask({ token: 'wrong', system_id: 's_1' })).status).toBe(403);
    expect((await ask({ token: 'glrt-first', system_id: 's_1' })).status).toBe(204);
    expect((await ask({ token: 'glrt-first', system_id: 's_1' })).status).toBe(404);
    expect(fixture.store.runners.size).toBe(1);
  });

  it('deletes the runner itself, whose token is worthless then', async () => {
    expect((await fixture.request('DELETE', '/runners', { token: 'glrt-first' })).status).toBe(204);
    expect((await fixture.request('POST', '/jobs/request', { token: 'glrt-first' })).status).toBe(403);
  });

  it('replaces the token', async () => {
    const answer = await fixture.request('POST', '/runners/reset_authentication_token', {
      token: 'glrt-first',
    });
    expect(answer.status).toBe(201);
    const token = fixture.store.runners.need(1).token;
    expect(await answer.json()).toEqual({ token, token_expires_at: null });
    expect(token).toMatch(/^glrt-.{20}$/);
    expect((await fixture.request('POST', '/runners/verify', { token: 'glrt-first' })).status).toBe(403);
  });

  it('says that registration tokens are gone', async () => {
    expect((await fixture.request('POST', '/runners', { token: 'x' })).status).toBe(410);
  });

  it('accepts forms as well as JSON', async () => {
    const form = new FormData();
    form.set('token', 'glrt-first');
    expect((await fixture.request('POST', '/runners/verify', form)).status).toBe(200);
  });
});

describe('a runner’s last contact', () => {
  it('is renewed by what its job sends', async () => {
    fixture.push([jobSpec('a')]);
    const job = await fixture.take();
    fixture.advance(60);
    await fixture.request('PUT', `/jobs/${String(job?.id)}`, { token: job?.token, state: 'running' });
    expect(fixture.store.runnerManagers.all()[0]?.contactedAt).toBe('2026-01-02T03:05:05.000Z');
  });
});
