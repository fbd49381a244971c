// AMD's and Intel's cards as sources of the sampler: the kernel's files, and their makers' tools for what those do not have.
import { askAmdSmi } from '../detect/metrics/amd-smi-metrics.ts';
import {
  askIntelMemory,
  explainIntelTop,
  intelPrograms,
  IntelSamples,
  intelTopArguments,
  intelTopSays,
  intelValues,
  onlyOwnPrograms,
  whyNoIntelTop,
} from '../detect/metrics/intel-metrics.ts';
import { readSysfsMetrics } from '../detect/metrics/sysfs-metrics.ts';
import type { Energy, SysfsCard, SysfsReading } from '../detect/metrics/sysfs-metrics.ts';
import { filled } from '../detect/metrics/tool-readings.ts';
import type { ToolReadings, ToolValues } from '../detect/metrics/tool-readings.ts';
import type { IntelTopSample } from '../detect/intel-top.ts';
import type { SeenGpu } from '../model/gpu.ts';
import { unreadGpu } from '../model/gpu-metrics.ts';
import type { GpuMetrics, GpuProcess } from '../model/gpu-metrics.ts';
import type { HardwareSource, Need } from '../observe/hardware-source.ts';
import { SlowTool } from '../observe/slow-tool.ts';
import { IntelFollower } from '../observe/watch-intel.ts';
import type { Clock } from '../ports.ts';
import type { Probe, StartLoop } from '../probe-port.ts';

export interface SysfsOptions {
  readonly probe: Probe;
  readonly startLoop: StartLoop | null;
  readonly clock: Clock;
}

/** A maker's tool that tells of all cards of one maker at once. */
type MakersTool = SlowTool<ToolReadings>;

/** A source for each card; those of one maker share its tool. */
export function sysfsSources(
  gpus: readonly SeenGpu[],
  { probe, startLoop, clock }: SysfsOptions,
): readonly { readonly gpu: SeenGpu; readonly source: HardwareSource<readonly GpuMetrics[]> }[] {
  const options = { probe, startLoop, clock };
  const cards = gpus.map(sysfsCardOf);
  const of = (vendor: SysfsCard['vendor']): readonly SysfsCard[] =>
    cards.flatMap((card) => (card?.vendor === vendor ? [card] : []));
  const amdSmi = new SlowTool(() => askAmdSmi(probe, of('amd')), clock);
  const xpuSmi = new SlowTool(() => askIntelMemory(probe, of('intel')), clock);
  return gpus.map((gpu, index) => {
    const card = cards[index] ?? null;
    if (card === null) return { gpu, source: withoutAddress(gpu, clock) };
    const extra = card.vendor === 'amd' ? amdExtra(card, amdSmi) : intelExtra(card, xpuSmi, options);
    return { gpu, source: sysfsSource(card, extra, options) };
  });
}

function sysfsCardOf({ id, vendor, model, pciAddress, integrated }: SeenGpu): SysfsCard | null {
  return vendor === 'nvidia' || pciAddress === null ? null : { id, vendor, model, pciAddress, integrated };
}

function withoutAddress(gpu: SeenGpu, clock: Clock): HardwareSource<readonly GpuMetrics[]> {
  const unread = (): GpuMetrics => unreadGpu(gpu, clock.now(), 'it has no address on the bus');
  return { read: async () => [unread()], rest: () => undefined };
}

/** What tools add to what the kernel says of one card. */
interface Extra {
  add(metrics: GpuMetrics, need: Need): Promise<GpuMetrics>;
  rest(): void;
}

function sysfsSource(
  card: SysfsCard,
  extra: Extra,
  { probe, clock }: SysfsOptions,
): HardwareSource<readonly GpuMetrics[]> {
  let before: Energy | null = null;
  const rest = (): void => {
    before = null;
    extra.rest();
  };
  const read = async (need: Need): Promise<readonly GpuMetrics[]> => {
    const now = { at: clock.now(), monotonic: clock.monotonic() };
    const { metrics, energy, isAwake }: SysfsReading = await readSysfsMetrics(probe, card, now, before);
    before = energy;
    if (isAwake) return [await extra.add(metrics, need)];
    extra.rest();
    return [metrics];
  };
  return { read, rest };
}

/** At the pace of cards that nobody watches, a start of such a tool costs more than all looks may. Milliseconds. */
const watchedMs = 30_000;

interface Asked {
  readonly tool: MakersTool;
  readonly name: string;
  /** What it is asked for, each `null`. */
  readonly wanted: ToolValues;
}

/** Never waits. */
function askSlowly(metrics: GpuMetrics, address: string, need: Need, asked: Asked): GpuMetrics {
  const { tool, name, wanted } = asked;
  if (need.intervalMs >= watchedMs)
    return filled(metrics, wanted, `${name} is asked only while somebody watches`);
  const answer = tool.latest();
  if (answer === null) return filled(metrics, wanted, `${name} has not answered yet`);
  return filled(metrics, { ...wanted, ...answer.byAddress.get(address) }, answer.why);
}

const memory = { memoryUsedMiB: null, memoryTotalMiB: null } as const;

/** What every card has is worth a start; heat, which many do not have, is taken along. */
function amdExtra({ pciAddress, integrated }: SysfsCard, tool: MakersTool): Extra {
  const basic = { utilization: null, watts: null, ...(integrated ? {} : memory) };
  const wanted = { ...basic, junctionCelsius: null, memoryCelsius: null };
  const add = async (metrics: GpuMetrics, need: Need): Promise<GpuMetrics> => {
    const isWhole = Object.keys(basic).every((name) => metrics.unknown[name] === undefined);
    return isWhole ? metrics : askSlowly(metrics, pciAddress, need, { tool, name: 'amd-smi', wanted });
  };
  return { add, rest: () => undefined };
}

/** Finding out which container a program runs in costs files for each. Milliseconds. */
const programsMs = 10_000;

function intelExtra(card: SysfsCard, xpuSmi: MakersTool, { probe, startLoop, clock }: SysfsOptions): Extra {
  let argumentsFor: (everyMs: number) => readonly string[] = () => [];
  const follower = new IntelFollower<IntelTopSample>(
    {
      follow:
        startLoop === null
          ? null
          : (everyMs, onSample) => {
              const samples = new IntelSamples(everyMs);
              return startLoop('intel_gpu_top', argumentsFor(everyMs), (text) => {
                for (const sample of samples.add(text)) onSample(sample);
              });
            },
      explain: explainIntelTop,
    },
    clock,
  );
  let programs: { readonly value: readonly GpuProcess[] | null; readonly at: number } | null = null;
  const programsIn = async (sample: IntelTopSample): Promise<readonly GpuProcess[] | null> => {
    const now = clock.monotonic();
    if (programs === null || now - programs.at >= programsMs)
      programs = { value: await intelPrograms(probe, card.id, sample.programs), at: now };
    return programs.value;
  };
  /** Found once, for as long as somebody asks. */
  let refusal: string | null | undefined;
  const follow = async (metrics: GpuMetrics, need: Need): Promise<GpuMetrics> => {
    if (refusal === undefined) {
      argumentsFor = await intelTopArguments(probe, card.pciAddress);
      refusal = await whyNoIntelTop(probe, card.pciAddress);
    }
    const { sample, why } = refusal === null ? follower.attend(need) : { sample: null, why: refusal };
    if (sample === null) {
      programs = null;
      return filled(metrics, { utilization: null, processes: null }, why);
    }
    const told = filled(metrics, intelValues(sample), intelTopSays);
    return filled(told, { processes: await programsIn(sample) }, onlyOwnPrograms);
  };
  const add = async (metrics: GpuMetrics, need: Need): Promise<GpuMetrics> => {
    const followed = await follow(metrics, need);
    return card.integrated
      ? filled(followed, memory, usesMachines)
      : askSlowly(followed, card.pciAddress, need, { tool: xpuSmi, name: 'xpu-smi', wanted: memory });
  };
  const rest = (): void => {
    refusal = undefined;
    follower.rest();
  };
  return { add, rest };
}

const usesMachines = "it uses the machine's memory, and its driver does not tell how much of it";
