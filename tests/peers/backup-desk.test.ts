// Backups end to end: a real core with real restic on a folder, and no container engine.
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createCore } from '../../main/index.ts';
import type { Core } from '../../main/index.ts';
import type { CoreDoor } from '../../main/contract/contract.ts';
import { describeWithPeer, findRestic } from './peers.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../../main/cli/main.ts');

let folder: string;
let env: Record<string, string>;
let core: Core | null = null;

async function openCore(): Promise<CoreDoor> {
  core = await createCore({ env, home: 'default', act: true, terminalLogLevel: 'error' });
  await core.start();
  return core.through('cli');
}

async function closeCore(): Promise<void> {
  await core?.stop();
  core = null;
}

/** Lock files that are left in the repository. */
async function locks(): Promise<readonly string[]> {
  return readdir(join(folder, 'repository/locks'));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autogit-desk-'));
  const { PATH = '', HOME = folder } = process.env;
  // No engine at all: what is backed up is the home.
  env = {
    PATH,
    HOME,
    AUTOGIT_HOME: join(folder, 'home'),
    DOCKER_HOST: `unix://${folder}/no-engine.sock`,
    NO_COLOR: '1',
  };
});
afterEach(closeCore);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describeWithPeer('the desk of backups with restic on a folder', await findRestic(), (restic) => {
  it(
    'makes a password once, backs up, lists, looks inside, checks, proves and prunes',
    { timeout: 240_000 },
    async () => {
      const door = await openCore();
      const target = { name: 'nas', kind: 'folder', path: join(folder, 'repository') } as const;
      await expect(door.call('backup.create', {})).rejects.toMatchObject({ key: 'backup.no-target' });
      await door.call('backup.add-target', { target });
      const { words } = await door.call('backup.sheet', {});
      expect(words).toHaveLength(12);
      const begun = await door.call('backup.create', { wait: false });
      expect(begun.run).toBe(1);
      const told: string[] = [];
      for await (const { outcome, step } of door.stream('backup.watch', {}, new AbortController().signal))
        told.push(outcome ?? step ?? 'begin');
      expect(told.at(-1)).toBe('done');
      const { backups } = await door.call('backup.list', {});
      expect(backups).toMatchObject([{ target: 'nas', parts: ['home'], damage: null, provenAt: null }]);
      const inside = await door.call('backup.inspect', { backup: 'newest', path: 'home' });
      expect(inside.parts).toMatchObject([{ part: 'home' }]);
      expect(inside.entries.map(({ path }) => path)).toContain('home/settings.yaml');
      await door.call('backup.verify', { all: true });
      await door.call('backup.drill', {});
      const [proven] = (await door.call('backup.list', {})).backups;
      expect(proven?.provenMs).toBeGreaterThan(0);
      const would = await door.call('backup.prune', { dryRun: true });
      expect(would.backups.map(({ kept }) => kept.includes('the newest'))).toEqual([true]);
      await door.call('backup.create', {});
      await door.call('settings.change', { path: 'backups.keep.days', value: '0' });
      await door.call('backup.prune', {});
      // The newest, and the newest that was proven.
      expect((await door.call('backup.list', { fresh: true })).backups).toHaveLength(2);
      expect(await locks()).toEqual([]);
      const { backups: summary } = await door.call('snapshot.show', {});
      expect(summary).toMatchObject({ running: null, lastProvenMs: proven?.provenMs });
      await closeCore();
    },
  );

  it('stops when a person says so, and keeps what was there', { timeout: 120_000 }, async () => {
    const door = await openCore();
    const before = (await door.call('backup.list', {})).backups.length;
    const begun = await door.call('backup.create', { wait: false });
    await door.call('backup.cancel', {});
    const { runs } = await door.call('backup.show', {});
    expect(runs[0]).toMatchObject({ id: begun.run, outcome: 'cancelled' });
    expect((await door.call('backup.list', { fresh: true })).backups).toHaveLength(before);
    await closeCore();
  });

  it(
    'writes nothing where its repository is gone: an empty mount point is no new place',
    { timeout: 120_000 },
    async () => {
      const door = await openCore();
      const at = join(folder, 'repository');
      await rename(at, `${at}-away`);
      await mkdir(at);
      await expect(door.call('backup.create', {})).rejects.toMatchObject({ key: 'backup.no-repository' });
      expect(await readdir(at)).toEqual([]);
      await rmdir(at);
      await rename(`${at}-away`, at);
      await door.call('backup.create', {});
      await closeCore();
    },
  );

  it(
    'is killed in the middle of a backup: the next core closes the run, and the next backup is green',
    { timeout: 240_000 },
    async () => {
      const child = spawn(process.execPath, [program, 'backup', 'create'], {
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const gone = new Promise((resolve) => child.once('exit', resolve));
      await new Promise<void>((resolve) => {
        let said = '';
        child.stderr.on('data', (part: Buffer) => {
          said += part.toString();
          if (said.includes('Sending it to nas')) resolve();
        });
        child.once('exit', () => resolve());
      });
      child.kill('SIGKILL');
      await gone;
      const door = await openCore();
      const { runs } = await door.call('backup.show', {});
      expect(['interrupted', 'done']).toContain(runs[0]?.outcome);
      await door.call('backup.create', {});
      await expect.poll(locks, { timeout: 20_000 }).toEqual([]);
      await door.call('backup.verify', {});
      await closeCore();
      // Whoever has restic and the words needs nothing else.
      const sheet = await openCore().then((again) => again.call('backup.sheet', {}));
      await closeCore();
      const password = (sheet.words ?? []).join(' ');
      const { stdout } = await run(
        restic(),
        ['-r', join(folder, 'repository'), 'snapshots', '--json', '--tag', 'autogit'],
        {
          env: { ...env, RESTIC_PASSWORD: password },
        },
      );
      expect(z.array(z.unknown()).parse(JSON.parse(stdout)).length).toBeGreaterThanOrEqual(3);
    },
  );
});
