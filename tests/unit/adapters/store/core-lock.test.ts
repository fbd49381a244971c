// One core per home, whatever becomes of the one that had the lock.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireCoreLock } from '../../../../main/adapters/store/core-lock.ts';

let folder: string;
let paths: { coreLock: string };
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'autogit-lock-'));
  paths = { coreLock: path.join(folder, 'core.lock') };
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a process that tries to take the lock and holds it; resolves with what became of it. */
async function contender(): Promise<{ child: ChildProcess; outcome: string }> {
  const module = path.join(import.meta.dirname, '../../../../main/adapters/store/core-lock.ts');
  const program = `import { acquireCoreLock } from ${JSON.stringify(module)};
    await acquireCoreLock({ coreLock: ${JSON.stringify(paths.coreLock)} })
      .then(() => console.log('held'), (error) => console.log(error.key));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const said: unknown[] = await once(child.stdout, 'data');
  return { child, outcome: String(said[0]).trim() };
}

describe('the core lock', () => {
  it('is held by one, also within a process, until it is released', async () => {
    const lock = await acquireCoreLock(paths);
    await expect(acquireCoreLock(paths)).rejects.toMatchObject({ key: 'core.already-running' });
    expect((await contender()).outcome).toBe('core.already-running');
    lock.release();
    expect((await contender()).outcome).toBe('held');
  });

  it('is free again after kill -9 of its holder', async () => {
    const first = await contender();
    expect(first.outcome).toBe('held');
    first.child.kill('SIGKILL');
    await once(first.child, 'close');
    const lock = await acquireCoreLock(paths);
    lock.release();
  });

  it('has exactly one winner when several start at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => contender()));
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual([
      ...Array.from({ length: 5 }, () => 'core.already-running'),
      'held',
    ]);
  });

  it('tells when the folder is missing', async () => {
    await expect(acquireCoreLock({ coreLock: path.join(folder, 'no', 'core.lock') })).rejects.toMatchObject({
      key: 'store.cannot-open',
    });
  });
});
