// Cards, needs and looks for tests of allocation and of requests to engines.
import { gpuNeedSchema } from '../../main/model/gpu.ts';
import type { Gpu, GpuGrant, GpuHealth, GpuNeed } from '../../main/model/gpu.ts';

export const now = Date.UTC(2026, 2, 1, 12, 30);

export function someGpu(over: Partial<Gpu> = {}): Gpu {
  return {
    id: 'GPU-a',
    node: 'n1',
    vendor: 'nvidia',
    model: 'RTX 4090',
    memoryMiB: 24_564,
    pciAddress: '0000:01:00.0',
    renderNode: null,
    parent: null,
    cards: 1,
    integrated: false,
    numaNode: 0,
    use: { usable: true },
    ...over,
  };
}

export function someNeed(over: Partial<GpuNeed> = {}): GpuNeed {
  return { ...gpuNeedSchema.parse({}), ...over };
}

export function someHealth(gpu: Pick<Gpu, 'node' | 'id'>, over: Partial<GpuHealth> = {}): GpuHealth {
  return { node: gpu.node, id: gpu.id, seenAt: now - 1000, trouble: null, foreign: [], ...over };
}

export function someGrant(over: Partial<GpuGrant> = {}): GpuGrant {
  return { node: 'n1', vendor: 'nvidia', ids: ['GPU-a'], mode: { kind: 'exclusive' }, ...over };
}
