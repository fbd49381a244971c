// Every graphics card with who has it, or why nobody gets it: what `autogit gpu list` and the window show.
import { assertNever } from '../model/assert.ts';
import { gpuNeedSchema } from '../model/gpu.ts';
import type { GpuSharing, GpuState, GpuVendor } from '../model/gpu.ts';
import type { Desired, Instant, Observed } from '../model/world.ts';
import { freshValue, lastValue } from './freshness.ts';
import { gpuGround } from './gpu-ground.ts';
import { explainRefusal } from './gpu-refusals.ts';
import type { GpuRefusal } from './gpu-refusals.ts';
import { refusalOf } from './gpus.ts';

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
  const ground = gpuGround(desired, observed, now);
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
