// What a pool may say of the containers of its jobs, and what is refused with which words.
import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../../main/config/parse-settings.ts';
import { cacheVolumeName, mostCaches, unwantedCaches } from '../../../main/model/cache.ts';
import { poolSchema } from '../../../main/model/pool.ts';
import { ownContainerPart, parseMount, whyNoMount } from '../../../main/model/pool-container.ts';

const messagesOf = (pool: object, home: string | null = null): readonly string[] =>
  parseSettings(JSON.stringify({ pools: [{ name: 'p', ...pool }] }), home).problems.map(
    ({ message }) => message,
  );

describe('settings of a pool about containers', () => {
  it.each<[string, object, RegExp]>([
    [
      'a disk that is too small',
      { diskMiB: 1 },
      /pools\[0\]\.diskMiB is 1; allowed is .* from 64 to 67108864/,
    ],
    ['no processes', { pids: 0 }, /pools\[0\]\.pids is 0; allowed is a whole number from 16 to 4194304/],
    ['too much shared memory', { shmMiB: 2e9 }, /pools\[0\]\.shmMiB .* from 1 to 1048576/],
    ['an unknown processor', { arch: 'x64' }, /pools\[0\]\.arch is "x64"; allowed is 386 or amd64 or arm64/],
    ['a name that is no name', { env: { 'a b': '1' } }, /pools\[0\]\.env/],
    ["a name of GitLab's", { env: { CI_JOB_TOKEN: 'x' } }, /pools\[0\]\.env.*CI_/],
    ['a value of two lines', { env: { A: 'x\ny' } }, /pools\[0\]\.env\.A .*no control characters/],
    ['a folder without a place', { mounts: ['/srv'] }, /pools\[0\]\.mounts\[0\] .*FOLDER:PLACE/],
    ['a relative folder', { mounts: ['srv:/x'] }, /mounts\[0\] .*absolute paths without `\.\.`/],
    ['a way upwards', { mounts: ['/srv/../etc:/x'] }, /mounts\[0\] .*without `\.\.`/],
    ['the whole machine', { mounts: ['/:/host'] }, /mounts\[0\] .*not \/ itself/],
    ['an engine', { mounts: ['/srv/docker.sock:/x'] }, /mounts\[0\] .*no socket of an engine/],
    [
      "the folder of an engine's socket",
      { mounts: ['/run/user/1000:/x'] },
      /mounts\[0\] .*nothing in or around \/run/,
    ],
    ['a folder around it', { mounts: ['/var:/x:rw'] }, /mounts\[0\] .*nothing in or around \/var/],
    [
      'the place of the builds',
      { mounts: ['/srv/a:/builds/x'] },
      /mounts\[0\] .*nothing in or around \/builds/,
    ],
    ['a device elsewhere', { devices: ['/etc/passwd'] }, /devices\[0\] .*a path like \/dev\/kvm/],
    [
      'a device that gives the machine away',
      { devices: ['/dev/sda1'] },
      /devices\[0\] .*one of \/dev\/kvm, \/dev\/fuse, .*\/dev\/bus\/usb\/BUS\/DEVICE/,
    ],
    [
      'the data of an engine without root',
      { mounts: ['/home/me/.local/share/containers/storage:/x'] },
      /mounts\[0\] .*nothing in or around ~\/\.local\/share\/docker/,
    ],
    [
      'the machine',
      { executor: 'image', capabilities: ['SYS_ADMIN'] },
      /capabilities\[0\] .*IPC_LOCK or NET_ADMIN/,
    ],
    ['capabilities of nobody', { capabilities: ['NET_RAW'] }, /capabilities .*only with executor image/],
    ['a runner beside the runner', { runnerImage: 'a:1' }, /runnerImage .*only with executor image/],
    ['a cache for all', { cache: 'project' }, /cache .*only in the scope of one project/],
  ])('refuses %s', (_, pool, message) => {
    expect(messagesOf(pool).join('\n')).toMatch(message);
  });

  it.each<object>([
    { mounts: ['/srv/models:/models', '/srv/out:/out:rw'], devices: ['/dev/kvm', '/dev/dri/renderD128'] },
    { executor: 'image', capabilities: ['SYS_PTRACE'], runnerImage: 'mine:1', cache: 'project' },
    { cache: 'project', scope: { kind: 'project', path: 'lab/web' } },
    { env: { HTTP_PROXY: 'http://proxy:3128', _a: '' }, prePull: ['debian:13'], arch: 'arm64' },
  ])('takes %j', (pool) => {
    expect(messagesOf(pool)).toEqual([]);
  });

  it('gives nobody the home, a part of it, or what it is in', () => {
    const home = '/srv/me/autogit';
    for (const folder of [home, `${home}/secrets`, '/srv/me']) {
      expect(messagesOf({ mounts: [`${folder}:/x`] }, home).join('')).toContain(
        `nothing in or around AutoGit's home ${home}`,
      );
    }
    expect(messagesOf({ mounts: ['/srv/me/src:/x'] }, home)).toEqual([]);
  });

  it.each([
    ...[
      'mem',
      'port',
      'kmsg',
      'cpu/0/msr',
      'sda',
      'sda1',
      'nvme0n1',
      'vg0/root',
      'md/0',
      'md0',
      'nbd0',
      'zd0',
    ],
    ...['bcache0', 'drbd0', 'dm-0', 'mapper/root', 'loop0', 'disk/by-id/x', 'sg0', 'sr0', 'vfio/1', 'uinput'],
    ...[
      'vhost-net',
      'tty0',
      'ttyS0',
      'console',
      'pts/0',
      'shm',
      'mtd0',
      'nvram',
      'tpm0',
      'hidraw0',
      'input/event0',
    ],
    ...[
      'kvm2',
      'net',
      'net/tun/x',
      'dri2',
      'video',
      'bus/usb',
      'bus/usb/001',
      'snd2/x',
      'serial',
      'dri/../sda',
    ],
  ])('gives nobody /dev/%s', (name) => {
    expect(messagesOf({ devices: [`/dev/${name}`] }).join('')).toMatch(/devices\[0\]/);
  });

  it.each([
    ...[
      'kvm',
      'fuse',
      'net/tun',
      'dri',
      'dri/card0',
      'dri/by-path/x-render',
      'kfd',
      'accel/accel0',
      'video12',
    ],
    ...['media0', 'dvb/adapter0/frontend0', 'snd', 'snd/pcmC0D0p', 'ttyUSB0', 'ttyACM1', 'bus/usb/001/002'],
    'serial/by-id/usb-FTDI_FT232R-if00-port0',
  ])('may give /dev/%s', (name) => {
    expect(messagesOf({ devices: [`/dev/${name}`] })).toEqual([]);
  });

  it.each([
    ...[
      '/home',
      '/home/me',
      '/home/me/.local',
      '/srv/homes/me/.local/share',
      '/srv/homes/me/.local/share/docker',
    ],
    ...[
      '/home/me/.local/share/containers',
      '/home/me/.local/share/containerd/x',
      '/home/me/.local/share/docker/x',
    ],
  ])('gives nobody %s, where an engine without root may have its data', (folder) => {
    expect(whyNoMount(folder)).toMatch(/\.local\/share/);
  });

  it('may give what lies beside such data', () => {
    for (const folder of ['/home/me/models', '/home/me/.local/share/docker-models', '/srv/home'])
      expect(whyNoMount(folder)).toBe(null);
  });

  it('reads a mount as read-only unless it says otherwise', () => {
    expect(parseMount('/a:/b')).toEqual({ source: '/a', target: '/b', readOnly: true });
    expect(parseMount('/a:/b:ro')?.readOnly).toBe(true);
    expect(parseMount('/a:/b:rw')?.readOnly).toBe(false);
  });

  it('counts for the fingerprint of runners only where it is not as usual, and images ahead never', () => {
    const usual = poolSchema.parse({ name: 'p', prePull: ['debian:13'] });
    expect(ownContainerPart(usual)).toEqual({});
    expect(ownContainerPart({ ...usual, pids: 100, env: { A: '1' } })).toEqual({
      pids: 100,
      env: { A: '1' },
    });
  });
});

describe('volumes that keep caches', () => {
  const volume = (pool: string, createdAt = 0) => ({ name: `v-${pool}-${createdAt}`, pool, createdAt });

  it('are other ones for protected branches', () => {
    expect(cacheVolumeName('c-p', '7', false)).toBe('c-p-7');
    expect(cacheVolumeName('c-p', '7', true)).toBe('c-p-7-protected');
  });

  it('go with their pool, with its setting, and the oldest when there are too many', () => {
    const many = Array.from({ length: mostCaches + 2 }, (_, index) => volume('kept', index + 1));
    const pools = [
      { name: 'kept', cache: 'project' },
      { name: 'not', cache: 'none' },
    ] as const;
    const { forsaken, surplus } = unwantedCaches([...many, volume('not'), volume('gone')], pools);
    expect(forsaken.map(({ name }) => name)).toEqual(['v-not-0', 'v-gone-0']);
    expect(surplus.map(({ name }) => name)).toEqual(['v-kept-1', 'v-kept-2']);
  });
});
