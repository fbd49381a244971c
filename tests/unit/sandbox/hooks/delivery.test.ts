import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { deliverHook } from '../../../../main/sandbox/hooks/deliver.ts';
import { createQueue } from '../../../../main/sandbox/hooks/dispatch.ts';
import { refuseAddress, refuseUrl } from '../../../../main/sandbox/hooks/local-address.ts';
import { containing, idOf, listOf, startManagementServer } from '../management-server.ts';
import type { ManagementServer } from '../management-server.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

let server: ManagementServer;
let listener: Server;
let target = '';
let answerWith = 200;
let received: Received[] = [];
let projectId = 0;

beforeAll(async () => {
  server = await startManagementServer();
  listener = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = z.record(z.string(), z.unknown()).parse(JSON.parse(Buffer.concat(chunks).toString()));
      received.push({ headers: request.headers, body });
      response.writeHead(answerWith).end('thanks');
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  if (typeof address === 'object' && address !== null) target = `http://127.0.0.1:${address.port}/hook`;
  projectId = idOf(await server.api('POST', '/projects', { name: 'hooked' }));
  await server.api('PUT', '/application/settings', {
    allow_local_requests_from_web_hooks_and_services: true,
  });
});
afterAll(async () => {
  await server.close();
  await new Promise((resolve) => listener.close(resolve));
});
beforeEach(() => {
  received = [];
  answerWith = 200;
  for (const hook of server.ctx.store.hooks.all()) server.ctx.store.hooks.remove(hook.id);
});

async function addHook(events: Readonly<Record<string, unknown>>): Promise<number> {
  const body = { url: target, token: 'secret', push_events: false, ...events };
  return idOf(await server.api('POST', `/projects/${projectId}/hooks`, body));
}

let commits = 0;
async function commit(extra: readonly object[] = []): Promise<void> {
  commits += 1;
  const content = 'build:\n';
  const files = [
    {
      action: commits === 1 ? 'create' : 'update',
      file_path: '.gitlab-ci.yml',
      content: `${content}#${commits}\n`,
    },
  ];
  const body = { branch: 'main', commit_message: `Commit ${commits}`, actions: [...files, ...extra] };
  expect((await server.api('POST', `/projects/${projectId}/repository/commits`, body)).status).toBe(201);
}

const ofKind = (kind: string): Received[] => received.filter((one) => one.body['object_kind'] === kind);

describe('delivery', () => {
  it('tells of a job from pending on, in the shape of GitLab', async () => {
    await addHook({ job_events: true });
    await commit();
    await vi.waitFor(() =>
      expect(ofKind('build').map((one) => one.body['build_status'])).toContain('pending'),
    );
    const job = server.ctx.store.jobs.all().at(-1);
    const last = ofKind('build').at(-1);
    expect(last?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-gitlab-event': 'Job Hook',
      'x-gitlab-token': 'secret',
      'x-gitlab-instance': server.url,
    });
    for (const name of ['x-gitlab-webhook-uuid', 'x-gitlab-event-uuid', 'idempotency-key']) {
      expect(last?.headers[name]).toMatch(/^[0-9a-f-]{36}$/);
    }
    expect(last?.body).toMatchObject({
      object_kind: 'build',
      ref: 'main',
      tag: false,
      build_id: job?.id,
      build_name: 'build',
      build_stage: 'test',
      build_started_at: null,
      build_allow_failure: false,
      runner: null,
      pipeline_id: job?.pipelineId,
      project_id: projectId,
      project_name: 'Administrator / hooked',
      commit: { id: job?.pipelineId, sha: job?.sha, message: containing('Commit') },
      user: { username: 'root' },
      project: { path_with_namespace: 'root/hooked' },
      environment: null,
    });
  });

  it('tells of pipelines with their jobs', async () => {
    await addHook({ pipeline_events: true });
    await commit();
    await vi.waitFor(() => expect(ofKind('pipeline').length).toBeGreaterThan(0));
    expect(ofKind('pipeline').at(-1)?.headers['x-gitlab-event']).toBe('Pipeline Hook');
    expect(ofKind('pipeline').at(-1)?.body).toMatchObject({
      object_attributes: { ref: 'main', source: 'push', stages: ['test'], status: 'pending' },
      builds: [{ name: 'build', manual: false, runner: null }],
      commit: { title: containing('Commit') },
    });
  });

  it('tells of a push with its commits and their files', async () => {
    await addHook({ push_events: true, tag_push_events: true });
    await commit([{ action: 'create', file_path: `file-${commits}`, content: 'x' }]);
    await vi.waitFor(() => expect(ofKind('push')).toHaveLength(1));
    expect(ofKind('push')[0]?.body).toMatchObject({
      ref: 'refs/heads/main',
      user_username: 'root',
      total_commits_count: 1,
      commits: [
        { message: `Commit ${commits}`, added: [`file-${commits - 1}`], modified: ['.gitlab-ci.yml'] },
      ],
    });
    await server.api('POST', `/projects/${projectId}/repository/tags`, {
      tag_name: `v${commits}`,
      ref: 'main',
      message: 'm',
    });
    await vi.waitFor(() => expect(ofKind('tag_push')).toHaveLength(1));
    expect(ofKind('tag_push')[0]?.headers['x-gitlab-event']).toBe('Tag Push Hook');
    expect(ofKind('tag_push')[0]?.body).toMatchObject({ ref: `refs/tags/v${commits}`, message: 'm' });
  });

  it('sends only what was asked for, and only of matching branches', async () => {
    await addHook({ push_events: true, push_events_branch_filter: 'release/*' });
    await addHook({ pipeline_events: true });
    await commit();
    await vi.waitFor(() => expect(ofKind('pipeline').length).toBeGreaterThan(0));
    expect(ofKind('push')).toEqual([]);
    expect(ofKind('build')).toEqual([]);
  });

  it('records what was sent and what came back, without the secret', async () => {
    const id = await addHook({ job_events: true });
    answerWith = 503;
    await commit();
    await vi.waitFor(async () => {
      const [first] = listOf(await server.api('GET', `/projects/${projectId}/hooks/${id}/events`));
      expect(first).toMatchObject({
        trigger: 'job_hooks',
        response_status: '503',
        response_body: 'thanks',
        request_headers: { 'X-Gitlab-Token': '[REDACTED]', 'X-Gitlab-Event': 'Job Hook' },
        request_data: { object_kind: 'build' },
      });
    });
    expect((await server.api('GET', `/projects/${projectId}/hooks/${id}`)).body).not.toHaveProperty('token');
  });

  it('sends an example when it is tested', async () => {
    const id = await addHook({ push_events: true });
    const path = `/projects/${projectId}/hooks/${id}/test/push_events`;
    expect(await server.api('POST', path)).toMatchObject({ status: 201, body: { message: '201 Created' } });
    expect(ofKind('push')).toHaveLength(1);
    answerWith = 500;
    expect((await server.api('POST', path)).status).toBe(422);
  });

  it('tells system hooks of new projects', async () => {
    await server.api('POST', '/hooks', { url: target });
    await server.api('POST', '/projects', { name: 'fresh' });
    await vi.waitFor(() => expect(received.map((one) => one.body['event_name'])).toContain('project_create'));
    expect(received[0]?.headers['x-gitlab-event']).toBe('System Hook');
  });
});

describe('a target that behaves oddly', () => {
  it('is not read to an end that never comes', async () => {
    const endless = createServer((_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(4096)), 5);
      response.on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    const address = endless.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const hook = server.ctx.store.hooks.insert({
      projectId,
      url: `http://127.0.0.1:${port}/`,
      createdAt: '',
    });
    const message = { hook, event: 'job_hooks', payload: {}, eventUuid: '', baseUrl: 'http://x' } as const;
    const delivery = await deliverHook(server.ctx, message);
    expect(delivery).toMatchObject({ responseStatus: '200' });
    expect(delivery?.responseBody).toHaveLength(8192);
    server.ctx.store.hooks.remove(hook.id);
    expect(await deliverHook(server.ctx, message)).toBeNull();
    endless.closeAllConnections();
    endless.close();
  });

  it('does not let the messages for it pile up without end', async () => {
    const dropped: number[] = [];
    const done: number[] = [];
    const limits = { parallel: 1, waiting: 2 };
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const queue = createQueue(limits, { error: () => undefined, drop: () => void dropped.push(1) });
    for (const number of [1, 2, 3, 4]) {
      queue.add(async () => {
        await gate;
        done.push(number);
      });
    }
    open();
    await vi.waitFor(() => expect(done).toEqual([1, 3, 4]));
    expect(dropped).toHaveLength(1);
  });
});

describe('local addresses', () => {
  it('are refused for project hooks unless the instance allows them', async () => {
    const settings = '/application/settings';
    await server.api('PUT', settings, { allow_local_requests_from_web_hooks_and_services: false });
    const hook = { url: target, job_events: true };
    expect(await server.api('POST', `/projects/${projectId}/hooks`, hook)).toMatchObject({
      status: 422,
      body: { error: 'Invalid url given' },
    });
    await server.api('PUT', settings, { outbound_local_requests_whitelist: ['127.0.0.1'] });
    expect((await server.api('POST', `/projects/${projectId}/hooks`, hook)).status).toBe(201);
    await server.api('PUT', settings, { outbound_local_requests_whitelist: [] });
    const id = server.ctx.store.hooks.all()[0]?.id ?? 0;
    await server.api('POST', `/projects/${projectId}/hooks/${id}/test/job_events`);
    expect(received).toEqual([]);
    expect(server.ctx.store.hookDeliveries.by('hookId', id).at(-1)).toMatchObject({
      responseStatus: 'internal error',
      responseBody: 'URL is blocked: Requests to localhost are not allowed',
    });
    await server.api('PUT', settings, { allow_local_requests_from_web_hooks_and_services: true });
  });

  it('are those of this machine, its network and its links', () => {
    for (const address of ['127.0.0.1', '127.9.9.9', '::1', '0.0.0.0', '::ffff:127.0.0.1']) {
      expect(refuseAddress(address)).toBe('Requests to localhost are not allowed');
    }
    for (const address of ['192.168.1.2', '172.31.255.1', 'fd00::1']) {
      expect(refuseAddress(address)).toBe('Requests to the local network are not allowed');
    }
    expect(refuseAddress('169.254.1.1')).toBe('Requests to the link local network are not allowed');
    expect(refuseAddress('192.0.2.1')).toBeNull();
    expect(refuseAddress('172.32.0.1')).toBeNull();
  });

  it('are known when they are written as IPv6', async () => {
    const rule = { allowLocal: false, allowList: [] };
    for (const host of ['[::ffff:127.0.0.1]', '[::ffff:10.1.2.3]', '[::1]']) {
      expect(await refuseUrl(`http://${host}/x`, rule)).toMatch(/not allowed/);
    }
    expect(refuseAddress('::ffff:93.184.216.34')).toBeNull();
  });

  it('are found behind names, and other schemes are refused', async () => {
    const rule = { allowLocal: false, allowList: [] };
    expect(await refuseUrl('http://localhost/x', rule)).toBe('Requests to localhost are not allowed');
    expect(await refuseUrl('ftp://192.0.2.1/', rule)).toBe('Only allowed schemes are http, https');
    expect(await refuseUrl('nonsense', rule)).toBe('URI is invalid');
    expect(await refuseUrl('http://localhost:9/x', { ...rule, allowList: ['localhost:9'] })).toBeNull();
  });
});
