// Cards in detail: what the makers' tools add, what containers need, and what nobody could tell.
import { describe, expect, it } from 'vitest';
import { detectGpus } from '../../../main/detect/detect-gpus.ts';
import { detectGpuDetails } from '../../../main/detect/gpu-details.ts';
import { gpuEngineOf } from '../../../main/detect/host-gpus.ts';
import { gpuDetailSchema } from '../../../main/model/gpu-detail.ts';
import type { GpuDetail } from '../../../main/model/gpu-detail.ts';
import type { EngineInfo } from '../../../main/model/engine.ts';
import { renderGpuDetail } from '../../../main/cli/render/gpu-detail.ts';
import { ended, fakeProbe, hasRecordings, pciFiles, recording } from '../../fakes/hardware.ts';
import type { FakeMachine } from '../../fakes/hardware.ts';
import { someInfo } from '../../fakes/some-engine.ts';

const address = '0000:06:00.0';
const folder = `/sys/bus/pci/devices/${address}`;
const uuid = 'GPU-37037c3f-65c8-ec4d-24a9-420204ad8026';
const nvidiaBus = {
  ...pciFiles(address, { vendor: '10de', device: '27b0', driver: 'nvidia' }, ['card1', 'renderD128']),
  [`${folder}/subsystem_vendor`]: '0x10de\n',
  [`${folder}/subsystem_device`]: '0x16fa\n',
  [`${folder}/current_link_speed`]: '2.5 GT/s PCIe\n',
  [`${folder}/current_link_width`]: '16\n',
  '/sys/module/nvidia/version': '595.84\n',
};
const head =
  'count, uuid, name, pci.bus_id, driver_version, memory.total [MiB], memory.used [MiB], compute_cap';
const table = `${head}\n1, ${uuid}, NVIDIA RTX 4000 SFF Ada Generation, 00000000:06:00.0, 595.84, 20475, 300, 8.9\n`;

function nvidiaTool(report: string): NonNullable<FakeMachine['run']> {
  return (program, args) => {
    if (program !== 'nvidia-smi') return { outcome: 'missing' };
    if (args[0] === '-q') return report === '' ? { outcome: 'timeout' } : ended(report);
    return args[0]?.startsWith('--query-gpu') === true
      ? ended(table)
      : ended('gpu_uuid, pid, process_name, used_gpu_memory [MiB]\n');
  };
}

async function details(
  machine: FakeMachine,
  info: EngineInfo | null = someInfo({}),
): Promise<readonly GpuDetail[]> {
  const probe = fakeProbe(machine);
  const host = await detectGpus(probe);
  const engine = info === null ? null : gpuEngineOf(host, info);
  const found = await detectGpuDetails(probe, host, engine);
  // What is answered over every door.
  return found.details.map((detail) => gpuDetailSchema.parse(detail));
}

const states = ({ containers }: GpuDetail) => containers.steps.map(({ name, state }) => `${name} ${state}`);
const whatIsUnknown = ({ unknown }: GpuDetail) => unknown.map(({ what }) => what);

describe.skipIf(!hasRecordings)('a card of NVIDIA', () => {
  const report = hasRecordings ? recording('nvidia/xml/telegraf-rtx-4000-sff-ada-v13.xml') : '';
  it('has what its report and the bus tell', async () => {
    const [detail] = await details({ files: nvidiaBus, run: nvidiaTool(report) });
    expect(detail).toMatchObject({
      ...{ id: uuid, form: 'card', firmware: '95.04.53.00.01', parent: null },
      memory: { totalMiB: 20_475, usedMiB: 300, kind: 'own' },
      driver: { name: 'nvidia', version: '595.84' },
      bus: { address, device: '10de:27b0', board: '10de:16fa', speed: '2.5 GT/s', lanes: 16 },
      maker: {
        ...{ cuda: '13.2', computeCapability: '8.9', architecture: 'Ada Lovelace', mig: 'none' },
        ...{ persistence: true, display: true, driverModel: null, recovery: 'None' },
      },
      unknown: [],
    });
  });

  it('says step by step what containers lack', async () => {
    const bare = someInfo({ devices: { runtimes: ['runc'], cdiNames: [], cdi: true } });
    const [detail] = await details({ files: nvidiaBus, run: nvidiaTool(report) }, bare);
    expect(detail === undefined ? [] : states(detail)).toEqual([
      'driver ok',
      'toolkit missing',
      'cdi missing',
      'engine missing',
    ]);
    expect(detail?.containers).toMatchObject({
      usable: false,
      why: 'the driver is loaded, but the NVIDIA container toolkit is not installed',
      fix: expect.stringContaining('Install nvidia-container-toolkit') as string,
    });
  });

  const toolkit = { '/usr/bin/nvidia-ctk': { group: 0, mode: 0o755 } };
  const cdi = (version: string): string =>
    `kind: nvidia.com/gpu\ndevices:\n- name: ${uuid}\ncontainerEdits:\n  mounts:\n  - hostPath: /usr/lib/libcuda.so.${version}\n`;
  it.each<[string, string | null, Partial<EngineInfo['devices']>, string | null]>([
    ['is asked for by its CDI name', '595.84', { cdi: true }, null],
    ['has a CDI file of another driver', '570.86.15', { cdi: true }, 'was made for driver 570.86.15'],
    ['has a CDI file that Docker does not read', '595.84', { cdi: false }, 'Docker does not read such files'],
    [
      'has a toolkit that Docker does not know',
      null,
      { cdi: true },
      'installed, but Docker does not know it',
    ],
    ['is asked for by the runtime', null, { runtimes: ['nvidia'] }, null],
  ])('%s', async (_, version, change, why) => {
    const files = { ...nvidiaBus, ...(version === null ? {} : { '/etc/cdi/nvidia.yaml': cdi(version) }) };
    const engine = someInfo({ devices: { runtimes: [], cdiNames: [], cdi: true, ...change } });
    const [detail] = await details({ files, devices: toolkit, run: nvidiaTool(report) }, engine);
    expect(detail?.containers.usable).toBe(why === null);
    if (why === null) expect(detail?.containers.asks[0]).toContain(uuid);
    else expect(detail?.containers.why).toContain(why);
  });

  it('of an engine that brings its own toolkit lacks nothing', async () => {
    const desktop = someInfo({ devices: { runtimes: ['nvidia'], cdiNames: [], cdi: false } });
    const [detail] = await details({ files: nvidiaBus, run: nvidiaTool(report) }, desktop);
    expect(detail?.containers).toMatchObject({ usable: true, way: 'nvidia', asks: [uuid] });
    expect(detail === undefined ? [] : states(detail)).toEqual(['driver ok', 'toolkit ok', 'engine ok']);
  });

  it('under rootless Docker may need a setting that only older toolkits need, which is said', async () => {
    const rootless = someInfo({
      rootless: true,
      devices: { runtimes: ['nvidia'], cdiNames: [], cdi: false },
    });
    const files = { ...nvidiaBus, '/etc/nvidia-container-runtime/config.toml': '#no-cgroups = false\n' };
    const [detail] = await details({ files, run: nvidiaTool(report) }, rootless);
    expect(detail === undefined ? [] : states(detail).at(-1)).toBe('engine unknown');
  });

  it('whose report calls CUDA something else has it from the version', async () => {
    const version = recording('nvidia/captures/rtx2080super-610.57.04-linux/version.txt');
    const newer = nvidiaTool(report.replaceAll('cuda_version', 'cuda_newer_version'));
    const run: FakeMachine['run'] = (program, args) =>
      args[0] === '--version' ? ended(version) : newer(program, args);
    const [detail] = await details({ files: nvidiaBus, run });
    expect(detail).toMatchObject({ maker: { cuda: '13.3' }, unknown: [] });
  });

  it('whose report does not come says so for each thing that it would have told', async () => {
    const [detail] = await details({ files: nvidiaBus, run: nvidiaTool('') });
    expect(detail === undefined ? [] : whatIsUnknown(detail)).toEqual([
      ...['maker.cuda', 'maker.architecture', 'maker.mig', 'maker.persistence', 'maker.ecc'],
      ...['maker.display', 'firmware'],
    ]);
    expect(detail?.unknown[0]?.why).toBe('nvidia-smi does not answer');
    expect(detail).toMatchObject({
      memory: { totalMiB: 20_475 },
      maker: { computeCapability: '8.9', cuda: null },
    });
  });

  it('without an engine has no way to containers, and everything else', async () => {
    const [detail] = await details({ files: nvidiaBus, run: nvidiaTool(report) }, null);
    expect(detail?.containers).toMatchObject({ usable: false, steps: [{ name: 'driver', state: 'ok' }] });
  });
});

describe('a card of AMD', () => {
  const at = '0000:03:00.0';
  const files = {
    ...pciFiles(at, { vendor: '1002', device: '744c', driver: 'amdgpu' }, ['card1', 'renderD128']),
    [`/sys/bus/pci/devices/${at}/mem_info_vram_total`]: '25753026560\n',
    [`/sys/bus/pci/devices/${at}/unique_id`]: '5c88007d760374f3\n',
    [`/sys/bus/pci/devices/${at}/vbios_version`]: '113-D7020100-102\n',
    '/sys/class/kfd/kfd/topology/nodes/1/properties':
      'simd_count 192\nsimd_per_cu 2\ngfx_target_version 110000\ndrm_render_minor 128\n',
  };
  const devices = {
    '/dev/kfd': { group: 993, mode: 0o660 },
    '/dev/dri/renderD128': { group: 993, mode: 0o660 },
  };

  it('is told by the kernel, and its UUID by amd-smi', async () => {
    const run: FakeMachine['run'] = (program, args) => {
      if (program !== 'amd-smi') return { outcome: 'missing' };
      const list = [{ gpu: 0, bdf: at, uuid: '00ff744c-0000-1000-805c-88007d760374' }];
      const card = {
        gpu: 0,
        asic: { market_name: 'AMD Radeon RX 7900 XTX' },
        driver: { version: '6.16.13' },
      };
      return ended(JSON.stringify(args[0] === 'list' ? list : { gpu_data: [card] }));
    };
    const [detail] = await details({ files, devices, run });
    expect(detail).toMatchObject({
      ...{ id: at, model: 'AMD Radeon RX 7900 XTX', firmware: '113-D7020100-102' },
      driver: { name: 'amdgpu', version: '6.16.13' },
      maker: {
        ...{ target: 'gfx1100', computeUnits: 96, kfdNode: 1, uniqueId: '5c88007d760374f3' },
        uuid: '00ff744c-0000-1000-805c-88007d760374',
      },
      files: [{ path: '/dev/kfd' }, { path: '/dev/dri/renderD128', group: 993 }],
      containers: { usable: true, way: 'files', asks: ['/dev/kfd', '/dev/dri/renderD128'], groups: ['993'] },
      unknown: [],
    });
  });

  it('under a rootless engine says which file is closed', async () => {
    const [detail] = await details({ files, devices }, someInfo({ rootless: true }));
    expect(detail === undefined ? [] : states(detail)).toEqual([
      'driver ok',
      'files missing',
      'files missing',
    ]);
    expect(detail?.containers.fix).toContain('0666');
  });

  it('without a tool of AMD says what only that would tell', async () => {
    const [detail] = await details({ files, devices });
    expect(detail?.unknown).toEqual([
      { what: 'driver.version', why: 'amdgpu is a part of the kernel' },
      { what: 'maker.uuid', why: 'amd-smi is not installed' },
    ]);
  });
});

describe('a card of Intel', () => {
  const at = '0000:29:00.0';
  const files = {
    ...pciFiles(at, { vendor: '8086', device: '0bda', driver: 'i915' }, ['card1', 'renderD128']),
    [`/sys/bus/pci/devices/${at}/drm/card1/gt_RP0_freq_mhz`]: '1550\n',
  };
  it.skipIf(!hasRecordings)('has the memory that xpu-smi tells', async () => {
    const run: FakeMachine['run'] = (program, args) => {
      if (program !== 'xpu-smi') return { outcome: 'missing' };
      const name = args.includes('-d') ? 'discovery-d0-max1100' : 'discovery-2x-max1100';
      return args.includes('1') ? { outcome: 'timeout' } : ended(recording(`intel/xpu-smi/${name}.json`));
    };
    const [detail] = await details({ files, run });
    expect(detail).toMatchObject({
      ...{ id: at, model: 'Intel(R) Data Center GPU Max 1100' },
      memory: { totalMiB: 49_136, usedMiB: 28, kind: 'own' },
      driver: { name: 'i915', version: 'I915_23.10.72_PSB_231129.76' },
      maker: {
        driver: 'i915',
        tiles: 1,
        ecc: true,
        maxMhz: 1550,
        uuid: '00000000-0000-0029-0000-002f0bda8086',
      },
    });
  });

  it('without xpu-smi says that nobody tells', async () => {
    const [detail] = await details({ files });
    expect(detail?.memory.totalMiB).toBeNull();
    expect(detail?.unknown).toContainEqual({
      ...{ what: 'memory.totalMiB', why: 'the driver of Intel does not tell, nor does xpu-smi' },
    });
  });
});

describe('as text', () => {
  it('has what is known, what is missing and why, and no line for what does not exist', async () => {
    const files = pciFiles('0000:29:00.0', { vendor: '8086', device: '0bda', driver: 'xe' });
    const [detail] = await details({ files });
    const text = detail === undefined ? '' : renderGpuDetail(detail, { width: 120, colour: false, now: 0 });
    expect(text).toContain('Intel GPU (0bda)');
    expect(text).toContain('cannot use it: it has no render node');
    expect(text).toMatch(/memory\.totalMiB +the driver of Intel does not tell/);
    expect(text).not.toContain('null');
    expect(text).not.toContain('MIG');
  });
});
