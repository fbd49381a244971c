// What a maker's tool tells of a card besides the files of its kernel driver.
import type { GpuMetrics } from '../../model/gpu-metrics.ts';

/** Values that a tool can tell, `null` for those that it does not; others are not asked of it. */
export type ToolValues = Partial<
  Pick<
    GpuMetrics,
    | 'utilization'
    | 'memoryUsedMiB'
    | 'memoryTotalMiB'
    | 'watts'
    | 'graphicsMhz'
    | 'junctionCelsius'
    | 'memoryCelsius'
    | 'processes'
  >
>;

/** What a tool told of several cards at once, by their addresses. */
export interface ToolReadings {
  readonly byAddress: ReadonlyMap<string, ToolValues>;
  /** Why what is not there is not known. */
  readonly why: string;
}

/** The kernel's values stay; of those that it does not have, what is asked of the tool is the tool's, or has its reason. */
export function filled(metrics: GpuMetrics, told: ToolValues, why: string): GpuMetrics {
  const gaps = Object.entries(told).filter(([name]) => metrics.unknown[name] !== undefined);
  const names = new Set(gaps.map(([name]) => name));
  const kept = Object.entries(metrics.unknown).filter(([name]) => !names.has(name));
  const open = gaps.flatMap(([name, value]) => (value === null ? [[name, why] as const] : []));
  return {
    ...metrics,
    utilization: metrics.utilization ?? told.utilization ?? null,
    memoryUsedMiB: metrics.memoryUsedMiB ?? told.memoryUsedMiB ?? null,
    memoryTotalMiB: metrics.memoryTotalMiB ?? told.memoryTotalMiB ?? null,
    watts: metrics.watts ?? told.watts ?? null,
    graphicsMhz: metrics.graphicsMhz ?? told.graphicsMhz ?? null,
    junctionCelsius: metrics.junctionCelsius ?? told.junctionCelsius ?? null,
    memoryCelsius: metrics.memoryCelsius ?? told.memoryCelsius ?? null,
    processes: metrics.processes ?? told.processes ?? null,
    unknown: Object.fromEntries([...kept, ...open]),
  };
}
