// The sandbox's own doorbell: rings for every job that comes to wait, for administrators only.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectBell } from '../../../../main/adapters/gitlab/connect-bell.ts';
import type { Bell } from '../../../../main/ports.ts';
import { idOf, startManagementServer } from '../management-server.ts';
import type { ManagementServer } from '../management-server.ts';

let server: ManagementServer;
let projectId = 0;
const { signal } = new AbortController();

beforeAll(async () => {
  server = await startManagementServer();
  projectId = idOf(await server.api('POST', '/projects', { name: 'bell' }));
});
afterAll(async () => await server.close());

const bell = (token: string): Bell =>
  connectBell({ url: `${server.url}/-/sandbox/bell`, headers: { 'private-token': token } });

describe('the doorbell', () => {
  it('answers as soon as a job waits', async () => {
    const count = await bell(server.token).wait(null, signal);
    const waiting = bell(server.token).wait(count, signal);
    const body = { branch: 'main', commit_message: 'CI', content: 'build:\n' };
    const file = '/repository/files/.gitlab-ci.yml';
    expect((await server.api('POST', `/projects/${projectId}${file}`, body)).status).toBe(201);
    expect(await waiting).toBeGreaterThan(count);
  });

  it('tells nobody else', async () => {
    await expect(bell('wrong').wait(null, signal)).rejects.toThrow('401');
    await expect(bell(server.person('somebody').token).wait(null, signal)).rejects.toThrow('403');
    await expect(bell('').wait(null, signal)).rejects.toThrow('401');
  });
});
