// Machines whose GPU is no card of its own: Jetson, GB10, Windows, divided cards of AMD.
import { describe, expect, it } from 'vitest';
import { parseAmdSmiStatic } from '../../../main/detect/amd-smi.ts';
import { parseKfdMemory, parseKfdNode } from '../../../main/detect/amd.ts';
import { detectGpus } from '../../../main/detect/detect-gpus.ts';
import { parseTegraRelease } from '../../../main/detect/detect-tegra.ts';
import { healthOf } from '../../../main/detect/health-of.ts';
import { gpuEngineOf, inventoryOf } from '../../../main/detect/host-gpus.ts';
import { parseIntelTop } from '../../../main/detect/intel-top.ts';
import { splitObjects } from '../../../main/detect/json.ts';
import {
  parseModuleVersion,
  parseNvidiaModule,
  parseNvidiaVersion,
} from '../../../main/detect/nvidia-version.ts';
import { allocate } from '../../../main/plan/gpus.ts';
import { now, someHealth, someNeed } from '../../fakes/gpus.ts';
import { amdMachine, ended, fakeProbe, hasRecordings, pciFiles, recording } from '../../fakes/hardware.ts';
import type { FakeMachine } from '../../fakes/hardware.ts';
import { someInfo } from '../../fakes/some-engine.ts';

const detect = (machine: FakeMachine) => detectGpus(fakeProbe(machine));
const meminfo = { '/proc/meminfo': 'MemTotal:       131072000 kB\nMemFree: 1 kB\n' };
const head = 'count, uuid, name, pci.bus_id, driver_version, memory.total [MiB], temperature.gpu';
const id = 'GPU-00000000-0000-0000-0000-000000000001';

function smi(line: string): NonNullable<FakeMachine['run']> {
  return (program, args) => {
    if (program !== 'nvidia-smi') return { outcome: 'missing' };
    return args[0]?.startsWith('--query-gpu') === true
      ? ended(`${head}\n${line}\n`)
      : ended('gpu_uuid, pid, process_name, used_gpu_memory [MiB]\n');
  };
}

describe('a Jetson', () => {
  const files = {
    ...meminfo,
    '/proc/device-tree/compatible': 'nvidia,p3768-0000+p3767-0005\0nvidia,tegra234\0',
    '/proc/device-tree/model': 'NVIDIA Jetson Orin Nano Developer Kit\0',
    '/etc/nv_tegra_release': '# R36 (release), REVISION: 4.3, GCID: 1, BOARD: generic, EABI: aarch64\n',
  };

  it('is one GPU with the memory of the machine, and its nvidia-smi is not asked', async () => {
    const run = (): never => {
      throw new Error('nobody is asked');
    };
    const host = await detect({ files, run });
    expect(host.issues).toEqual([]);
    expect(host.gpus).toMatchObject([
      {
        ...{ id: 'tegra', form: 'unified', driver: 'nvgpu', driverVersion: '36.4.3', memoryMiB: 128_000 },
        model: 'NVIDIA Jetson Orin Nano Developer Kit',
      },
    ]);
  });

  it('is handed out as all that there is', async () => {
    const host = await detect({ files });
    const devices = { runtimes: ['nvidia'], cdiNames: [], cdi: false };
    const engine = gpuEngineOf(host, someInfo({ devices }));
    expect(inventoryOf(host, 'n1', engine)[0]?.use).toEqual({ usable: true });
    expect(inventoryOf(host, 'n1', { ...engine, runtimes: [] })[0]?.use).toMatchObject({
      why: 'the driver is loaded, but the NVIDIA container toolkit is not installed',
    });
  });

  it.each(['', '# R36 (release)', '# R36 (release), REVISION: 4', 'R36'])(
    'with release %j tells none',
    (text) => {
      expect(parseTegraRelease(text)).toBeNull();
    },
  );
});

describe('a GB10', () => {
  it('has the memory of the machine, of which nvidia-smi says nothing', async () => {
    const bus = pciFiles('000f:01:00.0', { vendor: '10de', device: '2e12', driver: 'nvidia' });
    const run = smi(`1, ${id}, NVIDIA GB10, 0000000F:01:00.0, 590.48.01, [N/A], 41`);
    const host = await detect({ files: { ...meminfo, ...bus }, run });
    expect(host.gpus).toMatchObject([{ id, form: 'unified', memoryMiB: 128_000, celsius: 41 }]);
  });

  it('is no other card of unknown memory', async () => {
    const bus = pciFiles('0000:01:00.0', { vendor: '10de', device: '2684', driver: 'nvidia' });
    const run = smi(`1, ${id}, NVIDIA RTX 4090, 00000000:01:00.0, 590.48.01, [N/A], 41`);
    const host = await detect({ files: { ...meminfo, ...bus }, run });
    expect(host.gpus).toMatchObject([{ form: 'card', memoryMiB: null }]);
  });
});

describe('Windows', () => {
  it('has the cards of nvidia-smi, and says what nobody can see', async () => {
    const run = smi(`1, ${id}, NVIDIA RTX 4090, 00000000:01:00.0, 610.62, 24564, 41`);
    const host = await detect({ run });
    expect(host.gpus).toMatchObject([{ id, memoryMiB: 24_564, driverVersion: '610.62' }]);
    expect(host.unknown).toHaveLength(1);
  });
});

describe('a version of the driver', () => {
  const bus = pciFiles('0000:01:00.0', { vendor: '10de', device: '2684', driver: 'nvidia' });
  it('is that of the kernel where nvidia-smi does not tell', async () => {
    const run = smi(
      `1, ${id}, RTX 4090, 00000000:01:00.0, [Requested functionality has been deprecated], 24564, 41`,
    );
    const host = await detect({ files: { ...bus, '/sys/module/nvidia/version': '610.57.04\n' }, run });
    expect(host.gpus[0]?.driverVersion).toBe('610.57.04');
    expect(host.issues).toEqual([]);
  });

  it('is read whole or not at all', () => {
    expect(parseModuleVersion('595.80\n')).toBe('595.80');
    for (const text of ['595.8', '', '\n', 'nouveau\n', null]) expect(parseModuleVersion(text)).toBeNull();
    const line = 'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build  (x)\n';
    expect(parseNvidiaModule(line)).toEqual({ driver: '570.86.15', flavour: 'open' });
    expect(parseNvidiaModule(line.replace('Open Kernel Module for x86_64', 'x86_64 Kernel Module'))).toEqual({
      ...{ driver: '570.86.15', flavour: 'closed' },
    });
    for (let cut = 0; cut < line.length; cut++)
      expect(parseNvidiaModule(line.slice(0, cut))).toEqual({ driver: null, flavour: null });
  });

  it.skipIf(!hasRecordings)('stands under newer names since 610', () => {
    const said = (name: string) => parseNvidiaVersion(recording(`nvidia/captures/${name}`));
    const newer = { driver: '610.57.04', cuda: '13.3' };
    expect(said('rtx2080super-610.57.04-linux/version.txt')).toEqual(newer);
    expect(said('rtx2080super-610.57.04-linux/table.idle.txt')).toEqual(newer);
    expect(said('h100-590.48.01-linux/version.txt')).toEqual({ driver: '590.48.01', cuda: '13.1' });
  });
});

describe('programs on a card of AMD', () => {
  const machine = amdMachine(1);
  const files = {
    ...machine.files,
    '/sys/class/kfd/kfd/topology/nodes/1/gpu_id': '41657\n',
    '/sys/class/kfd/kfd/proc/812/vram_41657': '9663676416\n',
    '/sys/class/kfd/kfd/proc/813/vram_41657': '0\n',
    '/sys/class/kfd/kfd/proc/814/vram_1': '9663676416\n',
    '/proc/812/comm': 'ollama\n',
  };

  it('are those that have memory there, by their names', async () => {
    const host = await detect({ ...machine, files });
    expect(host.processes).toEqual([{ uuid: '0000:03:00.0', pid: 812, name: 'ollama', memoryMiB: 9216 }]);
  });

  it('keep it from jobs, unless they are ours', async () => {
    const host = await detect({ ...machine, files });
    const inventory = inventoryOf(host, 'n1', gpuEngineOf(host, someInfo({})));
    const answer = (ours: readonly number[]) => {
      const health = healthOf(host, { node: 'n1', at: now, ours: new Set(ours) });
      return allocate(someNeed(), { inventory, held: [], reservations: [], health, now });
    };
    expect(answer([])).toMatchObject({
      granted: false,
      message: expect.stringContaining('ollama') as string,
    });
    expect(answer([812])).toMatchObject({ granted: true });
  });
});

describe('a divided card of AMD', () => {
  const at = '0000:0a:00.0';
  const node = { group: 109, mode: 0o660 };
  const part = (index: number): Readonly<Record<string, string>> => {
    const folder = `/sys/class/kfd/kfd/topology/nodes/${index + 2}`;
    const lines = [
      ...['simd_count 80', 'simd_per_cu 4', 'gfx_target_version 90402', 'domain 0'],
      ...[`location_id ${2560 + index}`, `drm_render_minor ${128 + index}`, 'hive_id 2095653680343411291'],
    ];
    return {
      [`${folder}/properties`]: `${lines.join('\n')}\n`,
      [`${folder}/mem_banks/0/properties`]: 'heap_type 1\nsize_in_bytes 51539607552\n',
    };
  };
  const machine: FakeMachine = {
    files: {
      ...pciFiles(at, { vendor: '1002', device: '74a2', driver: 'amdgpu' }, ['card1', 'renderD128']),
      [`/sys/bus/pci/devices/${at}/mem_info_vram_total`]: '206158430208\n',
      ...part(0),
      ...part(1),
      ...part(2),
      ...part(3),
    },
    devices: Object.fromEntries(
      ['/dev/kfd', ...[128, 129, 130, 131].map((minor) => `/dev/dri/renderD${minor}`)].map((path) => [
        path,
        node,
      ]),
    ),
  };

  it('is its parts, each with a render node and memory of its own', async () => {
    const host = await detect(machine);
    expect(host.gpus.map((gpu) => [gpu.id, gpu.parent, gpu.renderNode, gpu.memoryMiB])).toEqual([
      [at, null, '/dev/dri/renderD128', 196_608],
      ...[0, 1, 2, 3].map((index) => [`${at}/${index}`, at, `/dev/dri/renderD${128 + index}`, 49_152]),
    ]);
    expect(host.gpus[1]).toMatchObject({
      target: 'gfx942',
      form: 'slice',
      model: 'AMD GPU (74a2) part 1 of 4',
    });
  });

  it('is handed out in parts alone', async () => {
    const host = await detect(machine);
    const inventory = inventoryOf(host, 'n1', gpuEngineOf(host, someInfo({})));
    const health = inventory.map((gpu) => someHealth(gpu));
    const answer = allocate(someNeed({ count: 4 }), { inventory, held: [], reservations: [], health, now });
    expect(answer.granted && [...answer.grant.ids].sort()).toEqual(
      [0, 1, 2, 3].map((index) => `${at}/${index}`),
    );
  });

  it('that is not divided is one card', async () => {
    const whole = {
      ...machine,
      files: Object.fromEntries(
        Object.entries(machine.files ?? {}).filter(([path]) => !/nodes\/[345]/.test(path)),
      ),
    };
    expect((await detect(whole)).gpus.map(({ id }) => id)).toEqual([at]);
  });

  it('is known by the kernel’s own numbers, however large', () => {
    expect(parseKfdNode(part(3)['/sys/class/kfd/kfd/topology/nodes/5/properties'] ?? '')).toEqual({
      ...{ renderMinor: 131, target: 'gfx942', address: at, computeUnits: 20 },
    });
    for (const text of ['size_in_bytes 0\n', 'size_in_bytes 5', '', null])
      expect(parseKfdMemory(text)).toBeNull();
  });
});

describe('amd-smi', () => {
  const card = {
    gpu: 0,
    asic: {
      market_name: 'AMD Instinct MI300X',
      vendor_id: '0x1002',
      device_id: '0x74a1',
      target_graphics_version: 'gfx942',
    },
    bus: { bdf: '0000:0A:00.0' },
    driver: { NAME: 'amdgpu', VERSION: '6.10.5' },
    vram: { size: { value: 196_592, unit: 'MB' } },
    partition: { accelerator_partition: 'CPX', memory_partition: 'NPS1' },
  };

  it.each([[[card]], [{ gpu_data: [card] }]])('is read with either root', (root) => {
    expect(parseAmdSmiStatic(JSON.stringify(root))).toMatchObject({
      found: [
        {
          ...{
            index: 0,
            pciAddress: '0000:0a:00.0',
            device: '1002:74a1',
            target: 'gfx942',
            memoryMiB: 196_592,
          },
          ...{ driverVersion: '6.10.5', computePartition: 'CPX', memoryPartition: 'NPS1' },
        },
      ],
      issues: [],
    });
  });

  it.each([
    ['N/A', null, 0],
    [{ value: 'N/A', unit: 'MB' }, null, 0],
    [{ value: 64, unit: 'GB' }, null, 1],
    [{ value: '64.000', unit: 'GB' }, null, 1],
    [65_520, null, 1],
    [{ unit: 'MB' }, null, 1],
    [{ value: -1, unit: 'MB' }, null, 1],
    [{ value: 65_520, unit: 'MB' }, 65_520, 0],
  ])('has memory in its unit or none: %j', (size, memoryMiB, unclear) => {
    const { found, issues } = parseAmdSmiStatic(JSON.stringify([{ ...card, vram: { size } }]));
    expect([found[0]?.memoryMiB, issues.length]).toEqual([memoryMiB, unclear]);
  });

  it('with two cards of one number has one of them, and says so', () => {
    const { found, issues } = parseAmdSmiStatic(JSON.stringify([card, card]));
    expect([found.length, issues.length]).toEqual([1, 1]);
  });
});

describe.skipIf(!hasRecordings)('a stream of intel_gpu_top', () => {
  const sample = hasRecordings ? recording('intel/intel_gpu_top/netdata-single-object.json') : '';

  it('has its samples, with commas or without, closed or not', () => {
    for (const text of [
      `[\n${sample},\n${sample}\n]`,
      `[\n${sample}\n${sample}`,
      sample + sample,
      `[${sample},${sample},`,
    ]) {
      const { found, rest } = parseIntelTop(text);
      expect(found).toHaveLength(2);
      expect(found[0]).toMatchObject({
        watts: 3.233528,
        utilization: 96.092944,
        programs: [{ pid: 2_727_837 }],
      });
      expect(found[0]?.engines).toMatchObject({ 'Render/3D': 96.092944, Video: 77.402254 });
      expect(rest.trim().replace(/[\],]/g, '')).toBe('');
    }
  });

  it('in pieces of any size says the same', () => {
    const text = `[\n${sample},\n${sample},\n${sample}`;
    for (const size of [1, 7, 100, 1500, 5000]) {
      let [rest, count] = ['', 0];
      for (let at = 0; at < text.length; at += size) {
        const part = parseIntelTop(rest + text.slice(at, at + size));
        rest = part.rest;
        count += part.found.length;
      }
      expect(count).toBe(3);
    }
  });

  it('with signs inside of words is not cut there', () => {
    expect(splitObjects('{"a":"}{\\"}"} {"b":{"c":1}} {"d"').objects).toEqual([
      '{"a":"}{\\"}"}',
      '{"b":{"c":1}}',
    ]);
  });
});
