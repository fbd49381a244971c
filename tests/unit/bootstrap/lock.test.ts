// The lock between bootstraps: one at a time, never stuck on a dead owner.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../../main/bootstrap/lock.js';

let folder = '';
let lock = '';
const quiet = (): void => undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autogit-lock-'));
  lock = join(folder, 'lock');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the lock', () => {
  it('lets one work at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((done) => setImmediate(done));
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withLock(lock, quiet, work)));
    expect(most).toBe(1);
    expect(existsSync(lock)).toBe(false);
  });

  it('is taken over from a process that is dead', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(lock, String(dead));
    const owner = await withLock(lock, quiet, () => Promise.resolve(readFileSync(lock, 'utf8')));
    expect(owner).toBe(String(process.pid));
  });

  it('is taken over when it names nobody', async () => {
    writeFileSync(lock, '');
    expect(await withLock(lock, quiet, () => Promise.resolve('done'))).toBe('done');
  });

  it('is waited for, once said, while its owner lives', async () => {
    writeFileSync(lock, String(process.ppid));
    const told: number[] = [];
    const work = withLock(
      lock,
      (owner) => {
        told.push(owner);
        rmSync(lock);
      },
      () => Promise.resolve('done'),
    );
    expect(await work).toBe('done');
    expect(told).toEqual([process.ppid]);
  });

  it('is given back when the work fails', async () => {
    await expect(withLock(lock, quiet, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(lock)).toBe(false);
  });
});
