// What a check of a graphics card is: it states what is wrong with it and how to mend it, and never mends it.
import type { DeviceFile } from '../../model/gpu-request.ts';
import type { GpuMetrics } from '../../model/gpu-metrics.ts';
import type { Issue } from '../../model/issue.ts';

/** What is looked at. */
export interface GpuSubject {
  readonly metrics: GpuMetrics;
  /** The id under which jobs get it: its own, or that of the unit to which it belongs. */
  readonly unit: string;
  /** For what its owner keeps it; `null`: jobs may have it. */
  readonly reservedFor: string | null;
  /** Whether a pool asks for cards. */
  readonly isWanted: boolean;
  /** Its render node; `null`: it has none, or it is not known. */
  readonly renderFile: DeviceFile | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Pure; `null` when all is well or nothing is known. */
export type GpuCheck = (subject: GpuSubject) => Issue | null;

/** Its name for sentences. */
export function nameOf({ metrics }: GpuSubject): string {
  return metrics.model;
}
