// The cards of a machine as one document: what the bus, the drivers and their tools say, put together.
import type { EngineInfo } from '../model/engine.ts';
import type { GpuForm, GpuUnknown } from '../model/gpu-detail.ts';
import { renderGpuUse } from '../model/gpu-request.ts';
import type { DeviceFile, GpuEngine, GpuToolkit } from '../model/gpu-request.ts';
import { wslUnit } from '../model/gpu.ts';
import type { Gpu, SeenGpu } from '../model/gpu.ts';
import type { Issue } from '../model/issue.ts';
import type { NvidiaCard, NvidiaProcess } from './nvidia-csv.ts';
import type { Probe } from '../probe-port.ts';
import { busFolder } from './pci-names.ts';
import { driverHangs, explainDriver } from './pci.ts';
import type { PciGpu } from './pci.ts';

/** A card as it is found on its machine, before it is known which engine would hand it out. */
export interface DetectedGpu extends Omit<Gpu, 'node' | 'use'> {
  readonly form: GpuForm;
  /** The kernel driver that has it. */
  readonly driver: string | null;
  readonly driverVersion: string | null;
  /** What programs are compiled for: compute capability `8.9`, `gfx1100`. */
  readonly target: string | null;
  readonly usedMiB: number | null;
  readonly celsius: number | null;
  /** Errors of its memory that could not be corrected, since its driver was loaded. */
  readonly memoryErrors: number | null;
  /** Why no engine could hand it out; `null`: nothing known against it. */
  readonly trouble: { readonly why: string; readonly fix: string } | null;
}

export interface HostGpus {
  readonly gpus: readonly DetectedGpu[];
  /**
   * Programs on NVIDIA's cards, and those that compute on AMD's, ours and others'; `uuid` is the id of their card. Under
   * WSL2 and Windows their memory is not known.
   */
  readonly processes: readonly NvidiaProcess[];
  /** Device files that hand out cards, as far as there are any. */
  readonly files: readonly DeviceFile[];
  /** From CDI's files. An engine may know of more. */
  readonly cdiNames: readonly string[];
  readonly wsl: boolean;
  /** What stands between NVIDIA's cards and containers. */
  readonly toolkit: GpuToolkit;
  readonly issues: readonly Issue[];
  /** What nobody could tell on this machine, and why. */
  readonly unknown: readonly GpuUnknown[];
}

/** Cards of one maker. */
export interface FoundGpus {
  readonly gpus: readonly DetectedGpu[];
  readonly processes: readonly NvidiaProcess[];
  readonly issues: readonly Issue[];
}

/** What an engine on this machine can do with its cards: it reads CDI's files only where it says so. */
export function gpuEngineOf(
  { files, cdiNames, toolkit }: Pick<HostGpus, 'files' | 'cdiNames' | 'toolkit'>,
  { kind, version, rootless, devices }: Pick<EngineInfo, 'kind' | 'version' | 'rootless' | 'devices'>,
): GpuEngine {
  const names = [...devices.cdiNames, ...(devices.cdi ? cdiNames : [])];
  const { runtimes } = devices;
  return { kind, version, rootless, runtimes, files, cdiNames: [...new Set(names)], toolkit };
}

/** The cards of a node, with whether its engine can hand them out today. */
export function inventoryOf(host: HostGpus, node: string, engine: GpuEngine): readonly SeenGpu[] {
  return host.gpus.map((found) => {
    const { id, vendor, model, memoryMiB, pciAddress, renderNode, parent, cards, integrated, numaNode } =
      found;
    const { members } = found;
    const gpu: SeenGpu = {
      ...(members === undefined ? {} : { members }),
      ...{ id, node, vendor, model, memoryMiB, pciAddress, renderNode, parent, cards, integrated, numaNode },
      use: { usable: true },
      celsius: found.celsius,
    };
    const { trouble } = found;
    return { ...gpu, use: trouble === null ? renderGpuUse(gpu, engine) : { usable: false, ...trouble } };
  });
}

/** What the bus says of a card, before anybody else is asked. */
export function bareGpu(device: PciGpu, model: string, integrated: boolean): DetectedGpu {
  const { address, vendor, renderNode, numaNode, driver } = device;
  return {
    ...{ id: address, pciAddress: address, vendor, model, integrated, renderNode, numaNode, driver },
    ...{
      memoryMiB: null,
      usedMiB: null,
      celsius: null,
      memoryErrors: null,
      driverVersion: null,
      target: null,
    },
    ...{ parent: null, cards: 1, trouble: explainDriver(device), form: integrated ? 'integrated' : 'card' },
  };
}

/** A card of which only nvidia-smi tells. */
export function gpuOfCard(card: NvidiaCard): DetectedGpu {
  return {
    id: card.uuid,
    vendor: 'nvidia',
    model: card.name ?? 'NVIDIA GPU',
    memoryMiB: card.memoryMiB,
    pciAddress: card.pciAddress,
    renderNode: null,
    parent: null,
    cards: 1,
    form: 'card',
    integrated: false,
    numaNode: null,
    driver: 'nvidia',
    driverVersion: card.driver,
    target: card.computeCapability,
    usedMiB: card.usedMiB,
    celsius: card.celsius,
    memoryErrors: card.memoryErrors,
    trouble: null,
  };
}

/** After its files were read: what they lack is not known of a card whose driver hangs, and no job may get it. */
export function withHang(probe: Pick<Probe, 'hangs'>, gpu: DetectedGpu): DetectedGpu {
  const isHanging = gpu.pciAddress !== null && probe.hangs(`${busFolder}/${gpu.pciAddress}`);
  return isHanging ? { ...gpu, trouble: driverHangs } : gpu;
}

/** All cards of a WSL2 as one: what holds for it holds for each of them. */
export function unitOf(cards: readonly NvidiaCard[]): DetectedGpu | null {
  const [first] = cards;
  if (first === undefined) return null;
  const models = [...new Set(cards.map(({ name }) => name ?? 'NVIDIA GPU'))];
  return {
    ...gpuOfCard(first),
    id: wslUnit,
    form: 'unit',
    model: models.join(' and '),
    memoryMiB: least(cards.map(({ memoryMiB }) => memoryMiB)),
    pciAddress: null,
    cards: cards.length,
    members: cards.map(({ uuid }) => uuid),
    usedMiB: cards.length === 1 ? first.usedMiB : null,
    celsius: cards.length === 1 ? first.celsius : null,
    memoryErrors: most(cards.map(({ memoryErrors }) => memoryErrors)),
    target: cards.length === 1 ? first.computeCapability : null,
  };
}

/** One of them that has errors is enough. */
function most(counts: readonly (number | null)[]): number | null {
  return counts.reduce((most, count) => (most === null || (count ?? 0) > most ? count : most), null);
}

function least(amounts: readonly (number | null)[]): number | null {
  return amounts.reduce((least, amount) =>
    least === null || amount === null ? null : Math.min(least, amount),
  );
}

/** Ids must be unique on a node: of cards that share one, none can be told from the other. */
export function markTwins(gpus: readonly DetectedGpu[]): readonly DetectedGpu[] {
  return gpus.map((gpu) =>
    gpus.filter(({ id }) => id === gpu.id).length === 1
      ? gpu
      : {
          ...gpu,
          trouble: {
            why: 'another card has the same id',
            fix: 'Look at nvidia-smi -L, and restart the machine',
          },
        },
  );
}
