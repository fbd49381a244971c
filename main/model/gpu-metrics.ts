// What a graphics card does at one moment: how busy, how full, how hot, why slower, and who uses it.
import { z } from 'zod';
import { gpuVendors } from './gpu.ts';

/** Why a card runs slower than it could. `power-cap` and `application` are as somebody has set it; the others are trouble. */
export const throttleReasons = [
  'power-cap',
  'heat',
  'power-brake',
  'hardware',
  'sync',
  'application',
] as const;
export type ThrottleReason = (typeof throttleReasons)[number];

/** Programs that use cards and are none of ours, known by name. */
export const gpuApps = ['ollama', 'comfyui', 'game', 'desktop'] as const;
export type GpuApp = (typeof gpuApps)[number];

const amount = z.number().nullable();

export const gpuProcessSchema = z.object({
  pid: z.int(),
  /** Its program, without the folder. */
  name: z.string(),
  memoryMiB: amount,
  /** The id of the container that it runs in; `null`: in none, or not known. */
  container: z.string().nullable(),
  /** The runner of ours to which that container belongs. */
  runner: z.string().nullable(),
  /** The job that this runner has. */
  job: z.int().nullable(),
  app: z.enum(gpuApps).nullable(),
  /** What a person calls it: `Ollama`, `ComfyUI`, the name of a game. */
  title: z.string().nullable(),
});

/** An error that NVIDIA's driver has written to the kernel's log: https://docs.nvidia.com/deploy/xid-errors/ */
export const xidSchema = z.object({
  code: z.int(),
  /** Milliseconds since 1970; `null`: the log does not tell. */
  at: z.number().nullable(),
  text: z.string(),
});

/** Every value may be `null`: not known, and then `unknown` has the reason under its name. */
export const gpuMetricsSchema = z.object({
  /** As `gpu list` has it; of a card among those of a WSL2, its own UUID. */
  id: z.string(),
  vendor: z.enum(gpuVendors),
  model: z.string(),
  /** When it was read, milliseconds since 1970. */
  at: z.number(),
  /** Share of the last moment in which anything ran, in percent; not how full the card is. */
  utilization: amount,
  /** Share of the last moment in which its memory was read or written, in percent. */
  memoryBusy: amount,
  memoryUsedMiB: amount,
  memoryTotalMiB: amount,
  edgeCelsius: amount,
  junctionCelsius: amount,
  memoryCelsius: amount,
  watts: amount,
  limitWatts: amount,
  graphicsMhz: amount,
  memoryMhz: amount,
  /** Of its full speed; NVIDIA tells the speed that is wanted, not the one that is had. */
  fanPercent: amount,
  fanRpm: amount,
  /** Empty: nothing slows it down. */
  throttle: z.array(z.enum(throttleReasons)).readonly().nullable(),
  /** Errors of its memory since its driver was loaded. */
  eccCorrected: amount,
  eccUncorrected: amount,
  /** Newest last, those of this boot that the log still has. */
  xids: z.array(xidSchema).readonly().nullable(),
  /** False: its driver lets go of it whenever nothing uses it, and every look at it costs a second. */
  persistence: z.boolean().nullable(),
  processes: z.array(gpuProcessSchema).readonly().nullable(),
  /** Name of a value that is `null`, and why. */
  unknown: z.record(z.string(), z.string()).readonly(),
  /** Why nothing of it could be read. */
  problem: z.object({ key: z.string(), message: z.string(), next: z.string() }).nullable(),
});

export type GpuMetrics = Readonly<z.infer<typeof gpuMetricsSchema>>;
export type GpuProcess = Readonly<z.infer<typeof gpuProcessSchema>>;
export type Xid = Readonly<z.infer<typeof xidSchema>>;

/** The values that are single numbers, as they are kept and drawn. */
export const gpuSeries = [
  'utilization',
  'memoryUsedMiB',
  'edgeCelsius',
  'junctionCelsius',
  'memoryCelsius',
  'watts',
  'graphicsMhz',
  'fanPercent',
] as const satisfies readonly (keyof GpuMetrics)[];

/** A card of which nothing is known yet; `why` holds for every value. */
export function unreadGpu(
  card: Pick<GpuMetrics, 'id' | 'vendor' | 'model'>,
  at: number,
  why: string,
  problem: GpuMetrics['problem'] = null,
): GpuMetrics {
  const nothing = {
    ...{ utilization: null, memoryBusy: null, memoryUsedMiB: null, memoryTotalMiB: null },
    ...{ edgeCelsius: null, junctionCelsius: null, memoryCelsius: null, watts: null, limitWatts: null },
    ...{ graphicsMhz: null, memoryMhz: null, fanPercent: null, fanRpm: null, throttle: null },
    ...{ eccCorrected: null, eccUncorrected: null, xids: null, persistence: null, processes: null },
  };
  const unknown = Object.fromEntries(Object.keys(nothing).map((name) => [name, why]));
  return { id: card.id, vendor: card.vendor, model: card.model, at, ...nothing, unknown, problem };
}

/** What is wrong with a card whose driver, or the tool that asks it, does not come back. */
export function hangingGpu({ model }: Pick<GpuMetrics, 'model'>): NonNullable<GpuMetrics['problem']> {
  return {
    key: 'gpu.tool-hangs',
    message: `${model} does not answer: its driver hangs.`,
    next: 'Restart the machine.',
  };
}

/** False where its owner has set it so, or cards keep step with one another; slower for any other reason is trouble. */
export function isTrouble(reason: ThrottleReason): boolean {
  return reason !== 'power-cap' && reason !== 'application' && reason !== 'sync';
}

/**
 * Cards slow themselves down from 83 °C to 100 °C, by model, and their memory from 105 °C; hotter than this they have no
 * cooling left. https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceQueries.html
 */
export const hottest = { edge: 95, junction: 108, memory: 105 } as const;
