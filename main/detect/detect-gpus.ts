// Looks for the cards of this machine: the bus first, which needs no tool, then what each maker adds.
import type { DeviceFile } from '../model/gpu-request.ts';
import type { Issue } from '../model/issue.ts';
import type { Probe } from '../ports.ts';
import { findAmdName, findPciName, parseAmdFiles, parseKfdNode } from './amd.ts';
import type { AmdMemory, KfdNode } from './amd.ts';
import { parseCdiSpec } from './container-gpus.ts';
import { detectNvidia, detectNvidiaOfWsl } from './detect-nvidia.ts';
import { bareGpu, markTwins } from './host-gpus.ts';
import type { DetectedGpu, HostGpus } from './host-gpus.ts';
import { noDriver, noMemory } from './issues.ts';
import { isDisplayClass, isIntegratedIntel, parsePciGpu } from './pci.ts';
import type { PciGpu } from './pci.ts';

const bus = '/sys/bus/pci/devices';
const cdiFolders: readonly string[] = ['/etc/cdi', '/var/run/cdi'];

/** Never rejects: what cannot be had is unknown, and said in an issue where it should be there. */
export async function detectGpus(probe: Probe): Promise<HostGpus> {
  const cdiNames = await readCdiNames(probe);
  if (await isWsl(probe)) {
    const { gpus, processes, issues } = await detectNvidiaOfWsl(probe);
    return { gpus, processes, files: [], cdiNames, wsl: true, issues };
  }
  const pci = await listCards(probe);
  const ofVendor = (vendor: PciGpu['vendor']): readonly PciGpu[] =>
    (pci ?? []).filter((gpu) => gpu.vendor === vendor);
  const nvidia = await detectNvidia(probe, pci === null ? null : ofVendor('nvidia'));
  const others = await Promise.all([
    detectAmd(probe, ofVendor('amd')),
    detectIntel(probe, ofVendor('intel')),
  ]);
  const gpus = markTwins([...nvidia.gpus, ...others.flatMap((found) => found.gpus)]);
  return {
    gpus,
    processes: nvidia.processes,
    files: await readFiles(probe, gpus),
    cdiNames,
    wsl: false,
    issues: [...nvidia.issues, ...others.flatMap((found) => found.issues)],
  };
}

/** `/proc/version` of WSL's kernel has its maker's name: https://github.com/microsoft/WSL/issues/423 */
async function isWsl(probe: Probe): Promise<boolean> {
  if ((await probe.stat('/dev/dxg')) === null) return false;
  return /microsoft/i.test((await probe.readFile('/proc/version')) ?? '');
}

async function listCards(probe: Probe): Promise<readonly PciGpu[] | null> {
  const addresses = await probe.list(bus);
  if (addresses === null) return null;
  const cards = await Promise.all(addresses.map((address) => readCard(probe, address)));
  return cards.filter((card) => card !== null).toSorted((a, b) => (a.address < b.address ? -1 : 1));
}

async function readCard(probe: Probe, address: string): Promise<PciGpu | null> {
  const read = (name: string): Promise<string | null> => probe.readFile(`${bus}/${address}/${name}`);
  const kind = await read('class');
  if (!isDisplayClass(kind)) return null;
  return parsePciGpu(address, {
    class: kind,
    vendor: await read('vendor'),
    device: await read('device'),
    revision: await read('revision'),
    uevent: await read('uevent'),
    numa_node: await read('numa_node'),
    driver: await probe.readLink(`${bus}/${address}/driver`),
    drm: (await probe.list(`${bus}/${address}/drm`)) ?? [],
    isVirtual: (await probe.readLink(`${bus}/${address}/physfn`)) !== null,
  });
}

interface Found {
  readonly gpus: readonly DetectedGpu[];
  readonly issues: readonly Issue[];
}

async function detectAmd(probe: Probe, pci: readonly PciGpu[]): Promise<Found> {
  if (pci.length === 0) return { gpus: [], issues: [] };
  const kfd = await readKfd(probe);
  const names = await probe.readFile('/usr/share/libdrm/amdgpu.ids');
  const gpus = await Promise.all(
    pci.map(async (device) => {
      const files = await readAmdFiles(probe, device.address);
      const name = files.productName ?? findAmdName(names, device.device, device.revision);
      return amdGpu(device, files, name ?? (await nameOf(probe, device)), kfd);
    }),
  );
  return { gpus, issues: gpus.flatMap(issuesOf) };
}

async function readAmdFiles(probe: Probe, address: string): Promise<AmdMemory> {
  const read = (name: string): Promise<string | null> => probe.readFile(`${bus}/${address}/${name}`);
  const [sensors] = (await probe.list(`${bus}/${address}/hwmon`)) ?? [];
  return parseAmdFiles({
    mem_info_vram_total: await read('mem_info_vram_total'),
    mem_info_vram_used: await read('mem_info_vram_used'),
    mem_info_gtt_total: await read('mem_info_gtt_total'),
    product_name: await read('product_name'),
    in1_label: sensors === undefined ? null : await read(`hwmon/${sensors}/in1_label`),
    temp1_input: sensors === undefined ? null : await read(`hwmon/${sensors}/temp1_input`),
  });
}

async function readKfd(probe: Probe): Promise<readonly KfdNode[]> {
  const folder = '/sys/class/kfd/kfd/topology/nodes';
  const nodes = (await probe.list(folder)) ?? [];
  const found = await Promise.all(
    nodes.map(async (node) => parseKfdNode(await probe.readFile(`${folder}/${node}/properties`))),
  );
  return found.filter((node) => node !== null);
}

function amdGpu(device: PciGpu, files: AmdMemory, model: string, kfd: readonly KfdNode[]): DetectedGpu {
  const node = kfd.find(({ renderMinor }) => device.renderNode === `/dev/dri/renderD${renderMinor}`);
  const bare = bareGpu(device, model, files.integrated);
  return {
    ...bare,
    memoryMiB: files.memoryMiB,
    usedMiB: files.usedMiB,
    celsius: files.celsius,
    target: node?.target ?? null,
    trouble: bare.trouble ?? (node === undefined ? noCompute : null),
  };
}

const noCompute = {
  why: 'the kernel does not list it as able to compute (KFD)',
  fix: 'Update the kernel and the firmware of amdgpu. Some cards cannot compute at all',
};

/** Intel's drivers have no file with a card's memory, and the size of its window on the bus is not it. */
async function detectIntel(probe: Probe, pci: readonly PciGpu[]): Promise<Found> {
  const gpus = await Promise.all(
    pci.map(async (device) => bareGpu(device, await nameOf(probe, device), isIntegratedIntel(device))),
  );
  return { gpus, issues: gpus.flatMap(issuesOf) };
}

function issuesOf(gpu: DetectedGpu): readonly Issue[] {
  const card = `${gpu.model} at ${gpu.id}`;
  if (gpu.trouble !== null) return [noDriver(card, gpu.trouble.why, `${gpu.trouble.fix}.`)];
  return gpu.memoryMiB === null && !gpu.integrated ? [noMemory(card, gpu.vendor === 'intel')] : [];
}

async function nameOf(probe: Probe, { vendor, device }: PciGpu): Promise<string> {
  const [id, maker] = { nvidia: ['10de', 'NVIDIA'], amd: ['1002', 'AMD'], intel: ['8086', 'Intel'] }[vendor];
  for (const file of ['/usr/share/misc/pci.ids', '/usr/share/hwdata/pci.ids']) {
    const name = findPciName(await probe.readFile(file), id ?? '', device);
    if (name !== null) return `${maker ?? ''} ${name}`;
  }
  return `${maker ?? ''} GPU (${device})`;
}

async function readFiles(probe: Probe, gpus: readonly DetectedGpu[]): Promise<readonly DeviceFile[]> {
  const renderNodes = gpus.flatMap(({ renderNode }) => renderNode ?? []);
  const paths = [...(gpus.some(({ vendor }) => vendor === 'amd') ? ['/dev/kfd'] : []), ...renderNodes];
  const files = await Promise.all(
    paths.map(async (path) => {
      const stat = await probe.stat(path);
      return stat === null ? [] : [{ path, ...stat }];
    }),
  );
  return files.flat();
}

/** Files that are none of CDI's are the engine's to complain about. */
async function readCdiNames(probe: Probe): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const folder of cdiFolders)
    for (const file of (await probe.list(folder)) ?? [])
      if (/\.(?:ya?ml|json)$/.test(file))
        for (const name of parseCdiSpec(await probe.readFile(`${folder}/${file}`)) ?? []) names.add(name);
  return [...names];
}
