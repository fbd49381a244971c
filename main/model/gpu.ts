// GPUs: what a node has, what a pool needs, what a container was given, and the label that says so.
import { z } from 'zod';
import type { GpuEngine, GpuRequest } from './gpu-request.ts';
import type { Issue } from './issue.ts';
import type { ContainerState } from './runner.ts';
import type { Instant } from './world.ts';

export const gpuVendors = ['nvidia', 'amd', 'intel'] as const;
export type GpuVendor = (typeof gpuVendors)[number];

/** Whether containers can use a card today, or why not and what mends it. One sentence each. */
export type GpuUse =
  { readonly usable: true } | { readonly usable: false; readonly why: string; readonly fix: string };

/** One device that can be handed out by itself: a card, a slice of a card (MIG), or all cards of a WSL2. */
export interface Gpu {
  /** NVIDIA's UUID (`GPU-…`, `MIG-…`), or the PCI address (`0000:03:00.0`), or `wslUnit`. Stable; unique on its node. */
  readonly id: string;
  readonly node: string;
  readonly vendor: GpuVendor;
  readonly model: string;
  /** Memory that programs can use; `null`: not known. For several cards in one, that of the smallest. */
  readonly memoryMiB: number | null;
  readonly pciAddress: string | null;
  /** `/dev/dri/renderD128` */
  readonly renderNode: string | null;
  /** The id of the card that this is a slice of. */
  readonly parent: string | null;
  /** Cards that come and go together under this id: 1, and more only for a WSL2. */
  readonly cards: number;
  /** Of several cards in one: the ids under which they are watched. Missing: its own. */
  readonly members?: readonly string[];
  /** True where it uses the machine's own memory and is likely to drive its screen. */
  readonly integrated: boolean;
  /** Cards with the same number are close to one another; `null`: not known, or all the same. */
  readonly numaNode: number | null;
  readonly use: GpuUse;
}

/** The id of all cards of a WSL2: its only CDI device is `all`, so containers get every card or none. */
export const wslUnit = 'wsl';

/** The card as which jobs get what is watched under an id; `undefined`: it is not listed. */
export function handedOutAs<T extends Pick<Gpu, 'id' | 'members'>>(
  gpus: readonly T[],
  id: string,
): T | undefined {
  return gpus.find((gpu) => gpu.id === id || gpu.members?.includes(id) === true);
}

/** The id of the one GPU of a Jetson, which is no card: its only CDI device is `all`, too. */
export const tegraUnit = 'tegra';

const mostMemoryMiB = 16_777_216;

/** The setting `gpu` of a pool. */
export const gpuNeedSchema = z
  .strictObject({
    count: z.int().min(1).max(16).default(1).describe('Cards for each container.'),
    vendor: z
      .enum(gpuVendors)
      .nullable()
      .default(null)
      .describe('The maker of the cards; null: any, but then no integrated one.'),
    memoryMiB: z.int().min(1).max(mostMemoryMiB).nullable().default(null).meta({
      description: 'At least so much memory on each card, as its maker advertises it.',
      unit: 'MiB',
    }),
    mode: z
      .enum(['exclusive', 'shared', 'fraction'])
      .default('exclusive')
      .describe(
        'How a card is held. exclusive: nobody else has it; shared: jobsPerCard have it; fraction: fractionMiB of its memory.',
      ),
    jobsPerCard: z.int().min(2).max(64).default(4).describe('In mode shared: most containers on one card.'),
    fractionMiB: z.int().min(64).max(mostMemoryMiB).nullable().default(null).meta({
      description: 'In mode fraction: memory on each card that is counted as taken. No card enforces it.',
      unit: 'MiB',
    }),
  })
  .refine(({ mode, fractionMiB }) => (mode === 'fraction') === (fractionMiB !== null), {
    path: ['fractionMiB'],
    message: 'belongs to mode "fraction", which needs it',
  });

export type GpuNeed = Readonly<z.infer<typeof gpuNeedSchema>>;

/** How a card is held: alone, with at most so many others, or by a part of its memory. */
export type GpuMode =
  | { readonly kind: 'exclusive' }
  | { readonly kind: 'shared'; readonly jobs: number }
  | { readonly kind: 'fraction'; readonly memoryMiB: number };

/** How a need holds its cards. */
export function modeOf({ mode, jobsPerCard, fractionMiB }: GpuNeed): GpuMode {
  if (mode === 'shared') return { kind: 'shared', jobs: jobsPerCard };
  // The schema lets no fraction through without its size; without one, nothing is shared.
  if (mode === 'fraction' && fractionMiB !== null) return { kind: 'fraction', memoryMiB: fractionMiB };
  return { kind: 'exclusive' };
}

/** Cards of one node that were given to one container, or to a runner and its job's containers. */
export interface GpuGrant {
  readonly node: string;
  readonly vendor: GpuVendor;
  readonly ids: readonly string[];
  readonly mode: GpuMode;
}

/** Whether two containers cannot have their cards at the same time. */
export function areInConflict(a: GpuGrant, b: GpuGrant): boolean {
  const isCommon = a.node === b.node && a.ids.some((id) => b.ids.includes(id));
  return isCommon && (a.mode.kind === 'exclusive' || a.mode.kind !== b.mode.kind);
}

/** Cards that are taken. `grant` is `null` where it is not known which: then every card of the node counts as taken. */
export interface GpuHolding {
  readonly node: string;
  readonly grant: GpuGrant | null;
  /** Who has it, for a sentence: `job 41 of lab/app`. */
  readonly by: string;
  /** 0: not known. */
  readonly since: Instant;
}

/** A card that its owner keeps. */
export interface GpuReservation {
  readonly node: string;
  readonly id: string;
  /** For what, for a sentence: `the model server`. */
  readonly by: string;
}

/** Which jobs a card is for: none; one at a time, whatever their pool asks for; or as many as their pool lets share it. */
export const gpuUses = ['off', 'exclusive', 'shared'] as const;
export type GpuSharing = (typeof gpuUses)[number];

/** A program on a card that is not ours. */
export interface ForeignProcess {
  readonly pid: number;
  readonly name: string;
  readonly memoryMiB: number | null;
}

/** Foreign programs with more than this together on a card are at work there; a desktop or a driver needs less. */
export const foreignThresholdMiB = 300;

/** What they hold together; what is not known of one counts as all of the card. */
export function foreignMiB(foreign: readonly Pick<ForeignProcess, 'memoryMiB'>[]): number {
  return foreign.reduce((sum, { memoryMiB }) => sum + (memoryMiB ?? Infinity), 0);
}

export type GpuTroubleKind = 'lost' | 'hot' | 'errors';

/** What was last seen of one card. A card without it has not been seen, and is not handed out. */
export interface GpuHealth {
  readonly node: string;
  readonly id: string;
  readonly seenAt: Instant;
  /** Why it is drained; `null`: it is well. The message has its figures: `94 °C, its limit is 90 °C`. */
  readonly trouble: { readonly kind: GpuTroubleKind; readonly message: string } | null;
  readonly foreign: readonly ForeignProcess[];
}

/** A card with what its machine says of it, and how hot it is. */
export interface SeenGpu extends Gpu {
  readonly celsius: number | null;
}

/** How a card is to people. */
export const gpuStates = [
  'free',
  'in-use',
  'reserved',
  'foreign',
  'drained',
  'divided',
  'unusable',
  'unknown',
] as const;
export type GpuState = (typeof gpuStates)[number];

/** How often cards are looked at. `busy`: a job waits that may get one; `rest`: a runner has one, or a pool asks for some. */
export type GpuPace = 'busy' | 'rest' | 'idle';

/** Between two looks at cards for which no pool asks; who looks at them has them looked at oftener. Milliseconds. */
export const gpuIdleMs = 300_000;

/** The cards of a node at one moment. */
export interface GpuView {
  readonly inventory: readonly SeenGpu[];
  readonly health: readonly GpuHealth[];
  /** What its engine can do with them. */
  readonly engine: GpuEngine;
  /** What is wrong with them, or not known. */
  readonly issues: readonly Issue[];
}

/** Cards for one container: what it is given, and how its engine is asked for it. */
export interface GpuHandout {
  readonly grant: GpuGrant;
  readonly request: GpuRequest;
}

/** A container on an engine that says it has cards: a runner of ours, or a container of its job. */
export interface GpuBearer {
  readonly id: string;
  /** The name of the runner's container. */
  readonly holder: string;
  readonly state: ContainerState;
  /** Its label `autogit.gpu`. */
  readonly label: string;
}

/** UUIDs, PCI addresses, and the older `MIG-GPU-<uuid>/<instance>/<instance>`. */
export const gpuIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9:._/-]{0,79}$/, 'an id like GPU-… or 0000:03:00.0');
const idsSchema = z
  .array(gpuIdSchema)
  .min(1)
  .max(16)
  .refine((ids) => new Set(ids).size === ids.length);
const labelSchema = z
  .string()
  .max(2048)
  .transform((text) => text.split(';'))
  .pipe(z.tuple([z.enum(gpuVendors), z.string(), z.string()]));

/** The value of the label `autogit.gpu`: `nvidia;exclusive;GPU-…,GPU-…`, `amd;fraction=4096;0000:03:00.0`. */
export function renderGpuLabel({ vendor, mode, ids }: GpuGrant): string {
  return [vendor, renderMode(mode), ids.join(',')].join(';');
}

/** What the label of a container on `node` says; `null` for anything that `renderGpuLabel` did not make. */
export function parseGpuLabel(node: string, value: unknown): GpuGrant | null {
  const parts = labelSchema.safeParse(value);
  if (!parts.success) return null;
  const [vendor, modeText, idText] = parts.data;
  const mode = parseMode(modeText);
  const ids = idsSchema.safeParse(idText.split(','));
  return mode === null || !ids.success ? null : { node, vendor, mode, ids: ids.data };
}

function renderMode(mode: GpuMode): string {
  if (mode.kind === 'shared') return `shared=${mode.jobs}`;
  return mode.kind === 'fraction' ? `fraction=${mode.memoryMiB}` : 'exclusive';
}

function parseMode(text: string): GpuMode | null {
  if (text === 'exclusive') return { kind: 'exclusive' };
  const [, kind, digits] = /^(shared|fraction)=([1-9]\d{0,7})$/.exec(text) ?? [];
  const amount = Number(digits);
  if (kind === 'shared') return { kind, jobs: amount };
  return kind === 'fraction' ? { kind, memoryMiB: amount } : null;
}
