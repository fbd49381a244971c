// What the kernel says of AMD's and Intel's cards, of the machine, of programs and of errors.
import { describe, expect, it } from 'vitest';
import { describeProgram, readKfdPrograms } from '../../../../main/detect/metrics/gpu-programs.ts';
import {
  parseCpu,
  parseDiskstats,
  parseMeminfo,
  parseNetDev,
  readHostMetrics,
} from '../../../../main/detect/metrics/host-metrics.ts';
import { parseXids, readXids, xidsOf } from '../../../../main/detect/metrics/kernel-log.ts';
import { readSysfsMetrics } from '../../../../main/detect/metrics/sysfs-metrics.ts';
import type { Energy, SysfsReading } from '../../../../main/detect/metrics/sysfs-metrics.ts';
import { ended, fakeProbe, hasRecordings, recording } from '../../../fakes/hardware.ts';
import type { FakeMachine } from '../../../fakes/hardware.ts';

const at = 1_800_000_000_000;
const address = '0000:03:00.0';
const bus = `/sys/bus/pci/devices/${address}`;

/** A recorded card under an address of ours. */
function filesOf(name: string): Record<string, string> {
  const tree: unknown = JSON.parse(recording(`sysfs/${name}.json`));
  const files = Object.entries(typeof tree === 'object' && tree !== null ? tree : {});
  return Object.fromEntries(
    files.flatMap(([path, content]) => {
      const [, rest] = /^\/sys\/class\/drm\/card\d+\/device\/(.*)$/.exec(path) ?? [];
      const [, own] = /^\/sys\/class\/drm\/card\d+\/((?:gt_|gt\/).*)$/.exec(path) ?? [];
      const to = rest ?? (own === undefined ? undefined : `drm/card1/${own}`);
      return to === undefined || typeof content !== 'string' ? [] : [[`${bus}/${to}`, content]];
    }),
  );
}

function read(
  machine: FakeMachine,
  vendor: 'amd' | 'intel',
  more: { readonly integrated?: boolean; readonly before?: Energy; readonly monotonic?: number } = {},
): Promise<SysfsReading> {
  const { integrated = false, before = null, monotonic = 0 } = more;
  const card = { id: address, vendor, model: 'a card', pciAddress: address, integrated };
  return readSysfsMetrics(fakeProbe(machine), card, { at, monotonic }, before);
}

describe.each(['amd', 'intel'] as const)('a card of %s whose driver hangs', (vendor) => {
  it('is said so, and nothing of it is told', async () => {
    const files = { [`${bus}/vendor`]: '0x1002\n', [`${bus}/gpu_busy_percent`]: '3\n' };
    const { metrics, isAwake } = await read({ files, hanging: [bus] }, vendor);
    expect(metrics).toMatchObject({ utilization: null, watts: null, problem: { key: 'gpu.tool-hangs' } });
    expect(new Set(Object.values(metrics.unknown))).toEqual(new Set(['its driver does not answer']));
    expect(isAwake).toBe(false);
  });
});

describe.skipIf(!hasRecordings)('a recorded card of AMD', () => {
  it('tells three temperatures, power, clocks and its fan', async () => {
    const { metrics } = await read({ files: filesOf('amd-rx7900xtx') }, 'amd');
    expect(metrics).toMatchObject({
      ...{ utilization: 3, edgeCelsius: 53, junctionCelsius: 61, memoryCelsius: 68, watts: 68 },
      ...{ limitWatts: 290, graphicsMhz: 31, memoryMhz: 1249, fanRpm: 0, fanPercent: 0, throttle: null },
    });
    expect(metrics.unknown['throttle']).toContain('amdgpu');
  });

  it('counts the memory of the machine to an integrated one', async () => {
    const { metrics } = await read({ files: filesOf('amd-phoenix') }, 'amd', { integrated: true });
    expect(metrics).toMatchObject({ utilization: 0, edgeCelsius: 25, watts: 3.1, junctionCelsius: null });
  });

  it('of the first generation says that it does not know its use, not 0', async () => {
    const { metrics } = await read({ files: filesOf('amd-hd7870') }, 'amd');
    expect(metrics.utilization).toBeNull();
    expect(metrics.unknown['utilization']).toContain('no file');
  });
});

describe.skipIf(!hasRecordings)('a recorded card of Intel', () => {
  it('tells its power by the growth of its energy', async () => {
    const files = filesOf('intel-a380-i915');
    const first = await read({ files }, 'intel');
    expect(first.metrics).toMatchObject({ watts: null, edgeCelsius: 55, graphicsMhz: 600, limitWatts: 55 });
    const later = { ...files, [`${bus}/hwmon/hwmon1/energy1_input`]: `${25_637_161_804 + 40_000_000}\n` };
    const before = first.energy ?? { microjoules: 0, at: 0 };
    const second = await read({ files: later }, 'intel', { before, monotonic: 2_000 });
    expect(second.metrics.watts).toBe(20);
  });

  it('with xe tells the temperatures of chip and memory, and counts energy where it does', async () => {
    const { metrics, energy } = await read({ files: filesOf('intel-b580-6.16') }, 'intel');
    expect(metrics).toMatchObject({ edgeCelsius: 46, memoryCelsius: 48, fanRpm: 418, utilization: null });
    expect(energy?.microjoules).toBe(29_523_753_173);
  });
});

describe('a card that cannot be read', () => {
  it('is lost where the bus does not list it, and only unknown where the bus cannot be read', async () => {
    const elsewhere = { files: { '/sys/bus/pci/devices/0000:09:00.0/vendor': '0x1002\n' } };
    expect((await read(elsewhere, 'amd')).metrics.problem?.key).toBe('gpu.lost');
    expect((await read({}, 'amd')).metrics).toMatchObject({ problem: null, utilization: null });
  });

  it('is left asleep', async () => {
    const files = { [`${bus}/power/runtime_status`]: 'suspended\n', [`${bus}/gpu_busy_percent`]: '50\n' };
    const { metrics } = await read({ files }, 'amd');
    expect(metrics.utilization).toBeNull();
    expect(metrics.unknown['utilization']).toContain('sleeps');
  });

  it('counts errors of its memory as its driver does', async () => {
    const files = { [`${bus}/ras/umc_err_count`]: 'ue: 2\nce: 17\nde: 0\n' };
    expect((await read({ files }, 'amd')).metrics).toMatchObject({ eccUncorrected: 2, eccCorrected: 17 });
  });
});

describe('errors in the log of the kernel', () => {
  const log = [
    '[   10.5] NVRM: loading NVIDIA UNIX x86_64 Kernel Module',
    "[ 1843.308145] NVRM: Xid (PCI:0000:44:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.",
    '[  900.000001] NVRM: Xid (0000:01:00): 13, Graphics Exception',
    '[ 1844.000000] NVRM: Xid (PCI:0000:44:00): 154',
    '[ 1845.000000] NVRM: Xid (PCI:0000:44:00): 15',
  ];

  it('are found by their card, with their time', () => {
    const found = parseXids(`${log.join('\n')}\n`, at);
    expect(xidsOf(found, '0000:44:00.0')).toMatchObject([
      { code: 79, at: at + 1_843_308 },
      { code: 154 },
      { code: 15 },
    ]);
    expect(xidsOf(found, '0000:01:00.0')).toMatchObject([{ code: 13, text: 'Graphics Exception' }]);
    expect(parseXids(log.join('\n').slice(0, 60), at)).toEqual([]);
  });

  it('are unknown where this user may not read it', async () => {
    const denied = fakeProbe({
      run: (program) =>
        program === 'dmesg'
          ? { outcome: 'ended', code: 1, stdout: '', stderr: 'Operation not permitted' }
          : { outcome: 'ended', code: 1, stdout: '', stderr: 'Hint: You are currently not seeing messages' },
    });
    expect(await readXids(denied, { at, deadlineMs: 1_000 })).toBeNull();
  });

  it('come from the journal where dmesg is closed', async () => {
    const open = fakeProbe({
      files: { '/proc/uptime': '2000.00 1.00\n' },
      run: (program) =>
        program === 'dmesg'
          ? ended('', 1)
          : ended(
              '[ 1843.308145] host kernel: NVRM: Xid (PCI:0000:44:00): 79, GPU has fallen off the bus.\n',
            ),
    });
    expect(await readXids(open, { at, deadlineMs: 1_000 })).toMatchObject([{ code: 79, at: at - 156_692 }]);
  });
});

describe('programs on cards', () => {
  const container = 'a'.repeat(64);

  it('are named with the container that they run in', async () => {
    const probe = fakeProbe({
      files: {
        '/proc/7/cgroup': `0::/system.slice/docker-${container}.scope\n`,
        '/proc/7/cmdline': 'python3\0/opt/ComfyUI/main.py\0',
      },
    });
    expect(
      await describeProgram(probe, { card: 'x', pid: 7, name: '/usr/bin/python3', memoryMiB: 100 }),
    ).toEqual({
      ...{ pid: 7, name: 'python3', memoryMiB: 100, container, runner: null, job: null },
      ...{ app: 'comfyui', title: 'ComfyUI' },
    });
  });

  it('of AMD are those that KFD counts memory for', async () => {
    const files = {
      '/sys/class/kfd/kfd/proc/41/vram_1002': '1073741824\n',
      '/sys/class/kfd/kfd/proc/42/vram_1002': '0\n',
      '/sys/class/kfd/kfd/proc/43/vram_7': '5000000\n',
    };
    expect(await readKfdPrograms(fakeProbe({ files }), 'card', '1002')).toEqual([
      { card: 'card', pid: 41, name: null, memoryMiB: 1_024 },
    ]);
    expect(await readKfdPrograms(fakeProbe({}), 'card', '1002')).toBeNull();
  });
});

describe('the machine', () => {
  const stat = (busy: number, idle: number): string =>
    `cpu  ${busy} 0 0 ${idle} 0 0 0 0 0 0\ncpu0 1 0 0 1 0 0 0 0 0 0\n`;
  const net = (inside: number): string =>
    `Inter-|   Receive\n face |bytes\n    lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0\n  eth0: ${inside} 1 0 0 0 0 0 0 ${inside * 2} 1 0 0 0 0 0 0\ndocker0: 777 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0\n`;
  const disks = (sectors: number): string =>
    ` 259 0 nvme0n1 10 0 ${sectors} 5 10 0 ${sectors * 2} 5 0 5 5\n 259 1 nvme0n1p1 10 0 ${sectors} 5 10 0 9 5 0 5 5\n 7 0 loop0 1 0 8 0 0 0 0 0 0 0 0\n`;
  const machine = (busy: number, idle: number, more: number): FakeMachine => ({
    files: {
      '/proc/stat': stat(busy, idle),
      '/proc/net/dev': net(1_000 + more),
      '/proc/diskstats': disks(100 + more),
      '/proc/meminfo':
        'MemTotal:       16777216 kB\nMemAvailable:    4194304 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n',
      '/proc/loadavg': '1.50 0.75 0.10 2/345 6789\n',
    },
  });

  it('tells rates from the second look on', async () => {
    const disk = { free: 30, total: 100 };
    const first = await readHostMetrics(fakeProbe(machine(100, 900, 0)), {
      at,
      monotonic: 0,
      before: null,
      disk,
    });
    expect(first.metrics).toMatchObject({
      ...{ cpuPercent: null, load1: 1.5, load15: 0.1, memoryUsedMiB: 12_288, memoryTotalMiB: 16_384 },
      ...{ diskUsedBytes: 70, swapUsedMiB: 0, networkInRate: null },
    });
    expect(first.metrics.unknown['cpuPercent']).toContain('next look');
    const before = first.counters;
    const next = await readHostMetrics(fakeProbe(machine(150, 1_050, 500)), {
      at,
      monotonic: 500,
      before,
      disk,
    });
    expect(next.metrics).toMatchObject({
      ...{ cpuPercent: 25, networkInRate: 1_000, networkOutRate: 2_000 },
      ...{ diskReadRate: 512_000, diskWriteRate: 1_024_000 },
    });
  });

  it('says of another system that it does not tell, and never 0', async () => {
    const { metrics } = await readHostMetrics(fakeProbe({}), { at, monotonic: 0, before: null, disk: null });
    const { unknown, ...rest } = metrics;
    const names = Object.keys(rest).filter((name) => name !== 'at');
    expect(Object.values(rest).filter((value) => value !== null)).toEqual([at]);
    expect(Object.keys(unknown).toSorted()).toEqual(names.toSorted());
  });

  it('of another system has the memory that this one tells', async () => {
    const mib = 1_048_576;
    const other = {
      ...{ osName: 'macOS', osVersion: '15', cpuModel: null, cpuVendor: null, sockets: null, cores: null },
      ...{ threads: null, features: null, totalBytes: 100 * mib, availableBytes: 25 * mib, disks: [] },
      ...{ swapTotalBytes: null, swapFreeBytes: null },
    };
    const look = { at, monotonic: 0, before: null, disk: null, other };
    const { metrics } = await readHostMetrics(fakeProbe({}), look);
    expect(metrics).toMatchObject({
      memoryUsedMiB: 75,
      memoryTotalMiB: 100,
      swapTotalMiB: null,
      cpuPercent: null,
    });
  });

  it('counts the bytes of a network once, and not again in its parts', () => {
    const row = (name: string): string => `${name}: 100 0 0 0 0 0 0 0 200 0 0 0 0 0 0 0\n`;
    const parts = ['eth0', 'eth0.100', 'enp3s0', 'enp3s0.7', 'ib0.8001', 'wlan0@if2', 'lo', 'docker0'];
    expect(parseNetDev(parts.map(row).join(''))).toEqual({ inBytes: 200, outBytes: 400 });
    expect(parseNetDev(row('eth0.100'))).toBeNull();
  });

  it('is not fooled by other text', () => {
    expect(parseCpu('cpu  1 2\n')).toBeNull();
    expect(parseDiskstats('   7 0 loop0 1 0 8 0 0 0 0 0 0 0 0\n')).toBeNull();
    expect(parseNetDev('nothing\n')).toBeNull();
    expect(parseMeminfo('MemTotal: x kB\n')).toEqual({});
  });
});
