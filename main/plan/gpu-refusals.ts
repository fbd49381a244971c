// Why a card is not handed out, as data and in words.
import { assertNever } from '../model/assert.ts';
import type { ForeignProcess, Gpu, GpuHealth, GpuTroubleKind, GpuVendor } from '../model/gpu.ts';
import type { Instant } from '../model/world.ts';

/** Times are milliseconds since 1970. */
export type GpuRefusal =
  | { readonly kind: 'held'; readonly by: string; readonly since: Instant }
  | { readonly kind: 'crowded'; readonly jobs: number; readonly limit: number }
  | { readonly kind: 'full'; readonly freeMiB: number; readonly needsMiB: number }
  | { readonly kind: 'foreign'; readonly process: ForeignProcess; readonly thresholdMiB: number }
  | { readonly kind: 'reserved'; readonly by: string }
  | { readonly kind: 'unshared' }
  | { readonly kind: 'trouble'; readonly trouble: NonNullable<GpuHealth['trouble']> }
  | { readonly kind: 'unseen'; readonly seenAt: Instant | null }
  | { readonly kind: 'unknown-holder'; readonly by: string }
  | { readonly kind: 'unusable'; readonly why: string; readonly fix: string }
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'divided' }
  | { readonly kind: 'integrated' }
  | { readonly kind: 'memory'; readonly hasMiB: number | null; readonly needsMiB: number }
  | { readonly kind: 'vendor'; readonly wanted: GpuVendor };

export interface CardRefusal {
  readonly gpu: Gpu;
  readonly refusal: GpuRefusal;
}

/** From what passes soonest to what never does: the first is the one worth telling. */
const nearness: readonly GpuRefusal['kind'][] = [
  ...(['held', 'crowded', 'full', 'foreign', 'unknown-holder', 'unseen', 'trouble', 'reserved'] as const),
  ...(['unshared', 'unusable', 'ambiguous', 'integrated', 'memory', 'vendor', 'divided'] as const),
];

/** True where waiting does not help. */
export function isLasting({ kind }: GpuRefusal): boolean {
  return nearness.indexOf(kind) >= nearness.indexOf('reserved');
}

/** What is in the way of the card that comes closest; of those that are held, the one that has been for longest. */
export function nearestRefusal(cards: readonly CardRefusal[]): CardRefusal | undefined {
  const since = ({ refusal }: CardRefusal): Instant => (refusal.kind === 'held' ? refusal.since : 0);
  return cards.toSorted(
    (a, b) => nearness.indexOf(a.refusal.kind) - nearness.indexOf(b.refusal.kind) || since(a) - since(b),
  )[0];
}

/** One or two sentences: what is missing, and what is in the way of the card that comes closest. */
export function explainRefusals(count: number, free: number, cards: readonly CardRefusal[]): string {
  const nearest = nearestRefusal(cards);
  const needs =
    count > 1 ? `${count} GPUs on one node are needed, ${free} ${free === 1 ? 'is' : 'are'} free.` : '';
  if (nearest === undefined) return needs === '' ? 'No node has a GPU.' : needs;
  return [needs, explainRefusal(nearest)].filter((part) => part !== '').join(' ');
}

/** One sentence about one card: `RTX 4090 is held by job 41 of lab/app since 2026-03-01 12:03 UTC.` */
export function explainRefusal({ gpu, refusal }: CardRefusal): string {
  return `${gpu.model} ${explain(refusal)}.`;
}

function explain(refusal: GpuRefusal): string {
  switch (refusal.kind) {
    case 'held':
      return `is held by ${refusal.by}${refusal.since === 0 ? '' : ` since ${renderInstant(refusal.since)}`}`;
    case 'crowded':
      return `is shared by ${refusal.jobs} jobs, and ${refusal.limit} is the limit`;
    case 'full':
      return `has ${refusal.freeMiB} MiB left, and ${refusal.needsMiB} MiB are needed`;
    case 'foreign':
      return explainForeign(refusal.process, refusal.thresholdMiB);
    case 'reserved':
      return `is reserved by its owner for ${refusal.by}`;
    case 'unshared':
      return 'is given to one job at a time, and this pool shares its cards';
    case 'trouble':
      return `is drained: ${troubleWords[refusal.trouble.kind]} (${refusal.trouble.message})`;
    case 'unseen':
      return refusal.seenAt === null
        ? 'has not been looked at yet, so nothing is known of it'
        : `was last seen at ${renderInstant(refusal.seenAt)}, too long ago to hand it out`;
    case 'unknown-holder':
      return `may be held by ${refusal.by}, of which it is not known what it holds`;
    case 'unusable':
      return `cannot be used by containers: ${refusal.why}. ${refusal.fix}`;
    case 'ambiguous':
      return 'has the same id as another card of its node';
    case 'divided':
      return 'is divided into slices, which are handed out instead';
    case 'integrated':
      return 'uses the memory of the machine itself, so that only pools that name its vendor get it';
    case 'memory':
      return refusal.hasMiB === null
        ? `does not say how much memory it has, and ${refusal.needsMiB} MiB are needed`
        : `has ${refusal.hasMiB} MiB, and ${refusal.needsMiB} MiB are needed`;
    case 'vendor':
      return `is not from ${vendorNames[refusal.wanted]}`;
    default:
      return assertNever(refusal);
  }
}

const troubleWords: Readonly<Record<GpuTroubleKind, string>> = {
  lost: 'it is lost',
  hot: 'it is too hot',
  errors: 'it reports errors',
};

export const vendorNames: Readonly<Record<GpuVendor, string>> = {
  nvidia: 'NVIDIA',
  amd: 'AMD',
  intel: 'Intel',
};

function explainForeign({ name, pid, memoryMiB }: ForeignProcess, thresholdMiB: number): string {
  const amount =
    memoryMiB === null
      ? 'an unknown amount of its memory'
      : `${memoryMiB} MiB (more than ${thresholdMiB} MiB together count as work)`;
  return `is in use outside AutoGit: ${name} (process ${pid}) holds ${amount}`;
}

/** `2026-03-01 12:03 UTC` */
function renderInstant(instant: Instant): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
