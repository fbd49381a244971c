// What the tools of AMD and Intel add to the files of the kernel, and what they may not.
import { describe, expect, it } from 'vitest';
import { askAmdSmi } from '../../../../main/detect/metrics/amd-smi-metrics.ts';
import {
  askIntelMemory,
  explainIntelTop,
  intelPrograms,
  IntelSamples,
  intelTopArguments,
  intelValues,
  whyNoIntelTop,
} from '../../../../main/detect/metrics/intel-metrics.ts';
import type { SysfsCard } from '../../../../main/detect/metrics/sysfs-metrics.ts';
import { filled } from '../../../../main/detect/metrics/tool-readings.ts';
import { unreadGpu } from '../../../../main/model/gpu-metrics.ts';
import type { Ran } from '../../../../main/probe-port.ts';
import { ended, fakeProbe, hasRecordings, recording } from '../../../fakes/hardware.ts';

const address = '0000:03:00.0';
const cardAt = (pciAddress: string, change: Partial<SysfsCard> = {}): SysfsCard => ({
  ...{ id: pciAddress, vendor: 'amd', model: 'a card', pciAddress, integrated: false },
  ...change,
});
const asleep = { '/sys/bus/pci/devices/0000:09:00.0/power/runtime_status': 'suspended\n' };

describe('values of a tool', () => {
  const unread = unreadGpu(cardAt(address), 0, 'no file');
  const unknown = Object.fromEntries(Object.entries(unread.unknown).filter(([name]) => name !== 'watts'));
  const metrics = { ...unread, watts: 20, unknown };

  it('are taken where the kernel has none, and nowhere else', () => {
    const both = filled(metrics, { watts: 99, utilization: 0, memoryCelsius: null }, 'the tool is dumb');
    expect(both).toMatchObject({ watts: 20, utilization: 0, memoryCelsius: null });
    expect(both.unknown['utilization']).toBeUndefined();
    expect(both.unknown).toMatchObject({ memoryCelsius: 'the tool is dumb', graphicsMhz: 'no file' });
  });
});

describe.skipIf(!hasRecordings)('intel_gpu_top', () => {
  const sample = hasRecordings ? recording('intel/intel_gpu_top/netdata-single-object.json') : '';

  it('is asked by the place of the card, and by its address where that is not known', async () => {
    const link = '../../../devices/pci0000:00/0000:00:01.0/0000:03:00.0';
    const known = fakeProbe({ links: { [`/sys/bus/pci/devices/${address}`]: link } });
    expect((await intelTopArguments(known, address))(1_000)).toEqual([
      ...['-J', '-s', '1000', '-d'],
      'sys:/sys/devices/pci0000:00/0000:00:01.0/0000:03:00.0',
    ]);
    expect((await intelTopArguments(fakeProbe({}), address))(500).at(-1)).toBe(`pci:slot=${address}`);
  });

  it('is not asked for a card with another driver than i915', async () => {
    const event = `/sys/bus/pci/devices/${address}/uevent`;
    expect(
      await whyNoIntelTop(fakeProbe({ files: { [event]: 'DRIVER=i915\nPCI_CLASS=30000\n' } }), address),
    ).toBeNull();
    expect(await whyNoIntelTop(fakeProbe({ files: { [event]: 'DRIVER=xe\n' } }), address)).toContain(
      'has xe',
    );
  });

  it('tells samples without the first, which covers nothing, and in pieces of any size', () => {
    const first = sample.replace('1055.794145', '24.027325').replace('96.092944', '3.0');
    const stream = `[\n${first},\n${sample},\n${sample}`;
    for (const size of [1, 100, 5_000]) {
      const samples = new IntelSamples(1_000);
      const found = [];
      for (let at = 0; at < stream.length; at += size)
        found.push(...samples.add(stream.slice(at, at + size)));
      expect(found.map((one) => intelValues(one))).toEqual([
        { utilization: 96, graphicsMhz: 1253, watts: 3.2 },
        { utilization: 96, graphicsMhz: 1253, watts: 3.2 },
      ]);
    }
  });

  it('tells the memory of the card itself where it has some', () => {
    const shared = recording('intel/intel_gpu_top/clambin-client-memory.json');
    const own = shared.replace('"system": {', '"local": { "resident": "4294967296" }, "system": {');
    const programs = (text: string) => new IntelSamples(1_000).add(text)[0]?.programs;
    expect(programs(shared)).toEqual([{ pid: 1_427_673, name: 'foo', memoryMiB: 140 }]);
    expect(programs(own)).toEqual([{ pid: 1_427_673, name: 'foo', memoryMiB: 4_096 }]);
  });

  it.each([
    ['Failed to initialize PMU! (Permission denied)\n\nWhen running as', 'setcap cap_perfmon=+ep'],
    ['Failed to initialize PMU! (Operation not permitted)\n', 'perf_event_open'],
    ['intel/intel_gpu_top/error-no-pmu.txt', 'no counters'],
    ['Requested device sys:/sys/devices/x not found!\n', 'does not find this card'],
    ["intel_gpu_top: invalid option -- 'd'\n", 'too old'],
    ['Something new!\nand more', 'by itself: Something new!'],
    ['', 'ended by itself'],
  ])('that says %j is explained with what mends it', (words, why) => {
    const stderr = words.startsWith('intel/') ? recording(words) : words;
    expect(explainIntelTop({ outcome: 'ended', stderr })).toContain(why);
  });

  it('that is not there, floods or hangs is said so', () => {
    expect(explainIntelTop({ outcome: 'missing', stderr: '' })).toContain('intel-gpu-tools');
    expect(explainIntelTop({ outcome: 'flood', stderr: '' })).toContain('more than anything useful');
    expect(explainIntelTop(null)).toContain('does not answer');
    expect(explainIntelTop({ outcome: 'timeout', stderr: '' })).toContain('does not answer');
  });
});

describe('programs on a card of Intel', () => {
  const program = (pid: number, memoryMiB: number | null) => ({ pid, name: `p${pid}`, memoryMiB });
  const asUser = fakeProbe({});
  const asRoot = fakeProbe({ self: { uid: 0 } });

  it('are those that hold memory, each once', async () => {
    const seen = [program(7, 10), program(7, 90), program(7, 20), program(8, 0), program(9, null)];
    expect(await intelPrograms(asUser, address, seen)).toMatchObject([
      { pid: 7, memoryMiB: 90 },
      { pid: 9, memoryMiB: null },
    ]);
  });

  it('are none where root sees none, and unknown where a user does', async () => {
    expect(await intelPrograms(asRoot, address, [])).toEqual([]);
    expect(await intelPrograms(asUser, address, [program(8, 0)])).toBeNull();
  });
});

describe.skipIf(!hasRecordings)('xpu-smi', () => {
  const run = (program: string, args: readonly string[]): Ran => {
    if (program !== 'xpu-smi') return { outcome: 'missing' };
    const [, flag, index] = args;
    if (flag === '-j') return ended(recording('intel/xpu-smi/discovery-2x-max1100.json'));
    const described = recording('intel/xpu-smi/discovery-d0-max1100.json');
    return ended(described.replace('"device_id": 0', `"device_id": ${index}`));
  };

  it('tells how much memory there is, and how much of it is used', async () => {
    const { byAddress } = await askIntelMemory(fakeProbe({ run }), [cardAt('0000:29:00.0')]);
    expect(byAddress.get('0000:29:00.0')).toEqual({ memoryUsedMiB: 28, memoryTotalMiB: 49_136 });
  });

  it('is not asked while a card sleeps, which it would wake', async () => {
    const probe = fakeProbe({ run, files: asleep });
    const { byAddress, why } = await askIntelMemory(probe, [cardAt('0000:29:00.0'), cardAt('0000:09:00.0')]);
    expect([byAddress.size, why]).toEqual([0, expect.stringContaining('0000:09:00.0 sleeps')]);
  });
});

describe.skipIf(!hasRecordings)('amd-smi', () => {
  const listOf = (...bdfs: readonly string[]): string =>
    JSON.stringify(bdfs.map((bdf, gpu) => ({ gpu, bdf, uuid: 'N/A' })));
  const machine = (list: string, metric: string, files: Record<string, string> = {}) =>
    fakeProbe({
      files,
      run: (program, args) =>
        program === 'amd-smi' ? ended(args[0] === 'list' ? list : metric) : { outcome: 'missing' },
    });
  const monitor = hasRecordings ? recording('amd/amd-smi/monitor-list-shape.json') : '';

  it('tells values by the address of the card', async () => {
    const { byAddress } = await askAmdSmi(machine(listOf('0000:03:00.0'), monitor), [cardAt(address)]);
    expect(byAddress.get(address)).toEqual({
      ...{ utilization: 0, watts: 25, junctionCelsius: 49, memoryCelsius: 50 },
      ...{ memoryUsedMiB: 922, memoryTotalMiB: 15_760 },
    });
  });

  it('in the form of newer tools, and of several cards, tells each its own', async () => {
    const watts = (gpu: number, value: number) => ({ gpu, power: { socket_power: { value, unit: 'W' } } });
    const metric = JSON.stringify({ gpu_data: [watts(1, 10), watts(0, 20)] });
    const list = JSON.stringify([
      { gpu: 1, bdf: '0000:03:00.0' },
      { gpu: 0, bdf: '0000:0C:00.0' },
    ]);
    const probe = machine(list, metric);
    const { byAddress } = await askAmdSmi(probe, [cardAt('0000:0c:00.0'), cardAt(address)]);
    expect([byAddress.get('0000:0c:00.0')?.watts, byAddress.get(address)?.watts]).toEqual([20, 10]);
  });

  it('does not tell the memory of an integrated one, which is more than it knows', async () => {
    const card = cardAt(address, { integrated: true });
    const { byAddress } = await askAmdSmi(machine(listOf('0000:03:00.0'), monitor), [card]);
    expect(byAddress.get(address)).toMatchObject({ utilization: 0, watts: 25 });
    expect(byAddress.get(address)).not.toHaveProperty('memoryUsedMiB');
  });

  const reading = (gpu: number) => ({ gpu, power: { socket_power: { value: 9, unit: 'W' } } });

  it.each([
    ['listed another number of cards a moment before', ['0000:03:00.0', '0000:04:00.0'], [reading(0)]],
    ['has parts of a divided card', ['0000:03:00.0', '0000:03:00.0'], [reading(0), reading(1)]],
  ])('that %s says nothing of it', async (_, addresses, readings) => {
    const probe = machine(listOf(...addresses), JSON.stringify(readings));
    expect((await askAmdSmi(probe, [cardAt(address)])).byAddress.size).toBe(0);
  });

  it('is not asked while a card sleeps, which it would wake', async () => {
    const probe = machine(listOf('0000:03:00.0'), monitor, asleep);
    const { byAddress, why } = await askAmdSmi(probe, [cardAt(address), cardAt('0000:09:00.0')]);
    expect([byAddress.size, why]).toEqual([0, expect.stringContaining('0000:09:00.0 sleeps')]);
  });

  it('that fails or is not there is said so', async () => {
    const missing = await askAmdSmi(fakeProbe({}), [cardAt(address)]);
    expect(missing.why).toBe('amd-smi is not installed');
    const failing = fakeProbe({ run: (_, args) => ended('', args[0] === 'list' ? 0 : 2) });
    expect((await askAmdSmi(failing, [cardAt(address)])).why).toBe('amd-smi ended with code 2');
    const unclear = machine('[]', '[]');
    expect((await askAmdSmi(unclear, [cardAt(address)])).why).toContain('not understood');
  });
});
