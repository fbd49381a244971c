// What engines say of themselves, recorded from Docker 20.10.24 and Podman 4.3.1, and what is made of it.
import { describe, expect, it } from 'vitest';
import { createInfoSource } from '../../../../main/adapters/engine/info.ts';
import type { Machine } from '../../../../main/adapters/engine/machine.ts';
import { thisMachine } from '../../../../main/adapters/engine/machine.ts';
import type { Transport } from '../../../../main/adapters/engine/transport.ts';
import type { EngineInfo } from '../../../../main/model/engine.ts';

type Bodies = Readonly<Record<string, object>>;

const dockerVersion = {
  ...{ Version: '20.10.24+dfsg1', ApiVersion: '1.41', Arch: 'amd64' },
  Components: [{ Name: 'Engine' }, { Name: 'containerd' }, { Name: 'runc' }],
};
const rootfulDocker = {
  ...{ Driver: 'overlay2', DockerRootDir: '/var/lib/docker', Name: 'vm', NCPU: 2, MemTotal: 25_276_510_208 },
  ...{
    MemoryLimit: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CgroupDriver: 'cgroupfs',
    CgroupVersion: '1',
  },
  SecurityOptions: ['name=seccomp,profile=default'],
};
const rootlessDocker = {
  ...rootfulDocker,
  ...{ DockerRootDir: '/home/me/docker', SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'] },
  ...{ MemoryLimit: false, CpuCfsPeriod: false, CpuCfsQuota: false, CgroupDriver: 'none' },
};
const podmanVersion = {
  ...{ Version: '4.3.1', ApiVersion: '1.41', Arch: 'amd64' },
  Components: [{ Name: 'Podman Engine' }, { Name: 'Conmon' }],
};
const podmanHost = {
  ...{ arch: 'amd64', cgroupManager: 'cgroupfs', cgroupVersion: 'v1', cgroupControllers: [] as string[] },
  ...{ cpus: 2, hostname: 'vm', memTotal: 25_276_510_208, security: { rootless: true } },
};
const podmanStore = { graphDriverName: 'overlay', graphRoot: '/home/me/.local/share/containers/storage' };
const libpod = (host: Partial<typeof podmanHost>): Bodies => ({
  '/version': podmanVersion,
  '/v4.0.0/libpod/info': { host: { ...podmanHost, ...host }, store: podmanStore },
});
const docker = (info: object): Bodies => ({ '/version': dockerVersion, '/info': info });

interface Told {
  readonly paths: string[];
  readonly source: ReturnType<typeof createInfoSource>;
}

function sourceOf(bodies: Bodies, machine: Partial<Machine> = {}, host = 'unix:///x.sock'): Told {
  const paths: string[] = [];
  const transport: Transport = {
    host,
    ask: ({ path }) => {
      paths.push(path);
      const body = Buffer.from(JSON.stringify(bodies[path] ?? {}));
      return Promise.resolve({ status: 200, headers: { server: 'x/1' }, body });
    },
    open: () => Promise.reject(new Error('not asked for')),
  };
  const here: Machine = {
    name: 'vm',
    lowestPort: () => Promise.resolve(1024),
    disk: () => Promise.resolve({ free: 5, total: 10 }),
    emulated: () => Promise.resolve([]),
    mounts: () => Promise.resolve(null),
    ...machine,
  };
  return { paths, source: createInfoSource(transport, here) };
}
const infoOf = (bodies: Bodies, machine?: Partial<Machine>, host?: string): Promise<EngineInfo> =>
  sourceOf(bodies, machine, host).source.info();

const none = { memory: false, cpus: false };
const both = { memory: true, cpus: true };

describe('what an engine is', () => {
  it.each<[string, Bodies, Partial<EngineInfo>]>([
    [
      'Docker as root',
      docker(rootfulDocker),
      {
        kind: 'docker',
        rootless: false,
        limits: both,
        pause: true,
        lowestPort: 1,
        dataFolder: '/var/lib/docker',
      },
    ],
    [
      'rootless Docker without control groups',
      docker(rootlessDocker),
      { rootless: true, limits: none, pause: false, lowestPort: 1024, cgroupVersion: '1' },
    ],
    [
      'rootless Docker to which processors were not delegated',
      docker({ ...rootlessDocker, CgroupDriver: 'systemd', CgroupVersion: '2', MemoryLimit: true }),
      { rootless: true, limits: { memory: true, cpus: false }, pause: true, cgroupVersion: '2' },
    ],
    [
      'an engine that says little',
      docker({ Driver: 'overlay2', NCPU: 2, MemTotal: 1 }),
      { rootless: false, limits: both, pause: true, cgroupVersion: null, dataFolder: null, disk: null },
    ],
    [
      'rootless Podman with control groups of version 1',
      libpod({}),
      { kind: 'podman', rootless: true, limits: none, pause: false, lowestPort: 1024 },
    ],
    [
      'rootless Podman with control groups of version 2',
      libpod({ cgroupVersion: 'v2', cgroupControllers: ['memory', 'pids'] }),
      { limits: { memory: true, cpus: false }, pause: true, cgroupVersion: '2' },
    ],
    [
      'Podman as root',
      libpod({ security: { rootless: false } }),
      { rootless: false, limits: both, pause: true, lowestPort: 1, storageDriver: 'overlay' },
    ],
  ])('%s', async (_, bodies, expected) => {
    expect(await infoOf(bodies)).toMatchObject(expected);
  });

  it('knows ports and disk of this machine only', async () => {
    expect(await infoOf(docker(rootlessDocker))).toMatchObject({ disk: { free: 5, total: 10 } });
    const elsewhere = { lowestPort: null, disk: null };
    expect(await infoOf(docker(rootlessDocker), { name: 'other' })).toMatchObject(elsewhere);
    expect(await infoOf(docker(rootlessDocker), {}, 'tcp://vm:2375')).toMatchObject(elsewhere);
    expect(await infoOf(docker(rootfulDocker), { name: 'other' })).toMatchObject({
      lowestPort: 1,
      disk: null,
    });
  });

  it('asks Podman by paths of its own version', async () => {
    const old = { ...podmanVersion, Version: '3.4.4' };
    const info = { host: { ...podmanHost, cgroupControllers: undefined }, store: podmanStore };
    const { paths, source } = sourceOf({ '/version': old, '/v3.0.0/libpod/info': info });
    expect(await source.info()).toMatchObject({ version: '3.4.4', limits: none });
    expect(paths).toEqual(['/_ping', '/version', '/v3.0.0/libpod/info']);
  });

  it('looks at the room on the disk again, and at nothing else', async () => {
    let free = 100;
    const disk = (): Promise<{ free: number; total: number }> => Promise.resolve({ free, total: 100 });
    const { paths, source } = sourceOf(docker(rootfulDocker), { disk });
    expect((await source.info()).disk?.free).toBe(100);
    free = 1;
    expect((await source.info()).disk?.free).toBe(1);
    expect(paths).toEqual(['/_ping', '/version', '/info', '/_ping']);
  });
});

describe('this machine', () => {
  it('has a lowest port and a disk below the root, and none below what is not there', async () => {
    expect(await thisMachine.lowestPort()).toBeGreaterThanOrEqual(0);
    const disk = await thisMachine.disk('/');
    expect(disk?.free).toBeGreaterThan(0);
    expect(disk?.total).toBeGreaterThanOrEqual(disk?.free ?? Infinity);
    expect(await thisMachine.disk('/nowhere/at/all')).toBeNull();
  });
});
