// A world with graphics cards for the planner's tests: node-1 has some of AMD's, which any engine hands out by a file.
import type { Gpu, GpuGrant, GpuHealth, GpuView, SeenGpu } from '../../main/model/gpu.ts';
import { gpuNeedSchema } from '../../main/model/gpu.ts';
import type { GpuNeed } from '../../main/model/gpu.ts';
import { entryTerms } from '../../main/model/pool.ts';
import type { Pool } from '../../main/model/pool.ts';
import type { HostNode, Seen } from '../../main/model/world.ts';
import { someGpu } from './gpus.ts';
import { fresh, now, someEntry, someNode, somePool, someView } from './world.ts';
import type { WorldChange } from './world.ts';

/** The cards of node-1 are `card-1`, `card-2` …, with 24 GiB each. */
export function someCard(index: number, change: Partial<Gpu> = {}): SeenGpu {
  return {
    ...someGpu({
      ...{ id: `card-${index}`, node: 'node-1', vendor: 'amd', model: `Card ${index}`, memoryMiB: 24_560 },
      ...{ pciAddress: null, renderNode: `/dev/dri/renderD${127 + index}` },
      ...change,
    }),
    celsius: 40,
  };
}

export function wellCard({ node, id }: Pick<Gpu, 'node' | 'id'>, change: Partial<GpuHealth> = {}): GpuHealth {
  return { node, id, seenAt: now, trouble: null, foreign: [], ...change };
}

const file = (path: string): { path: string; group: number; mode: number } => ({
  ...{ path, group: 109, mode: 0o660 },
});

export function gpuView(
  cards: readonly SeenGpu[],
  health: readonly GpuHealth[] = cards.map((c) => wellCard(c)),
): GpuView {
  return {
    inventory: cards,
    health,
    engine: {
      ...{ kind: 'docker', version: '28.2.2', rootless: false, runtimes: [], cdiNames: [] },
      files: [file('/dev/kfd'), ...cards.flatMap(({ renderNode }) => file(renderNode ?? ''))],
    },
    issues: [],
  };
}

export function withGpus(node: HostNode, gpus: Seen<GpuView>): HostNode {
  return { ...node, gpus };
}

/** A pool whose jobs have its own name as their tag. */
export function gpuPool(name: string, need: Partial<GpuNeed> = {}, change: Partial<Pool> = {}): Pool {
  return somePool({
    ...{ name, tags: [name], runUntagged: false, gpu: { ...gpuNeedSchema.parse({}), ...need } },
    ...change,
  });
}

export function grantOf(...ids: readonly string[]): GpuGrant {
  return { node: 'node-1', vendor: 'amd', ids, mode: { kind: 'exclusive' } };
}

/** What is seen where node-1 has these cards and the entries of these pools stand. */
export function gpuWorld(
  pools: readonly Pool[],
  gpus: Seen<GpuView>,
  { view = {}, ...change }: WorldChange = {},
): WorldChange {
  const entries = pools.map((pool) => someEntry({ pool: pool.name, ...entryTerms(pool) }));
  return {
    nodes: [withGpus(someNode(fresh(someView(view))), gpus)],
    entries,
    ...change,
  };
}
