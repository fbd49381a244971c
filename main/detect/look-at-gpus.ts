// One whole look at the cards of this machine: what there is, what the engine can do with it, and how it is.
import type { EngineInfo } from '../model/engine.ts';
import type { GpuView } from '../model/gpu.ts';
import type { Instant } from '../model/world.ts';
import type { Probe } from '../probe-port.ts';
import { detectGpus } from './detect-gpus.ts';
import { healthOf } from './health-of.ts';
import { gpuEngineOf, inventoryOf } from './host-gpus.ts';
import type { HostGpus } from './host-gpus.ts';

export interface GpuLook {
  readonly node: string;
  readonly info: EngineInfo;
  readonly at: Instant;
  /** Ids of the containers that have cards of ours: what runs in them is no foreign program. */
  readonly ours: ReadonlySet<string>;
}

/** What cannot be had is unknown, and said in an issue where it should be there. Rejects as `detectGpus` does. */
export async function lookAtGpus(probe: Probe, { node, info, at, ours }: GpuLook): Promise<GpuView> {
  const host = await detectGpus(probe);
  const engine = gpuEngineOf(host, info);
  return {
    inventory: inventoryOf(host, node, engine),
    health: healthOf(host, { node, at, ours: await processesOf(host, ours, probe) }),
    engine,
    issues: host.issues,
  };
}

/** Of the programs on cards, those in containers of ours: `/proc/<pid>/cgroup` has the container's id in a path. */
async function processesOf(
  { processes }: Pick<HostGpus, 'processes'>,
  containers: ReadonlySet<string>,
  probe: Probe,
): Promise<ReadonlySet<number>> {
  if (containers.size === 0) return new Set();
  const pids = [...new Set(processes.map(({ pid }) => pid))];
  const own = await Promise.all(
    pids.map(async (pid) => {
      const groups = (await probe.readFile(`/proc/${pid}/cgroup`)) ?? '';
      const ids = groups.match(/[0-9a-f]{64}/g) ?? [];
      return ids.some((id) => containers.has(id)) ? [pid] : [];
    }),
  );
  return new Set(own.flat());
}
