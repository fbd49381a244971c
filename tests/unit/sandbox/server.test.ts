import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createProject } from '../../../main/sandbox/api/new-project.ts';
import { writeCommit } from '../../../main/sandbox/git/commit-files.ts';
import { recordPush } from '../../../main/sandbox/git/pending-push.ts';
import { resolveCommit, updateRef } from '../../../main/sandbox/git/repository.ts';
import { startSandbox } from '../../../main/sandbox/server.ts';
import type { Sandbox, SandboxOptions } from '../../../main/sandbox/server.ts';
import { pushRequest } from './fixture.ts';

let stateDir: string;
const open: Sandbox[] = [];
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'autogit-server-'));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((sandbox) => sandbox.close()));
  rmSync(stateDir, { recursive: true, force: true });
});

async function start(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({
    stateDir,
    host: '127.0.0.1',
    port: 0,
    rootToken: 'glpat-known',
    ...options,
  });
  open.push(sandbox);
  return sandbox;
}

async function stop(sandbox: Sandbox): Promise<void> {
  open.splice(open.indexOf(sandbox), 1);
  await sandbox.close();
}

function addWork(sandbox: Sandbox, yamlText: string): string {
  const { store, context } = sandbox;
  const createdAt = new Date().toISOString();
  const user = store.users.need(1);
  const fields = {
    name: 'demo',
    path: 'demo',
    fullPath: 'root/demo',
    creatorId: 1,
    createdAt,
    lastActivityAt: createdAt,
  };
  const project = store.projects.insert({ namespaceId: 1, ...fields });
  const created = context.ci.createPipeline({ ...pushRequest(project, user), yamlText });
  expect(created).toMatchObject({ kind: 'created', pipeline: { yamlErrors: null } });
  return store.runners.insert({ runnerType: 'instance_type', token: 'glrt-1', createdAt }).token;
}

const ask = (url: string, token: string, lastUpdate?: string): Promise<Response> =>
  fetch(`${url}/api/v4/jobs/request`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token, last_update: lastUpdate }),
  });

describe('startSandbox', () => {
  it('is ready, says what it is, and has an administrator with the given token', async () => {
    const { url, store, rootToken } = await start();
    expect((await fetch(`${url}/-/health`)).status).toBe(200);
    expect(await (await fetch(`${url}/-/readiness`)).json()).toMatchObject({ status: 'ok' });
    expect((await fetch(`${url}/-/liveness`)).headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(await (await fetch(url)).text()).toContain('AutoGit’s sandbox');
    expect(store.users.need(1)).toMatchObject({ username: 'root', admin: true });
    expect(rootToken).toBe('glpat-known');
    const projects = await fetch(`${url}/api/v4/projects`, { headers: { 'PRIVATE-TOKEN': 'glpat-known' } });
    expect([projects.status, await projects.json()]).toEqual([200, []]);
    expect((await fetch(`${url}/api/v4/nothing`)).status).toBe(404);
  });

  it('compiles a real file and hands out the job with the address that was asked', async () => {
    const sandbox = await start();
    const token = addWork(sandbox, 'hello:\n  script: [echo hi]\n');
    const answer = await ask(`http://localhost:${sandbox.port}`, token);
    expect(answer.status).toBe(201);
    const job = z
      .object({ git_info: z.object({ repo_url: z.string() }), steps: z.array(z.unknown()) })
      .parse(await answer.json());
    expect(job.git_info.repo_url).toMatch(
      new RegExp(`^http://gitlab-ci-token:[^@]+@localhost:${sandbox.port}/root/demo.git$`),
    );
    expect(job.steps).toMatchObject([{ name: 'script', script: ['echo hi'] }]);
  });

  it('goes on where it stopped, with the same tokens and jobs', async () => {
    const first = await start();
    const token = addWork(first, 'a: {script: [x]}\nb: {script: [y]}\n');
    const taken = z
      .object({ id: z.number(), token: z.string() })
      .parse(await (await ask(first.url, token)).json());
    await stop(first);
    const second = await start();
    expect(second.rootToken).toBe('glpat-known');
    const end = await fetch(`${second.url}/api/v4/jobs/${taken.id}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token: taken.token, state: 'success' }),
    });
    expect(end.status).toBe(200);
    expect((await ask(second.url, token)).status).toBe(201);
    expect((await ask(second.url, token)).status).toBe(204);
  });

  it('closes at once although a runner is waiting', async () => {
    const sandbox = await start({ longPollSeconds: 60 });
    const token = addWork(sandbox, 'a: {script: [x]}\n');
    expect((await ask(sandbox.url, token)).status).toBe(201);
    const last = (await ask(sandbox.url, token)).headers.get('x-gitlab-last-update') ?? '';
    const held = ask(sandbox.url, token, last).catch(() => 'cut');
    const began = Date.now();
    await stop(sandbox);
    expect(await held).toBe('cut');
    expect(Date.now() - began).toBeLessThan(5000);
  });

  it('fails with a name when the folder is in use', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ key: 'sandbox.state-locked' });
  });

  it('lets in whoever starts it with a new token, and that token does not end', async () => {
    await stop(await start());
    const year = 366 * 86_400_000;
    const second = await start({ rootToken: 'glpat-second', now: () => new Date(Date.now() + year) });
    expect(second.rootToken).toBe('glpat-second');
    for (const token of ['glpat-known', 'glpat-second']) {
      const answer = await fetch(`${second.url}/api/v4/user`, { headers: { 'PRIVATE-TOKEN': token } });
      expect(answer.status).toBe(200);
    }
  });

  it('refuses a request that is too large to be read whole', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/api/v4/projects`, {
      method: 'POST',
      headers: { 'PRIVATE-TOKEN': 'glpat-known', 'content-type': 'application/json' },
      body: new Uint8Array(128 * 1024 * 1024 + 1),
    });
    expect(answer.status).toBe(413);
  });

  it('keeps its address when a header names a protocol that is none', async () => {
    const sandbox = await start();
    const token = addWork(sandbox, 'a: {script: [x]}\n');
    const answer = await fetch(`${sandbox.url}/api/v4/jobs/request`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-proto': 'no such' },
      body: JSON.stringify({ token }),
    });
    expect(answer.status).toBe(201);
  });

  it('catches up on a push whose refs moved before it was killed, and only once', async () => {
    const first = await start();
    const creator = first.store.users.need(1);
    const project = await createProject(first.context, {
      ...{ creator, namespace: first.store.namespaces.need(1), path: 'demo', initializeWithReadme: true },
      serverUrl: first.url,
    });
    const directory = first.store.files.repositoryPath(project.id);
    const parent = await resolveCommit(directory, 'main');
    const person = { authorName: 'A', authorEmail: 'a@x', committerName: 'A', committerEmail: 'a@x' };
    const after = await writeCommit(directory, {
      ...{ ...person, message: 'CI', parent },
      actions: [{ action: 'create', path: '.gitlab-ci.yml', content: Buffer.from('a: {script: [x]}') }],
    });
    const updates = [{ ref: 'refs/heads/main', before: parent ?? '', after }];
    const unmoved = [{ ref: 'refs/heads/other', before: '0'.repeat(40), after }];
    for (const each of [updates, unmoved]) {
      const options = { skipCi: false, variables: [] };
      recordPush(first.context, { project, user: creator, updates: each, options, serverUrl: first.url });
    }
    await updateRef(directory, 'refs/heads/main', after);
    await stop(first);
    const second = await start();
    expect(second.store.pipelines.all()).toMatchObject([{ ref: 'main', sha: after, source: 'push' }]);
    expect(second.store.pendingPushes.size).toBe(0);
    const again = recordPush(second.context, {
      ...{ project, user: creator, updates, options: { skipCi: false, variables: [] }, serverUrl: '' },
    });
    second.store.pendingPushes.update(again.id, { createdAt: '2000-01-01T00:00:00.000Z' });
    await stop(second);
    expect((await start()).store.pipelines.size).toBe(1);
  });
});

describe('the program', () => {
  it('starts from its environment, logs JSON lines, and leaves on SIGTERM', async () => {
    const main = fileURLToPath(new URL('../../../main/sandbox/main.ts', import.meta.url));
    const env = { PATH: process.env['PATH'], AUTOGIT_SANDBOX_STATE: stateDir, AUTOGIT_SANDBOX_PORT: '0' };
    const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const exited = once(child, 'exit');
    const lines: Record<string, unknown>[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      if (!line.startsWith('{')) continue;
      const entry = z.record(z.string(), z.unknown()).parse(JSON.parse(line));
      lines.push(entry);
      if (entry['message'] !== 'sandbox started') continue;
      expect((await fetch(`${String(entry['url'])}/-/health`)).status).toBe(200);
      child.kill('SIGTERM');
    }
    expect(await exited).toEqual([0, null]);
    expect(lines.map((line) => line['level'])).toEqual(['info', 'info']);
  });

  it('says by its key why it did not start', async () => {
    await start();
    const main = fileURLToPath(new URL('../../../main/sandbox/main.ts', import.meta.url));
    const env = { PATH: process.env['PATH'], AUTOGIT_SANDBOX_STATE: stateDir, AUTOGIT_SANDBOX_PORT: '0' };
    const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const exited = once(child, 'exit');
    let output = '';
    for await (const chunk of child.stderr) output += String(chunk);
    expect(await exited).toEqual([14, null]);
    expect(output).toContain('"key":"sandbox.state-locked"');
  });
});
