// Whole machines as one document: made of files, with parts that hang, and the one that the tests run on.
import { execFile } from 'node:child_process';
import { readFile, statfs } from 'node:fs/promises';
import os from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../main/adapters/host/clock.ts';
import { parseOtherSystem } from '../../../../main/adapters/host/other-system.ts';
import { createProbe } from '../../../../main/adapters/host/probe.ts';
import { detectMachine } from '../../../../main/detect/machine/detect-machine.ts';
import type { AskedEngine } from '../../../../main/detect/machine/detect-machine.ts';
import { machineSchema } from '../../../../main/model/machine.ts';
import type { Machine } from '../../../../main/model/machine.ts';
import type { Probe } from '../../../../main/probe-port.ts';
import { amdMachine, ended, fakeProbe } from '../../../fakes/hardware.ts';
import type { FakeMachine } from '../../../fakes/hardware.ts';
import { someInfo } from '../../../fakes/some-engine.ts';

const noEngine: AskedEngine = { info: null, why: 'nothing answers' };

/** Deadlines are over as soon as everything that answers at once has answered. */
const hasty = {
  now: () => 1_000,
  monotonic: () => 0,
  sleep: async () => {
    for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
  },
};

function detect(probe: Probe, asked: AskedEngine = noEngine): Promise<Machine> {
  return detectMachine({ probe, clock: systemClock, askEngine: async () => asked });
}

function valueAt(machine: Machine, path: string): unknown {
  const step = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
  return path.split('.').reduce(step, machine);
}

function nullsOf(value: unknown, path: readonly string[] = []): readonly string[] {
  if (value === null) return [path.join('.')];
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => nullsOf(inner, [...path, key]));
}

/** No value is unknown without a reason, and no reason is left for what is known. */
function expectReasons(machine: Machine): void {
  const nulls = nullsOf({ host: machine.host, rootless: machine.rootless, engine: machine.engine });
  expect(Object.keys(machine.reasons).sort()).toEqual([...nulls].sort());
  for (const [path, why] of Object.entries(machine.reasons)) {
    expect(valueAt(machine, path), path).toBeNull();
    expect(why.length, path).toBeGreaterThan(10);
  }
}

const server: FakeMachine = {
  files: {
    '/proc/version': 'Linux version 6.1.0-18-amd64 (debian-kernel@lists)\n',
    '/proc/cpuinfo':
      'processor\t: 0\nmodel name\t: AMD Ryzen 7\nphysical id\t: 0\ncore id\t: 0\nflags\t: fpu sse2\n\n',
    '/sys/devices/system/cpu/online': '0\n',
    '/proc/meminfo': 'MemTotal: 16000000 kB\nMemAvailable: 8000000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n',
    '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
    '/proc/self/mountinfo':
      '22 1 259:2 / / rw - ext4 /dev/nvme0n1p2 rw\n36 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    '/sys/dev/block/259:2/../queue/rotational': '0\n',
    '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory pids\n',
    '/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/cgroup.controllers': 'memory pids\n',
    '/sys/class/dmi/id/product_name': 'B650 Pro\n',
    '/sys/class/dmi/id/sys_vendor': 'ASRock\n',
    '/etc/subuid': 'ann:100000:65536\n',
    '/etc/subgid': 'ann:100000:65536\n',
    '/proc/sys/net/ipv4/ip_unprivileged_port_start': '1024\n',
    '/var/lib/systemd/linger/ann': '',
    '/usr/lib/systemd/user/docker.service': '',
    '/usr/lib/systemd/user/podman.socket': '',
    '/home/ann/.config/systemd/user/default.target.wants/docker.service': '',
    '/etc/ufw/ufw.conf': 'ENABLED=yes\n',
    '/proc/net/udp':
      ' 350: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   102        0 21346 2 ffff 0\n',
  },
  links: {
    '/proc/self/ns/pid': 'pid:[4026531836]',
    '/proc/self/ns/uts': 'uts:[4026531838]',
    '/proc/self/ns/ipc': 'ipc:[4026531839]',
  },
  devices: {
    '/run/systemd/system': { group: 0, mode: 0o755 },
    '/dev/kvm': { group: 104, mode: 0o660 },
    '/.dockerenv': { group: 0, mode: 0o644 },
    '/usr/bin/newuidmap': { group: 0, mode: 0o755 },
    '/usr/bin/newgidmap': { group: 0, mode: 0o755 },
    '/run/user/1000/docker.sock': { group: 1000, mode: 0o660 },
    '/run/docker.sock': { group: 998, mode: 0o660 },
  },
  usable: ['/run/user/1000/docker.sock'],
  disks: { '/': { free: 40e9, total: 100e9 } },
  run: (program) => {
    if (program === 'ps')
      return ended('    1     0 systemd\n  500   996 chronyd\n  611   102 systemd-resolve\n');
    return program === 'timedatectl' ? ended('yes\n') : { outcome: 'missing' };
  },
};

describe('a server with everything', () => {
  it('is described in full, and what nobody tells has its reason', async () => {
    const machine = await detect(fakeProbe(server), {
      info: someInfo({ rootless: true, limits: { memory: true, cpus: false } }),
      node: 'n',
    });
    expect(machineSchema.parse(machine)).toEqual(machine);
    expect(machine.host).toMatchObject({
      ...{
        name: 'lab',
        kernel: '6.1.0-18-amd64',
        systemd: true,
        container: 'none',
        wsl: 'none',
        kvm: 'no-permission',
      },
      ...{ virtualisation: 'none', firewall: { kind: 'ufw', active: true } },
      cpu: { architecture: 'amd64', variant: 'v1', sockets: 1, cores: 1, threads: 1, usableThreads: 8 },
      disks: [{ mount: '/', ssd: true, freeBytes: 40e9, totalBytes: 100e9 }],
      cgroup: { version: '2', controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'] },
      time: { keeper: 'chrony', synchronised: true },
      ports: { dns: [{ address: '127.0.0.53', program: 'systemd-resolved', pid: 611 }], mdns: [] },
    });
    expect(machine.rootless).toMatchObject({
      ...{ user: 'ann', uid: 1000, subordinateUids: 65_536, idMapPrograms: true, lowestPort: 1024 },
      ...{ delegated: ['memory', 'pids'], ignoredLimits: ['cpu', 'io', 'cpuset'], lingering: true },
      sockets: [
        { path: '/run/user/1000/docker.sock', usable: true },
        { path: '/run/docker.sock', usable: false },
      ],
      units: [
        { name: 'docker.service', enabled: true },
        { name: 'podman.socket', enabled: false },
      ],
    });
    expect(machine.engine).toMatchObject({ hostGateway: 'reaches-namespace', compose: { found: false } });
    expectReasons(machine);
  });

  it('in a virtual machine does not know what its disks are made of', async () => {
    const cpuinfo = server.files?.['/proc/cpuinfo']?.replace('sse2', 'sse2 hypervisor') ?? '';
    const files = {
      ...server.files,
      ...{ '/proc/cpuinfo': cpuinfo, '/sys/class/dmi/id/sys_vendor': 'QEMU\n' },
    };
    const { host, reasons } = await detect(fakeProbe({ ...server, files }));
    expect([host.virtualisation, host.disks?.[0]?.ssd]).toEqual(['qemu', null]);
    expect(reasons['host.disks.0.ssd']).toContain('virtual machine');
  });

  it('counts no cores by a list that was cut, and by the places of its threads where there is none', async () => {
    const online = { '/sys/devices/system/cpu/online': '0-3\n' };
    const counts = async (files: Readonly<Record<string, string>>): Promise<readonly unknown[]> => {
      const { cpu } = (await detect(fakeProbe({ ...server, files }))).host;
      return [cpu.sockets, cpu.cores, cpu.threads];
    };
    expect(await counts({ ...server.files, ...online })).toEqual([null, null, 4]);
    const arm = { '/proc/cpuinfo': 'processor\t: 0\nFeatures\t: fp asimd\n\n', ...online };
    const places = [0, 1, 2, 3].flatMap((number): (readonly [string, string])[] => [
      [`/sys/devices/system/cpu/cpu${number}/topology/physical_package_id`, '0\n'],
      [`/sys/devices/system/cpu/cpu${number}/topology/core_id`, `${number >> 1}\n`],
    ]);
    expect(await counts({ ...server.files, ...arm, ...Object.fromEntries(places) })).toEqual([1, 2, 4]);
    expect(await counts({ ...server.files, ...arm })).toEqual([null, null, 4]);
  });

  it('in a container is told so by the files of its engine, where its namespaces are its own', async () => {
    const links = { ...server.links, '/proc/self/ns/pid': 'pid:[4026532000]' };
    expect((await detect(fakeProbe({ ...server, links }))).host.container).toBe('docker');
  });
});

describe('a machine that tells little', () => {
  it('is unknown with reasons, and never zero', async () => {
    const machine = await detect(fakeProbe({ self: { user: null, uid: null, home: null } }));
    expect(machineSchema.parse(machine)).toEqual(machine);
    expect(machine.host).toMatchObject({
      ...{ disks: null, memory: { totalBytes: null }, virtualisation: null, wsl: null },
      ...{ cgroup: { version: null }, time: { keeper: null }, ports: { dns: null } },
      cpu: { model: null, threads: null, features: null, architecture: 'amd64' },
    });
    expect(machine.reasons['engine']).toBe('nothing answers');
    expectReasons(machine);
  });

  it('of another system is what a library says of it', async () => {
    const otherSystem = parseOtherSystem({
      os: { distro: 'macOS', release: '15.3' },
      cpu: { manufacturer: 'Apple', brand: 'M2 Pro', processors: 1, physicalCores: 10, cores: 10, flags: '' },
      mem: { total: 16e9, available: 4e9, swaptotal: 0, swapfree: 0 },
      disks: [
        { fs: '/dev/disk3s1', mount: '/', type: 'APFS', size: 5e11, available: 2e11, rw: true },
        { size: 0 },
      ],
    });
    const self = { platform: 'darwin', arch: 'arm64', machine: 'arm64' };
    const machine = await detect(fakeProbe({ self, otherSystem }));
    expect(machine.host).toMatchObject({
      os: { platform: 'darwin', name: 'macOS', version: '15.3' },
      cpu: { model: 'M2 Pro', architecture: 'arm64', cores: 10, features: null, variant: null },
      memory: { totalBytes: 16e9, swapTotalBytes: 0 },
      disks: [{ mount: '/', ssd: null, freeBytes: 2e11 }],
    });
    expectReasons(machine);
  });

  it('whose library says nothing of use is unknown', () => {
    for (const value of [
      null,
      {},
      { os: 3, cpu: [], mem: 'x', disks: 'none' },
      { cpu: { cores: 0, brand: ' ' } },
    ]) {
      const found = parseOtherSystem(value);
      expect([found.osName, found.cpuModel, found.threads, found.totalBytes, found.disks]).toEqual([
        ...[null, null, null, null, []],
      ]);
    }
  });
});

describe('a machine on which something hangs', () => {
  const never = new Promise<never>(() => undefined);

  it('is described without the file that never answers', async () => {
    const probe: Probe = {
      ...fakeProbe(server),
      readFile: (path) => (path === '/proc/meminfo' ? never : fakeProbe(server).readFile(path)),
    };
    const machine = await detectMachine({
      probe,
      clock: { ...hasty, sleep: systemClock.sleep },
      askEngine: async () => noEngine,
    });
    expect(machine.host.memory.totalBytes).toBeNull();
    expect(machine.reasons['host.memory.totalBytes']).toContain('no answer within');
    expect(machine.host.cpu.threads).toBe(1);
    expectReasons(machine);
  });

  it('is described without the engine that never answers', async () => {
    const machine = await detectMachine({ probe: fakeProbe({}), clock: hasty, askEngine: () => never });
    expect(machine.engine).toBeNull();
    expect(machine.reasons['engine']).toContain('no container engine answered within 5 s');
    expectReasons(machine);
  });

  it('is described without what fails in an unexpected way', async () => {
    const probe: Probe = { ...fakeProbe(server), disk: () => Promise.reject(new Error('EIO: i/o error')) };
    const machine = await detect(probe);
    expect(machine.host.disks).toBeNull();
    expect(machine.reasons['host.disks']).toContain('EIO');
  });
});

describe('its cards', () => {
  it('are there without an engine, and say that nobody can use them', async () => {
    const { gpus } = await detect(fakeProbe(amdMachine(2)));
    expect(gpus).toHaveLength(2);
    expect(gpus[0]?.use).toMatchObject({ usable: false, why: 'no container engine answers' });
  });

  it('are there with an engine on another machine, which cannot have them', async () => {
    const { gpus } = await detect(fakeProbe(amdMachine(1)), { info: someInfo({ isHere: false }), node: 'n' });
    expect(gpus[0]?.use).toMatchObject({
      usable: false,
      why: 'the container engine runs on another machine',
    });
  });

  it('can be used where the engine can hand them out', async () => {
    const { gpus } = await detect(fakeProbe(amdMachine(1)), { info: someInfo(), node: 'n' });
    expect(gpus[0]?.use).toEqual({ usable: true });
  });
});

describe.skipIf(process.platform !== 'linux')('this machine', () => {
  const run = promisify(execFile);

  it('is what its own tools say', async () => {
    const machine = await detect(createProbe());
    expect(machineSchema.parse(machine)).toEqual(machine);
    expectReasons(machine);
    const { host } = machine;
    const [kernel = '', arch = ''] = (await run('uname', ['-r', '-m'])).stdout.trim().split(' ');
    expect([host.kernel, host.name, host.os.platform]).toEqual([kernel, os.hostname(), 'linux']);
    expect(arch).toBe(os.machine());
    const memory = /MemTotal:\s+(\d+)/.exec(await readFile('/proc/meminfo', 'utf8'))?.[1];
    expect(host.memory.totalBytes).toBe(Number(memory) * 1024);
    const threads = (await readFile('/proc/cpuinfo', 'utf8')).match(/^processor\s*:/gm)?.length;
    expect(host.cpu.threads).toBe(threads);
    const root = host.disks?.find(({ mount }) => mount === '/');
    const { blocks, bsize } = await statfs('/');
    if (root !== undefined) expect(root.totalBytes).toBe(blocks * bsize);
    const uid = (await run('id', ['-u'])).stdout.trim();
    expect(String(machine.rootless.uid)).toBe(uid);
  });
});
