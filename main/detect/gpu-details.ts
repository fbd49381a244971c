// Everything about the cards of this machine as one document: what was detected, and what the makers' slower tools add.
import type { GpuDetail, GpuUnknown } from '../model/gpu-detail.ts';
import type { GpuEngine } from '../model/gpu-request.ts';
import type { SeenGpu } from '../model/gpu.ts';
import type { Issue } from '../model/issue.ts';
import type { Probe } from '../probe-port.ts';
import { detectAmdFacts } from './amd-detail.ts';
import { containersOf } from './gpu-steps.ts';
import { inventoryOf } from './host-gpus.ts';
import type { DetectedGpu, HostGpus } from './host-gpus.ts';
import { detectIntelFacts } from './intel-detail.ts';
import type { CardFacts } from './maker-facts.ts';
import { detectNvidiaFacts } from './nvidia-detail.ts';
import { busFolder } from './pci-names.ts';
import { Unknowns } from './unknowns.ts';
import { parseKernelLine, parseKernelNumber } from './values.ts';

export interface GpuDetails {
  readonly details: readonly GpuDetail[];
  readonly issues: readonly Issue[];
}

/** Of a machine whose engine is not known: nothing is handed out. */
const noEngine: GpuEngine = {
  ...{ kind: 'docker', version: '0', rootless: false, runtimes: [], cdiNames: [], files: [] },
};

/**
 * Asks the makers' tools, each once, side by side and with a deadline. `engine`: what hands cards out, `null` where none
 * answers. Never rejects: what cannot be had is `null`, with a reason in `unknown`.
 */
export async function detectGpuDetails(
  probe: Probe,
  host: HostGpus,
  engine: GpuEngine | null,
): Promise<GpuDetails> {
  const makers = await Promise.all([
    detectNvidiaFacts(probe, host),
    detectAmdFacts(probe, host),
    detectIntelFacts(probe, host),
  ]);
  const seen = inventoryOf(host, 'here', engine ?? noEngine);
  const details = await Promise.all(
    host.gpus.map(async (found, index) => {
      const gpu = seen[index];
      const facts = makers.map((maker) => maker.of(found)).find((one) => one !== null);
      if (gpu === undefined || facts === undefined) return [];
      const bus = await readBus(probe, found);
      return [detailOf({ gpu, found, facts, bus, host, engine })];
    }),
  );
  return { details: details.flat(), issues: makers.flatMap(({ issues }) => issues) };
}

async function readBus(probe: Probe, { pciAddress }: DetectedGpu): Promise<GpuDetail['bus'] | null> {
  if (pciAddress === null) return null;
  const read = (name: string): Promise<string | null> => probe.readFile(`${busFolder}/${pciAddress}/${name}`);
  const ids = async (first: string, second: string): Promise<string | null> => {
    const [maker, device] = [hexOf(await read(first)), hexOf(await read(second))];
    return maker === null || device === null ? null : `${maker}:${device}`;
  };
  const lanes = parseKernelNumber(await read('current_link_width'));
  return {
    address: pciAddress,
    device: await ids('vendor', 'device'),
    board: await ids('subsystem_vendor', 'subsystem_device'),
    numaNode: null,
    speed: /^\d{1,3}\.\d GT\/s/.exec(parseKernelLine(await read('current_link_speed')) ?? '')?.[0] ?? null,
    // 0 where there is no link, as with graphics inside the processor.
    lanes: lanes !== null && lanes >= 1 && lanes <= 32 ? lanes : null,
  };
}

function hexOf(text: string | null): string | null {
  return /^0x([0-9a-f]{4})$/i.exec(parseKernelLine(text) ?? '')?.[1]?.toLowerCase() ?? null;
}

interface Parts {
  readonly gpu: SeenGpu;
  readonly found: DetectedGpu;
  readonly facts: CardFacts;
  readonly bus: GpuDetail['bus'] | null;
  readonly host: HostGpus;
  readonly engine: GpuEngine | null;
}

const noBus: GpuDetail['bus'] = {
  ...{ address: null, device: null, board: null, numaNode: null, speed: null, lanes: null },
};

function detailOf({ gpu, found, facts, bus, host, engine }: Parts): GpuDetail {
  const unknown = new Unknowns();
  const { id, vendor, form, parent, cards } = found;
  const totalMiB = unknown.of('memory.totalMiB', found.memoryMiB ?? facts.memoryMiB, whyNoMemory(found));
  const version = unknown.of(
    'driver.version',
    found.driverVersion ?? facts.driverVersion,
    whyNoVersion(found),
  );
  const hasOwnName = !/^(?:NVIDIA|AMD|Intel) GPU \(/.test(found.model);
  return {
    ...{ id, vendor, form, parent, cards },
    model: hasOwnName ? found.model : (facts.model ?? found.model),
    memory: {
      totalMiB,
      usedMiB: found.usedMiB ?? facts.usedMiB,
      kind: form === 'integrated' || form === 'unified' ? 'shared' : 'own',
    },
    driver: { name: found.driver, version },
    firmware: facts.firmware,
    bus: { ...(bus ?? noBus), numaNode: found.numaNode, lanes: bus?.lanes ?? facts.lanes },
    files: filesOf(found, host),
    maker: facts.maker,
    slices: host.gpus
      .filter((other) => other.parent === id)
      .map((slice) => ({ id: slice.id, model: slice.model, memoryMiB: slice.memoryMiB })),
    containers: containersOf(gpu, found, engine),
    unknown: withoutTwins([...unknown.all(), ...facts.unknown]),
  };
}

function filesOf({ vendor, renderNode }: DetectedGpu, { files }: HostGpus): GpuDetail['files'] {
  const paths = vendor === 'amd' ? ['/dev/kfd', renderNode] : [renderNode];
  return files.filter(({ path }) => paths.includes(path));
}

function whyNoMemory({ vendor, trouble, form }: DetectedGpu): string {
  if (trouble !== null) return trouble.why;
  if (form === 'integrated') return 'it takes what it needs of the memory of the machine';
  if (vendor === 'nvidia') return 'nvidia-smi does not tell';
  return vendor === 'intel' ? 'the driver of Intel does not tell, nor does xpu-smi' : 'amdgpu does not tell';
}

function whyNoVersion({ vendor, driver }: DetectedGpu): string {
  if (driver === null) return 'no driver has it';
  return vendor === 'nvidia'
    ? 'neither the kernel nor nvidia-smi tells'
    : `${driver} is a part of the kernel`;
}

function withoutTwins(all: readonly GpuUnknown[]): readonly GpuUnknown[] {
  return all.filter(({ what }, index) => all.findIndex((other) => other.what === what) === index);
}
