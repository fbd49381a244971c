// Cards of AMD and Intel through real processes: stand-ins for their makers' tools on the PATH, beside made-up files of the kernel.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../main/adapters/host/clock.ts';
import { createStartLoop } from '../../../main/adapters/host/loop-program.ts';
import { createProbe } from '../../../main/adapters/host/probe.ts';
import { gpuSources } from '../../../main/coordinator/gpu-sources.ts';
import type { GpuSource } from '../../../main/coordinator/gpu-sources.ts';
import type { SeenGpu } from '../../../main/model/gpu.ts';
import type { GpuMetrics } from '../../../main/model/gpu-metrics.ts';
import type { Probe } from '../../../main/probe-port.ts';
import { fakeProbe, hasRecordings, recording } from '../../fakes/hardware.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-makers-'));
  vi.stubEnv('PATH', `${folder}:${process.env['PATH'] ?? ''}`);
});
afterEach(async () => {
  for (const source of opened.splice(0)) source.rest();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function tool(name: string, script: string): Promise<void> {
  const file = path.join(folder, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

async function data(name: string, text: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
}

const address = '0000:03:00.0';
const bus = `/sys/bus/pci/devices/${address}`;
const opened: GpuSource[] = [];

function open(
  vendor: 'amd' | 'intel',
  files: Record<string, string>,
  change: Partial<SeenGpu> = {},
): GpuSource {
  const gpu: SeenGpu = {
    ...{ id: address, pciAddress: address, node: 'lab', vendor, model: 'a card', memoryMiB: null },
    ...{ renderNode: null, parent: null, cards: 1, integrated: false, numaNode: null, celsius: null },
    ...{ use: { usable: true }, ...change },
  };
  const all = Object.entries(files).map(([name, text]) => [`${bus}/${name}`, text] as const);
  const links = { [bus]: `../../../devices/pci0000:00/${address}` };
  const real = createProbe();
  // Nobody waits ten seconds for a test.
  const run: Probe['run'] = (program, args, ms) => real.run(program, args, Math.min(ms, 1_500));
  const probe = { ...fakeProbe({ files: Object.fromEntries(all), links, self: { uid: 0 } }), run };
  const [source] = gpuSources({ probe, startLoop: createStartLoop(), clock: systemClock })([gpu]);
  if (source === undefined) throw new Error('there is no source');
  opened.push(source);
  return source;
}

async function read(source: GpuSource, intervalMs = 1_000): Promise<GpuMetrics | undefined> {
  await source.ask({ intervalMs, hasJob: true });
  return source.latest()?.[0];
}

const i915 = { uevent: 'DRIVER=i915\n', 'drm/card1/gt_act_freq_mhz': '600\n' };
const patience = { timeout: 20_000, interval: 50 };

describe.skipIf(!hasRecordings)('intel_gpu_top on the PATH', () => {
  const sample = hasRecordings ? recording('intel/intel_gpu_top/netdata-single-object.json') : '';

  it('stays while somebody watches closely, fills what the kernel lacks, and ends with the last who asks', async () => {
    const first = await data(
      'first',
      `[\n${sample.replace('1055.794145', '9.0').replace('96.092944', '1.0')}`,
    );
    const next = await data('next', `,\n${sample}`);
    const said = path.join(folder, 'said');
    await tool(
      'intel_gpu_top',
      `echo "$$ $*" >> ${said}\ncat ${first}\nwhile :; do cat ${next}; sleep 0.1; done`,
    );
    const source = open('intel', i915, { integrated: true });
    expect(await read(source)).toMatchObject({ utilization: null, graphicsMhz: 600 });
    await vi.waitFor(async () => expect((await read(source))?.utilization).toBe(96), patience);
    const seen = await read(source);
    expect(seen).toMatchObject({
      watts: 3.2,
      graphicsMhz: 600,
      processes: [{ pid: 2_727_837, name: 'ffmpeg' }],
    });
    expect(seen?.unknown).not.toHaveProperty('utilization');
    expect(seen?.unknown['memoryUsedMiB']).toContain("machine's memory");
    const lines = (await readFile(said, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(1);
    const [pid, ...words] = lines[0]?.split(' ') ?? [];
    expect(words.join(' ')).toBe(`-J -s 1000 -d sys:/sys/devices/pci0000:00/${address}`);
    expect(process.kill(Number(pid), 0)).toBe(true);
    source.rest();
    await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow(), patience);
  });

  it('is not started at the slow pace, for a card with xe, and for one that sleeps', async () => {
    const said = path.join(folder, 'said');
    await tool('intel_gpu_top', `echo started >> ${said}`);
    expect((await read(open('intel', i915), 30_000))?.unknown['utilization']).toContain('every 5 s');
    expect((await read(open('intel', { uevent: 'DRIVER=xe\n' })))?.unknown['utilization']).toContain(
      'has xe',
    );
    const asleep = { ...i915, 'power/runtime_status': 'suspended\n' };
    expect((await read(open('intel', asleep)))?.unknown['utilization']).toContain('sleeps');
    await expect(readFile(said)).rejects.toThrow('ENOENT');
  });

  it('that may not read the counters is started once, and says what mends it', async () => {
    const said = path.join(folder, 'said');
    const refusal = 'Failed to initialize PMU! (Permission denied)';
    await tool('intel_gpu_top', `echo started >> ${said}\necho '${refusal}' >&2\nexit 1`);
    const source = open('intel', i915);
    await vi.waitFor(
      async () => expect((await read(source))?.unknown['utilization']).toContain('cap_perfmon'),
      patience,
    );
    expect(await read(source)).toMatchObject({ utilization: null, processes: null, problem: null });
    expect(await readFile(said, 'utf8')).toBe('started\n');
  });

  it('that hangs keeps nobody from what the kernel tells', async () => {
    await tool('intel_gpu_top', 'exec sleep 600');
    const source = open('intel', i915);
    const begun = performance.now();
    for (let look = 0; look < 20; look += 1) expect(await read(source)).toMatchObject({ graphicsMhz: 600 });
    expect(performance.now() - begun).toBeLessThan(9_000);
  });

  it('that is not there is said so', async () => {
    vi.stubEnv('PATH', folder);
    const source = open('intel', i915);
    await vi.waitFor(
      async () => expect((await read(source))?.unknown['utilization']).toContain('not installed'),
      patience,
    );
  });
});

describe.skipIf(!hasRecordings)('amd-smi on the PATH', () => {
  const monitor = hasRecordings ? recording('amd/amd-smi/monitor-list-shape.json') : '';
  const withoutUse = {
    'hwmon/hwmon1/power1_average': '9000000\n',
    ...{ mem_info_vram_used: '1048576\n', mem_info_vram_total: '2097152\n' },
  };
  const whole = { ...withoutUse, gpu_busy_percent: '7\n' };
  const said = () => path.join(folder, 'said');

  async function amdSmi(metric: string): Promise<void> {
    const list = await data('list', `[{"gpu": 0, "bdf": "${address}"}]`);
    await tool('amd-smi', `echo "$1" >> ${said()}\nif [ "$1" = list ]; then cat ${list}; else ${metric}; fi`);
  }

  it('fills what the kernel lacks, and leaves what it has', async () => {
    await amdSmi(`cat ${await data('metric', monitor)}`);
    const source = open('amd', withoutUse);
    expect((await read(source))?.unknown['utilization']).toContain('not answered yet');
    await vi.waitFor(async () => expect((await read(source))?.utilization).toBe(0), patience);
    expect(await read(source)).toMatchObject({
      watts: 9,
      memoryUsedMiB: 1,
      junctionCelsius: 49,
      memoryCelsius: 50,
    });
    expect(await readFile(said(), 'utf8')).toBe('list\nmetric\n');
  });

  it('is not asked where the kernel tells what every card has, nor at the slow pace', async () => {
    await amdSmi('exit 1');
    expect(await read(open('amd', whole))).toMatchObject({ utilization: 7, junctionCelsius: null });
    const seldom = await read(open('amd', { vendor: '0x1002\n' }), 30_000);
    expect(seldom?.unknown['utilization']).toContain('only while somebody watches');
    await expect(readFile(said())).rejects.toThrow('ENOENT');
  });

  it('that fails leaves the reason, and what the kernel tells', async () => {
    await amdSmi('exit 3');
    const source = open('amd', withoutUse);
    await vi.waitFor(
      async () => expect((await read(source))?.unknown['utilization']).toBe('amd-smi ended with code 3'),
      patience,
    );
    expect(await read(source)).toMatchObject({ watts: 9, problem: null });
  });

  it('that hangs keeps nobody from what the kernel tells', async () => {
    await tool('amd-smi', 'exec sleep 600');
    const source = open('amd', withoutUse);
    const begun = performance.now();
    for (let look = 0; look < 20; look += 1) expect(await read(source)).toMatchObject({ watts: 9 });
    expect(performance.now() - begun).toBeLessThan(9_000);
    await vi.waitFor(
      async () => expect((await read(source))?.unknown['utilization']).toBe('amd-smi does not answer'),
      patience,
    );
  });
});
