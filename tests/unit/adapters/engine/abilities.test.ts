// Disks that can be limited and processors that are emulated, as the kernel tells it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { canLimitDisk, detectEmulated, hasProjectQuota } from '../../../../main/adapters/engine/abilities.ts';

const mounts = [
  '/dev/vda1 / ext4 rw,relatime 0 0',
  '/dev/vdb /var/lib/docker xfs rw,relatime,attr2,inode64,prjquota 0 0',
  '/dev/vdc /var/lib/docker/volumes xfs rw,noquota 0 0',
].join('\n');

it('sees project quotas of the file system that holds a folder', () => {
  expect(hasProjectQuota('/var/lib/docker', mounts)).toBe(true);
  expect(hasProjectQuota('/var/lib/docker/overlay2', mounts)).toBe(true);
  expect(hasProjectQuota('/var/lib/docker/volumes/x', mounts)).toBe(false);
  expect(hasProjectQuota('/var/lib/docker2', mounts)).toBe(false);
});

it('tells which engines take a size: those that are known to, and no other', () => {
  const docker = {
    kind: 'docker',
    rootless: false,
    storageDriver: 'overlay2',
    dataFolder: '/var/lib/docker',
  } as const;
  expect(canLimitDisk(docker, mounts)).toBe(true);
  expect(canLimitDisk({ ...docker, rootless: true }, mounts)).toBe(false);
  expect(canLimitDisk({ ...docker, dataFolder: '/other' }, mounts)).toBe(false);
  expect(canLimitDisk(docker, null)).toBe(false);
  expect(canLimitDisk({ ...docker, storageDriver: 'btrfs' }, null)).toBe(true);
  expect(canLimitDisk({ ...docker, kind: 'podman', storageDriver: 'btrfs' }, null)).toBe(false);
  expect(canLimitDisk({ ...docker, storageDriver: 'vfs' }, mounts)).toBe(false);
});

it('counts interpreters that are on and work inside containers', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-binfmt-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const write = (name: string, text: string): Promise<void> => writeFile(path.join(folder, name), text);
  const handler = (state: string, flags: string, machine: string): string =>
    `${state}\ninterpreter /usr/bin/qemu\nflags: ${flags}\noffset 0\nmagic 7f454c460201010000000000000000000200${machine}\n`;
  await write('qemu-aarch64', handler('enabled', 'OCF', 'b700'));
  await write('qemu-s390x', handler('enabled', '', '0016'));
  await write('qemu-riscv64', handler('disabled', 'OCF', 'f300'));
  await write('python3.11', 'enabled\nflags: F\n');
  expect(await detectEmulated(folder)).toEqual(['arm64']);
  expect(await detectEmulated(path.join(folder, 'missing'))).toEqual([]);
});
