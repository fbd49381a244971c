// Disks by their labels, as udev and the kernel write them.
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDisks } from '../../../../main/adapters/backup/disks.ts';
import type { DiskPlaces } from '../../../../main/adapters/backup/disks.ts';

describe('disks by label', () => {
  let folder: string;
  let places: DiskPlaces;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'autogit-disks-')));
    places = {
      platform: 'linux',
      labels: join(folder, 'by-label'),
      mounts: join(folder, 'mountinfo'),
      volumes: join(folder, 'volumes'),
    };
    await mkdir(places.labels);
    for (const name of ['sdb1', 'sdc1', 'sdd1']) await writeFile(join(folder, name), '');
    await symlink('../sdb1', join(places.labels, 'BACKUP'));
    await symlink('../sdc1', join(places.labels, 'm\\xc3\\xa4in\\x20disk'));
    await symlink('../sdd1', join(places.labels, 'away'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are those that are mounted, and where', async () => {
    await writeFile(
      places.mounts,
      [
        `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw`,
        `30 22 8:17 /only/this /srv/bound rw - ext4 ${folder}/sdb1 rw`,
        `31 22 8:17 / /media/ana/BACKUP rw,nosuid shared:7 master:2 - ext4 ${folder}/sdb1 rw`,
        `32 22 0:45 /@data /media/ana/my\\040disk rw - btrfs ${folder}/sdc1 rw`,
        `33 22 0:46 / /proc rw - proc proc rw`,
        '',
      ].join('\n'),
    );
    expect(await findDisks(places)).toEqual({
      BACKUP: '/media/ana/BACKUP',
      'mäin disk': '/media/ana/my disk',
    });
  });

  it('are none where nothing tells of them', async () => {
    expect(await findDisks(places)).toEqual({});
    expect(await findDisks({ ...places, labels: '/none', mounts: '/none' })).toEqual({});
    expect(await findDisks({ ...places, platform: 'win32' })).toEqual({});
  });

  it('are the volumes of a Mac', async () => {
    await mkdir(join(places.volumes, 'BACKUP'), { recursive: true });
    expect(await findDisks({ ...places, platform: 'darwin' })).toEqual({
      BACKUP: join(places.volumes, 'BACKUP'),
    });
  });
});
