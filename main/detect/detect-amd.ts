// AMD's cards of a machine, by the kernel alone: the bus, amdgpu's files, and KFD for what can compute.
import type { Probe } from '../probe-port.ts';
import { findAmdName, parseAmdFiles, parseKfdMemory, parseKfdNode } from './amd.ts';
import type { AmdMemory, KfdNode } from './amd.ts';
import { bareGpu, withHang } from './host-gpus.ts';
import type { DetectedGpu, FoundGpus } from './host-gpus.ts';
import { cardIssues } from './issues.ts';
import { readKfdPrograms } from './metrics/gpu-programs.ts';
import { busFolder, nameOf } from './pci-names.ts';
import type { PciGpu } from './pci.ts';
import { parseKernelLine, parseKernelNumber } from './values.ts';

/** A node of KFD with its number, which tools name it by. */
export interface NumberedKfdNode extends KfdNode {
  readonly node: number;
  readonly memoryMiB: number | null;
  /** KFD's own number of it, by which it names programs' memory. */
  readonly kfdId: string | null;
}

export async function detectAmd(probe: Probe, pci: readonly PciGpu[]): Promise<FoundGpus> {
  if (pci.length === 0) return { gpus: [], processes: [], issues: [] };
  const kfd = await readKfd(probe);
  const names = await probe.readFile('/usr/share/libdrm/amdgpu.ids');
  const cards = await Promise.all(
    pci.map(async (device) => {
      const files = await readAmdFiles(probe, device.address);
      const name = files.productName ?? findAmdName(names, device.device, device.revision);
      return amdGpus(device, files, name ?? (await nameOf(probe, device)), kfd);
    }),
  );
  const gpus = cards.flat().map((gpu) => withHang(probe, gpu));
  return {
    gpus,
    processes: await readPrograms(probe, gpus, kfd),
    issues: gpus.filter(({ parent }) => parent === null).flatMap(cardIssues),
  };
}

/** Of a divided card, those on each of its parts; a program that only draws is none that KFD knows. */
async function readPrograms(
  probe: Probe,
  gpus: readonly DetectedGpu[],
  kfd: readonly NumberedKfdNode[],
): Promise<FoundGpus['processes']> {
  const found = await Promise.all(
    gpus.map(async (gpu) => {
      const node = kfd.find((one) => one.kfdId !== null && gpu.renderNode === renderNodeOf(one));
      const isWhole = !gpus.some(({ parent }) => parent === gpu.id);
      return node?.kfdId == null || !isWhole
        ? []
        : ((await readKfdPrograms(probe, gpu.id, node.kfdId)) ?? []);
    }),
  );
  return Promise.all(
    found.flat().map(async ({ card, pid, memoryMiB }) => {
      const name = parseKernelLine(await probe.readFile(`/proc/${pid}/comm`));
      return { uuid: card, pid, name, memoryMiB };
    }),
  );
}

async function readAmdFiles(probe: Probe, address: string): Promise<AmdMemory> {
  const read = (name: string): Promise<string | null> => probe.readFile(`${busFolder}/${address}/${name}`);
  // Reading the heat of a card that sleeps would wake it.
  const isAsleep = parseKernelLine(await read('power/runtime_status')) === 'suspended';
  const [sensors] = (await probe.list(`${busFolder}/${address}/hwmon`)) ?? [];
  return parseAmdFiles({
    mem_info_vram_total: await read('mem_info_vram_total'),
    mem_info_vram_used: await read('mem_info_vram_used'),
    mem_info_gtt_total: await read('mem_info_gtt_total'),
    mem_info_gtt_used: await read('mem_info_gtt_used'),
    product_name: await read('product_name'),
    in1_label: sensors === undefined ? null : await read(`hwmon/${sensors}/in1_label`),
    temp1_input: sensors === undefined || isAsleep ? null : await read(`hwmon/${sensors}/temp1_input`),
  });
}

/** In the order of their numbers. Never rejects. */
export async function readKfd(probe: Probe): Promise<readonly NumberedKfdNode[]> {
  const folder = '/sys/class/kfd/kfd/topology/nodes';
  const nodes = ((await probe.list(folder)) ?? []).filter((name) => /^\d{1,4}$/.test(name)).map(Number);
  const found = await Promise.all(
    nodes
      .toSorted((a, b) => a - b)
      .map(async (node) => {
        const kfd = parseKfdNode(await probe.readFile(`${folder}/${node}/properties`));
        if (kfd === null) return [];
        const memoryMiB = parseKfdMemory(await probe.readFile(`${folder}/${node}/mem_banks/0/properties`));
        const id = parseKernelNumber(await probe.readFile(`${folder}/${node}/gpu_id`));
        return [{ ...kfd, node, memoryMiB, kfdId: id === null || id <= 0 ? null : String(id) }];
      }),
  );
  return found.flat();
}

/** A card and its parts are one place on the bus; on older kernels a card is known by its render node alone. */
export function kfdNodesOf(
  { pciAddress, renderNode }: Pick<DetectedGpu, 'pciAddress' | 'renderNode'>,
  kfd: readonly NumberedKfdNode[],
): readonly NumberedKfdNode[] {
  const place = pciAddress?.replace(/\.[0-7]$/, '.0');
  return kfd.filter((node) => node.address === place || renderNode === renderNodeOf(node));
}

function renderNodeOf({ renderMinor }: KfdNode): string {
  return `/dev/dri/renderD${renderMinor}`;
}

/** The card, and its parts where it is divided: each has a render node of its own, by which containers get it alone. */
function amdGpus(
  device: PciGpu,
  files: AmdMemory,
  model: string,
  kfd: readonly NumberedKfdNode[],
): readonly DetectedGpu[] {
  const bare = bareGpu(device, model, files.integrated);
  const nodes = kfdNodesOf(bare, kfd);
  const card: DetectedGpu = {
    ...bare,
    memoryMiB: files.memoryMiB,
    usedMiB: files.usedMiB,
    celsius: files.celsius,
    target: nodes[0]?.target ?? null,
    trouble: bare.trouble ?? (nodes.length === 0 ? noCompute : null),
  };
  const parts = nodes.length < 2 ? [] : nodes;
  const slices = parts.map((node, index): DetectedGpu => ({
    ...card,
    id: `${card.id}/${index}`,
    form: 'slice',
    parent: card.id,
    model: `${model} part ${index + 1} of ${parts.length}`,
    renderNode: renderNodeOf(node),
    memoryMiB: node.memoryMiB,
    usedMiB: null,
    target: node.target,
  }));
  return [card, ...slices];
}

const noCompute = {
  why: 'the kernel does not list it as able to compute (KFD)',
  fix: 'Update the kernel and the firmware of amdgpu. Some cards cannot compute at all',
};
