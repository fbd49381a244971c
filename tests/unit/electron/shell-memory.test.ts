// What the desktop remembers, and what it makes of a file that somebody spoilt.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openShellMemory } from '../../../electron/shell-memory.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-memory-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the memory', () => {
  it('outlives the desktop, for its owner alone', async () => {
    const memory = openShellMemory(folder);
    memory.set({ route: '/jobs/12', bounds: { x: 1, y: 2, width: 800, height: 600 } });
    memory.set({ hasToldHiding: true });
    await memory.settled();
    expect(openShellMemory(folder).get()).toEqual({
      ...{ route: '/jobs/12', bounds: { x: 1, y: 2, width: 800, height: 600 } },
      ...{ isMaximized: false, hasToldHiding: true, hasToldNoTray: false },
    });
    expect((await stat(path.join(folder, 'shell.json'))).mode & 0o777).toBe(0o600);
  });

  it.each(['', '{', '[]', '{"bounds":{"x":1e400},"route":7,"hasToldHiding":"yes"}'])(
    'begins anew with %j',
    async (text) => {
      await writeFile(path.join(folder, 'shell.json'), text);
      expect(openShellMemory(folder).get()).toMatchObject({ bounds: null, route: '', hasToldHiding: false });
    },
  );

  it('goes on where nothing can be written', async () => {
    const memory = openShellMemory(path.join(folder, 'not-there'));
    memory.set({ route: '/jobs' });
    await memory.settled();
    expect(memory.get().route).toBe('/jobs');
  });
});
