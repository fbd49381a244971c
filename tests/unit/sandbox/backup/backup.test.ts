// `gitlab-backup` on a running sandbox: what it copies while people push is whole, and becomes a sandbox again.
import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { rootToken, startProgram } from '../program.ts';
import type { SandboxProgram } from '../program.ts';

const backupMain = fileURLToPath(new URL('../../../../main/sandbox/backup/main.ts', import.meta.url));
const quiet = '--disable-warning=ExperimentalWarning';

let folder: string;
let program: SandboxProgram | null = null;
const state = (): string => join(folder, 'state');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autogit-sandbox-backup-'));
  program = await startProgram(state());
});
afterEach(async () => {
  await program?.kill();
  await rm(folder, { recursive: true, force: true });
});

interface Ran {
  readonly status: number;
  readonly output: string;
}

function ran(file: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd?: string): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(file, [...args], { env, ...(cwd !== undefined && { cwd }) }, (error, stdout, stderr) => {
      const status = error === null ? 0 : z.number().catch(1).parse(error.code);
      resolve({ status, output: stdout + stderr });
    });
  });
}

function gitlabBackup(...args: readonly string[]): Promise<Ran> {
  const env = { PATH: process.env['PATH'], AUTOGIT_SANDBOX_STATE: state() };
  return ran(process.execPath, [quiet, backupMain, ...args], env);
}

function git(cwd: string, ...args: readonly string[]): Promise<Ran> {
  const who = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.com' };
  const env = { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
  const committer = { GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.com' };
  return ran('git', args, { ...env, ...who, ...committer }, cwd);
}

async function gitWell(cwd: string, ...args: readonly string[]): Promise<string> {
  const { status, output } = await git(cwd, ...args);
  expect(status, output).toBe(0);
  return output;
}

async function api(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${program?.url ?? ''}/api/v4${path}`, {
    method,
    headers: { 'PRIVATE-TOKEN': rootToken, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(answer.ok, `${method} ${path}: ${String(answer.status)}`).toBe(true);
  const text = await answer.text();
  // Another start has another port.
  return text === '' ? null : JSON.parse(text.replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://here'));
}

/** A project with a commit; its work tree. */
async function makeProject(name: string): Promise<string> {
  await api('POST', '/projects', { name });
  const tree = join(folder, `tree-${name}`);
  await mkdir(tree);
  await gitWell(tree, 'init', '--quiet', '--initial-branch=main');
  const url = new URL(`root/${name}.git`, `${program?.url ?? ''}/`);
  url.username = 'root';
  url.password = rootToken;
  await gitWell(tree, 'remote', 'add', 'origin', url.href);
  await push(tree, 'first');
  return tree;
}

async function push(tree: string, text: string): Promise<void> {
  await writeFile(join(tree, 'file'), text);
  await gitWell(tree, 'add', '.');
  await gitWell(tree, 'commit', '--quiet', '-m', text);
  await gitWell(tree, 'push', '--quiet', 'origin', 'HEAD:main');
}

/** A runner takes the next job and writes the beginning of its log. */
async function takeJob(token: string): Promise<z.infer<typeof taken>> {
  const job = taken.parse(await api('POST', '/jobs/request', { token, system_id: 's_1' }));
  await writeLog(job, 0, 'begun\n');
  return job;
}

async function writeLog(job: z.infer<typeof taken>, from: number, text: string): Promise<void> {
  const answer = await fetch(`${program?.url ?? ''}/api/v4/jobs/${job.id}/trace`, {
    method: 'PATCH',
    headers: { 'JOB-TOKEN': job.token, 'content-range': `${from}-${from + text.length - 1}` },
    body: text,
  });
  expect(answer.status).toBe(202);
}

const taken = z.object({ id: z.number(), token: z.string() });

const backup = (...path: readonly string[]): string => join(state(), 'backup', ...path);

/** Everything people see of this sandbox. */
async function everything(): Promise<unknown> {
  const projects = z
    .array(z.object({ id: z.number(), path_with_namespace: z.string() }))
    .parse(await api('GET', '/projects?per_page=100&order_by=id'));
  const of = async (path: string): Promise<unknown> => await api('GET', path);
  const each = projects.map(async ({ id, path_with_namespace: path }) => ({
    path,
    branches: await of(`/projects/${id}/repository/branches`),
    variables: await of(`/projects/${id}/variables`),
    hooks: await of(`/projects/${id}/hooks`),
  }));
  return { projects: await Promise.all(each), users: await of('/users'), keys: await of('/user/keys') };
}

describe('gitlab-backup create', { timeout: 60_000 }, () => {
  it('copies, while people push, a state that is whole: every repository, the database, what it counts', async () => {
    const trees = await Promise.all(['one', 'two', 'three'].map(makeProject));
    await api('POST', '/projects/1/variables', { key: 'SECRET', value: 'of one' });
    let pushes = 0;
    const isOver = new AbortController();
    const pushing = trees.map(async (tree, index) => {
      for (let n = 0; !isOver.signal.aborted; n += 1, pushes += 1) await push(tree, `${index} ${n}`);
    });
    await expect.poll(() => pushes).toBeGreaterThan(2);
    const { status, output } = await gitlabBackup('create', 'SKIP=tar', 'STRATEGY=copy');
    isOver.abort();
    await Promise.all(pushing);
    expect(status, output).toBe(0);
    for (const name of await readdir(backup('repositories'))) {
      expect(await gitWell(backup('repositories', name), 'fsck', '--full', '--strict')).not.toMatch(
        /missing|broken/,
      );
      expect(await gitWell(backup('repositories', name), 'rev-parse', 'refs/heads/main')).toMatch(
        /^[0-9a-f]{40}/,
      );
    }
    const text = await readFile(backup('backup_information.yml'), 'utf8');
    expect(text).toMatch(/^:gitlab_version: 19\.\d+\.\d+$/m);
    expect(text).toMatch(/^ {2}projects: 3$/m);
    expect(text).toMatch(/^ {2}users: 1$/m);
    expect(text).toMatch(/^ {2}variables: 1$/m);
    expect(text).toMatch(/^ {2}branches: 3$/m);
  });

  it('is a folder on which another sandbox starts with all that was there, whatever happened since', async () => {
    const tree = await makeProject('one');
    await api('POST', '/projects/1/variables', { key: 'SECRET', value: 'of one' });
    await api('POST', '/projects/1/hooks', { url: 'http://192.0.2.1/hook' });
    await gitWell(tree, 'push', '--quiet', 'origin', 'HEAD:refs/tags/v1', 'HEAD:refs/heads/a/b');
    const before = await everything();
    expect((await gitlabBackup('create', 'SKIP=tar')).status).toBe(0);
    await push(tree, 'later');
    await makeProject('later');
    await cp(backup(), join(folder, 'again'), { recursive: true });
    await program?.kill();
    program = await startProgram(join(folder, 'again'));
    expect(program.lines.filter(({ level }) => level === 'warn')).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  it('copies no bytes of what never changes', async () => {
    await makeProject('one');
    await gitlabBackup('create', 'SKIP=tar');
    const objects = join('repositories', '1.git', 'objects');
    const found = await readdir(backup(objects), { recursive: true, withFileTypes: true });
    const files = found.filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(2);
    for (const { parentPath, name } of files) {
      const original = join(parentPath.replace(backup(), state()), name);
      expect((await stat(join(parentPath, name))).ino).toBe((await stat(original)).ino);
    }
  });

  it('copies the log of a job that runs as it was, and no bytes of one that has ended', async () => {
    const tree = await makeProject('one');
    await writeFile(join(tree, '.gitlab-ci.yml'), 'work: {parallel: 2, script: [x]}\n');
    await push(tree, 'jobs');
    const { token } = z
      .object({ token: z.string() })
      .parse(await api('POST', '/user/runners', { runner_type: 'instance_type', run_untagged: true }));
    const [ended, running] = [await takeJob(token), await takeJob(token)];
    await api('PUT', `/jobs/${ended.id}`, { token: ended.token, state: 'success' });
    await gitlabBackup('create', 'SKIP=tar');
    await writeLog(running, 6, 'goes on\n');
    const log = (id: number): string => join('traces', `${id}.log`);
    expect((await stat(backup(log(ended.id)))).ino).toBe((await stat(join(state(), log(ended.id)))).ino);
    expect(await readFile(backup(log(running.id)), 'utf8')).toBe('begun\n');
    expect(await readFile(join(state(), log(running.id)), 'utf8')).toBe('begun\ngoes on\n');
  });

  it('is refused while another goes on, and not after that one was killed', async () => {
    const other = createConnection(join(state(), 'control.sock'));
    await once(other, 'connect');
    await expect.poll(async () => (await gitlabBackup('create', 'SKIP=tar')).output).toContain('in progress');
    other.destroy();
    await expect.poll(async () => (await gitlabBackup('create', 'SKIP=tar')).status).toBe(0);
  });

  it('leaves nothing that looks like a backup when it is killed, and the next one begins anew', async () => {
    await makeProject('one');
    await gitlabBackup('create', 'SKIP=tar');
    const env = { PATH: process.env['PATH'], AUTOGIT_SANDBOX_STATE: state() };
    const killed = spawn(process.execPath, [quiet, backupMain, 'create', 'SKIP=tar'], { env });
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    await writeFile(backup('left-over'), '').catch(() => undefined);
    expect((await gitlabBackup('create', 'SKIP=tar')).status).toBe(0);
    expect(await readdir(backup())).not.toContain('left-over');
    expect(await readdir(state())).not.toContain('backup.db');
  });

  it('says why it cannot be: no sandbox runs, or an archive is asked for', async () => {
    expect((await gitlabBackup('create')).output).toContain('SKIP=tar');
    await program?.kill();
    program = null;
    const { status, output } = await gitlabBackup('create', 'SKIP=tar');
    expect(status).toBe(1);
    expect(output).toContain('does not run');
  });
});

describe('gitlab-backup restore', { timeout: 60_000 }, () => {
  it('takes the place of what is there at the next start, whole', async () => {
    const tree = await makeProject('one');
    const before = await everything();
    expect((await gitlabBackup('create', 'SKIP=tar')).status).toBe(0);
    await push(tree, 'later');
    await makeProject('later');
    const { status, output } = await gitlabBackup('restore', 'force=yes');
    expect(status, output).toBe(0);
    expect(await everything()).not.toEqual(before);
    await program?.kill();
    program = await startProgram(state());
    expect(await everything()).toEqual(before);
    expect(await readdir(state())).not.toContain('restore');
  });

  it('goes on where a start was killed in the middle', async () => {
    await makeProject('one');
    const before = await everything();
    await gitlabBackup('create', 'SKIP=tar');
    await makeProject('later');
    await gitlabBackup('restore', 'force=yes');
    await program?.kill();
    // As the start would have left it: the database is in its place, the repositories are not.
    const fresh = join(state(), 'restore', 'new', 'sandbox.db');
    for (const ending of ['', '-wal', '-shm'])
      await rm(join(state(), `sandbox.db${ending}`), { force: true });
    await cp(fresh, join(state(), 'sandbox.db'));
    await rm(fresh);
    program = await startProgram(state());
    expect(await everything()).toEqual(before);
  });

  it('changes nothing without a whole backup of the same version, or without being told twice', async () => {
    await makeProject('one');
    const before = await everything();
    expect((await gitlabBackup('restore', 'force=yes')).output).toContain('No backups found');
    await gitlabBackup('create', 'SKIP=tar');
    expect((await gitlabBackup('restore')).output).toContain('force=yes');
    const text = await readFile(backup('backup_information.yml'), 'utf8');
    await writeFile(
      backup('backup_information.yml'),
      text.replace(/gitlab_version: .*/, 'gitlab_version: 18.0.0'),
    );
    expect((await gitlabBackup('restore', 'force=yes')).output).toContain('version mismatch');
    // Half put aside: as a killed one leaves it.
    await mkdir(join(state(), 'restore', 'new'), { recursive: true });
    await program?.kill();
    program = await startProgram(state());
    expect(await everything()).toEqual(before);
  });
});
