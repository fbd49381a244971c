// Pools that fit a machine: in sizes, one for each model of its graphics cards, one for each processor that it can run.
import type { Gpu, GpuVendor } from '../model/gpu.ts';
import { canonical } from '../model/hash.ts';
import { poolSchema } from '../model/pool.ts';
import { architectures } from '../model/pool-container.ts';
import type { Architecture } from '../model/pool-container.ts';
import type { Settings } from '../model/settings.ts';

type SettingsPool = Settings['pools'][number];

/** What is known of a machine. */
export interface MachineFacts {
  readonly cpus: number;
  readonly memoryMiB: number;
  /** `null`: another one than AutoGit has a word for. */
  readonly arch: Architecture | null;
  /** Other processors whose programs it runs in containers. */
  readonly emulated: readonly Architecture[];
  readonly gpus: readonly Gpu[];
}

export interface ReadyPool {
  readonly pool: SettingsPool;
  /** What it is for, one sentence. */
  readonly purpose: string;
}

const sizes = [
  { name: 'micro', cpus: 1, memoryMiB: 1_024 },
  { name: 'small', cpus: 2, memoryMiB: 2_048 },
  { name: 'medium', cpus: 4, memoryMiB: 6_144 },
  { name: 'large', cpus: 12, memoryMiB: 16_384 },
  { name: 'xlarge', cpus: 20, memoryMiB: 28_672 },
] as const;
type PoolSize = { readonly name: string | null; readonly cpus: number; readonly memoryMiB: number };

/** What the machine keeps for itself, GitLab and whatever else runs on it. */
const ownShare = 0.2;
/** No job is happy with less. */
const leastMemoryMiB = 512;

const vendorTags: Readonly<Record<GpuVendor, readonly string[]>> = {
  nvidia: ['gpu', 'nvidia', 'cuda'],
  amd: ['gpu', 'amd', 'rocm'],
  intel: ['gpu', 'intel'],
};

/** The kernel's names of processors, where they are not Go's. */
const kernelNames: ReadonlyMap<string, Architecture> = new Map([
  ...([
    ['x86_64', 'amd64'],
    ['aarch64', 'arm64'],
    ['i386', '386'],
    ['i686', '386'],
  ] as const),
  ...([
    ['armv7l', 'arm'],
    ['armv6l', 'arm'],
    ['armhf', 'arm'],
  ] as const),
]);

/** The architecture in Go's words, from those or the kernel's: `x86_64` is `amd64`. */
export function archOf(name: string): Architecture | null {
  return architectures.find((known) => known === name) ?? kernelNames.get(name) ?? null;
}

/**
 * One of the pools, `default`, takes untagged jobs and those of the general tags; each other size is asked for by its own
 * name alone. GitLab gives a job to any runner that has its tags: were `docker` a tag of every size, a job that names no
 * size would land on the smallest. For the same reason a job that names no processor must not match one that is emulated.
 */
export function readyPools(facts: MachineFacts): readonly ReadyPool[] {
  const usable = facts.memoryMiB * (1 - ownShare);
  const fitting = sizes.filter(({ cpus, memoryMiB }) => cpus <= facts.cpus && memoryMiB <= usable);
  const usual = fitting.find(({ name }) => name === 'medium') ?? shrunk(facts, usable);
  const tags = ['docker', 'autogit', ...(facts.arch === null ? [] : [facts.arch])];
  const maxOf = ({ cpus, memoryMiB }: PoolSize): number =>
    Math.max(1, Math.floor(Math.min(facts.cpus / cpus, usable / memoryMiB)));
  const limits = (size: PoolSize): object => ({
    cpus: size.cpus,
    memoryMiB: size.memoryMiB,
    max: maxOf(size),
  });
  const all: readonly ReadyPool[] = [
    {
      pool: poolSchema.parse({
        name: 'default',
        tags: [...tags, ...(usual.name === null ? [] : [usual.name])],
        ...limits(usual),
      }),
      purpose: 'Jobs without tags and with the general ones.',
    },
    ...fitting
      .filter(({ name }) => name !== usual.name)
      .map((size) => ({
        pool: poolSchema.parse({ name: size.name, tags: [size.name], runUntagged: false, ...limits(size) }),
        purpose: `Jobs that ask for the size ${size.name}.`,
      })),
    ...gpuPools(facts, tags, limits(usual)),
    ...facts.emulated
      .filter((arch) => arch !== facts.arch)
      .map((arch) => ({
        pool: poolSchema.parse({
          ...{ name: `emulated-${arch}`, tags: [arch, 'emulated'], runUntagged: false, arch },
          ...{ executor: 'image', ...limits(usual), max: 1 },
        }),
        purpose: `Jobs for ${arch}, which this machine emulates: slowly, and one at a time.`,
      })),
  ];
  const names = all.map(({ pool }) => pool.name);
  return all.filter(({ pool }, index) => names.indexOf(pool.name) === index);
}

/** On a machine too small for the usual size: half of what it has, so that two jobs run at once. */
function shrunk({ cpus }: MachineFacts, usableMiB: number): PoolSize {
  const half = Math.floor(usableMiB / 2 / 256) * 256;
  return {
    name: null,
    cpus: Math.max(1, Math.floor(cpus / 2)),
    memoryMiB: Math.max(leastMemoryMiB, Math.min(6_144, half)),
  };
}

/**
 * A card goes back as soon as its job has ended: an idle runner would keep it, and take jobs that need none. Cards that
 * containers cannot use, and those that drive the screen, get no pool.
 */
function gpuPools({ gpus }: MachineFacts, tags: readonly string[], limits: object): readonly ReadyPool[] {
  const usable = gpus.filter(({ use, integrated, parent }) => use.usable && !integrated && parent === null);
  const models = Map.groupBy(usable, ({ vendor, model }) => `${vendor} ${modelTag(model)}`);
  return [...models.values()].flatMap((cards): readonly ReadyPool[] => {
    const [card] = cards;
    if (card === undefined) return [];
    const model = modelTag(card.model);
    const { vendor } = card;
    const memory = cards.flatMap(({ memoryMiB }) => memoryMiB ?? []);
    const known = memory.length === cards.length ? Math.min(...memory) : null;
    return [
      {
        pool: poolSchema.parse({
          ...{ name: `gpu-${model}`.slice(0, 32).replace(/-+$/, '') },
          ...{ tags: [...tags, ...vendorTags[vendor], `gpu:${model}`], runUntagged: false },
          ...{ ...limits, max: cards.length, jobsPerRunner: 1 },
          gpu: { vendor, memoryMiB: known },
        }),
        purpose: `Jobs that need a ${card.model}, one card each.`,
      },
    ];
  });
}

/** `NVIDIA GeForce RTX 5080` is `rtx-5080`. */
export function modelTag(model: string): string {
  const words = model
    .toLowerCase()
    .replaceAll(
      /\b(?:nvidia|geforce|advanced micro devices|amd|radeon|intel|corporation|graphics)\b|\((?:r|tm)\)/g,
      ' ',
    )
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return words === '' ? 'card' : words.slice(0, 24).replace(/-+$/, '');
}

/** A ready-made pool beside those that there are. `changed`: there is one of its name, with other settings. */
export interface ComparedPool extends ReadyPool {
  readonly state: 'there' | 'changed' | 'missing';
}

/** What of the ready-made pools is there already. */
export function comparePools(
  ready: readonly ReadyPool[],
  pools: readonly SettingsPool[],
): readonly ComparedPool[] {
  return ready.map((one): ComparedPool => {
    const present = pools.find(({ name }) => name === one.pool.name);
    if (present === undefined) return { ...one, state: 'missing' };
    return { ...one, state: canonical(present) === canonical(one.pool) ? 'there' : 'changed' };
  });
}
