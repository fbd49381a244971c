// The cards that there are now as sources of the sampler: NVIDIA's through their tool, the others through the kernel's files.
import { askNvidiaPrograms, describeProgram } from '../detect/metrics/gpu-programs.ts';
import { readXids, xidsOf } from '../detect/metrics/kernel-log.ts';
import {
  askNvidiaMetrics,
  nvidiaArguments,
  NvidiaTables,
  parseNvidiaMetrics,
} from '../detect/metrics/nvidia-metrics.ts';
import { readSysfsMetrics } from '../detect/metrics/sysfs-metrics.ts';
import type { Energy, SysfsCard } from '../detect/metrics/sysfs-metrics.ts';
import { wslUnit } from '../model/gpu.ts';
import type { SeenGpu } from '../model/gpu.ts';
import { unreadGpu } from '../model/gpu-metrics.ts';
import type { GpuMetrics, GpuProcess } from '../model/gpu-metrics.ts';
import type { Issue } from '../model/issue.ts';
import { GuardedSource } from '../observe/hardware-source.ts';
import type { HardwareSource } from '../observe/hardware-source.ts';
import { NvidiaSource } from '../observe/watch-nvidia.ts';
import type { NvidiaLook } from '../observe/watch-nvidia.ts';
import type { Clock, Probe, StartLoop } from '../ports.ts';

export type GpuSource = GuardedSource<readonly GpuMetrics[]>;

export interface SourceOptions {
  readonly probe: Probe;
  readonly startLoop: StartLoop | null;
  readonly clock: Clock;
}

/** Gives the sources of an inventory, and the same ones as long as its cards are the same. Those of before are put to rest. */
export function gpuSources(options: SourceOptions): (inventory: readonly SeenGpu[]) => readonly GpuSource[] {
  let known: { readonly key: string; readonly sources: readonly GpuSource[] } = { key: '[]', sources: [] };
  return (inventory) => {
    const key = JSON.stringify(inventory.map(({ id, pciAddress, use }) => [id, pciAddress, use]));
    if (key === known.key) return known.sources;
    for (const source of known.sources) source.rest();
    known = { key, sources: sourcesOf(inventory, options) };
    return known.sources;
  };
}

/** Slices are parts of cards that are read as a whole. */
function sourcesOf(inventory: readonly SeenGpu[], options: SourceOptions): readonly GpuSource[] {
  const cards = inventory.filter(({ parent }) => parent === null);
  const nvidia = cards.filter(({ vendor }) => vendor === 'nvidia');
  const others = cards.filter(({ vendor }) => vendor !== 'nvidia');
  return [
    ...(nvidia.length === 0 ? [] : [nvidiaSource(nvidia, options)]),
    ...others.map((card) => sysfsSource(card, options)),
  ];
}

function hangs({ model }: Pick<SeenGpu, 'model'>): NonNullable<GpuMetrics['problem']> {
  return {
    key: 'gpu.tool-hangs',
    message: `${model} does not answer: its driver hangs.`,
    next: 'Restart the machine.',
  };
}

const tool = { name: 'nvidia-smi', ofWsl: '/usr/lib/wsl/lib/nvidia-smi', deadlineMs: 10_000 } as const;

function nvidiaSource(cards: readonly SeenGpu[], { probe, startLoop, clock }: SourceOptions): GpuSource {
  const isWsl = cards.some(({ id }) => id === wslUnit);
  const find = async (): Promise<string> =>
    isWsl && (await probe.stat(tool.ofWsl)) !== null ? tool.ofWsl : tool.name;
  let program: string = tool.name;
  const look: NvidiaLook = {
    ask: async (at) => {
      program = await find();
      return askNvidiaMetrics(probe, program, { at, deadlineMs: tool.deadlineMs });
    },
    follow:
      startLoop === null
        ? null
        : (isNew, everyMs, onTable) => {
            const tables = new NvidiaTables();
            return startLoop(program, nvidiaArguments(isNew, everyMs), (text) => {
              for (const table of tables.add(text)) onTable(parseNvidiaMetrics(table, clock.now()));
            });
          },
    programs: () => readPrograms(probe, program),
    xids: async (at) => {
      const found = await readXids(probe, { at, deadlineMs: tool.deadlineMs });
      if (found === null) return null;
      return new Map(
        cards.map(({ id, pciAddress }) => [id, pciAddress === null ? [] : xidsOf(found, pciAddress)]),
      );
    },
  };
  // Under WSL2 the inventory has one unit, and the tool lists the cards that it is made of.
  const unread = (issue: Issue | null): readonly GpuMetrics[] =>
    cards
      .filter(({ id }) => issue !== null || id !== wslUnit)
      .map((card) => unreadNvidia(card, issue, clock.now()));
  const source = new NvidiaSource(look, clock, unread);
  return new GuardedSource(source, clock, () =>
    cards.map((card) => unreadGpu(card, clock.now(), 'nvidia-smi does not answer', hangs(card))),
  );
}

/** A card of which the tool says nothing: why, or that it is lost. */
function unreadNvidia(card: SeenGpu, issue: Issue | null, at: number): GpuMetrics {
  if (issue !== null) {
    const { key, message, next } = issue;
    return unreadGpu(card, at, message, { key, message, next });
  }
  if (!card.use.usable && !card.id.startsWith('GPU-')) return unreadGpu(card, at, card.use.why);
  return unreadGpu(card, at, 'nvidia-smi does not list it', {
    key: 'gpu.lost',
    message: `${card.model} is in the machine, and its driver does not list it: it has fallen off the bus, or failed to start.`,
    next: 'Look for "Xid" in the kernel log. Mostly a restart of the machine brings it back.',
  });
}

async function readPrograms(
  probe: Probe,
  program: string,
): Promise<ReadonlyMap<string, readonly GpuProcess[]> | null> {
  const found = await askNvidiaPrograms(probe, program, tool.deadlineMs);
  if (found === null) return null;
  const byCard = new Map<string, GpuProcess[]>();
  for (const one of found) {
    const known = byCard.get(one.card) ?? [];
    byCard.set(one.card, [...known, await describeProgram(probe, one)]);
  }
  return byCard;
}

function sysfsSource(gpu: SeenGpu, { probe, clock }: SourceOptions): GpuSource {
  let before: Energy | null = null;
  const source: HardwareSource<readonly GpuMetrics[]> = {
    read: async () => {
      const card = sysfsCardOf(gpu);
      if (card === null) return [unreadGpu(gpu, clock.now(), 'it has no address on the bus')];
      const now = { at: clock.now(), monotonic: clock.monotonic() };
      const { metrics, energy } = await readSysfsMetrics(probe, card, now, before);
      before = energy;
      return [metrics];
    },
    rest: () => {
      before = null;
    },
  };
  return new GuardedSource(source, clock, () => [
    unreadGpu(gpu, clock.now(), 'its driver does not answer', hangs(gpu)),
  ]);
}

function sysfsCardOf({ id, vendor, model, pciAddress, integrated }: SeenGpu): SysfsCard | null {
  return vendor === 'nvidia' || pciAddress === null ? null : { id, vendor, model, pciAddress, integrated };
}
