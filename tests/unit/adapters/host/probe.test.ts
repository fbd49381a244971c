// The real probe: nothing rejects, nothing outlasts its deadline.
import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createProbe, placeOf } from '../../../../main/adapters/host/probe.ts';

const probe = createProbe();
let folder = '';

async function program(name: string, script: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-probe-'));
  await writeFile(path.join(folder, 'text'), 'hello\n', { mode: 0o640 });
  await symlink('text', path.join(folder, 'link'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('files', () => {
  it('are read, also those of the kernel, that have no size', async () => {
    expect(await probe.readFile(path.join(folder, 'text'))).toBe('hello\n');
    expect(await probe.readFile('/proc/self/status')).toContain('Name:');
  });

  it('that cannot be read are null, and so are folders and devices that never end', async () => {
    for (const file of ['/nowhere', folder, '/dev/zero']) expect(await probe.readFile(file)).toBeNull();
    expect(await probe.list('/nowhere')).toBeNull();
    expect(await probe.readLink(path.join(folder, 'text'))).toBeNull();
    expect(await probe.stat('/nowhere')).toBeNull();
  });

  it('have links, permissions and neighbours', async () => {
    expect(await probe.readLink(path.join(folder, 'link'))).toBe('text');
    expect(await probe.stat(path.join(folder, 'text'))).toMatchObject({
      mode: 0o640,
      owner: process.getuid?.(),
    });
    expect(await probe.list(folder)).toEqual(expect.arrayContaining(['link', 'text']));
  });

  it('hang together with all of their driver, and without what the kernel itself knows', () => {
    const card = '/sys/bus/pci/devices/0000:03:00.0';
    expect(placeOf(`${card}/hwmon/hwmon3/temp1_input`)).toBe(placeOf(`${card}/mem_info_vram_used`));
    expect(placeOf(card)).toBe(placeOf(`${card}/uevent`));
    expect(placeOf(card)).not.toBe(placeOf('/sys/bus/pci/devices/0000:04:00.0/uevent'));
    for (const name of ['class', 'vendor', 'device', 'power/runtime_status'])
      expect(placeOf(`${card}/${name}`)).toBe(`${card}/${name}`);
    const kfd = '/sys/class/kfd/kfd/topology/nodes';
    expect(placeOf(`${kfd}/1/properties`)).toBe(placeOf(`${kfd}/2/gpu_id`));
    expect(placeOf('/proc/meminfo')).toBe('/proc/meminfo');
    expect(probe.hangs(card)).toBe(false);
  });

  it('are read as far as it makes sense', async () => {
    const file = path.join(folder, 'large');
    await writeFile(file, 'x'.repeat(5 * 1024 * 1024));
    expect((await probe.readFile(file))?.length).toBe(4 * 1024 * 1024);
  });
});

describe('programs', () => {
  it('answer with their code and words, in the C locale, whatever they are told', async () => {
    const file = await program('answers', 'echo "$LC_ALL $1"; echo oops >&2; exit 255');
    expect(await probe.run(file, ['a b; $(id)'], 5000)).toEqual({
      outcome: 'ended',
      code: 255,
      stdout: 'C a b; $(id)\n',
      stderr: 'oops\n',
    });
  });

  it('get nothing to read', async () => {
    expect(await probe.run(await program('reads', 'cat; echo done'), [], 5000)).toMatchObject({
      stdout: 'done\n',
    });
  });

  it('that hang are ended at their deadline, with everything that they started', async () => {
    const pids = path.join(folder, 'pids');
    const file = await program('hangs', `sleep 60 & echo $$ $! > ${pids}; wait`);
    const started = performance.now();
    expect(await probe.run(file, [], 300)).toEqual({ outcome: 'timeout' });
    expect(performance.now() - started).toBeLessThan(5000);
    const left = (await readFile(pids, 'utf8')).trim().split(' ').map(Number);
    expect(left).toHaveLength(2);
    await vi.waitFor(() => expect(left.filter(isAlive)).toEqual([]), 5000);
  });

  it('that leave others behind are answered without waiting for them', async () => {
    const started = performance.now();
    expect(await probe.run(await program('leaves', 'sleep 60 & echo done'), [], 30_000)).toMatchObject({
      outcome: 'ended',
      code: 0,
      stdout: 'done\n',
    });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('that pay no heed to signals are ended all the same', async () => {
    const file = await program('stubborn', "trap '' TERM INT HUP; while :; do sleep 1; done");
    expect(await probe.run(file, [], 200)).toEqual({ outcome: 'timeout' });
  });

  it('that print a gigabyte are stopped after a few megabytes, on either output', async () => {
    const before = process.memoryUsage().rss;
    for (const to of ['', ' >&2']) {
      const file = await program(`floods${to.length}`, `head -c 1000000000 /dev/zero${to}`);
      const started = performance.now();
      expect(await probe.run(file, [], 60_000)).toEqual({ outcome: 'flood' });
      expect(performance.now() - started).toBeLessThan(10_000);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  it('whose words no program can be given are not run', async () => {
    expect(await probe.run('echo', ['a\0b'], 5000)).toEqual({ outcome: 'failed' });
    expect(await probe.run('echo', ['x'.repeat(10_000_000)], 5000)).toEqual({ outcome: 'failed' });
  });

  it('run one at a time, as seen by themselves', async () => {
    const busy = path.join(folder, 'busy');
    const file = await program('alone', `mkdir ${busy} || exit 9; sleep 0.1; rmdir ${busy}`);
    const all = await Promise.all(['1', '2', '3', '4'].map((word) => probe.run(file, [word], 20_000)));
    expect(all.map((ran) => ran.outcome === 'ended' && ran.code)).toEqual([0, 0, 0, 0]);
  });

  it('that die say so, and those that are not there or no programs as well', async () => {
    expect(await probe.run(await program('dies', 'echo half; kill -9 $$'), [], 5000)).toEqual({
      outcome: 'failed',
    });
    expect(await probe.run(path.join(folder, 'nothing'), [], 5000)).toEqual({ outcome: 'missing' });
    expect(await probe.run('no-such-tool-of-autogit', [], 5000)).toEqual({ outcome: 'missing' });
    expect(await probe.run(path.join(folder, 'text'), [], 5000)).toEqual({ outcome: 'failed' });
  });
});
