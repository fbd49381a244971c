// A lab is backed up while it works, lost whole, and restored with nothing but the repository and the twelve words.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { engineHost, kill, openLab } from './lab.ts';
import type { Lab } from './lab.ts';
import type { SandboxClient } from './sandbox-client.ts';

const names = ['one', 'two', 'three', 'four', 'five'];
const green = 'job: { script: [echo green] }\n';
const idSchema = z.object({ id: z.int() });

/** Branches, tags, a hook and a variable in each project, and a user with a key. */
async function fill(sandbox: SandboxClient): Promise<number> {
  const ids: number[] = [];
  for (const name of names) {
    const id = await sandbox.push(name, green);
    await sandbox.api('POST', `/projects/${id}/repository/branches?branch=work-${name}&ref=main`);
    await sandbox.api('POST', `/projects/${id}/repository/tags?tag_name=v1-${name}&ref=main`);
    await sandbox.api('POST', `/projects/${id}/hooks`, {
      url: `https://hooks.example.org/${name}`,
      push_events: false,
      tag_push_events: true,
    });
    await sandbox.api('POST', `/projects/${id}/variables`, { key: 'NAME', value: name });
    ids.push(id);
  }
  const person = {
    username: 'ada',
    name: 'Ada',
    email: 'ada@example.org',
    password: 'correct horse battery',
  };
  const { id } = idSchema.parse(await sandbox.api('POST', '/users', person));
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
  await sandbox.api('POST', `/users/${id}/keys`, { title: 'laptop', key });
  return ids[0] ?? 0;
}

/** Everything of it that a person would miss. */
async function seenIn(sandbox: SandboxClient): Promise<unknown> {
  const projects = await sandbox.projects();
  const each = projects.map(async ({ id, path_with_namespace }) => ({
    ...{ id, path_with_namespace },
    branches: await sandbox.api('GET', `/projects/${id}/repository/branches`),
    tags: await sandbox.api('GET', `/projects/${id}/repository/tags`),
    hooks: await sandbox.api('GET', `/projects/${id}/hooks`),
    variables: await sandbox.api('GET', `/projects/${id}/variables`),
  }));
  const users = z.array(idSchema).parse(await sandbox.api('GET', '/users'));
  const keys = await Promise.all(users.map(({ id }) => sandbox.api('GET', `/users/${id}/keys`)));
  const seen = {
    projects: (await Promise.all(each)).toSorted((a, b) => a.id - b.id),
    ...{ users, keys, runners: await sandbox.entries() },
  };
  // The engine gives its port anew.
  return JSON.parse(JSON.stringify(seen).replaceAll(sandbox.url, 'http://sandbox'));
}

const place = (folder: string): string => JSON.stringify({ name: 'disk', kind: 'folder', path: folder });

const sheetSchema = z.object({ words: z.array(z.string()).length(12) });

async function wordsOf(lab: Lab): Promise<string> {
  return sheetSchema.parse(await lab.json(['backup', 'sheet'])).words.join(' ');
}

const planSchema = z.object({
  changes: z.array(z.object({ what: z.string(), now: z.string(), then: z.string(), change: z.string() })),
});

/** What the sandbox counts now, through its API, is what the copy of its database has. */
async function expectSame(lab: Lab): Promise<void> {
  const { changes } = planSchema.parse(await lab.json(['backup', 'plan-restore']));
  for (const what of ['projects', 'users', 'hooks', 'runners']) {
    const row = changes.find((change) => change.what === what);
    expect(row, what).toMatchObject({ change: 'same', now: row?.then });
    expect(Number(row?.now), what).toBeGreaterThan(0);
  }
}

/** The machine is lost: processes, containers, volumes, and the home with all that AutoGit knew. */
async function lose(lab: Lab): Promise<void> {
  const pid = await lab.corePid();
  if (pid !== null) kill(pid);
  expect(await lab.left()).not.toEqual([]);
  await lab.clean();
  await mkdir(lab.home, { mode: 0o700 });
}

/** As somebody who has nothing but the sheet: there is no core, and the words come from standard input. */
async function restoreHere(lab: Lab, repository: string, words: string): Promise<void> {
  const program = fileURLToPath(new URL('../../main/cli/main.ts', import.meta.url));
  const command = ['backup', 'restore', '--place', place(repository), '--password', '--yes', '--json'];
  const env = { ...process.env, DOCKER_HOST: engineHost ?? '', AUTOGIT_HOME: lab.home };
  const child = spawn(process.execPath, [program, ...command], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(`${words}\n`);
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  expect({ code, said: code[0] === 0 ? '' : out + err }).toEqual({ code: [0, null], said: '' });
}

describe.skipIf(engineHost === null)('a lab that is lost', () => {
  it('comes back whole from its repository and the words of the recovery sheet', async () => {
    const disk = await mkdtemp(path.join(tmpdir(), 'autogit-disk-'));
    onTestFinished(() => rm(disk, { recursive: true, force: true }));
    const repository = path.join(disk, 'lab');
    const lab = await openLab(onTestFinished);
    await lab.writeSettings({ idleTime: 1 });
    await lab.serve();
    const project = await fill(await lab.sandbox());
    await (await lab.sandbox()).untilAll(project, 'success');
    await lab.json(['backup', 'add-target', '--target', place(repository)]);
    await lab.json(['backup', 'create']);
    const words = await wordsOf(lab);
    const before = await seenIn(await lab.sandbox());
    const { instance } = await lab.snapshot();
    await expectSame(lab);

    await lose(lab);
    await restoreHere(lab, repository, words);
    await lab.serve();
    expect((await lab.snapshot()).instance).toBe(instance);
    const sandbox = await lab.sandbox();
    expect(await seenIn(sandbox)).toEqual(before);
    expect(await wordsOf(lab)).toBe(words);

    await sandbox.api('POST', `/projects/${project}/pipeline?ref=main`);
    const jobs = await sandbox.untilAll(project, 'success');
    expect(jobs.length).toBeGreaterThan(1);
  }, 300_000);
});
