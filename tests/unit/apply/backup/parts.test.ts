// Parts of a backup are gathered in their order, each whole or by its name at fault, and put back by GitLab's own steps.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBackupFiles } from '../../../../main/adapters/backup/files.ts';
import { systemClock } from '../../../../main/adapters/host/clock.ts';
import type {
  PutGround,
  ServedGitlab,
  StackSeat,
  StageGround,
} from '../../../../main/apply/backup/context.ts';
import { readInformation } from '../../../../main/apply/backup/information.ts';
import { backupOrder, partsOf } from '../../../../main/apply/backup/order.ts';
import { putGitlab } from '../../../../main/apply/backup/put-gitlab.ts';
import { foldersToKeep, putServices } from '../../../../main/apply/backup/services.ts';
import { stageBackup } from '../../../../main/apply/backup/stage.ts';
import type { Compose } from '../../../../main/stack-ports.ts';
import { createFakeContainers } from '../../../fakes/fake-container-files.ts';
import type { FakeContainers, FakeProgram } from '../../../fakes/fake-container-files.ts';
import { FakeEngine } from '../../../fakes/fake-engine.ts';
import { silentLog } from '../../../fakes/silent-log.ts';

const never = new AbortController().signal;
const information = "---\n:db_version: '20260101'\n:gitlab_version: 19.3.3\n:skipped: tar\n";
const told = { id: '00000000-0000-4000-8000-000000000000', at: 1_000, tell: () => undefined, signal: never };

let folder: string;
let containers: FakeContainers;
let program: FakeProgram;
let seat: StackSeat;
let ground: StageGround & PutGround;
let composeCalls: string[];
let served: ServedGitlab;
let free: number;

const at = (...path: readonly string[]): string => join(folder, ...path);

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function refuse(name: string): () => never {
  return () => {
    throw new Error(`${name} is not part of this`);
  };
}

function fakeCompose(): Compose {
  const say = (what: string): Promise<void> => Promise.resolve(void composeCalls.push(what));
  return {
    version: refuse('version'),
    check: refuse('check'),
    logs: refuse('logs'),
    follow: refuse('follow'),
    exec: refuse('exec'),
    up: () => say('up'),
    down: () => say('down'),
    restart: (_, services) => say(`restart ${services.join(' ')}`),
    containers: () =>
      Promise.resolve([
        {
          ...{
            id: 'gitlab',
            name: 'autogit-lab-gitlab-1',
            service: 'gitlab',
            image: 'gitlab',
            state: 'running',
          },
          ...{ health: 'healthy', exitCode: null, startedAt: 1, restarts: 0 },
        } as const,
      ]),
  };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autogit-parts-'));
  composeCalls = [];
  served = 'stack';
  free = Number.MAX_SAFE_INTEGER;
  program = () => Promise.resolve({ code: 0, output: '' });
  containers = createFakeContainers(
    (container) => at(container === 'gitlab' ? 'gitlab' : 'helper'),
    (command, env) => program(command, env),
  );
  const home = {
    root: at('home'),
    settings: at('home', 's'),
    database: at('home', 'd'),
    secrets: at('home', 'x'),
  };
  await mkdir(home.root);
  // The one that empties folders does so at once.
  const engine = new FakeEngine({
    images: ['gitlab'],
    onStart: (process) => setImmediate(() => process.exit(0)),
  });
  seat = {
    ...{ lab: 'lab', data: '/srv/lab', engine, images: { gitlab: 'gitlab' } },
    project: { name: 'autogit-lab', folder: '/nowhere', engine: engine.host },
    folders: ['/srv/lab/gitlab/data', '/srv/lab/gitlab/logs', '/srv/lab/authelia', '/srv/lab/authelia-redis'],
  };
  const files = createBackupFiles({ home, copyDatabase: () => Promise.resolve() });
  const secrets: StageGround['secrets'] = {
    ...{ get: () => null, set: () => Promise.resolve(), remove: () => Promise.resolve() },
    ...{ names: () => [], values: () => [], sign: () => '' },
  };
  ground = {
    files: { ...files, free: () => Promise.resolve(free) },
    connectContainers: () => containers.files,
    ...{ clock: systemClock, log: silentLog, instance: 'a'.repeat(32), machine: 'here', autogit: '1.0.0' },
    ...{
      served: () => served,
      nice: () => 19,
      sandbox: refuse('sandbox'),
      stack: () => Promise.resolve(seat),
      secrets,
    },
    compose: fakeCompose(),
    folder: {
      ...{ pathOf: refuse('pathOf'), read: refuse('read'), write: refuse('write'), remove: refuse('remove') },
      ...{ keepPrevious: refuse('keep'), previous: refuse('previous'), look: refuse('look') },
      ...{ removeStack: refuse('removeStack'), removeData: refuse('removeData') },
      makeData: () => Promise.resolve(true),
    },
    images: { has: () => Promise.resolve(true), labels: refuse('labels'), pull: refuse('pull') },
    host: { sandboxRootfs: refuse('sandboxRootfs') },
  };
  await write(at('gitlab', 'etc', 'gitlab', 'gitlab-secrets.json'), '{}');
  await write(at('gitlab', 'etc', 'gitlab', 'gitlab.rb'), 'external_url');
  await write(at('helper', 'autogit-data', 'authelia', 'db.sqlite3'), 'first');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** GitLab's own program, as far as it matters here: it moves nothing by itself. */
const goodGitlab: FakeProgram = async ([name, , ...rest]) => {
  if (name === 'sh') {
    expect(rest.at(0)).toContain('mkdir -m 700 autogit');
    await write(
      at('gitlab', 'var', 'opt', 'gitlab', 'backups', 'autogit', 'backup_information.yml'),
      information,
    );
    await write(at('gitlab', 'var', 'opt', 'gitlab', 'backups', 'autogit', 'db', 'database.sql.gz'), 'sql');
  }
  return { code: 0, output: name === 'id' ? '998\n' : '' };
};

describe('a backup of a stack', () => {
  it('has the home, what GitLab says of itself, its secrets without what AutoGit renders, and the services', async () => {
    program = goodGitlab;
    const { folder: staged, manifest } = await stageBackup(ground, told);
    expect(manifest.parts.map(({ part }) => part)).toEqual(['home', 'gitlab', 'services']);
    expect(manifest.parts[1]).toMatchObject({ version: '19.3.3', counts: {} });
    const counts = () => Promise.resolve({ projects: 52 });
    const counted = await stageBackup({ ...ground, counts }, told);
    expect(counted.manifest.parts[1]?.counts).toEqual({ projects: 52 });
    expect(manifest.stack).toEqual({ lab: 'lab', data: '/srv/lab', images: { gitlab: 'gitlab' } });
    expect(await readdir(join(staged, 'gitlab', 'config'))).toEqual(['gitlab-secrets.json']);
    expect((await readdir(join(staged, 'gitlab', 'backup'))).toSorted()).toEqual([
      'backup_information.yml',
      'db',
    ]);
    expect(await readFile(join(staged, 'services', 'authelia', 'db.sqlite3'), 'utf8')).toBe('first');
  });

  it('asks GitLab for plain files, and removes what was left before and after', async () => {
    const envs: Readonly<Record<string, string>>[] = [];
    program = async (command, env) => {
      if (command.includes('gitlab-backup')) envs.push(env);
      return await goodGitlab(command, env);
    };
    await stageBackup(ground, told);
    expect(envs).toEqual([{ COMPRESS_CMD: 'cat', DECOMPRESS_CMD: 'cat' }]);
    const calls = containers.calls.filter((call) => call.startsWith('exec'));
    const create = calls.findIndex((call) =>
      call.includes('nice -n 19 gitlab-backup create SKIP=tar STRATEGY=copy'),
    );
    const removals = calls.flatMap((call, index) =>
      call.includes('rm -rf /var/opt/gitlab/backups/autogit') ? [index] : [],
    );
    expect(create).toBeGreaterThan(0);
    expect(removals[0]).toBeLessThan(create);
    expect(removals.at(-1)).toBeGreaterThan(create);
    expect(calls.join('\n')).not.toContain('_gitlab_backup.tar');
  });

  it('names the part that failed, and leaves nothing in GitLab', async () => {
    program = (command) =>
      Promise.resolve(
        command.includes('gitlab-backup')
          ? { code: 1, output: 'pg_dump: no room\n' }
          : { code: 0, output: '' },
      );
    await expect(stageBackup(ground, told)).rejects.toMatchObject({
      key: 'backup.dump-failed',
      fields: { part: 'gitlab' },
    });
    expect(containers.calls.at(-1)).toContain('rm -rf');
  });

  it('is refused before GitLab does anything when there is no room for it', async () => {
    free = 300 * 1024 * 1024;
    program = ([name]) =>
      Promise.resolve({ code: 0, output: name === 'du' ? '1000000\t/x\n1000000\ttotal\n' : '' });
    await expect(stageBackup(ground, told)).rejects.toMatchObject({ key: 'backup.no-space' });
    expect(containers.calls.join('\n')).not.toContain('gitlab-backup');
  });

  it('copies a database again until nobody has written to it meanwhile', async () => {
    program = goodGitlab;
    let looks = 0;
    containers.onFetch = async (path) => {
      if (!path.endsWith('/authelia')) return;
      looks += 1;
      if (looks <= 3) await write(at('helper', 'autogit-data', 'authelia', 'db.sqlite3'), `write ${looks}`);
    };
    const { folder: staged } = await stageBackup(ground, told);
    expect(looks).toBe(4);
    expect(await readFile(join(staged, 'services', 'authelia', 'db.sqlite3'), 'utf8')).toBe('write 3');
    containers.onFetch = async (path) => {
      if (path.endsWith('/authelia'))
        await write(at('helper', 'autogit-data', 'authelia', 'db.sqlite3'), String((looks += 1)));
    };
    await expect(stageBackup(ground, told)).rejects.toMatchObject({
      key: 'backup.dump-failed',
      fields: { part: 'services' },
    });
  });
});

describe('the way back', () => {
  it('of GitLab: its keys before its first start, nobody writing, its own restore, another start, its own checks', async () => {
    program = goodGitlab;
    const { folder: staged, manifest } = await stageBackup(ground, told);
    const before = containers.calls.length;
    await putGitlab(
      ground,
      staged,
      manifest.stack ?? { lab: '', data: '', images: {} },
      () => undefined,
      never,
    );
    expect(composeCalls).toEqual(['down', 'up', 'restart gitlab']);
    const calls = containers.calls
      .slice(before)
      .map((call) => call.replace(/container-\w+|[0-9a-f]{12,}/, 'helper'));
    const order = [
      'put',
      'gitlab-ctl stop puma',
      'gitlab-ctl stop sidekiq',
      'put gitlab /var/opt/gitlab/backups 998:998',
    ];
    const then = [
      'gitlab-backup restore force=yes',
      'gitlab-rake gitlab:check',
      'gitlab-rake gitlab:doctor:secrets',
    ];
    const places = [...order, ...then].map((what) => calls.findIndex((call) => call.includes(what)));
    expect(places).toEqual([...places].toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(calls[places[0] ?? 0]).toContain('/autogit-config 0:0');
  });

  it("of GitLab says so when GitLab's own restore refuses", async () => {
    program = goodGitlab;
    const { folder: staged, manifest } = await stageBackup(ground, told);
    program = async (command, env) =>
      command[1] === 'restore'
        ? { code: 1, output: 'GitLab version mismatch' }
        : await goodGitlab(command, env);
    const stack = manifest.stack ?? { lab: '', data: '', images: {} };
    const put = putGitlab(ground, staged, stack, () => undefined, never);
    await expect(put).rejects.toMatchObject({ key: 'backup.restore-failed' });
    await expect(put).rejects.toThrow('version mismatch');
  });

  it('of the services gives each folder the owner it had', async () => {
    program = goodGitlab;
    const { folder: staged, manifest } = await stageBackup(ground, told);
    await putServices(
      ground,
      staged,
      manifest.stack ?? { lab: '', data: '', images: {} },
      () => undefined,
      never,
    );
    expect(containers.calls.at(-1)).toMatch(/^put \S+ \/autogit-data\/authelia 7:8$/);
    expect(composeCalls).toEqual(['down', 'up']);
  });

  it('of the services gives everything in them the owner, the mode and the time it had', async () => {
    program = goodGitlab;
    const { folder: staged, manifest } = await stageBackup(ground, told);
    const stack = manifest.stack ?? { lab: '', data: '', images: {} };
    await putServices(ground, staged, stack, () => undefined, never);
    const was = { uid: 7, gid: 8, mode: 0o640, at: 1_000 };
    expect([...containers.put]).toEqual(
      expect.arrayContaining([
        ['/autogit-data/authelia/', was],
        ['/autogit-data/authelia/db.sqlite3', was],
      ]),
    );
  });

  it('of the services takes a backup without them as well', async () => {
    program = goodGitlab;
    const { folder: staged, manifest } = await stageBackup(ground, told);
    await rm(join(staged, 'services', 'entries.jsonl'));
    const stack = manifest.stack ?? { lab: '', data: '', images: {} };
    await putServices(ground, staged, stack, () => undefined, never);
    expect(containers.calls.at(-1)).toMatch(/^put \S+ \/autogit-data\/authelia 7:8$/);
    expect(containers.put.size).toBe(0);
  });
});

describe('the order', () => {
  it('begins with the home, stops nothing, and has each part once', () => {
    for (const kind of ['none', 'sandbox', 'stack', 'elsewhere'] as const)
      for (const hasStack of [true, false]) {
        const steps = backupOrder(kind, hasStack);
        expect(steps.map(({ part }) => part)).toEqual(partsOf(kind, hasStack));
        expect(steps[0]?.part).toBe('home');
        expect(steps.every(({ awaySeconds }) => awaySeconds === 0)).toBe(true);
        expect(new Set(steps.map(({ part }) => part)).size).toBe(steps.length);
      }
  });

  it('leaves out logs, sessions and what GitLab brings itself', () => {
    expect(
      foldersToKeep({
        data: '/d',
        folders: ['/d/a', '/d/a/logs', '/d/gitlab/data', '/d/b-redis', '/e/c', '/d'],
      }),
    ).toEqual(['a']);
  });
});

describe('what a backup says about itself', () => {
  it('is read from GitLab and the sandbox alike', () => {
    expect(readInformation(information)).toEqual({ version: '19.3.3', counts: {} });
    const sandbox = ':gitlab_version: 19.3.0\n:counts:\n  projects: 3\n  ssh_keys: 2\n:more: 1\n';
    expect(readInformation(sandbox)).toEqual({ version: '19.3.0', counts: { projects: 3, ssh_keys: 2 } });
  });

  it('may be anything: it never throws, and never counts what is no number', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { counts } = readInformation(`:counts:\n  ${text}`);
        expect(Object.values(counts).every((count) => Number.isSafeInteger(count))).toBe(true);
      }),
    );
  });
});
