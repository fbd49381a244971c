// What the requests about the machine's and its cards' doings answer: samples while they are read, and what was kept.
import type { Output, ParsedInput, StopSignal } from '../contract/contract.ts';
import { AutoGitError } from '../errors.ts';
import { hostSubject } from '../model/host-metrics.ts';
import type { HardwareHistory } from '../model/host-metrics.ts';
import { firstLookMs, requireGpu, shownLastsMs } from './gpu-requests.ts';
import type { RequestContext } from './requests.ts';

/** `gpu.watch`. Raises `gpu.unknown`. */
export async function* watchGpus(
  { id, interval }: ParsedInput<'gpu.watch'>,
  context: RequestContext,
  signal: StopSignal,
): AsyncGenerator<Output<'gpu.watch'>> {
  if (id !== undefined) await findGpu(id, context);
  for await (const { at, node, pace, gpus } of context.hardware.sampler.follow(interval * 1_000, signal)) {
    lookForCards(context);
    const { gpusUnseen } = context.live.current();
    const wanted = id === undefined ? null : (subjectsOf(id, context) ?? [id]);
    yield {
      ...{ at, node, pace },
      gpus: wanted === null ? gpus : gpus.filter((card) => wanted.includes(card.id)),
      ...(gpusUnseen === undefined ? {} : { unseen: gpusUnseen }),
    };
  }
}

/** `machine.watch`. */
export async function* watchMachine(
  { interval }: ParsedInput<'machine.watch'>,
  context: RequestContext,
  signal: StopSignal,
): AsyncGenerator<Output<'machine.watch'>> {
  for await (const sample of context.hardware.sampler.follow(interval * 1_000, signal)) {
    lookForCards(context);
    yield sample;
  }
}

/** Who watches is to see a card that comes or goes, also where no pool asks for any. Does not wait. */
function lookForCards({ coordinator }: RequestContext): void {
  void coordinator.node()?.gpus.renew(shownLastsMs);
}

/** `gpu.history`. Rejects with `gpu.unknown`, and of several cards in one with `gpu.several`. */
export async function gpuHistory(
  input: ParsedInput<'gpu.history'>,
  context: RequestContext,
): Promise<Output<'gpu.history'>> {
  const [subject = input.id, ...others] = await findGpu(input.id, context);
  if (others.length === 0) return readHistory(subject, input, context);
  throw new AutoGitError({
    key: 'gpu.several',
    message: `${input.id} is ${others.length + 1} cards, and what they did is kept of each by itself.`,
    next: `Ask for one of them: ${[subject, ...others].join(', ')}`,
  });
}

/** `machine.history`. */
export async function machineHistory(
  input: ParsedInput<'machine.history'>,
  context: RequestContext,
): Promise<Output<'machine.history'>> {
  return readHistory(hostSubject, input, context);
}

/** `queue.history`. */
export async function queueHistory(
  { minutes, to, points }: ParsedInput<'queue.history'>,
  { queue, clock }: RequestContext,
): Promise<Output<'queue.history'>> {
  const end = to ?? clock.now();
  return queue.read({ from: Math.max(0, end - minutes * 60_000), to: end, points });
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

/** The ids under which it is watched. */
async function findGpu(id: string, context: RequestContext): Promise<readonly string[]> {
  if (subjectsOf(id, context) === null)
    await context.live.until(() => subjectsOf(id, context) !== null, firstLookMs);
  const found = subjectsOf(id, context);
  if (found === null) requireGpu(id, context);
  return found ?? [id];
}

/** A slice is read as a part of its card, and several cards in one are read one by one. `null`: there is no such card. */
function subjectsOf(id: string, { hardware }: RequestContext): readonly string[] | null {
  const cards = hardware.cards();
  if (cards.some(({ members }) => members?.includes(id))) return [id];
  const gpu = cards.find((one) => one.id === id);
  if (gpu === undefined) return null;
  return gpu.members ?? [gpu.parent ?? gpu.id];
}
