// AMD's cards in detail: amdgpu's files and KFD, and what amd-smi adds, or rocm-smi where that is not installed.
import type { GpuMakerDetail } from '../model/gpu-detail.ts';
import type { Issue } from '../model/issue.ts';
import type { Probe } from '../probe-port.ts';
import { parseAmdSmiStatic } from './amd-smi.ts';
import type { AmdSmiCard } from './amd-smi.ts';
import { kfdNodesOf, readKfd } from './detect-amd.ts';
import type { NumberedKfdNode } from './detect-amd.ts';
import type { DetectedGpu, HostGpus } from './host-gpus.ts';
import type { CardFacts, MakerFacts } from './maker-facts.ts';
import { busFolder } from './pci-names.ts';
import { parseRocmSmi } from './rocm-smi.ts';
import { askTool } from './tool-answer.ts';
import { Unknowns } from './unknowns.ts';
import { parseKernelLine } from './values.ts';

/** What either tool says of one card. */
interface Told {
  readonly pciAddress: string;
  readonly name: string | null;
  readonly memoryMiB: number | null;
  readonly uuid: string | null;
  readonly target: string | null;
  readonly firmware: string | null;
  readonly driverVersion: string | null;
  readonly computeUnits: number | null;
  readonly computePartition: string | null;
  readonly memoryPartition: string | null;
}

interface Tools {
  readonly cards: readonly Told[];
  readonly why: string;
  readonly issues: readonly Issue[];
}

/** Files below the card's folder on the bus. */
interface Files {
  readonly computePartition: string | null;
  readonly memoryPartition: string | null;
  readonly uniqueId: string | null;
  readonly firmware: string | null;
}

/** Asks once for all cards. Never rejects. */
export async function detectAmdFacts(probe: Probe, { gpus }: Pick<HostGpus, 'gpus'>): Promise<MakerFacts> {
  const own = gpus.filter(({ vendor }) => vendor === 'amd');
  if (own.length === 0) return { of: () => null, issues: [] };
  const [tools, kfd] = await Promise.all([askTools(probe), readKfd(probe)]);
  const addresses = [...new Set(own.flatMap(({ pciAddress }) => pciAddress ?? []))];
  const files = new Map(
    await Promise.all(addresses.map(async (address) => [address, await readFiles(probe, address)] as const)),
  );
  return {
    of: (gpu) =>
      gpu.vendor === 'amd' ? factsOf(gpu, { tools, kfd, files: files.get(gpu.pciAddress ?? '') }) : null,
    issues: tools.issues,
  };
}

async function askTools(probe: Probe): Promise<Tools> {
  const answer = await askTool(probe, 'amd-smi', ['static', '--json']);
  if (answer.text !== null) {
    const described = parseAmdSmiStatic(answer.text);
    // Its description has no UUIDs, and of some cards no address.
    const list = parseAmdSmiStatic((await askTool(probe, 'amd-smi', ['list', '--json'])).text);
    const cards = described.found.flatMap((card) => joined(card, list.found) ?? []);
    return { cards, why: answer.why, issues: [...described.issues, ...list.issues] };
  }
  const flags = [
    '--showproductname',
    '--showbus',
    '--showvbios',
    '--showdriverversion',
    '--showmeminfo',
    'vram',
  ];
  const older = await askTool(probe, 'rocm-smi', [...flags, '--json']);
  if (older.text === null) return { cards: [], why: answer.why, issues: [] };
  const { found, issues } = parseRocmSmi(older.text);
  const none = { uuid: null, computeUnits: null, computePartition: null, memoryPartition: null };
  const cards = found.flatMap((card) =>
    card.pciAddress === null ? [] : [{ ...none, ...card, pciAddress: card.pciAddress }],
  );
  return { cards, why: older.why, issues };
}

function joined(card: AmdSmiCard, list: readonly AmdSmiCard[]): Told | null {
  const entry = list.find(({ index }) => index === card.index);
  const pciAddress = card.pciAddress ?? entry?.pciAddress ?? null;
  return pciAddress === null ? null : { ...card, pciAddress, uuid: card.uuid ?? entry?.uuid ?? null };
}

async function readFiles(probe: Probe, address: string): Promise<Files> {
  const read = async (name: string, form: RegExp): Promise<string | null> => {
    const line = parseKernelLine(await probe.readFile(`${busFolder}/${address}/${name}`));
    return line !== null && form.test(line) ? line : null;
  };
  return {
    computePartition: await read('current_compute_partition', /^[A-Z]{3}$/),
    memoryPartition: await read('current_memory_partition', /^NPS\d$/),
    uniqueId: await read('unique_id', /^[0-9a-f]{8,16}$/i),
    firmware: await read('vbios_version', /^[\x20-\x7e]{1,60}$/),
  };
}

const noKfd = 'the kernel does not list it in KFD';

interface Known {
  readonly tools: Tools;
  readonly kfd: readonly NumberedKfdNode[];
  readonly files: Files | undefined;
}

function factsOf(gpu: DetectedGpu, { tools, kfd, files }: Known): CardFacts {
  const told = tools.cards.find(({ pciAddress }) => pciAddress === gpu.pciAddress);
  const nodes = kfdNodesOf(gpu, kfd);
  const node =
    gpu.parent === null
      ? nodes[0]
      : nodes.find(({ renderMinor }) => gpu.renderNode === `/dev/dri/renderD${renderMinor}`);
  const unknown = new Unknowns();
  const maker: GpuMakerDetail = {
    vendor: 'amd',
    target: unknown.of('maker.target', gpu.target ?? told?.target ?? null, noKfd),
    computeUnits: unknown.of('maker.computeUnits', node?.computeUnits ?? told?.computeUnits ?? null, noKfd),
    kfdNode: node?.node ?? null,
    computePartition: files?.computePartition ?? told?.computePartition ?? null,
    memoryPartition: files?.memoryPartition ?? told?.memoryPartition ?? null,
    uniqueId: files?.uniqueId ?? null,
    uuid: unknown.of('maker.uuid', told?.uuid ?? null, tools.why),
  };
  return {
    maker,
    firmware: unknown.of('firmware', files?.firmware ?? told?.firmware ?? null, tools.why),
    lanes: null,
    memoryMiB: gpu.parent === null ? (told?.memoryMiB ?? null) : null,
    usedMiB: null,
    driverVersion: told?.driverVersion ?? null,
    model: told?.name ?? null,
    unknown: unknown.all(),
  };
}
