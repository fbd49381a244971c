// Which cards a container gets, or why it gets none: best fit, all or nothing, and never on a guess.
import { foreignMiB, foreignThresholdMiB, modeOf } from '../model/gpu.ts';
import type { Gpu, GpuGrant, GpuHealth, GpuHolding, GpuMode, GpuNeed, GpuReservation } from '../model/gpu.ts';
import type { Instant } from '../model/world.ts';
import { explainRefusals, isLasting } from './gpu-refusals.ts';
import type { CardRefusal, GpuRefusal } from './gpu-refusals.ts';

/** Everything that decides on cards, of all nodes at once. */
export interface GpuGround {
  readonly inventory: readonly Gpu[];
  /** From `recoverHoldings`. */
  readonly held: readonly GpuHolding[];
  readonly reservations: readonly GpuReservation[];
  /** Ids of cards, on whatever node, that nobody shares; missing: none. */
  readonly exclusive?: readonly string[];
  readonly health: readonly GpuHealth[];
  /** How long a look counts, milliseconds; missing: as long as it does where cards are handed out. */
  readonly healthLastsMs?: number;
  readonly now: Instant;
}

export type GpuAnswer =
  | { readonly granted: true; readonly grant: GpuGrant }
  | {
      readonly granted: false;
      /** False where no change of holders, health or time would help: only another card or another need. */
      readonly ever: boolean;
      /** One or two sentences for a person. */
      readonly message: string;
      readonly cards: readonly CardRefusal[];
    };

/** A look at a card that is older than this says nothing about it: three times the slow rate. Milliseconds. */
export const healthLastsMs = 90_000;

/**
 * Makers advertise up to 1/16 more than programs can use (ECC, the driver's own part): an L4 of 24 GiB has 23,034
 * MiB, an L40S of 48 GiB 46,068.
 * https://github.com/utkuozdemir/nvidia_gpu_exporter/tree/e656cd8/internal/captures
 */
const advertised = 1.07;

/** Of a card's memory, what fractions may take: the driver keeps a part that differs by model. */
const fractionShare = 0.95;

/** A card that fits, with what the choice between cards looks at: the lowest numbers first. */
interface Fit {
  readonly gpu: Gpu;
  readonly rank: readonly number[];
}

type Verdict = { readonly fit: Fit } | { readonly refusal: GpuRefusal };

/** The best cards for a need, on one node, of one vendor: all that it asks for, or none and the reasons. */
export function allocate(need: GpuNeed, ground: GpuGround): GpuAnswer {
  const fits: Fit[] = [];
  const refused: CardRefusal[] = [];
  for (const gpu of ground.inventory) {
    const verdict = judge(gpu, need, ground);
    if ('fit' in verdict) fits.push(verdict.fit);
    else refused.push({ gpu, refusal: verdict.refusal });
  }
  const cards = choose(fits, need.count);
  const [first] = cards;
  if (first === undefined) return refuse(need, fits, refused);
  const { node, vendor } = first;
  return { granted: true, grant: { node, vendor, ids: cards.map(({ id }) => id), mode: modeOf(need) } };
}

function refuse(need: GpuNeed, fits: readonly Fit[], refused: readonly CardRefusal[]): GpuAnswer {
  const hopeful = refused.flatMap(({ gpu, refusal }) => (isLasting(refusal) ? [] : [{ gpu, rank: [] }]));
  return {
    granted: false,
    ever: choose([...fits, ...hopeful], need.count).length > 0,
    message: explainRefusals(need.count, mostOnOneNode(fits), refused),
    cards: refused,
  };
}

/** Why one card is not handed out for a need; `null`: it is. */
export function refusalOf(gpu: Gpu, need: GpuNeed, ground: GpuGround): GpuRefusal | null {
  const verdict = judge(gpu, need, ground);
  return 'fit' in verdict ? null : verdict.refusal;
}

function judge(gpu: Gpu, need: GpuNeed, ground: GpuGround): Verdict {
  const refusal = unfit(gpu, need, ground.inventory) ?? unready(gpu, ground) ?? unshared(gpu, need, ground);
  return refusal === null ? judgeHolders(gpu, modeOf(need), ground) : { refusal };
}

/** What lies in the card itself. */
function unfit(gpu: Gpu, need: GpuNeed, inventory: readonly Gpu[]): GpuRefusal | null {
  if (need.vendor !== null && gpu.vendor !== need.vendor) return { kind: 'vendor', wanted: need.vendor };
  if (gpu.integrated && need.vendor === null) return { kind: 'integrated' };
  const sized = Math.max(need.memoryMiB ?? 0, need.fractionMiB ?? 0);
  if (sized > 0 && (gpu.memoryMiB === null || gpu.memoryMiB * advertised < sized))
    return { kind: 'memory', hasMiB: gpu.memoryMiB, needsMiB: sized };
  if (!gpu.use.usable) return { kind: 'unusable', why: gpu.use.why, fix: gpu.use.fix };
  const alike = inventory.filter(({ node, id }) => node === gpu.node && id === gpu.id);
  if (alike.length > 1) return { kind: 'ambiguous' };
  return inventory.some(({ node, parent }) => node === gpu.node && parent === gpu.id)
    ? { kind: 'divided' }
    : null;
}

/** What lies in its present state. */
function unready(gpu: Gpu, ground: GpuGround): GpuRefusal | null {
  const { reservations, health, healthLastsMs: lastsMs = healthLastsMs, now } = ground;
  const reserved = reservations.find(({ node, id }) => node === gpu.node && isSameCard(gpu, id));
  if (reserved !== undefined) return { kind: 'reserved', by: reserved.by };
  const seen = health.find(({ node, id }) => node === gpu.node && id === gpu.id);
  if (seen === undefined || now - seen.seenAt > lastsMs)
    return { kind: 'unseen', seenAt: seen?.seenAt ?? null };
  if (seen.trouble !== null) return { kind: 'trouble', trouble: seen.trouble };
  const largest = seen.foreign.toSorted((a, b) => weight(b) - weight(a))[0];
  return foreignMiB(seen.foreign) > foreignThresholdMiB && largest !== undefined
    ? { kind: 'foreign', process: largest, thresholdMiB: foreignThresholdMiB }
    : null;
}

/** What its owner allows. */
function unshared(gpu: Gpu, need: GpuNeed, { exclusive = [] }: GpuGround): GpuRefusal | null {
  const isKept = need.mode !== 'exclusive' && exclusive.some((id) => isSameCard(gpu, id));
  return isKept ? { kind: 'unshared' } : null;
}

/** Unknown counts as all of it. */
function weight({ memoryMiB }: GpuHealth['foreign'][number]): number {
  return memoryMiB ?? Infinity;
}

/** True for a card, and for a slice of it: who holds the whole holds its parts. */
function isSameCard(gpu: Gpu, id: string): boolean {
  return gpu.id === id || gpu.parent === id;
}

/** A slice that is held and no longer listed: whose it was is not known, so it may be a part of any card there. */
function isLostSlice(id: string, { node }: Gpu, inventory: readonly Gpu[]): boolean {
  return id.startsWith('MIG-') && !inventory.some((gpu) => gpu.node === node && gpu.id === id);
}

/** What lies in those who have it: a card is whole, shared, in fractions or in slices, and never two of these at a time. */
function judgeHolders(gpu: Gpu, mode: GpuMode, { held, health, inventory }: GpuGround): Verdict {
  const onNode = held.filter(({ node }) => node === gpu.node);
  const unknown = onNode.find(
    ({ grant }) =>
      grant === null || (gpu.vendor === 'nvidia' && grant.ids.some((id) => isLostSlice(id, gpu, inventory))),
  );
  if (unknown !== undefined) return { refusal: { kind: 'unknown-holder', by: unknown.by } };
  const holders = onNode.filter(({ grant }) => grant?.ids.some((id) => isSameCard(gpu, id)) === true);
  const other = holders.find(
    ({ grant }) => mode.kind === 'exclusive' || grant?.mode.kind !== mode.kind || !grant.ids.includes(gpu.id),
  );
  if (other !== undefined) return { refusal: { kind: 'held', by: other.by, since: other.since } };
  const modes = holders.flatMap(({ grant }) => (grant === null ? [] : [grant.mode]));
  if (mode.kind === 'shared') return judgeSharers(gpu, mode.jobs, modes);
  if (mode.kind === 'fraction')
    return judgeFractions(
      gpu,
      mode.memoryMiB,
      modes,
      health.find(({ node, id }) => node === gpu.node && id === gpu.id),
    );
  return { fit: { gpu, rank: [memoryRank(gpu)] } };
}

/** Every holder's own limit counts, so that a setting that was raised does not crowd those who came before. */
function judgeSharers(gpu: Gpu, jobs: number, modes: readonly GpuMode[]): Verdict {
  const limits = modes.flatMap((mode) => (mode.kind === 'shared' ? [mode.jobs] : []));
  const limit = Math.min(jobs, ...limits);
  return limits.length < limit
    ? { fit: { gpu, rank: [limits.length, memoryRank(gpu)] } }
    : { refusal: { kind: 'crowded', jobs: limits.length, limit } };
}

function judgeFractions(
  gpu: Gpu,
  wantedMiB: number,
  modes: readonly GpuMode[],
  seen: GpuHealth | undefined,
): Verdict {
  const taken = modes.reduce((sum, mode) => sum + (mode.kind === 'fraction' ? mode.memoryMiB : 0), 0);
  const foreign = seen === undefined ? Infinity : foreignMiB(seen.foreign);
  const freeMiB = Math.max(0, Math.floor((gpu.memoryMiB ?? 0) * fractionShare - foreign) - taken);
  return freeMiB >= wantedMiB
    ? { fit: { gpu, rank: [freeMiB] } }
    : { refusal: { kind: 'full', freeMiB, needsMiB: wantedMiB } };
}

function memoryRank({ memoryMiB }: Gpu): number {
  return memoryMiB ?? Infinity;
}

/** Cards that belong together, closest first: the same model side by side, the same model, the same vendor. */
const closeness: readonly ((gpu: Gpu) => string)[] = [
  ({ node, vendor, model, numaNode }) => JSON.stringify([node, vendor, model, numaNode]),
  ({ node, vendor, model }) => JSON.stringify([node, vendor, model]),
  ({ node, vendor }) => JSON.stringify([node, vendor]),
];

/**
 * The `count` best of the cards that fit, or none. Of groups that are large enough, the one whose cards fit most
 * tightly, and of equal ones the smallest, so that whole groups stay whole for those who need them.
 */
function choose(fits: readonly Fit[], count: number): readonly Gpu[] {
  const unit = fits.filter(({ gpu }) => gpu.cards > 1 && gpu.cards >= count).toSorted(compareFits)[0];
  const single = fits.filter(({ gpu }) => gpu.cards === 1);
  for (const keyOf of closeness) {
    const groups = Map.groupBy(single, ({ gpu }) => keyOf(gpu));
    const [best] = [...groups.values()]
      .filter((group) => group.length >= count)
      .map((group) => group.toSorted(compareFits))
      .toSorted((a, b) => compareRanks(rankOf(a, count), rankOf(b, count)) || compareFits(a[0], b[0]));
    if (best !== undefined) return best.slice(0, count).map(({ gpu }) => gpu);
  }
  return unit === undefined ? [] : [unit.gpu];
}

/** The loosest of the cards that would be taken, then how many would be left. */
function rankOf(group: readonly Fit[], count: number): readonly number[] {
  return [...(group[count - 1]?.rank ?? []), group.length];
}

function compareFits(a: Fit | undefined, b: Fit | undefined): number {
  if (a === undefined || b === undefined) return 0;
  return compareRanks(a.rank, b.rank) || (cardKey(a.gpu) < cardKey(b.gpu) ? -1 : 1);
}

function cardKey({ node, id }: Gpu): string {
  return JSON.stringify([node, id]);
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((number, index) => number !== b[index]);
  // Two unknown sizes are both infinite, and equal: their difference would be no number.
  return at < 0 ? 0 : (a[at] ?? 0) < (b[at] ?? 0) ? -1 : 1;
}

function mostOnOneNode(fits: readonly Fit[]): number {
  const counts = [...Map.groupBy(fits, ({ gpu }) => closeness[2]?.(gpu)).values()].map(
    ({ length }) => length,
  );
  return Math.max(0, ...counts);
}
