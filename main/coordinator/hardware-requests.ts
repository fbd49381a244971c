// What the requests about the machine's and its cards' doings answer: samples while they are read, and what was kept.
import type { Output, ParsedInput, StopSignal } from '../contract/contract.ts';
import { wslUnit } from '../model/gpu.ts';
import type { GpuMetrics } from '../model/gpu-metrics.ts';
import { hostSubject } from '../model/host-metrics.ts';
import type { HardwareHistory } from '../model/host-metrics.ts';
import { requireGpu } from './gpu-requests.ts';
import type { RequestContext } from './requests.ts';

/** A core that has just been started has not seen its cards yet. Milliseconds. */
const firstLookMs = 5_000;

/** `gpu.watch`. Raises `gpu.unknown`. */
export async function* watchGpus(
  { id, interval }: ParsedInput<'gpu.watch'>,
  context: RequestContext,
  signal: StopSignal,
): AsyncGenerator<Output<'gpu.watch'>> {
  if (id !== undefined) await findGpu(id, context);
  for await (const { at, node, pace, gpus } of context.hardware.sampler.follow(interval * 1_000, signal))
    yield { at, node, pace, gpus: id === undefined ? gpus : gpus.filter((card) => isOf(card, id, context)) };
}

/** `machine.watch`. */
export async function* watchMachine(
  { interval }: ParsedInput<'machine.watch'>,
  { hardware }: RequestContext,
  signal: StopSignal,
): AsyncGenerator<Output<'machine.watch'>> {
  yield* hardware.sampler.follow(interval * 1_000, signal);
}

/** `gpu.history`. Rejects with `gpu.unknown`. */
export async function gpuHistory(
  input: ParsedInput<'gpu.history'>,
  context: RequestContext,
): Promise<Output<'gpu.history'>> {
  await findGpu(input.id, context);
  return readHistory(cardOf(input.id, context), input, context);
}

/** `machine.history`. */
export async function machineHistory(
  input: ParsedInput<'machine.history'>,
  context: RequestContext,
): Promise<Output<'machine.history'>> {
  return readHistory(hostSubject, input, context);
}

function readHistory(
  subject: string,
  { minutes, to, points }: ParsedInput<'machine.history'>,
  { hardware, clock }: RequestContext,
): HardwareHistory {
  const end = to ?? clock.now();
  const from = Math.max(0, end - minutes * 60_000);
  return hardware.history.read(hardware.node() ?? '', { subject, from, to: end, points });
}

async function findGpu(id: string, context: RequestContext): Promise<void> {
  const seen = context.hardware.sampler.current()?.gpus ?? [];
  if (seen.some((card) => card.id === id)) return;
  await context.live.until(({ gpus }) => gpus.some((gpu) => gpu.id === id), firstLookMs);
  requireGpu(id, context);
}

/** A slice is read as a part of its card. */
function cardOf(id: string, { live }: RequestContext): string {
  return live.current().gpus.find((gpu) => gpu.id === id)?.parent ?? id;
}

/** Of a WSL2, all its cards are one to jobs. */
function isOf(card: GpuMetrics, id: string, context: RequestContext): boolean {
  return card.id === cardOf(id, context) || (id === wslUnit && card.vendor === 'nvidia');
}
