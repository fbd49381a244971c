import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBackupFiles, finishSwap } from '../../../../main/adapters/backup/files.ts';
import { swapHome } from '../../../../main/adapters/backup/home-swap.ts';
import { copyDatabase } from '../../../../main/adapters/store/copy-database.ts';
import { openDatabase } from '../../../../main/adapters/store/database.ts';

/** Deeds on the disk until the process is killed: the next one throws. */
const kill = vi.hoisted(() => ({ after: Number.POSITIVE_INFINITY }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>();
  const deadly =
    <A extends readonly unknown[], R>(deed: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (kill.after <= 0) throw new Error('killed');
      kill.after -= 1;
      return deed(...args);
    };
  return { ...real, rename: deadly(real.rename), rm: deadly(real.rm), rmdir: deadly(real.rmdir) };
});

let home = '';
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'autogit-swap-'));
});
afterEach(() => {
  kill.after = Number.POSITIVE_INFINITY;
  return rm(home, { recursive: true, force: true });
});

type Files = Readonly<Record<string, string>>;
const before: Files = {
  'settings.yaml': 'old',
  'state.db': 'old',
  'state.db-wal': 'old',
  'secrets/key': 'old',
  'templates/mine/a': 'old',
};
const restored: Files = {
  'settings.yaml': 'new',
  'state.db': 'new',
  'secrets/key': 'new',
  'secrets/secrets.enc': 'new',
  'stack/lab/compose.yaml': 'new',
};
const kept: Files = { 'logs/core.log': 'log', 'run/core.lock': 'lock', 'backups/restore.json': '{}' };

async function put(below: string, files: Files): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(home, below, file)), { recursive: true });
    await writeFile(path.join(home, below, file), text);
  }
}

async function filesIn(below: string): Promise<Record<string, string>> {
  const found = await readdir(path.join(home, below), { recursive: true, withFileTypes: true });
  const files = found
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const pairs = files.map(
    async (file) => [path.relative(path.join(home, below), file), await readFile(file, 'utf8')] as const,
  );
  return Object.fromEntries(await Promise.all(pairs));
}

const there = { from: 'scratch/7/home', to: 'before/7' };
const back = { from: 'before/7', to: 'undone/7' };

describe('the home is swapped', () => {
  beforeEach(async () => {
    await put('', { ...before, ...kept });
    await put('backups/scratch/7/home', restored);
  });

  it('whole, and what belongs to the machine stays', async () => {
    await swapHome(home, there);
    const { 'backups/before/7/secrets/key': key, ...now } = await filesIn('');
    expect(key).toBe('old');
    expect(now).toMatchObject({ ...restored, ...kept });
    expect(now['templates/mine/a']).toBeUndefined();
    expect(now['state.db-wal']).toBeUndefined();
    expect(await filesIn('backups/before/7')).toEqual(before);
  });

  it('and back, and there again is nothing', async () => {
    await swapHome(home, there);
    await swapHome(home, there);
    expect(await filesIn('')).toMatchObject(restored);
    await swapHome(home, back);
    await swapHome(home, back);
    const now = await filesIn('');
    expect(Object.fromEntries(Object.entries(now).filter(([file]) => !file.startsWith('backups/')))).toEqual({
      ...before,
      'logs/core.log': 'log',
      'run/core.lock': 'lock',
    });
    expect(await filesIn('backups/undone/7')).toEqual(restored);
  });

  it('as a whole or not at all, whenever the process is killed', async () => {
    for (let deeds = 0, isThrough = false; !isThrough; deeds += 1) {
      kill.after = Number.POSITIVE_INFINITY;
      await rm(home, { recursive: true, force: true });
      await put('', { ...before, ...kept });
      await put('backups/scratch/7/home', restored);
      kill.after = deeds;
      isThrough = await swapHome(home, there).then(
        () => true,
        () => false,
      );
      kill.after = Number.POSITIVE_INFINITY;
      const wasOpen = await stat(path.join(home, 'backups/swap.json')).then(
        () => true,
        () => false,
      );
      // As a start does, before it looks for a swap.
      await mkdir(path.join(home, 'secrets'), { recursive: true });
      expect(await finishSwap(home)).toBe(wasOpen);
      const now = await filesIn('');
      if (wasOpen || isThrough) {
        expect(now, `killed after ${String(deeds)} deeds`).toMatchObject(restored);
        expect(await filesIn('backups/before/7')).toEqual(before);
      } else {
        expect(now).toMatchObject({ ...before, ...kept });
      }
      expect(await finishSwap(home)).toBe(false);
      await swapHome(home, there);
      expect(await filesIn('')).toMatchObject(restored);
      expect(deeds).toBeLessThan(100);
    }
  });

  it('with secrets that nobody else may read, whatever the backup says', async () => {
    await chmod(path.join(home, 'backups/scratch/7/home/secrets'), 0o755);
    await swapHome(home, there);
    const modes = await Promise.all(
      ['secrets', 'secrets/key'].map(async (file) => (await stat(path.join(home, file))).mode & 0o777),
    );
    expect(modes).toEqual([0o700, 0o600]);
  });
});

describe('the home is copied', () => {
  it('with its database while that is in use, and without what belongs to the machine', async () => {
    await put('', { ...kept, 'settings.yaml': 's', 'secrets/key': 'k', 'stack/lab/compose.yaml': 'c' });
    const places = {
      root: home,
      settings: path.join(home, 'settings.yaml'),
      database: path.join(home, 'state.db'),
      secrets: path.join(home, 'secrets'),
    };
    const database = openDatabase(places.database);
    database.exec('CREATE TABLE t (a INT); INSERT INTO t VALUES (42)');
    const files = createBackupFiles({ home: places, copyDatabase });
    const folder = await files.fresh('stage');
    await files.copyHome(path.join(folder, 'home'));
    database.exec('INSERT INTO t VALUES (43)');
    database.close();
    const copied = Object.keys(await filesIn('backups/stage/home')).toSorted();
    expect(copied).toEqual(['secrets/key', 'settings.yaml', 'stack/lab/compose.yaml', 'state.db']);
    const copy = openDatabase(path.join(folder, 'home/state.db'));
    expect(copy.prepare('SELECT a FROM t').all()).toEqual([{ a: 42 }]);
    copy.close();
  });

  it('with the permissions of files, and no links', async () => {
    const from = path.join(home, 'data');
    await mkdir(from);
    await writeFile(path.join(from, 'a'), 'x'.repeat(3_000_000));
    await chmod(path.join(from, 'a'), 0o640);
    await fs.symlink('/etc/passwd', path.join(from, 'link'));
    const files = createBackupFiles({
      home: { root: home, settings: '', database: '', secrets: '' },
      copyDatabase,
    });
    await files.copyFolder(from, path.join(home, 'to'), new AbortController().signal);
    expect(await readdir(path.join(home, 'to'))).toEqual(['a']);
    const copied = await stat(path.join(home, 'to/a'));
    expect([copied.mode & 0o777, copied.size]).toEqual([0o640, 3_000_000]);
  });
});

describe('files below the folder of backups', () => {
  it('are never any others', async () => {
    const files = createBackupFiles({
      home: { root: home, settings: '', database: '', secrets: '' },
      copyDatabase,
    });
    for (const name of ['..', '../x', '/etc', 'a/../b', '', 'a//b', '.hidden']) {
      await expect((async () => files.fresh(name))()).rejects.toThrow('no name below');
    }
    await files.writeText('restore.json', '{"a":1}');
    expect(await files.readText('restore.json')).toBe('{"a":1}');
    await files.writeText('restore.json', null);
    expect(await files.readText('restore.json')).toBeNull();
    expect(await files.free()).toBeGreaterThan(0);
  });

  it('are removed even where a backup has left folders that nobody may write to', async () => {
    await put('backups/scratch/1/a', { b: '' });
    await chmod(path.join(home, 'backups/scratch/1/a'), 0o500);
    const files = createBackupFiles({
      home: { root: home, settings: '', database: '', secrets: '' },
      copyDatabase,
    });
    await files.remove('scratch/1');
    await files.remove('scratch/1');
    expect(await readdir(path.join(home, 'backups/scratch'))).toEqual([]);
  });
});
