// NVIDIA's cards of a machine: what the bus lists, joined with what nvidia-smi and the driver's files say.
import type { Issue } from '../model/issue.ts';
import type { Probe } from '../probe-port.ts';
import { readMemory } from './detect-tegra.ts';
import { bareGpu, gpuOfCard, unitOf } from './host-gpus.ts';
import type { DetectedGpu } from './host-gpus.ts';
import { lostCard, noDriver, otherWslCard } from './issues.ts';
import {
  baseFields,
  newerFields,
  parseNvidiaCards,
  parseNvidiaProcesses,
  processFields,
} from './nvidia-csv.ts';
import type { NvidiaCard, NvidiaProcess } from './nvidia-csv.ts';
import { explainNvidiaFailure } from './nvidia-failure.ts';
import type { NvidiaFailure } from './nvidia-failure.ts';
import { parseNvidiaSlices, parseNvidiaXml } from './nvidia-slices.ts';
import type { PciGpu } from './pci.ts';
import { parseNvidiaUuid } from './values.ts';

export interface NvidiaFound {
  readonly gpus: readonly DetectedGpu[];
  readonly processes: readonly NvidiaProcess[];
  readonly issues: readonly Issue[];
}

const nothing: NvidiaFound = { gpus: [], processes: [], issues: [] };

/** Without persistence mode, an idle machine with eight cards needs 30 s: https://github.com/Azure/aks-gpu/issues/105 */
const deadlineMs = 10_000;

/**
 * `pci`: NVIDIA's cards on the bus; `null` where there is no bus to look at, so that the tool is asked anyway. `driver`: its
 * version, as the kernel has it.
 */
export async function detectNvidia(
  probe: Probe,
  pci: readonly PciGpu[] | null,
  driver: string | null,
): Promise<NvidiaFound> {
  const driven = pci?.filter(({ driver }) => driver === 'nvidia') ?? null;
  const undriven = (pci ?? []).filter(({ driver }) => driver !== 'nvidia').map(onBus);
  const undrivenIssues = undriven.flatMap(({ model, pciAddress, trouble }) =>
    trouble === null ? [] : [noDriver(`${model} at ${pciAddress ?? '?'}`, trouble.why, `${trouble.fix}.`)],
  );
  if (driven?.length === 0) return { ...nothing, gpus: undriven, issues: undrivenIssues };
  const asked = await askCards(probe, 'nvidia-smi');
  if (pci === null && asked.failure?.issue.key === 'gpu.tool-missing') return nothing;
  const { slices, issues } = await askSlices(probe, asked.cards);
  const cards = driven === null ? asked.cards.map(gpuOfCard) : await joinBus(probe, driven, asked);
  const versioned = cards.map((gpu) => ({ ...gpu, driverVersion: gpu.driverVersion ?? driver }));
  const unified = await Promise.all(versioned.map((gpu) => withMachineMemory(probe, gpu)));
  const whole = unified.map((gpu) => withoutSlices(gpu, asked.cards, slices));
  const lost = whole.filter((gpu) => asked.failure === null && gpu.trouble === lostTrouble);
  return {
    gpus: [...whole, ...slices, ...undriven],
    processes: asked.processes,
    issues: [
      ...asked.issues,
      ...issues,
      ...lost.map(({ model, pciAddress }) => lostCard(`${model} at ${pciAddress ?? '?'}`)),
      ...undrivenIssues,
    ],
  };
}

/** Systems on a chip, whose GPU has no memory of its own: https://github.com/Andyyyy64/whichllm/issues/165 */
const onChip = /\b(?:GB10|Thor|Orin)\b/;

/** nvidia-smi has no amount of memory for them: programs get that of the machine. */
async function withMachineMemory(probe: Probe, gpu: DetectedGpu): Promise<DetectedGpu> {
  if (!onChip.test(gpu.model)) return gpu;
  return { ...gpu, form: 'unified', memoryMiB: gpu.memoryMiB ?? (await readMemory(probe)) };
}

/** The cards of a WSL2, as one; nvidia-smi is often not on its `PATH`. */
export async function detectNvidiaOfWsl(probe: Probe): Promise<NvidiaFound> {
  const besides = await askCards(probe, '/usr/lib/wsl/lib/nvidia-smi');
  const asked =
    besides.failure?.issue.key === 'gpu.tool-missing' ? await askCards(probe, 'nvidia-smi') : besides;
  const unit = unitOf(asked.cards);
  // Without any tool, the card that Windows shows is of another maker, or has no driver for WSL.
  const isOther = asked.failure?.issue.key === 'gpu.tool-missing';
  return {
    gpus: unit === null ? [] : [unit],
    processes: [],
    issues: isOther ? [otherWslCard()] : asked.issues,
  };
}

interface Asked {
  readonly cards: readonly NvidiaCard[];
  readonly processes: readonly NvidiaProcess[];
  readonly failure: NvidiaFailure | null;
  readonly issues: readonly Issue[];
}

async function askCards(probe: Probe, tool: string): Promise<Asked> {
  const query = (what: string, fields: readonly string[]): ReturnType<Probe['run']> =>
    probe.run(tool, [`--query-${what}=${fields.join(',')}`, '--format=csv,nounits'], deadlineMs);
  const full = await query('gpu', [...baseFields, ...newerFields]);
  // Code 2: a field that this driver does not know.
  const ran = full.outcome === 'ended' && full.code === 2 ? await query('gpu', baseFields) : full;
  // Code 14 is a warning beside good data: https://docs.nvidia.com/datacenter/cloud-native/gpu-operator/23.3.1/troubleshooting.html
  const answer = ran.outcome === 'ended' && (ran.code === 0 || ran.code === 14) ? ran.stdout : null;
  if (answer === null) {
    const failure = explainNvidiaFailure(ran);
    return { cards: [], processes: [], failure, issues: [failure.issue] };
  }
  const { found, issues } = parseNvidiaCards(answer);
  const apps = await query('compute-apps', processFields);
  const programs = parseNvidiaProcesses(apps.outcome === 'ended' && apps.code === 0 ? apps.stdout : '');
  return { cards: found, processes: programs.found, failure: null, issues: [...issues, ...programs.issues] };
}

interface Slices {
  readonly slices: readonly DetectedGpu[];
  readonly issues: readonly Issue[];
}

/** Only where a card is divided, because the report costs seconds. */
async function askSlices(probe: Probe, cards: readonly NvidiaCard[]): Promise<Slices> {
  if (!cards.some(({ mig }) => mig === true)) return { slices: [], issues: [] };
  const textOf = async (...args: readonly string[]): Promise<string> => {
    const ran = await probe.run('nvidia-smi', args, deadlineMs);
    return ran.outcome === 'ended' ? ran.stdout : '';
  };
  const listed = parseNvidiaSlices(await textOf('-L'));
  const report = parseNvidiaXml(await textOf('-q', '-x'));
  const slices = listed.found.flatMap(({ card, uuid, index, profile }): readonly DetectedGpu[] => {
    const parent = cards.find((other) => other.uuid === card);
    const described = report.found
      .find((other) => other.uuid === card)
      ?.slices.find((slice) => slice.index === index);
    if (parent === undefined) return [];
    const whole = gpuOfCard(parent);
    const memoryMiB = described?.memoryMiB ?? null;
    return [
      {
        ...whole,
        id: uuid,
        form: 'slice',
        parent: card,
        model: `${whole.model} ${profile}`,
        memoryMiB,
        usedMiB: null,
      },
    ];
  });
  return { slices, issues: [...listed.issues, ...report.issues] };
}

/** While a card is divided, it is handed out in slices alone; one of which no slice is known is not handed out. */
function withoutSlices(
  gpu: DetectedGpu,
  cards: readonly NvidiaCard[],
  slices: readonly DetectedGpu[],
): DetectedGpu {
  const isDivided = cards.some(({ uuid, mig }) => uuid === gpu.id && mig === true);
  if (!isDivided || slices.some(({ parent }) => parent === gpu.id)) return gpu;
  return {
    ...gpu,
    trouble: {
      why: 'MIG is on, and it has no slices',
      fix: 'Make slices (nvidia-smi mig -cgi), or switch MIG off (nvidia-smi -mig 0)',
    },
  };
}

/** One value, so that it is known again. */
const lostTrouble = {
  why: 'its driver does not list it',
  fix: 'Look for "Xid" in the kernel log, and restart the machine',
};

async function joinBus(probe: Probe, pci: readonly PciGpu[], asked: Asked): Promise<readonly DetectedGpu[]> {
  return Promise.all(
    pci.map(async (device) => {
      const { address, renderNode, numaNode } = device;
      const card = asked.cards.find(({ pciAddress }) => pciAddress === address);
      if (card !== undefined) return { ...gpuOfCard(card), renderNode, numaNode };
      const file = await probe.readFile(`/proc/driver/nvidia/gpus/${address}/information`);
      const known = parseInformation(file);
      const base = {
        ...onBus(device),
        id: known.uuid ?? address,
        model: known.model ?? onBus(device).model,
      };
      const failure = asked.failure;
      return { ...base, trouble: failure === null ? lostTrouble : { why: failure.why, fix: failure.fix } };
    }),
  );
}

/** `/proc/driver/nvidia/gpus/<address>/information`: `GPU UUID:  GPU-…`, with question marks before its first use. */
export function parseInformation(text: string | null): {
  readonly uuid: string | null;
  readonly model: string | null;
} {
  const read = (name: string): string =>
    (text ?? '')
      .split('\n')
      .slice(0, -1)
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() ?? '';
  return {
    uuid: parseNvidiaUuid(read('GPU UUID')),
    model: /^[\w .()+/-]{1,100}$/.exec(read('Model'))?.[0] ?? null,
  };
}

/** The name is nvidia-smi's to tell. */
function onBus(device: PciGpu): DetectedGpu {
  return bareGpu(device, `NVIDIA GPU (${device.device})`, false);
}
