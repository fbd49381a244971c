// Whole machines, made of files and of what tools answer.
import { describe, expect, it } from 'vitest';
import { createProbe } from '../../../main/adapters/host/probe.ts';
import { detectGpus } from '../../../main/detect/detect-gpus.ts';
import { gpuEngineOf, inventoryOf } from '../../../main/detect/host-gpus.ts';
import type { HostGpus } from '../../../main/detect/host-gpus.ts';
import type { Gpu } from '../../../main/model/gpu.ts';
import type { Ran } from '../../../main/probe-port.ts';
import { amdMachine, ended, fakeProbe, hasRecordings, pciFiles, recording } from '../../fakes/hardware.ts';
import type { FakeMachine } from '../../fakes/hardware.ts';
import { someInfo } from '../../fakes/some-engine.ts';

const docker = someInfo({
  version: '28.3.0',
  devices: { runtimes: ['runc', 'nvidia'], cdiNames: [], cdi: true },
});
const inventory = (host: HostGpus): readonly Gpu[] => inventoryOf(host, 'n1', gpuEngineOf(host, docker));
const uuid = (digit: number): string => `GPU-00000000-0000-0000-0000-00000000000${digit}`;
const slice = (digit: number): string => `MIG-00000000-0000-0000-0000-00000000000${digit}`;

const nvidia = { vendor: '10de', device: '2684', driver: 'nvidia' };
const twoCards = {
  ...pciFiles('0000:01:00.0', nvidia, ['card0', 'renderD128']),
  ...pciFiles('0000:81:00.0', nvidia, ['renderD129']),
};

interface Row {
  readonly digit: number;
  readonly bus: string;
  readonly mig?: string;
}

function table(rows: readonly Row[], count = rows.length): string {
  const head =
    'count, uuid, name, pci.bus_id, driver_version, memory.total [MiB], memory.used [MiB], utilization.gpu [%], temperature.gpu, power.draw [W], persistence_mode, compute_cap, mig.mode.current';
  const lines = rows.map(
    ({ digit, bus, mig }) =>
      `${count}, ${uuid(digit)}, RTX 4090, 0000${bus}, 595.80, 24564, 12, 0, 40, 20.50, Enabled, 8.9, ${mig ?? '[N/A]'}`,
  );
  return [head, ...lines, ''].join('\n');
}

const both = [
  { digit: 1, bus: '0000:01:00.0' },
  { digit: 2, bus: '0000:81:00.0' },
];
const noPrograms = 'gpu_uuid, pid, process_name, used_gpu_memory [MiB]\n';

/** A machine whose nvidia-smi answers by the kind of question. */
function smi(answers: {
  readonly cards: Ran;
  readonly programs?: string;
  readonly list?: string;
  readonly report?: string;
}): NonNullable<FakeMachine['run']> {
  return (program, args) => {
    if (program !== 'nvidia-smi') return { outcome: 'missing' };
    if (args[0]?.startsWith('--query-gpu') === true) return answers.cards;
    if (args[0]?.startsWith('--query-compute-apps') === true) return ended(answers.programs ?? noPrograms);
    return ended((args[0] === '-L' ? answers.list : answers.report) ?? '');
  };
}

const detect = (machine: FakeMachine): Promise<HostGpus> => detectGpus(fakeProbe(machine));
const ids = ({ gpus }: HostGpus): readonly string[] => gpus.map(({ id }) => id);
const keys = ({ issues }: HostGpus): readonly string[] => issues.map(({ key }) => key);

describe('a machine without cards', () => {
  it('has none, and nothing is wrong: nor is a tool asked', async () => {
    const run = (): Ran => {
      throw new Error('nobody is asked');
    };
    const bus = pciFiles('0000:00:1f.0', { vendor: '8086', device: '7a04', kind: '060100' });
    expect(await detect({ files: bus, run })).toEqual({
      gpus: [],
      processes: [],
      files: [],
      cdiNames: [],
      wsl: false,
      toolkit: { installed: false, cdiNames: [], stale: null, noCgroups: null },
      issues: [],
      unknown: [],
    });
  });

  it('without a bus that can be seen is asked for nvidia-smi, and has none where that is missing', async () => {
    const unknown = [
      { what: 'cards of AMD and Intel', why: expect.stringContaining('/sys/bus/pci') as string },
    ];
    expect(await detect({})).toMatchObject({ gpus: [], issues: [], unknown });
  });

  it('is this one, in a moment, whatever it has', async () => {
    const started = performance.now();
    const host = await detectGpus(createProbe());
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(host.gpus.length > 0 || host.issues.length === 0).toBe(true);
  });
});

describe('a machine on which a driver hangs', () => {
  const bus = '/sys/bus/pci/devices';

  it('has the card of it, which nobody gets, and the others as ever', async () => {
    const host = await detect({ ...amdMachine(2), hanging: [`${bus}/0000:03:00.0`] });
    expect(host.gpus).toMatchObject([
      { id: '0000:03:00.0', vendor: 'amd', memoryMiB: null, trouble: { why: 'its driver does not answer' } },
      { id: '0000:04:00.0', memoryMiB: 24_560, trouble: null },
    ]);
    expect(keys(host)).toEqual(['gpu.tool-hangs']);
    const intel = pciFiles('0000:03:00.0', { vendor: '8086', device: '56a0', driver: 'i915' });
    expect(keys(await detect({ files: intel, hanging: [`${bus}/0000:03:00.0`] }))).toEqual([
      'gpu.tool-hangs',
    ]);
  });

  it('so that nothing can be read is not a machine without cards', async () => {
    await expect(detect({ hanging: [bus] })).rejects.toMatchObject({ key: 'gpu.tool-hangs' });
    const probe = fakeProbe({ ...amdMachine(1), hanging: [bus] });
    const shut = { ...probe, readFile: async () => null };
    await expect(detectGpus(shut)).rejects.toMatchObject({ key: 'gpu.tool-hangs' });
  });
});

describe("NVIDIA's cards", () => {
  it('are those of the bus with what the tool says', async () => {
    const host = await detect({ files: twoCards, run: smi({ cards: ended(table(both)) }) });
    expect(host.issues).toEqual([]);
    expect(host.gpus).toMatchObject([
      {
        id: uuid(1),
        pciAddress: '0000:01:00.0',
        renderNode: '/dev/dri/renderD128',
        memoryMiB: 24_564,
        target: '8.9',
        trouble: null,
      },
      { id: uuid(2), pciAddress: '0000:81:00.0', renderNode: '/dev/dri/renderD129', numaNode: 0 },
    ]);
    expect(inventory(host).every(({ use, node }) => use.usable && node === 'n1')).toBe(true);
  });

  it('of an old driver are asked for again with the fields that it knows', async () => {
    const run: FakeMachine['run'] = (program, args) =>
      args[0]?.includes('compute_cap') === true
        ? ended('Field "compute_cap" is not a valid field to query.\n', 2)
        : smi({ cards: ended(table(both)) })(program, args);
    expect(ids(await detect({ files: twoCards, run }))).toEqual([uuid(1), uuid(2)]);
  });

  it('of which one is lost are right for the rest', async () => {
    const host = await detect({ files: twoCards, run: smi({ cards: ended(table(both.slice(0, 1))) }) });
    expect(ids(host)).toEqual([uuid(1), '0000:81:00.0']);
    expect(keys(host)).toEqual(['gpu.lost']);
    expect(inventory(host).map(({ use }) => use.usable)).toEqual([true, false]);
  });

  it('are known by the driver’s own files where the tool says nothing', async () => {
    const information = 'Model: \t RTX 4090\nGPU UUID: \t GPU-00000000-0000-0000-0000-000000000001\n';
    const files = { ...twoCards, '/proc/driver/nvidia/gpus/0000:01:00.0/information': information };
    const host = await detect({ files, run: smi({ cards: ended('Driver/library version mismatch\n', 18) }) });
    expect(ids(host)).toEqual([uuid(1), '0000:81:00.0']);
    expect(keys(host)).toEqual(['gpu.driver-mismatch']);
    expect(inventory(host)[0]?.use).toMatchObject({
      usable: false,
      fix: expect.stringContaining('Restart') as string,
    });
  });

  it.each<[string, Ran, string]>([
    ['is missing', { outcome: 'missing' }, 'gpu.tool-missing'],
    ['hangs', { outcome: 'timeout' }, 'gpu.tool-hangs'],
    ['floods', { outcome: 'flood' }, 'gpu.tool-failed'],
    ['ends with 255', ended('', 255), 'gpu.output-unclear'],
    ['prints half and dies', ended(table(both).slice(0, 300), 139), 'gpu.output-unclear'],
  ])('stay in the list where nvidia-smi %s, and none is handed out', async (_, cards, key) => {
    const host = await detect({ files: twoCards, run: smi({ cards }) });
    expect(ids(host)).toEqual(['0000:01:00.0', '0000:81:00.0']);
    expect(keys(host)).toEqual([key]);
    expect(inventory(host).some(({ use }) => use.usable)).toBe(false);
  });

  it('without the right driver say so, and no tool is asked', async () => {
    const files = pciFiles('0000:01:00.0', { ...nvidia, driver: 'nouveau' });
    const host = await detect({ files });
    expect(host.gpus).toMatchObject([{ trouble: { why: expect.stringContaining('nouveau') as string } }]);
    expect(keys(host)).toEqual(['gpu.driver-missing']);
  });

  it('with one id cannot be told apart', async () => {
    const rows = both.map((row) => ({ ...row, digit: 1 }));
    const host = await detect({ files: twoCards, run: smi({ cards: ended(table(rows)) }) });
    expect(host.gpus.map(({ trouble }) => trouble?.why)).toEqual([
      'another card has the same id',
      'another card has the same id',
    ]);
    expect(keys(host)).toEqual(['gpu.output-unclear']);
  });

  it('come with the programs on them', async () => {
    const programs = `${noPrograms}${uuid(1)}, 812, ollama, 9000\n`;
    const host = await detect({ files: twoCards, run: smi({ cards: ended(table(both)), programs }) });
    expect(host.processes).toEqual([{ uuid: uuid(1), pid: 812, name: 'ollama', memoryMiB: 9000 }]);
  });

  const divided = [
    { digit: 1, bus: '0000:01:00.0', mig: 'Enabled' },
    { digit: 2, bus: '0000:81:00.0', mig: 'Disabled' },
  ];
  const list = `GPU 0: RTX 4090 (UUID: ${uuid(1)})\n  MIG 1g.10gb     Device  0: (UUID: ${slice(1)})\n  MIG 2g.20gb     Device  1: (UUID: ${slice(2)})\nGPU 1: RTX 4090 (UUID: ${uuid(2)})\n`;
  const report = `<nvidia_smi_log><gpu id="0"><uuid>${uuid(1)}</uuid><mig_devices>${[0, 1]
    .map(
      (index) =>
        `<mig_device><index>${index}</index><fb_memory_usage><total>${index + 1}0000 MiB</total></fb_memory_usage></mig_device>`,
    )
    .join('')}</mig_devices></gpu></nvidia_smi_log>`;

  it('that are divided come with their slices', async () => {
    const host = await detect({ files: twoCards, run: smi({ cards: ended(table(divided)), list, report }) });
    expect(host.issues).toEqual([]);
    expect(host.gpus).toMatchObject([
      { id: uuid(1), parent: null },
      { id: uuid(2), parent: null },
      { id: slice(1), parent: uuid(1), memoryMiB: 10_000, model: 'RTX 4090 1g.10gb' },
      { id: slice(2), parent: uuid(1), memoryMiB: 20_000 },
    ]);
  });

  it('that are divided into nothing known are not handed out', async () => {
    const host = await detect({
      files: twoCards,
      run: smi({ cards: ended(table(divided)), list: list.slice(0, 20), report }),
    });
    expect(inventory(host).map(({ use }) => use.usable)).toEqual([false, true]);
    expect(keys(host)).toEqual(['gpu.output-unclear']);
  });
});

describe('a WSL2', () => {
  const version = 'Linux version 6.6.87.2-microsoft-standard-WSL2 (root@x) #1 SMP\n';
  const wsl: FakeMachine = {
    files: { '/proc/version': version },
    devices: { '/dev/dxg': { group: 0, mode: 0o666 } },
  };
  it('has its cards as one, with a tool beside the path', async () => {
    const run: FakeMachine['run'] = (program, args) =>
      program === '/usr/lib/wsl/lib/nvidia-smi'
        ? smi({ cards: ended(table(both)) })('nvidia-smi', args)
        : { outcome: 'missing' };
    const host = await detect({ ...wsl, run });
    expect(host.gpus).toMatchObject([{ id: 'wsl', cards: 2, memoryMiB: 24_564, pciAddress: null }]);
    expect(inventory(host)[0]?.members).toEqual([uuid(1), uuid(2)]);
    expect(host.wsl).toBe(true);
    expect(inventory(host)[0]?.use).toEqual({ usable: true });
  });

  it('that may not use them says why', async () => {
    const blocked = 'Failed to initialize NVML: GPU access blocked by the operating system\n';
    const host = await detect({ ...wsl, run: smi({ cards: ended(blocked, 17) }) });
    expect(host.gpus).toEqual([]);
    expect(keys(host)).toEqual(['gpu.blocked']);
  });

  it('without any driver of NVIDIA says that the card is another, and not which', async () => {
    const host = await detect(wsl);
    expect(host.gpus).toEqual([]);
    expect(keys(host)).toEqual(['gpu.wsl-other']);
    expect(host.unknown.map(({ what }) => what)).toEqual(['cards of AMD and Intel']);
  });

  it('is not every kernel with such a device', async () => {
    expect((await detect({ ...wsl, files: { '/proc/version': 'Linux version 6.1\n' } })).wsl).toBe(false);
  });
});

describe('cards of AMD and Intel', () => {
  const amd = pciFiles('0000:03:00.0', { vendor: '1002', device: '744c', driver: 'amdgpu' }, [
    'card1',
    'renderD128',
  ]);
  const at = '/sys/bus/pci/devices/0000:03:00.0';
  const memory = { [`${at}/mem_info_vram_total`]: '25753026560\n', [`${at}/revision`]: '0xc8\n' };
  const kfd = {
    '/sys/class/kfd/kfd/topology/nodes/1/properties':
      'simd_count 192\ngfx_target_version 110000\ndrm_render_minor 128\n',
  };
  const names = { '/usr/share/libdrm/amdgpu.ids': '744C,\tC8,\tAMD Radeon RX 7900 XTX\n' };
  const node = { group: 993, mode: 0o660 };
  const devices = { '/dev/kfd': node, '/dev/dri/renderD128': node, '/dev/dri/renderD129': node };

  it('are known by the kernel alone', async () => {
    const host = await detect({ files: { ...amd, ...memory, ...kfd, ...names }, devices });
    expect(host.issues).toEqual([]);
    expect(host.gpus).toMatchObject([
      {
        id: '0000:03:00.0',
        vendor: 'amd',
        model: 'AMD Radeon RX 7900 XTX',
        memoryMiB: 24_560,
        target: 'gfx1100',
        integrated: false,
      },
    ]);
    expect(inventory(host)[0]?.use).toEqual({ usable: true });
    expect(inventory({ ...host, files: [] })[0]?.use).toMatchObject({
      usable: false,
      why: '/dev/kfd does not exist',
    });
  });

  it('of AMD that cannot compute say so', async () => {
    const host = await detect({ files: { ...amd, ...memory }, devices });
    expect(host.gpus[0]?.trouble?.why).toContain('KFD');
    expect(keys(host)).toEqual(['gpu.driver-missing']);
  });

  it('of Intel have no memory that anybody tells, and integrated ones are marked', async () => {
    const arc = pciFiles('0000:05:00.0', { vendor: '8086', device: 'e20b', driver: 'xe' }, [
      'card1',
      'renderD129',
    ]);
    const own = pciFiles('0000:00:02.0', { vendor: '8086', device: '46a6', driver: 'i915' }, [
      'card0',
      'renderD128',
    ]);
    const host = await detect({ files: { ...arc, ...own }, devices });
    expect(host.gpus).toMatchObject([
      { id: '0000:00:02.0', integrated: true, model: 'Intel GPU (46a6)' },
      { id: '0000:05:00.0', integrated: false, memoryMiB: null },
    ]);
    expect(keys(host)).toEqual(['gpu.memory-unknown']);
  });

  it('are found beside those of NVIDIA, and what CDI names beside them', async () => {
    const cdi = {
      '/etc/cdi/nvidia.yaml': 'kind: nvidia.com/gpu\ndevices:\n- name: all\n',
      '/etc/cdi/README': 'kind: a\n',
    };
    const host = await detect({
      files: { ...twoCards, ...amd, ...memory, ...kfd, ...cdi },
      devices,
      run: smi({ cards: ended(table(both)) }),
    });
    expect(ids(host)).toEqual([uuid(1), uuid(2), '0000:03:00.0']);
    expect(host.cdiNames).toEqual(['nvidia.com/gpu=all']);
  });
});

describe.skipIf(!hasRecordings)('a recorded H100 that is divided', () => {
  it('has four slices', async () => {
    const capture = (name: string): string => recording(`nvidia/captures/h100-mig-590.48.01-linux/${name}`);
    // All UUIDs of a recording are masked, and the card's is that of its first slice but for the beginning.
    const run = smi({
      cards: ended(capture('query-gpu.idle.csv')),
      programs: capture('query-compute-apps.load.csv'),
      list: capture('list-L.txt'),
    });
    const host = await detect({ files: pciFiles('0000:00:09.0', nvidia), run });
    expect(host.gpus.map(({ model }) => model)).toEqual(
      ['', ' 3g.40gb', ' 2g.20gb', ' 1g.10gb', ' 1g.10gb'].map(
        (profile) => `NVIDIA H100 80GB HBM3${profile}`,
      ),
    );
    expect(host.processes).toHaveLength(3);
    // No report was recorded, so the slices' memory is unknown.
    expect(keys(host)).toEqual(['gpu.output-unclear']);
  });
});
