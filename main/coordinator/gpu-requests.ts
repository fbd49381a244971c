// What the requests about graphics cards do: they change the settings file, and the next plan does the rest.
import type { Output, ParsedInput } from '../contract/contract.ts';
import { detectGpus } from '../detect/detect-gpus.ts';
import { detectGpuDetails } from '../detect/gpu-details.ts';
import { gpuEngineOf } from '../detect/host-gpus.ts';
import { AutoGitError } from '../errors.ts';
import { handedOutAs } from '../model/gpu.ts';
import { nearest } from '../model/nearest.ts';
import { lastValue } from '../plan/freshness.ts';
import { gpuRows } from '../plan/gpu-rows.ts';
import { changeSettings } from './pool-requests.ts';
import type { RequestContext } from './requests.ts';

/** A core that has just been started has not seen its cards yet, and tools may be slow. Milliseconds. */
export const firstLookMs = 5_000;
/** Who looks at cards sees them as they were so long ago, at most. Milliseconds. */
export const shownLastsMs = 60_000;

/** `gpu.list`. Rejects with the reason where nobody knows which cards there are. */
export async function listGpus(context: RequestContext): Promise<Output<'gpu.list'>> {
  const { live, coordinator, clock } = context;
  const isAnswering = live.current().nodes.some(({ engine }) => engine.state === 'fresh');
  if (isAnswering) await live.until(({ gpusUnseen }) => gpusUnseen === undefined, firstLookMs);
  const waited = new AbortController();
  const look = coordinator.node()?.gpus.renew(shownLastsMs);
  await Promise.race([look, clock.sleep(firstLookMs, waited.signal)]);
  waited.abort();
  const { gpus, gpusUnseen } = live.current();
  if (gpus.length > 0) return gpus;
  if (gpusUnseen !== undefined) throw new AutoGitError(gpusUnseen);
  // What was found just now is not published yet.
  const { desired, observed, now } = coordinator.look();
  return gpuRows(desired, observed, now).map((row) => ({ ...row, holders: [...row.holders] }));
}

/** `gpu.show`. Looks anew, and asks the makers' slower tools as well. Rejects with `gpu.unknown`. */
export async function showGpu(
  { id }: ParsedInput<'gpu.show'>,
  { coordinator, probe }: RequestContext,
): Promise<Output<'gpu.show'>> {
  const engines = coordinator.look().observed.nodes.flatMap(({ engine }) => lastValue(engine)?.info ?? []);
  const info = engines.find(({ isHere }) => isHere);
  const host = await detectGpus(probe);
  const engine = info === undefined ? null : gpuEngineOf(host, info);
  const { details } = await detectGpuDetails(probe, host, engine);
  const detail = details.find((one) => one.id === id);
  if (detail === undefined)
    throw unknownGpu(
      id,
      details.map((one) => one.id),
    );
  return detail;
}

/** `gpu.reserve`. Rejects with `gpu.unknown` and `gpu.several`. */
export async function reserveGpu(
  { dryRun, id, for: purpose }: ParsedInput<'gpu.reserve'>,
  context: RequestContext,
): Promise<Output<'gpu.reserve'>> {
  requireUnit(id, context);
  requireGpu(id, context);
  const words = {
    done: `${id} is kept for ${purpose}: no job gets it. One that has it goes on.`,
    would: `${id} would be kept for ${purpose}.`,
    next: `Let jobs have it again with: autogit gpu release ${id}`,
  };
  return changeSettings(context, dryRun, words, (present) => ({
    ...present,
    gpus: {
      ...present.gpus,
      reserved: [...present.gpus.reserved.filter((one) => one.id !== id), { id, for: purpose }],
    },
  }));
}

const useWords = {
  off: 'no job gets it',
  exclusive: 'one job has it at a time',
  shared: 'jobs may share it where their pool says so',
} as const;

/** `gpu.use`. Rejects with `gpu.unknown`, `gpu.several` and `gpu.kept-with-card`. */
export async function setGpuUse(
  { dryRun, id, use, for: purpose }: ParsedInput<'gpu.use'>,
  context: RequestContext,
): Promise<Output<'gpu.use'>> {
  requireUnit(id, context);
  requireGpu(id, context);
  if (use !== 'off') requireUnkept(id, context);
  if (use === 'shared') requireShareable(id, context);
  const words = {
    done: `${id}: ${useWords[use]} from now on. A job that has it goes on.`,
    would: `${id}: ${useWords[use]} from then on. A job that has it would go on.`,
  };
  return changeSettings(context, dryRun, words, (present) => ({
    ...present,
    gpus: {
      ...present.gpus,
      reserved: [
        ...present.gpus.reserved.filter((one) => one.id !== id),
        ...(use === 'off' ? [{ id, for: purpose }] : []),
      ],
      exclusive: [
        ...present.gpus.exclusive.filter((one) => one !== id),
        ...(use === 'exclusive' ? [id] : []),
      ],
    },
  }));
}

/** `gpu.release`, also of a card that is gone. Rejects with `gpu.several` and `gpu.kept-with-card`. */
export async function releaseGpu(
  { dryRun, id }: ParsedInput<'gpu.release'>,
  context: RequestContext,
): Promise<Output<'gpu.release'>> {
  requireUnit(id, context);
  requireUnkept(id, context);
  const words = { done: `Jobs can have ${id} again.`, would: `Jobs could have ${id} again.` };
  return changeSettings(context, dryRun, words, (present) => ({
    ...present,
    gpus: { ...present.gpus, reserved: present.gpus.reserved.filter((one) => one.id !== id) },
  }));
}

/** What is said of cards is said of what jobs get. Raises `gpu.several`. */
function requireUnit(id: string, { hardware }: RequestContext): void {
  const unit = handedOutAs(hardware.cards(), id);
  if (unit === undefined || unit.id === id) return;
  throw new AutoGitError({
    key: 'gpu.several',
    message: `Jobs do not get ${id} by itself: it belongs to ${unit.id}, which they get as a whole.`,
    next: `Say it of ${unit.id} instead.`,
  });
}

/** What holds for a card holds for its slices, whatever is said of them. Raises `gpu.kept-with-card`. */
function requireUnkept(id: string, context: RequestContext): void {
  const card = parentOf(id, context);
  const kept = context.settings.current().gpus.reserved.find((one) => one.id === card);
  if (card === null || kept === undefined) return;
  throw new AutoGitError({
    key: 'gpu.kept-with-card',
    message: `${id} is a slice of ${card}, which is kept for ${kept.for}, and with it all of its slices.`,
    next: `Let jobs have the card again with: autogit gpu release ${card}`,
  });
}

function requireShareable(id: string, context: RequestContext): void {
  const card = parentOf(id, context);
  if (card === null || !context.settings.current().gpus.exclusive.includes(card)) return;
  throw new AutoGitError({
    key: 'gpu.kept-with-card',
    message: `${id} is a slice of ${card}, and one job at a time has each of that card's slices.`,
    next: `Let jobs share the card with: autogit gpu use ${card} shared`,
  });
}

/** The card of a slice. */
function parentOf(id: string, { hardware }: RequestContext): string | null {
  return hardware.cards().find((gpu) => gpu.id === id)?.parent ?? null;
}

/** Raises `gpu.unknown`, or the reason why nobody knows which cards there are. */
export function requireGpu(id: string, { live }: RequestContext): void {
  const { gpus, gpusUnseen } = live.current();
  const ids = gpus.map((gpu) => gpu.id);
  if (ids.includes(id)) return;
  throw gpusUnseen === undefined ? unknownGpu(id, ids) : new AutoGitError(gpusUnseen);
}

function unknownGpu(id: string, ids: readonly string[]): AutoGitError {
  const meant = nearest(id, ids);
  const known = ids.length === 0 ? 'No GPU is seen here.' : `There are: ${ids.join(', ')}.`;
  return new AutoGitError({
    key: 'gpu.unknown',
    message: `There is no GPU ${JSON.stringify(id)} on this machine.`,
    next: meant === null ? known : `Did you mean ${meant}?`,
  });
}
