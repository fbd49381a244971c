// The cards that there are now as sources of the sampler: NVIDIA's through their tool, the others through the kernel's files and their tools.
import { askNvidiaPrograms, describeProgram } from '../detect/metrics/gpu-programs.ts';
import { readXids, xidsOf } from '../detect/metrics/kernel-log.ts';
import {
  askNvidiaMetrics,
  nvidiaArguments,
  NvidiaTables,
  parseNvidiaMetrics,
} from '../detect/metrics/nvidia-metrics.ts';
import { tegraUnit, wslUnit } from '../model/gpu.ts';
import type { SeenGpu } from '../model/gpu.ts';
import { hangingGpu, unreadGpu } from '../model/gpu-metrics.ts';
import type { GpuMetrics, GpuProcess } from '../model/gpu-metrics.ts';
import type { Issue } from '../model/issue.ts';
import { GuardedSource } from '../observe/hardware-source.ts';
import { NvidiaSource } from '../observe/watch-nvidia.ts';
import type { NvidiaLook } from '../observe/watch-nvidia.ts';
import type { Probe } from '../probe-port.ts';
import { sysfsSources } from './sysfs-sources.ts';
import type { SysfsOptions } from './sysfs-sources.ts';

export type GpuSource = GuardedSource<readonly GpuMetrics[]>;

export type SourceOptions = SysfsOptions;

/** Gives the sources of an inventory, and the same ones as long as its cards are the same. Those of before are put to rest. */
export function gpuSources(options: SourceOptions): (inventory: readonly SeenGpu[]) => readonly GpuSource[] {
  let known: { readonly key: string; readonly sources: readonly GpuSource[] } = { key: '[]', sources: [] };
  return (inventory) => {
    const key = JSON.stringify(
      inventory.map(({ id, members, pciAddress, use }) => [id, members, pciAddress, use]),
    );
    if (key === known.key) return known.sources;
    for (const source of known.sources) source.rest();
    known = { key, sources: sourcesOf(inventory, options) };
    return known.sources;
  };
}

/** Slices are parts of cards that are read as a whole. */
function sourcesOf(inventory: readonly SeenGpu[], options: SourceOptions): readonly GpuSource[] {
  const cards = inventory.filter(({ parent }) => parent === null);
  const onBoard = cards.filter(({ id }) => id === tegraUnit);
  const nvidia = cards.filter(({ id, vendor }) => vendor === 'nvidia' && id !== tegraUnit);
  const others = cards.filter(({ vendor }) => vendor !== 'nvidia');
  return [
    ...onBoard.map((gpu) => unreadSource(gpu, 'the nvidia-smi of a Jetson says nothing of its GPU', options)),
    ...(nvidia.length === 0 ? [] : [nvidiaSource(nvidia, options)]),
    ...sysfsSources(others, options).map(({ gpu, source }) => {
      const onHang = () => [
        unreadGpu(gpu, options.clock.now(), 'its driver does not answer', hangingGpu(gpu)),
      ];
      return new GuardedSource(source, options.clock, onHang);
    }),
  ];
}

/** For what nobody here can read. */
function unreadSource(gpu: SeenGpu, why: string, { clock }: SourceOptions): GpuSource {
  const unread = (): readonly GpuMetrics[] => [unreadGpu(gpu, clock.now(), why)];
  return new GuardedSource({ read: async () => unread(), rest: () => undefined }, clock, unread);
}

const tool = { name: 'nvidia-smi', ofWsl: '/usr/lib/wsl/lib/nvidia-smi', deadlineMs: 10_000 } as const;

function nvidiaSource(cards: readonly SeenGpu[], { probe, startLoop, clock }: SourceOptions): GpuSource {
  const isWsl = cards.some(({ id }) => id === wslUnit);
  const find = async (): Promise<string> =>
    isWsl && (await probe.stat(tool.ofWsl)) !== null ? tool.ofWsl : tool.name;
  let program: string = tool.name;
  const look: NvidiaLook = {
    ask: async (at, isNew) => {
      program = await find();
      return askNvidiaMetrics(probe, program, { at, isNew, deadlineMs: tool.deadlineMs });
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
        cards.flatMap(({ id, pciAddress }) =>
          pciAddress === null ? [] : [[id, xidsOf(found, pciAddress)] as const],
        ),
      );
    },
  };
  // Under WSL2 the inventory has one unit, and the tool lists the cards that it is made of.
  const unread = (issue: Issue | null): readonly GpuMetrics[] =>
    cards
      .filter(({ id }) => issue !== null || id !== wslUnit)
      .flatMap(watchedCards)
      .map((card) => unreadNvidia(card, issue, clock.now()));
  const source = new NvidiaSource(look, clock, unread);
  return new GuardedSource(source, clock, () =>
    cards
      .flatMap(watchedCards)
      .map((card) => unreadGpu(card, clock.now(), 'nvidia-smi does not answer', hangingGpu(card))),
  );
}

/** Several cards in one are watched one by one. */
function watchedCards(card: SeenGpu): readonly SeenGpu[] {
  return card.members === undefined ? [card] : card.members.map((id) => ({ ...card, id }));
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
