// A whole lab is backed up while it works, lost, and restored with nothing but the repository and the twelve words.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openLab } from '../chaos/lab.ts';
import type { Lab } from '../chaos/lab.ts';
import { listMachineEngines } from '../chaos/machine-engine.ts';
import { patience, waitFor } from '../chaos/wait-for.ts';
import { createSandboxClient } from '../engine/sandbox-client.ts';
import type { SandboxClient } from '../engine/sandbox-client.ts';
import { connectCore } from '../../main/serve/client.ts';
import { describeWithPeer, findRestic } from './peers.ts';

const run = promisify(execFile);
const restic = await findRestic();
const [host] = await listMachineEngines();
const projectCount = 50;
const filesEach = 100;

const page = z.array(z.looseObject({ id: z.union([z.int(), z.string()]).optional() }));
const named = z.object({ id: z.int(), path_with_namespace: z.string() });

/** Fields that change by themselves while nothing is changed. */
const moving = new Set([
  'last_activity_at',
  'contacted_at',
  'online',
  'status',
  'updated_at',
  'last_used_at',
]);

/** `host`: where the sandbox is published, another port after each start. */
function settled(value: unknown, host: string): unknown {
  if (typeof value === 'string') return value.replaceAll(host, 'gitlab');
  if (Array.isArray(value)) return value.map((item) => settled(item, host));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !moving.has(name));
  return Object.fromEntries(kept.map(([name, field]) => [name, settled(field, host)]));
}

/** Every project that there is, by all pages. */
async function projectsOf(sandbox: SandboxClient): Promise<readonly z.infer<typeof named>[]> {
  const found = await Promise.all(
    [1, 2].map((number) => sandbox.api('GET', `/projects?per_page=100&page=${number}&order_by=id&sort=asc`)),
  );
  return z.array(named).parse(found.flat());
}

async function refsOf(sandbox: SandboxClient, project: string): Promise<string> {
  const { host: at } = new URL(sandbox.url);
  const url = `http://root:${sandbox.token}@${at}/${project}.git`;
  return (await run('git', ['ls-remote', url], { env: { ...process.env, GIT_TERMINAL_PROMPT: '0' } })).stdout;
}

/** All that people have put into it, in a form that can be compared; projects that go on by themselves are left out. */
async function contentOf(sandbox: SandboxClient, without: readonly string[]): Promise<unknown> {
  const { host: at } = new URL(sandbox.url);
  const get = async (where: string): Promise<unknown> => settled(await sandbox.api('GET', where), at);
  const users = page.parse(await sandbox.api('GET', '/users?per_page=100'));
  const projects = (await projectsOf(sandbox)).filter(
    ({ path_with_namespace: name }) => !without.some((left) => name.endsWith(`/${left}`)),
  );
  const each = [];
  for (const { id, path_with_namespace: name } of projects) {
    const parts = ['', '/variables', '/hooks', '/members', '/protected_branches', '/protected_tags'];
    const found = await Promise.all(parts.map((part) => get(`/projects/${id}${part}`)));
    each.push({ name, found, refs: await refsOf(sandbox, name) });
  }
  return {
    users: settled(users, at),
    keys: await Promise.all(users.map(({ id }) => get(`/users/${String(id)}/keys`))),
    groups: await get('/groups'),
    runners: await get('/runners/all'),
    settings: await get('/application/settings'),
    projects: each,
  };
}

async function fill(sandbox: SandboxClient): Promise<void> {
  for (let number = 0; number < 5; number += 1) {
    const name = `person-${number}`;
    const { id } = z.object({ id: z.int() }).parse(
      await sandbox.api('POST', '/users', {
        ...{ username: name, name, email: `${name}@example.net`, skip_confirmation: true },
        password: randomBytes(12).toString('hex'),
      }),
    );
    const key = `ssh-ed25519 ${Buffer.concat([
      Buffer.from('0000000b7373682d6564323535313900000020', 'hex'),
      randomBytes(32),
    ]).toString('base64')} ${name}`;
    await sandbox.api('POST', `/users/${id}/keys`, { title: 'laptop', key });
  }
  for (let number = 0; number < projectCount; number += 1) {
    const { id } = named.parse(await sandbox.api('POST', '/projects', { name: `project-${number}` }));
    const actions = Array.from({ length: filesEach }, (_, file) => ({
      ...{ action: 'create', file_path: `src/${file}.txt` },
      content: `${number} ${file} ${randomBytes(200).toString('base64')}\n`,
    }));
    const commit = { branch: 'main', commit_message: 'Files', actions };
    await sandbox.api('POST', `/projects/${id}/repository/commits`, commit);
    await sandbox.api('POST', `/projects/${id}/repository/branches?branch=topic&ref=main`);
    await sandbox.api('POST', `/projects/${id}/variables`, { key: 'TOKEN', value: `secret-${number}` });
    await sandbox.api('POST', `/projects/${id}/hooks`, { url: 'http://hooks.example/x', push_events: false });
  }
}

/** Pushes to a project of its own until it is told to stop; every commit that was answered for. */
async function keepPushing(sandbox: SandboxClient, signal: AbortSignal): Promise<readonly string[]> {
  const id = await sandbox.push('moving', 'noop:\n  rules: [{ when: never }]\n  script: [true]\n');
  const commits: string[] = [];
  for (let number = 0; !signal.aborted; number += 1) {
    const answer = await sandbox.api('POST', `/projects/${id}/repository/commits`, {
      ...{ branch: 'main', commit_message: `Push ${number}` },
      actions: [
        { action: 'create', file_path: `pushed/${number}.txt`, content: randomBytes(4_000).toString('hex') },
      ],
    });
    commits.push(z.object({ id: z.string() }).parse(answer).id);
  }
  return commits;
}

interface Ground {
  readonly lab: Lab;
  readonly repository: string;
}

describeWithPeer('a whole lab', host === undefined ? { ...restic, found: null } : restic, () => {
  const cleaning: (() => Promise<void>)[] = [];
  let ground: Ground;

  beforeAll(async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'autogit-backup-'));
    cleaning.push(() => rm(folder, { recursive: true, force: true }));
    const lab = await openLab((clean) => void cleaning.push(clean), { host: host ?? '' });
    ground = { lab, repository: path.join(folder, 'lab') };
  }, 120_000);

  afterAll(async () => {
    for (const clean of cleaning.toReversed()) await clean();
  }, 120_000);

  test('is the same again, and a new job runs', async () => {
    const { lab, repository } = ground;
    await lab.writeSettings();
    let core = await lab.serve();
    const door = connectCore(lab.paths.socket);
    const sandbox = await lab.sandbox();
    await fill(sandbox);
    await sandbox.pushHeld('held', 2);
    await lab.until(({ jobs }) => jobs.filter(({ status }) => status === 'running').length === 2, 120_000);

    const target = { name: 'disk', kind: 'folder' as const, path: repository };
    await door.call('backup.add-target', { target });
    const { words } = await door.call('backup.sheet', {});
    const pushing = new AbortController();
    const pushed = keepPushing(sandbox, pushing.signal);
    await waitFor(async () => {
      if (!(await projectsOf(sandbox)).some(({ path_with_namespace: name }) => name.endsWith('/moving')))
        throw new Error('nothing is pushed yet');
    }, patience);
    const made = await door.call('backup.create', {});
    pushing.abort();
    const commits = await pushed;
    expect(made.message).toMatch(/backup|backed/i);
    const before = await contentOf(sandbox, ['moving', 'held']);
    const settings = await door.call('settings.show', {});

    await core.stop();
    await lab.clean();

    const again = await openLab((clean) => void cleaning.push(clean), { host: lab.engine.host });
    await writeFile(again.paths.settings, 'version: 1\n');
    core = await again.serve({ ready: false });
    const empty = connectCore(again.paths.socket);
    const wish = { backup: 'newest', place: target, password: words?.join(' ') ?? '' };
    const plan = await empty.call('backup.plan-restore', wish);
    expect(plan.issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    await empty.call('backup.restore', { ...wish, plan: plan.hash });
    await again.until(({ gitlab }) => gitlab.state === 'ready', 120_000);

    const restored = await again.sandbox();
    expect(await contentOf(restored, ['moving', 'held'])).toEqual(before);
    const movedTo = (await refsOf(restored, 'root/moving')).split(/\s/)[0];
    expect(commits).toContain(movedTo);
    const { settings: then } = await connectCore(again.paths.socket).call('settings.show', {});
    expect(then).toEqual(settings.settings);
    const fresh = createSandboxClient(restored.url, restored.token);
    const job = await fresh.push('after', 'green:\n  script: [echo restored]\n');
    await fresh.untilAll(job, 'success', 120_000);
    await core.stop();
  }, 600_000);
});
