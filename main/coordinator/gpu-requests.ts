// What the requests about graphics cards do: they change the settings file, and the next plan does the rest.
import type { Output, ParsedInput } from '../contract/contract.ts';
import { detectGpus } from '../detect/detect-gpus.ts';
import { detectGpuDetails } from '../detect/gpu-details.ts';
import { gpuEngineOf } from '../detect/host-gpus.ts';
import { AutoGitError } from '../errors.ts';
import { nearest } from '../model/nearest.ts';
import { lastValue } from '../plan/freshness.ts';
import { changeSettings } from './pool-requests.ts';
import type { RequestContext } from './requests.ts';

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

/** `gpu.reserve`. Rejects with `gpu.unknown`. */
export async function reserveGpu(
  { dryRun, id, for: purpose }: ParsedInput<'gpu.reserve'>,
  context: RequestContext,
): Promise<Output<'gpu.reserve'>> {
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

/** `gpu.use`. Rejects with `gpu.unknown`. */
export async function setGpuUse(
  { dryRun, id, use, for: purpose }: ParsedInput<'gpu.use'>,
  context: RequestContext,
): Promise<Output<'gpu.use'>> {
  requireGpu(id, context);
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

/** `gpu.release`. */
export async function releaseGpu(
  { dryRun, id }: ParsedInput<'gpu.release'>,
  context: RequestContext,
): Promise<Output<'gpu.release'>> {
  const words = { done: `Jobs can have ${id} again.`, would: `Jobs could have ${id} again.` };
  return changeSettings(context, dryRun, words, (present) => ({
    ...present,
    gpus: { ...present.gpus, reserved: present.gpus.reserved.filter((one) => one.id !== id) },
  }));
}

/** Raises `gpu.unknown`. */
export function requireGpu(id: string, { live }: RequestContext): void {
  const ids = live.current().gpus.map((gpu) => gpu.id);
  if (!ids.includes(id)) throw unknownGpu(id, ids);
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
