// Atomic files, the core's own file, and the clock.
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../main/adapters/host/clock.ts';
import { readCoreFile, removeCoreFile, writeCoreFile } from '../../../../main/adapters/host/core-file.ts';
import { readIfExists } from '../../../../main/adapters/host/files.ts';
import { writeDurably } from '../../../../main/durable.ts';
import { temporaryFolder } from './temporary.ts';

const core = {
  pid: 12,
  startedAt: 99,
  socket: '/run/x.sock',
  address: 'http://127.0.0.1:4000',
  version: '1.0.0',
};

describe('writeDurably', () => {
  it('replaces the content and the mode, and leaves nothing beside it', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'file');
    writeFileSync(file, 'a long old content', { mode: 0o644 });
    await writeDurably(file, 'new', 0o600);
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('cleans up when it cannot', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'taken', 'full'), { recursive: true });
    await expect(writeDurably(path.join(folder, 'taken'), 'new', 0o600)).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['taken']);
    expect(await readIfExists(path.join(folder, 'missing'))).toBeNull();
  });
});

describe('the core file', () => {
  it('is read back, and removed by its own core only', async () => {
    const paths = { coreFile: path.join(temporaryFolder(), 'core.json') };
    expect(await readCoreFile(paths)).toBeNull();
    await writeCoreFile(paths, core);
    expect(statSync(paths.coreFile).mode & 0o777).toBe(0o600);
    await removeCoreFile(paths, { ...core, startedAt: 98 });
    expect(await readCoreFile(paths)).toEqual(core);
    await removeCoreFile(paths, core);
    expect(await readCoreFile(paths)).toBeNull();
  });

  it.each(['', '{', '[]', '{"pid":0}', JSON.stringify({ ...core, address: 'http://evil.example:1' })])(
    'is not believed when it says %j',
    async (text) => {
      const paths = { coreFile: path.join(temporaryFolder(), 'core.json') };
      writeFileSync(paths.coreFile, text);
      expect(await readCoreFile(paths)).toBeNull();
    },
  );
});

describe('the clock', () => {
  it('sleeps until it is woken, without rejecting', async () => {
    const waker = new AbortController();
    const slept = systemClock.sleep(60_000, waker.signal);
    waker.abort();
    await slept;
    await systemClock.sleep(60_000, waker.signal);
    const before = systemClock.monotonic();
    await systemClock.sleep(5);
    expect(systemClock.monotonic() - before).toBeGreaterThan(3);
  });
});
