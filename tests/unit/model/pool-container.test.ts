// What a pool may say of the containers of its jobs, and what is refused with which words.
import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../../main/config/parse-settings.ts';
import { cacheVolumeName, mostCaches, unwantedCaches } from '../../../main/model/cache.ts';
import { poolSchema } from '../../../main/model/pool.ts';
import { ownContainerPart, parseMount } from '../../../main/model/pool-container.ts';

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
    ['a disk', { devices: ['/dev/sda1'] }, /devices\[0\] .*no memory, ports or disks/],
    ['the memory', { devices: ['/dev/mem'] }, /devices\[0\] .*no memory, ports or disks/],
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
    const home = '/home/me/.local/share/autogit';
    for (const folder of [home, `${home}/secrets`, '/home/me']) {
      expect(messagesOf({ mounts: [`${folder}:/x`] }, home).join('')).toContain(
        `nothing in or around AutoGit's home ${home}`,
      );
    }
    expect(messagesOf({ mounts: ['/home/me/src:/x'] }, home)).toEqual([]);
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
    const names = unwantedCaches([...many, volume('not'), volume('gone')], pools).map(({ name }) => name);
    expect(names).toEqual(['v-not-0', 'v-gone-0', 'v-kept-2', 'v-kept-1']);
  });
});
