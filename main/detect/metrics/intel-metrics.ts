// What intel_gpu_top tells of one card with i915, sample after sample, and why it tells nothing.
// https://manpages.debian.org/testing/intel-gpu-tools/intel_gpu_top.1.en.html
import type { GpuProcess } from '../../model/gpu-metrics.ts';
import type { LoopEnd, Probe } from '../../probe-port.ts';
import { parseIntelTop } from '../intel-top.ts';
import type { IntelTopProgram, IntelTopSample } from '../intel-top.ts';
import { askXpuSmi, usedOf } from '../intel-detail.ts';
import { describeProgram } from './gpu-programs.ts';
import { findSleeper } from './sysfs-metrics.ts';
import type { SysfsCard } from './sysfs-metrics.ts';
import type { ToolReadings, ToolValues } from './tool-readings.ts';

/**
 * Arguments for a stream about the card at an address. Its place below /sys/devices is the one name of a card that every
 * tool that can be asked for single cards understands; `pci:slot=` came later.
 */
export async function intelTopArguments(
  probe: Probe,
  address: string,
): Promise<(everyMs: number) => readonly string[]> {
  const link = await probe.readLink(`/sys/bus/pci/devices/${address}`);
  const place = /\/(devices\/.*)$/.exec(link ?? '')?.[1];
  const filter = place === undefined ? `pci:slot=${address}` : `sys:/sys/${place}`;
  return (everyMs) => ['-J', '-s', String(everyMs), '-d', filter];
}

/** `null`: it may be asked for a card. The counters that it reads are those of i915, and no other driver has them. */
export async function whyNoIntelTop(probe: Probe, address: string): Promise<string | null> {
  const event = (await probe.readFile(`/sys/bus/pci/devices/${address}/uevent`)) ?? '';
  const driver = /^DRIVER=(\w{1,32})$/m.exec(event)?.[1] ?? null;
  if (driver === null || driver === 'i915') return null;
  return `intel_gpu_top knows cards with the driver i915 alone, and this one has ${driver}`;
}

/** Cuts the output of a tool that stays into samples. The first covers the moment since its start, and is left out. */
export class IntelSamples {
  readonly #everyMs: number;
  #rest = '';

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** The samples that this text completes. */
  add(text: string): readonly IntelTopSample[] {
    const { found, rest } = parseIntelTop(this.#rest + text);
    this.#rest = rest;
    return found.filter(({ milliseconds }) => milliseconds >= this.#everyMs / 2);
  }
}

export const intelTopSays = 'intel_gpu_top does not tell it for this card';

/** What a sample says besides programs; watts have the kernel's one decimal. */
export function intelValues({ utilization, mhz, watts }: IntelTopSample): ToolValues {
  return {
    utilization: utilization === null ? null : Math.round(utilization),
    graphicsMhz: mhz === null ? null : Math.round(mhz),
    watts: watts === null ? null : Math.round(watts * 10) / 10,
  };
}

/**
 * Programs that hold memory of the card, each once. An ordinary user sees his own, as the kernel shows nobody else's open
 * files: then none is no proof that there are none, and `null`. Never rejects.
 */
export async function intelPrograms(
  probe: Probe,
  card: string,
  programs: readonly IntelTopProgram[],
): Promise<readonly GpuProcess[] | null> {
  const largest = new Map<number, IntelTopProgram>();
  for (const program of programs) {
    const other = largest.get(program.pid);
    const isLarger = (program.memoryMiB ?? 0) > (other?.memoryMiB ?? -1);
    if (program.memoryMiB !== 0 && isLarger) largest.set(program.pid, program);
  }
  if (largest.size === 0 && probe.self().uid !== 0) return null;
  return Promise.all([...largest.values()].map((one) => describeProgram(probe, { ...one, card })));
}

export const onlyOwnPrograms =
  'intel_gpu_top shows a user only his own programs, and there are none: root sees all';

/** Why a tool that ended by itself, or fell silent (`null`), tells nothing, and what mends it. */
export function explainIntelTop(end: LoopEnd | null): string {
  // One that hung before may still be there, and none is started beside it.
  if (end === null || end.outcome === 'timeout') return 'intel_gpu_top does not answer';
  const { outcome, stderr } = end;
  if (outcome === 'missing') return 'intel_gpu_top is not installed: the package intel-gpu-tools has it';
  if (outcome === 'flood') return 'intel_gpu_top printed more than anything useful';
  const found = refusals.find(({ words }) => words.test(stderr));
  if (found !== undefined) return found.why;
  const line = /[\x20-\x7e]{1,120}/.exec(stderr)?.[0];
  return line === undefined ? 'intel_gpu_top ended by itself' : `intel_gpu_top ended by itself: ${line}`;
}

/** Counters of a whole machine need CAP_PERFMON: https://docs.kernel.org/admin-guide/perf-security.html */
const refusals: readonly { readonly words: RegExp; readonly why: string }[] = [
  {
    words: /Failed to initialize PMU! \(Permission denied\)/,
    why:
      'this user may not read the counters of the kernel: ' +
      'sudo setcap cap_perfmon=+ep "$(command -v intel_gpu_top)", or kernel.perf_event_paranoid at 0, or root',
  },
  {
    words: /Failed to initialize PMU! \(Operation not permitted\)/,
    why: 'the container or sandbox that AutoGit runs in does not let programs read counters (perf_event_open)',
  },
  {
    words: /Failed to detect engines/,
    why: 'its driver has no counters for it, as with a card that is a part of another (SR-IOV)',
  },
  { words: /Requested device .* not found/, why: 'intel_gpu_top does not find this card' },
  { words: /invalid option/i, why: 'this intel_gpu_top is too old to be asked for one card' },
];

/** Memory of cards with memory of their own, which xpu-smi alone tells, if all cards are awake. Never rejects. */
export async function askIntelMemory(probe: Probe, cards: readonly SysfsCard[]): Promise<ToolReadings> {
  const sleeper = await findSleeper(probe, cards);
  if (sleeper !== null)
    return { byAddress: new Map(), why: `xpu-smi is not asked while ${sleeper} sleeps: it would wake it` };
  const told = await askXpuSmi(probe);
  const values = told.cards.flatMap((card) => {
    const memory: ToolValues = { memoryUsedMiB: usedOf(card), memoryTotalMiB: card.memoryMiB };
    return card.pciAddress === null ? [] : [[card.pciAddress, memory] as const];
  });
  return { byAddress: new Map(values), why: told.why };
}
