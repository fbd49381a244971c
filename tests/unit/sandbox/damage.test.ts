// The sandbox on a state that is damaged, from the future, read-only, or on a full disk: it starts with what is left
// where that is honest, or ends at once with one line and a status that others can tell apart.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProject } from '../../../main/sandbox/api/new-project.ts';
import { describeExit } from '../../../main/sandbox/exit.ts';
import { startSandbox } from '../../../main/sandbox/server.ts';
import type { Sandbox, SandboxOptions } from '../../../main/sandbox/server.ts';
import { pushRequest } from './fixture.ts';
import { endOfProgram, startProgram } from './program.ts';

type Log = NonNullable<SandboxOptions['log']>;

let folder: string;
let stateDir: string;
const open: Sandbox[] = [];
let logged: Parameters<Log>[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autogit-damage-'));
  stateDir = join(folder, 'state');
  logged = [];
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((sandbox) => sandbox.close()));
  rmSync(folder, { recursive: true, force: true });
});

const database = (): string => join(stateDir, 'sandbox.db');
const repository = (id: number): string => join(stateDir, 'repositories', `${id}.git`);

async function start(): Promise<Sandbox> {
  const sandbox = await startSandbox({
    ...{ stateDir, host: '127.0.0.1', port: 0, rootToken: 'glpat-known' },
    log: (...entry) => void logged.push(entry),
  });
  open.push(sandbox);
  return sandbox;
}

async function stop(): Promise<void> {
  await Promise.all(open.splice(0).map((sandbox) => sandbox.close()));
}

/** A project with a commit, and a pipeline with two jobs, of which one has a trace and an artifact. */
async function fillState(): Promise<void> {
  const { context, store } = await start();
  const creator = store.users.need(1);
  const project = await createProject(context, {
    creator,
    namespace: store.namespaces.need(1),
    path: 'demo',
    initializeWithReadme: true,
    serverUrl: 'http://gitlab.test',
  });
  const yamlText = 'a: {stage: build, script: [x]}\nb: {stage: test, script: [x]}\n';
  context.ci.createPipeline({ ...pushRequest(project, creator), yamlText });
  store.files.appendTrace(1, Buffer.from('hello'));
  const artifact = store.artifacts.insert({
    ...{ jobId: 1, projectId: 1, fileType: 'archive', fileFormat: 'zip', filename: 'a.zip' },
    ...{ size: 3, sha256: '', createdAt: '2026-01-02T03:04:05.000Z' },
  });
  writeFileSync(join(stateDir, 'artifacts', String(artifact.id)), 'abc');
  await stop();
}

function sql(statement: string): void {
  const file = new DatabaseSync(database());
  file.exec(statement);
  file.close();
}

const warnings = (): unknown[] => logged.filter(([level]) => level === 'warn').map(([, , fields]) => fields);

describe('a database that cannot be used', () => {
  const damages: readonly (readonly [string, () => void, number, string])[] = [
    ['that is cut', () => truncateSync(database(), 5000), 10, 'sandbox.state-damaged'],
    ['of other bytes', () => writeFileSync(database(), 'x'.repeat(9000)), 10, 'sandbox.state-damaged'],
    ['with a page of zeros', () => overwrite(database(), 8192), 10, 'sandbox.state-damaged'],
    ['that is empty while files are there', () => truncateSync(database(), 0), 10, 'sandbox.state-damaged'],
    ['that is gone while files are there', () => rmSync(database()), 10, 'sandbox.state-damaged'],
    ['from the future', () => sql('PRAGMA user_version = 99'), 11, 'sandbox.state-from-future'],
    ['that is a folder', () => replaceByFolder(database()), 12, 'sandbox.state-unwritable'],
  ];
  it.each(damages)('%s ends the program with a line and a status', async (_what, damage, status, key) => {
    await fillState();
    damage();
    const end = await endOfProgram(stateDir);
    expect(end).toMatchObject({ status, last: { level: 'error', key } });
    expect(end.lines).toHaveLength(1);
    expect(String(end.last['message'])).toContain(stateDir);
    // It changes nothing, so that whoever can mend it finds what was there.
    expect(existsSync(repository(1))).toBe(true);
  });

  it.each(['user', 'namespace', 'project', 'app_settings'])('for a %s that cannot be read', async (kind) => {
    await fillState();
    sql(`UPDATE entity SET json = '{"id":1' WHERE kind = '${kind}'`);
    await expect(start()).rejects.toMatchObject({ key: 'sandbox.state-damaged' });
  });
});

function overwrite(path: string, offset: number): void {
  const bytes = readFileSync(path);
  expect(bytes.length).toBeGreaterThan(offset + 4096);
  writeFileSync(path, bytes.fill(0, offset, offset + 4096));
}

function replaceByFolder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

describe('a folder that cannot be used', () => {
  it('because it is a file', async () => {
    writeFileSync(stateDir, '');
    expect(await endOfProgram(stateDir)).toMatchObject({
      status: 12,
      last: { key: 'sandbox.state-unwritable' },
    });
  });

  // A mount namespace of the test's own; not every machine lets a test have one.
  const mountable = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']).status === 0;
  const mounted = (script: string): readonly string[] => [
    ...['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', `set -e; ${script}; exec "$@"`, 'sh'],
  ];

  it.skipIf(!mountable)('because it is read-only', async () => {
    await fillState();
    const wrapper = mounted(
      `mount --bind '${stateDir}' '${stateDir}'; mount -o remount,bind,ro '${stateDir}'`,
    );
    expect(await endOfProgram(stateDir, { wrapper })).toMatchObject({
      status: 12,
      last: { key: 'sandbox.state-unwritable' },
    });
  });

  it.skipIf(!mountable)('because its disk is full', async () => {
    mkdirSync(stateDir);
    const wrapper = mounted(
      `mount -t tmpfs -o size=64k tmpfs '${stateDir}'; fill() { dd if=/dev/zero of='${stateDir}/fill' bs=1k 2>/dev/null || true; }; fill`,
    );
    expect(await endOfProgram(stateDir, { wrapper })).toMatchObject({
      status: 13,
      last: { key: 'sandbox.no-space' },
    });
  });

  it.skipIf(!mountable)(
    'any more, once its disk is full: it refuses, forgets nothing, and goes on',
    async () => {
      mkdirSync(stateDir);
      const wrapper = mounted(`mount -t tmpfs -o size=600k tmpfs '${stateDir}'`);
      const program = await startProgram(stateDir, { wrapper });
      try {
        const users = async (): Promise<number> => {
          const answer = await fetch(`${program.url}/api/v4/users?per_page=1`, {
            headers: { 'PRIVATE-TOKEN': 'glpat-known' },
          });
          return Number(answer.headers.get('x-total'));
        };
        let made = 1;
        let status = 201;
        while (status === 201) {
          const name = `user-${made}`;
          const body = {
            username: name,
            name: 'x'.repeat(20_000),
            email: `${name}@x`,
            password: 'long enough',
          };
          const answer = await fetch(`${program.url}/api/v4/users`, {
            method: 'POST',
            headers: { 'PRIVATE-TOKEN': 'glpat-known', 'content-type': 'application/json' },
            body: JSON.stringify(body),
          });
          status = answer.status;
          if (status === 201) made += 1;
        }
        expect(status).toBe(500);
        expect(await users()).toBe(made);
        expect(program.lines.at(-1)).toMatchObject({ level: 'error', key: 'sandbox.no-space' });
      } finally {
        await program.kill();
      }
    },
  );
});

describe('the program', () => {
  it('says what is wrong with its environment', async () => {
    const end = await endOfProgram(stateDir, { env: { AUTOGIT_SANDBOX_PORT: '99999' } });
    expect(end).toMatchObject({ status: 2, last: { key: 'sandbox.wrong-environment' } });
    expect(end.last['message']).toContain('AUTOGIT_SANDBOX_PORT');
  });

  it('says that its port is taken', async () => {
    const { port } = await start();
    const other = join(folder, 'other');
    const end = await endOfProgram(other, { env: { AUTOGIT_SANDBOX_PORT: String(port) } });
    expect(end).toMatchObject({ status: 15, last: { key: 'sandbox.port-in-use' } });
  });

  it('has a status for everything else', () => {
    expect(describeExit(new TypeError('x is not a function'))).toEqual({
      ...{ key: 'sandbox.failed', status: 1, message: 'x is not a function' },
    });
    expect(describeExit('odd').status).toBe(1);
  });
});

describe('a state that is damaged in part', () => {
  it('is as it was when nothing is damaged', async () => {
    await fillState();
    const { store } = await start();
    expect(warnings()).toEqual([]);
    expect(store.lost.size).toBe(0);
  });

  it('sets a damaged entity aside with what belongs to it, says so, and keeps its text', async () => {
    await fillState();
    sql(`UPDATE entity SET json = '{"id":1,"status":"odd"}' WHERE kind = 'pipeline'`);
    const { store } = await start();
    expect([store.pipelines.size, store.jobs.size, store.artifacts.size]).toEqual([0, 0, 0]);
    expect(store.projects.size).toBe(1);
    expect(warnings()).toMatchObject([
      { key: 'sandbox.state-partly-lost', entries: { pipeline: 1, job: 2, artifact: 1 } },
    ]);
    expect(readdirSync(join(stateDir, 'traces'))).toEqual([]);
    await stop();
    const file = new DatabaseSync(database());
    expect(file.prepare('SELECT kind, json FROM set_aside ORDER BY rowid').get()).toEqual({
      kind: 'pipeline',
      json: '{"id":1,"status":"odd"}',
    });
    file.close();
    logged = [];
    await start();
    expect(warnings()).toEqual([]);
  });

  it('brings a pipeline that lost a job to its end', async () => {
    await fillState();
    sql(`UPDATE entity SET json = 'x' WHERE kind = 'job' AND id = 1`);
    const { store } = await start();
    expect(store.jobs.all().map(({ name, status }) => [name, status])).toEqual([['b', 'pending']]);
  });

  it('never gives a number again that a lost counter had given', async () => {
    await fillState();
    sql('DELETE FROM sequence');
    const { store } = await start();
    const { projectId, ref } = store.pipelines.need(1);
    expect(store.nextPipelineIid(projectId)).toBe(2);
    expect(store.protectedTags.insert({ projectId, name: ref }).id).toBe(1);
    expect(store.projectVariables.insert({ projectId, key: 'K', value: 'v' }).id).toBe(1);
    expect(store.hooks.insert({ projectId, url: 'http://x', createdAt: '' }).id).toBe(1);
    expect(store.jobs.all().map((job) => job.id)).toEqual([1, 2]);
    expect(store.artifacts.insert({ ...store.artifacts.need(1), size: 0 }).id).toBe(2);
  });

  it('gives the administrator the token again that was lost', async () => {
    await fillState();
    sql(`DELETE FROM entity WHERE kind = 'personal_access_token'`);
    const { url, rootToken } = await start();
    expect(rootToken).toBe('glpat-known');
    const answer = await fetch(`${url}/api/v4/user`, { headers: { 'PRIVATE-TOKEN': 'glpat-known' } });
    expect(answer.status).toBe(200);
  });

  it('says that artifacts are missing, and fails the jobs that need them', async () => {
    await fillState();
    truncateSync(join(stateDir, 'artifacts', '1'), 1);
    const { store, context } = await start();
    expect(warnings()).toMatchObject([{ artifacts: 1 }]);
    const runner = store.runners.insert({ runnerType: 'instance_type', token: 'glrt-1', createdAt: '' });
    const taker = { runner, systemId: null, features: [] };
    context.ci.finishJob(context.ci.assignJob(1, taker)?.id ?? 0, { state: 'success' });
    expect(context.ci.assignJob(2, taker)).toBeNull();
    expect(store.jobs.need(2).failureReason).toBe('missing_dependency_failure');
  });

  it('makes a lost repository anew, empty, so that it can be pushed again', async () => {
    await fillState();
    rmSync(repository(1), { recursive: true });
    const { store } = await start();
    expect(warnings()).toMatchObject([{ repositories: ['root/demo'] }]);
    expect(store.projects.need(1).defaultBranch).toBeNull();
    expect(
      execFileSync('git', ['rev-parse', '--is-bare-repository'], { cwd: repository(1) }).toString(),
    ).toBe('true\n');
  });

  it.each(['HEAD', 'config'])('mends a repository without a usable %s, and loses nothing', async (name) => {
    await fillState();
    writeFileSync(join(repository(1), name), '[[');
    const { url } = await start();
    expect(warnings()).toEqual([]);
    const remote = `${url.replace('://', '://x:glpat-known@')}/root/demo.git`;
    const { stdout } = await promisify(execFile)('git', ['ls-remote', remote]);
    expect(stdout).toContain('refs/heads/main');
  });

  it('removes what a killed git left behind', async () => {
    await fillState();
    for (const path of ['refs/heads/main.lock', 'HEAD.lock', 'packed-refs.lock', 'objects/pack/tmp_pack_x'])
      writeOnTheWay(join(repository(1), path));
    mkdirSync(join(repository(1), 'objects/tmp_objdir-incoming-x'));
    await start();
    const left = readdirSync(repository(1), { recursive: true }).map(String);
    expect(left.filter((path) => /\.lock$|tmp_/.test(path))).toEqual([]);
    expect(left).toContain('refs/heads/main');
  });

  it('keeps a repository of nobody apart, and never gives it to a new project', async () => {
    await fillState();
    mkdirSync(repository(7));
    await start();
    expect(existsSync(repository(7))).toBe(false);
    expect(readdirSync(join(stateDir, 'set-aside'))).toEqual([expect.stringMatching(/^\d+-7\.git$/)]);
    expect(warnings()).toMatchObject([{ setAside: [expect.stringMatching(/-7\.git$/)] }]);
  });
});

function writeOnTheWay(path: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '');
}
