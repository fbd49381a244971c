// What the real probe knows of its own process and machine, and what the library for other systems answers here.
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOtherSystem } from '../../../../main/adapters/host/other-system.ts';
import { createProbe } from '../../../../main/adapters/host/probe.ts';

const probe = createProbe();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-own-'));
  await writeFile(path.join(folder, 'mine'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the probe', () => {
  it('knows its process', () => {
    expect(probe.self()).toMatchObject({
      ...{ platform: process.platform, arch: process.arch, machine: os.machine(), hostname: os.hostname() },
      ...{ uid: process.getuid?.() ?? null, usableThreads: os.availableParallelism() },
    });
  });

  it('sees the disk of a folder, and none where there is no folder', async () => {
    const { blocks, bsize } = await statfs(folder);
    expect((await probe.disk(folder))?.total).toBe(blocks * bsize);
    expect(await probe.disk(path.join(folder, 'nothing'))).toBeNull();
  });

  it('knows what it may use', async () => {
    expect(await probe.mayUse(path.join(folder, 'mine'))).toBe(true);
    expect(await probe.mayUse(path.join(folder, 'nothing'))).toBe(false);
  });

  it.skipIf(process.platform !== 'linux')('asks no library on Linux', async () => {
    expect(await probe.otherSystem()).toBeNull();
  });
});

describe('the library for other systems', { timeout: 60_000 }, () => {
  it('gives answers that are understood', async () => {
    const found = await readOtherSystem();
    expect(found.totalBytes).toBe(os.totalmem());
    expect(found.threads).toBe(os.cpus().length);
    expect(found.osName).not.toBeNull();
  });
});
