// What a machine does at one moment, and what it did before: processor, memory, disk, network, and its cards.
import { z } from 'zod';
import { gpuMetricsSchema, gpuSeries } from './gpu-metrics.ts';
import { queueSeries, queueSubject } from './queue-history.ts';

const amount = z.number().nullable();

/** Every value may be `null`: not known, and then `unknown` has the reason under its name. */
export const hostMetricsSchema = z.object({
  /** When it was read, milliseconds since 1970. */
  at: z.number(),
  /** Share of all processors that was busy since the last look, in percent. */
  cpuPercent: amount,
  /** Processes that wanted a processor, on average of the last minute, five and fifteen. */
  load1: amount,
  load5: amount,
  load15: amount,
  /** What programs could not have any more: the total less what is available. */
  memoryUsedMiB: amount,
  memoryTotalMiB: amount,
  swapUsedMiB: amount,
  swapTotalMiB: amount,
  /** Of the disk with the container engine's data; where that cannot be seen, with AutoGit's own. */
  diskUsedBytes: amount,
  diskTotalBytes: amount,
  /** Of all disks, bytes a second since the last look. */
  diskReadRate: amount,
  diskWriteRate: amount,
  /** Of all networks that lead out of the machine, bytes a second since the last look. */
  networkInRate: amount,
  networkOutRate: amount,
  /** Name of a value that is `null`, and why. */
  unknown: z.record(z.string(), z.string()).readonly(),
});

export type HostMetrics = Readonly<z.infer<typeof hostMetricsSchema>>;

/** How often is looked now. `fast`: somebody watches; `slow`: a job has a card, or runs; `off`: nobody asks. */
export const samplePaces = ['fast', 'slow', 'off'] as const;
export type SamplePace = (typeof samplePaces)[number];

/** A machine and its cards at one moment. */
export const hardwareSampleSchema = z.object({
  at: z.number().describe('milliseconds since 1970'),
  /** The name of its machine. */
  node: z.string(),
  pace: z.enum(samplePaces),
  host: hostMetricsSchema.nullable(),
  gpus: z.array(gpuMetricsSchema).readonly(),
});

export type HardwareSample = Readonly<z.infer<typeof hardwareSampleSchema>>;

/** The values that are kept and drawn. */
export const hostSeries = [
  'cpuPercent',
  'load1',
  'memoryUsedMiB',
  'swapUsedMiB',
  'diskUsedBytes',
  'diskReadRate',
  'diskWriteRate',
  'networkInRate',
  'networkOutRate',
] as const satisfies readonly (keyof HostMetrics)[];

/** One value over time. */
export const seriesSchema = z.object({
  /** The average of each step; `null`: nobody looked, or it was not known. */
  mean: z.array(amount).readonly(),
  /** The most of each step. */
  most: z.array(amount).readonly(),
});

/** Values over time, as charts read them: every list is as long as `at`. */
export const historySchema = z.object({
  /** The machine, the id of a card, or the queue. */
  subject: z.string(),
  /** Milliseconds between two steps. */
  stepMs: z.number(),
  /** The beginning of each step, milliseconds since 1970. */
  at: z.array(z.number()).readonly(),
  series: z.record(z.string(), seriesSchema).readonly(),
});

export type HardwareHistory = Readonly<z.infer<typeof historySchema>>;

/** Under this name the machine itself is kept; no card has it. */
export const hostSubject = 'machine';

/** What is kept of a subject, in this order. */
export function seriesOf(subject: string): readonly string[] {
  if (subject === queueSubject) return queueSeries;
  return subject === hostSubject ? hostSeries : gpuSeries;
}

/** Milliseconds of one step of what is kept for 30 days. */
export const coarseStepMs = 300_000;

/** The average and the most of one value in one step. */
export const figureSchema = z.tuple([z.number(), z.number()]);

/** What is kept of a subject for one step. Values that were not known are missing. */
export interface HistoryRow {
  readonly node: string;
  readonly subject: string;
  /** The beginning of the step. */
  readonly at: number;
  /** From how many looks. */
  readonly samples: number;
  readonly figures: Readonly<Record<string, readonly [mean: number, most: number]>>;
}
