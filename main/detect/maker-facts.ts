// What the maker's own tools and files add to a card that the bus and its driver have told of.
import type { GpuMakerDetail, GpuUnknown } from '../model/gpu-detail.ts';
import type { Issue } from '../model/issue.ts';
import type { DetectedGpu } from './host-gpus.ts';

/** `null`: the tool adds nothing, or does not say. */
export interface CardFacts {
  readonly maker: GpuMakerDetail;
  readonly firmware: string | null;
  /** Lanes of its link in use, where the kernel does not tell. */
  readonly lanes: number | null;
  readonly memoryMiB: number | null;
  readonly usedMiB: number | null;
  readonly driverVersion: string | null;
  readonly model: string | null;
  readonly unknown: readonly GpuUnknown[];
}

export interface MakerFacts {
  /** `null` for a card of another maker. */
  readonly of: (gpu: DetectedGpu) => CardFacts | null;
  readonly issues: readonly Issue[];
}
