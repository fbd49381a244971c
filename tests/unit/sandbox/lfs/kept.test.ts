// Git LFS objects over backups, restores and starts on what is not whole.
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createProject, removeProject } from '../../../../main/sandbox/api/new-project.ts';
import { createBackup } from '../../../../main/sandbox/backup/create.ts';
import { putAside } from '../../../../main/sandbox/backup/take-up.ts';
import { startSandbox } from '../../../../main/sandbox/server.ts';
import type { Sandbox } from '../../../../main/sandbox/server.ts';
import type { Project } from '../../../../main/sandbox/state.ts';

let folder: string;
let sandbox: Sandbox;
let warned: unknown[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autogit-sandbox-lfs-'));
  warned = [];
  sandbox = await start(state());
});
afterEach(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

const state = (...path: readonly string[]): string => join(folder, 'state', ...path);
const backup = (...path: readonly string[]): string => join(folder, 'state', 'backup', ...path);
const oidOf = (content: string): string => createHash('sha256').update(content).digest('hex');
const nameOf = (oid: string): string => join('lfs', oid.slice(0, 2), oid.slice(2, 4), oid.slice(4));

async function start(stateDir: string): Promise<Sandbox> {
  return await startSandbox({
    ...{ stateDir, host: '127.0.0.1', port: 0, rootToken: 'glpat-known', backups: true },
    log: (level, _message, fields) => {
      if (level === 'warn') warned.push(fields);
    },
  });
}

async function restart(stateDir = state()): Promise<void> {
  await sandbox.close();
  sandbox = await start(stateDir);
}

async function project(path: string): Promise<Project> {
  const { store, context } = sandbox;
  return await createProject(context, {
    ...{ creator: store.users.need(1), namespace: store.namespaces.need(1), path },
    ...{ initializeWithReadme: false, serverUrl: 'http://gitlab.test' },
  });
}

const authorization = `Basic ${Buffer.from('root:glpat-known').toString('base64')}`;
const objects = (path: string): string => `${sandbox.url}/root/${path}.git/gitlab-lfs/objects`;

async function keep(path: string, content: string): Promise<string> {
  const oid = oidOf(content);
  const href = `${objects(path)}/${oid}/${Buffer.byteLength(content)}`;
  const answer = await fetch(href, { method: 'PUT', headers: { authorization }, body: content });
  expect(answer.status).toBe(200);
  return oid;
}

async function contentOf(path: string, oid: string): Promise<string | number> {
  const answer = await fetch(`${objects(path)}/${oid}`, { headers: { authorization } });
  return answer.status === 200 ? await answer.text() : answer.status;
}

async function dump(): Promise<string> {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  await createBackup({ stateDir: state(), backupDir: backup(), now: () => new Date(), say });
  return lines.join('\n');
}

it('are in a backup, each once, without a second copy of the bytes, and counted', async () => {
  for (const path of ['one', 'two']) {
    await project(path);
    await keep(path, 'shared');
  }
  const oid = await keep('two', 'alone');
  expect(await dump()).toContain('Dumping lfs objects ... done (2)');
  expect(await readFile(backup('backup_information.yml'), 'utf8')).toMatch(/^ {2}lfs_objects: 2$/m);
  expect((await stat(backup(nameOf(oid)))).ino).toBe((await stat(state(nameOf(oid)))).ino);
  await cp(backup(), join(folder, 'again'), { recursive: true });
  await restart(join(folder, 'again'));
  expect(warned).toEqual([]);
  for (const path of ['one', 'two']) expect(await contentOf(path, oidOf('shared'))).toBe('shared');
  expect(await contentOf('two', oid)).toBe('alone');
  expect(await contentOf('one', oid)).toBe(404);
});

it('come back by a restore, and what came later goes', async () => {
  await project('one');
  const before = await keep('one', 'before');
  await dump();
  const after = await keep('one', 'after');
  await rm(state(nameOf(before)));
  await putAside({ stateDir: state(), backupDir: backup(), say: () => undefined });
  await restart();
  expect(await contentOf('one', before)).toBe('before');
  expect(await contentOf('one', after)).toBe(404);
});

it('of a project that goes while it is copied make the copy begin anew', async () => {
  const [first] = [await project('one'), await project('two')];
  const oid = await keep('one', 'gone');
  const removing: Promise<void>[] = [];
  const lines: string[] = [];
  await createBackup({
    ...{ stateDir: state(), backupDir: backup(), now: () => new Date() },
    say: (line) => {
      lines.push(line);
      // The database and the repositories are copied, the objects are not.
      if (line.startsWith('Dumping repositories ... done') && removing.length === 0)
        removing.push(removeProject(sandbox.context, first));
    },
  });
  await Promise.all(removing);
  expect(lines).toContain('A project has been deleted meanwhile: the copy begins anew');
  expect(lines).toContain('Dumping lfs objects ... done (0)');
  await expect(stat(backup(nameOf(oid)))).rejects.toThrow('ENOENT');
});

it('that are not whole are said at the start, are nobody’s then, and can be sent again', async () => {
  await project('one');
  const [cut, gone] = [await keep('one', 'a long text'), await keep('one', 'gone')];
  await truncate(state(nameOf(cut)), 3);
  await rm(state(nameOf(gone)));
  await restart();
  expect(warned).toMatchObject([{ key: 'sandbox.state-partly-lost', lfsObjects: 2 }]);
  for (const oid of [cut, gone]) expect(await contentOf('one', oid)).toBe(404);
  await keep('one', 'a long text');
  expect(await contentOf('one', cut)).toBe('a long text');
});

it('that a killed sandbox has left to nobody are removed, and those of projects that are not there put aside', async () => {
  await project('one');
  const mine = await keep('one', 'mine');
  const orphan = oidOf('orphan');
  await mkdir(dirname(state(nameOf(orphan))), { recursive: true });
  await writeFile(state(nameOf(orphan)), 'orphan');
  const unknown = oidOf('unknown');
  await mkdir(dirname(state(nameOf(unknown))), { recursive: true });
  await writeFile(state(nameOf(unknown)), 'unknown');
  await mkdir(state('lfs', 'projects', '7'));
  for (const oid of [unknown, mine]) await writeFile(state('lfs', 'projects', '7', oid), '7');
  await restart();
  await expect(stat(state(nameOf(orphan)))).rejects.toThrow('ENOENT');
  expect(await contentOf('one', mine)).toBe('mine');
  const [kept = ''] = await readdir(state('set-aside'));
  expect(kept).toMatch(/^\d+-7\.lfs$/);
  expect(await readdir(state('set-aside', kept))).toEqual([unknown]);
  expect(await readFile(state('set-aside', kept, unknown), 'utf8')).toBe('unknown');
  expect(warned).toMatchObject([{ setAside: [kept] }]);
});
