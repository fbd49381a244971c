// What the requests about graphics cards do: they change the settings file, and the next plan does the rest.
import type { Output, ParsedInput } from '../contract/contract.ts';
import { AutoGitError } from '../errors.ts';
import { nearest } from '../model/nearest.ts';
import { changeSettings } from './pool-requests.ts';
import type { RequestContext } from './requests.ts';

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

function requireGpu(id: string, { live }: RequestContext): void {
  const ids = live.current().gpus.map((gpu) => gpu.id);
  if (ids.includes(id)) return;
  const meant = nearest(id, ids);
  const known = ids.length === 0 ? 'No GPU is seen here.' : `There are: ${ids.join(', ')}.`;
  throw new AutoGitError({
    key: 'gpu.unknown',
    message: `There is no GPU ${JSON.stringify(id)} on this machine.`,
    next: meant === null ? known : `Did you mean ${meant}?`,
  });
}
