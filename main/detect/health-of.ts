// What a look at a machine says of its cards' health: what allocation needs to know before it hands one out.
import { hottest } from '../model/gpu-metrics.ts';
import type { ForeignProcess, GpuHealth } from '../model/gpu.ts';
import type { Instant } from '../model/world.ts';
import type { DetectedGpu, HostGpus } from './host-gpus.ts';

export interface Look {
  readonly node: string;
  readonly at: Instant;
  /** The processes of our containers on the machine. */
  readonly ours: ReadonlySet<number>;
}

/** Every card that was found: a look at one that is lost is a look as well. */
export function healthOf(host: HostGpus, { node, at, ours }: Look): readonly GpuHealth[] {
  return host.gpus.map((gpu) => ({
    node,
    id: gpu.id,
    seenAt: at,
    trouble: troubleOf(gpu),
    foreign: host.processes.flatMap(({ uuid, pid, name, memoryMiB }): readonly ForeignProcess[] =>
      // Of a divided card, it is not told on which slice a program runs: it may be any.
      (uuid === gpu.id || uuid === gpu.parent) && !ours.has(pid)
        ? [{ pid, name: name ?? 'a program', memoryMiB }]
        : [],
    ),
  }));
}

function troubleOf({ trouble, celsius, memoryErrors }: DetectedGpu): GpuHealth['trouble'] {
  if (trouble !== null) return { kind: 'lost', message: trouble.why };
  if (memoryErrors !== null && memoryErrors > 0) {
    const what = memoryErrors === 1 ? '1 error of its memory' : `${memoryErrors} errors of its memory`;
    return { kind: 'errors', message: `${what} could not be corrected since its driver was loaded` };
  }
  return celsius !== null && celsius > hottest.edge
    ? { kind: 'hot', message: `${celsius} °C, and ${hottest.edge} °C is the limit for a start` }
    : null;
}
