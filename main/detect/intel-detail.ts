// Intel's cards in detail: i915's and xe's files, and xpu-smi, which alone tells how much memory a card has.
import type { GpuMakerDetail } from '../model/gpu-detail.ts';
import type { Issue } from '../model/issue.ts';
import type { Probe } from '../probe-port.ts';
import type { DetectedGpu, HostGpus } from './host-gpus.ts';
import type { CardFacts, MakerFacts } from './maker-facts.ts';
import { busFolder } from './pci-names.ts';
import { askTool } from './tool-answer.ts';
import { Unknowns } from './unknowns.ts';
import { parseKernelNumber } from './values.ts';
import { parseXpuSmi } from './xpu-smi.ts';
import type { XpuSmiCard } from './xpu-smi.ts';

export interface ToldByXpuSmi {
  readonly cards: readonly XpuSmiCard[];
  readonly why: string;
  readonly issues: readonly Issue[];
}

/** Asks once for all cards, and once more for each. Never rejects. */
export async function detectIntelFacts(probe: Probe, { gpus }: Pick<HostGpus, 'gpus'>): Promise<MakerFacts> {
  const own = gpus.filter(({ vendor }) => vendor === 'intel');
  if (own.length === 0) return { of: () => null, issues: [] };
  const told = await askXpuSmi(probe);
  const clocks = new Map(
    await Promise.all(
      own.map(async ({ pciAddress }) => [pciAddress, await readMaxMhz(probe, pciAddress ?? '')] as const),
    ),
  );
  return {
    of: (gpu) => (gpu.vendor === 'intel' ? factsOf(gpu, told, clocks.get(gpu.pciAddress) ?? null) : null),
    issues: told.issues,
  };
}

/** The list has addresses, the descriptions have memory; which is whose, its number tells. Never rejects. */
export async function askXpuSmi(probe: Probe): Promise<ToldByXpuSmi> {
  const answer = await askTool(probe, 'xpu-smi', ['discovery', '-j']);
  if (answer.text === null) return { cards: [], why: answer.why, issues: [] };
  const list = parseXpuSmi(answer.text);
  const cards: XpuSmiCard[] = [];
  const issues: Issue[] = [...list.issues];
  for (const listed of list.found.filter(({ isPhysical }) => isPhysical)) {
    const described = parseXpuSmi(
      (await askTool(probe, 'xpu-smi', ['discovery', '-d', String(listed.index), '-j'])).text,
    );
    issues.push(...described.issues);
    const more = described.found.find(({ index }) => index === listed.index);
    cards.push({ ...listed, ...more, pciAddress: listed.pciAddress ?? more?.pciAddress ?? null });
  }
  return { cards, why: answer.why, issues };
}

/**
 * i915 has it below the card's own node, xe below its first tile: Documentation/ABI/testing/sysfs-driver-intel-xe-freq
 * in the kernel. MHz.
 */
async function readMaxMhz(probe: Probe, address: string): Promise<number | null> {
  const folder = `${busFolder}/${address}`;
  const card = ((await probe.list(`${folder}/drm`)) ?? []).find((name) => /^card\d{1,3}$/.test(name));
  const paths = [`${folder}/drm/${card ?? 'card'}/gt_RP0_freq_mhz`, `${folder}/tile0/gt0/freq0/rp0_freq`];
  for (const path of paths) {
    const mhz = parseKernelNumber(await probe.readFile(path));
    if (mhz !== null && mhz > 0 && mhz <= 20_000) return mhz;
  }
  return null;
}

function factsOf(gpu: DetectedGpu, { cards, why }: ToldByXpuSmi, maxMhz: number | null): CardFacts {
  const told = cards.find(({ pciAddress }) => pciAddress !== null && pciAddress === gpu.pciAddress);
  const unknown = new Unknowns();
  const maker: GpuMakerDetail = {
    vendor: 'intel',
    driver: gpu.driver === 'i915' || gpu.driver === 'xe' ? gpu.driver : null,
    uuid: unknown.of('maker.uuid', told?.uuid ?? null, why),
    tiles: unknown.of('maker.tiles', told?.tiles ?? null, why),
    ecc: gpu.integrated ? null : unknown.of('maker.ecc', told?.ecc ?? null, why),
    maxMhz: unknown.of('maker.maxMhz', maxMhz, 'its driver has no file with it'),
  };
  const memoryMiB = gpu.integrated ? null : (told?.memoryMiB ?? null);
  return {
    maker,
    firmware: unknown.of('firmware', told?.firmware ?? null, why),
    lanes: null,
    memoryMiB,
    usedMiB: gpu.integrated || told === undefined ? null : usedOf(told),
    driverVersion: told?.driverVersion ?? null,
    model: told?.name ?? null,
    unknown: unknown.all(),
  };
}

/** `null` where it tells more free memory than there is. MiB. */
export function usedOf({ memoryMiB, freeMiB }: Pick<XpuSmiCard, 'memoryMiB' | 'freeMiB'>): number | null {
  return memoryMiB !== null && freeMiB !== null && freeMiB <= memoryMiB ? memoryMiB - freeMiB : null;
}
