// Every graphics card with who has it, or why nobody gets it: what `autogit gpu list` and the window show.
import { assertNever } from '../model/assert.ts';
import { gpuIdleMs, gpuNeedSchema } from '../model/gpu.ts';
import type { GpuSharing, GpuState, GpuVendor } from '../model/gpu.ts';
import type { Desired, Instant, Observed, Problem } from '../model/world.ts';
import { freshValue, lastValue } from './freshness.ts';
import { gpuGround, gpuPace } from './gpu-ground.ts';
import { explainRefusal } from './gpu-refusals.ts';
import type { GpuRefusal } from './gpu-refusals.ts';
import { healthLastsMs, refusalOf } from './gpus.ts';
import type { GpuGround } from './gpus.ts';

export interface GpuRow {
  /** The name of its machine. */
  readonly node: string;
  readonly id: string;
  readonly vendor: GpuVendor;
  readonly model: string;
  readonly memoryMiB: number | null;
  /** Of a slice: the card that it belongs to. */
  readonly parent: string | null;
  readonly celsius: number | null;
  readonly state: GpuState;
  /** What its owner allows. */
  readonly use: GpuSharing;
  readonly holders: readonly { readonly by: string; readonly since: Instant }[];
  /** Why nobody else gets it now, one sentence; `null` for one that is free. */
  readonly why: string | null;
}

/** In the order in which machines list them. */
export function gpuRows(desired: Desired, observed: Observed, now: Instant): readonly GpuRow[] {
  // Where no pool asks for cards they are looked at seldom, and what was seen counts until the next look has ended.
  const isIdle = gpuPace(desired, observed) === 'idle';
  const ground: GpuGround = {
    ...gpuGround(desired, observed, now),
    healthLastsMs: isIdle ? gpuIdleMs + healthLastsMs : healthLastsMs,
  };
  return observed.nodes.flatMap(({ name, gpus }) =>
    (lastValue(gpus)?.inventory ?? []).map((gpu): GpuRow => {
      const { id, node, vendor, model, memoryMiB, parent, celsius } = gpu;
      const refusal = refusalOf(gpu, { ...gpuNeedSchema.parse({}), vendor }, ground);
      return {
        ...{ node: name, id, vendor, model, memoryMiB, parent },
        celsius: freshValue(gpus) === null ? null : celsius,
        state: stateOf(refusal),
        use: useOf(desired, [id, ...(parent === null ? [] : [parent])]),
        holders: ground.held
          .filter(({ grant }) => grant?.node === node && grant.ids.includes(id))
          .map(({ by, since }) => ({ by, since })),
        why: refusal === null ? null : explainRefusal({ gpu, refusal }),
      };
    }),
  );
}

/** Why it is not known which cards there are; `null`: every machine was looked at. */
export function gpusUnseen({ nodes }: Pick<Observed, 'nodes'>): Problem | null {
  const node = nodes.find(({ gpus }) => lastValue(gpus) === null);
  if (node?.gpus.state === 'failed') return node.gpus.error;
  if (node === undefined && nodes.length > 0) return null;
  return node !== undefined && freshValue(node.engine) !== null ? lookingNow : engineFirst;
}

const lookingNow: Problem = {
  key: 'gpu.not-looked-at',
  message: 'The GPUs of this machine were not looked at yet.',
  next: 'That is done in a moment. Ask again then.',
};
const engineFirst: Problem = {
  key: 'gpu.not-looked-at',
  message:
    'The GPUs of this machine were not looked at yet: AutoGit looks at them when its container engine answers.',
  next: 'See whether it does: autogit engine list. What the machine has is told by: autogit detect',
};

/** What holds for a card holds for its slices. */
function useOf({ reservedGpus, exclusiveGpus = [] }: Desired, ids: readonly string[]): GpuSharing {
  if (reservedGpus.some(({ id }) => ids.includes(id))) return 'off';
  return exclusiveGpus.some((id) => ids.includes(id)) ? 'exclusive' : 'shared';
}

function stateOf(refusal: GpuRefusal | null): GpuState {
  switch (refusal?.kind) {
    case undefined:
      return 'free';
    case 'held':
    case 'crowded':
    case 'full':
      return 'in-use';
    case 'reserved':
    case 'foreign':
    case 'divided':
      return refusal.kind;
    case 'trouble':
      return 'drained';
    case 'unseen':
    case 'unknown-holder':
      return 'unknown';
    case 'unusable':
    case 'ambiguous':
    case 'integrated':
    case 'unshared':
    case 'memory':
    case 'vendor':
      return 'unusable';
    default:
      return assertNever(refusal);
  }
}
