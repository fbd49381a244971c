// Which nodes run a pool's jobs on the processor that it asks for: by themselves, by emulation, or not at all.
import type { EngineInfo } from '../model/engine.ts';
import type { Issue } from '../model/issue.ts';
import type { Pool } from '../model/pool.ts';
import type { Architecture } from '../model/pool-container.ts';
import type { HostNode } from '../model/world.ts';
import { lastValue } from './freshness.ts';

type Processor = Pick<EngineInfo, 'architecture' | 'emulates'>;
type ArchPool = Pick<Pool, 'name' | 'arch' | 'executor'>;

/** What a processor runs besides its own, as its kernels are made by default. */
const alsoNative: Readonly<Partial<Record<string, Architecture>>> = { amd64: '386' };

/** How an engine runs a pool's jobs; `null`: it cannot. Emulated are the job's containers, never the runner itself. */
export function waysOf({ arch, executor }: ArchPool, info: Processor): 'native' | 'emulated' | null {
  if (arch === null || arch === info.architecture || arch === alsoNative[info.architecture]) return 'native';
  return executor === 'image' && (info.emulates ?? []).includes(arch) ? 'emulated' : null;
}

/** Pools by what is known of the nodes; those that nothing is known of are in none of the two. */
export interface Processors {
  /** Names of pools that every node has to emulate. */
  readonly emulated: ReadonlySet<string>;
  /** Names of pools that no node can run. */
  readonly unavailable: ReadonlySet<string>;
}

/** Where nothing is known of nodes. */
export const anyProcessors: Processors = { emulated: new Set(), unavailable: new Set() };

/** By identity of the pools, so that what is remembered for them is found again. */
const remembered = new WeakMap<readonly ArchPool[], { readonly of: string; readonly value: Processors }>();

/** What the nodes can run. The same value as long as nothing of it changes. */
export function processorsOf(pools: readonly ArchPool[], nodes: readonly HostNode[]): Processors {
  const infos = nodes.flatMap(({ engine }) => lastValue(engine)?.info ?? []);
  const of = JSON.stringify(infos.map(({ architecture, emulates }) => [architecture, emulates]));
  const known = remembered.get(pools);
  if (known?.of === of) return known.value;
  const value = sortPools(pools, infos);
  remembered.set(pools, { of, value });
  return value;
}

function sortPools(pools: readonly ArchPool[], infos: readonly Processor[]): Processors {
  const asking = infos.length === 0 ? [] : pools.filter(({ arch }) => arch !== null);
  const ways = asking.map((pool) => ({
    name: pool.name,
    ways: infos.map((info) => waysOf(pool, info)),
  }));
  const native = ways.filter((pool) => !pool.ways.includes('native'));
  return {
    emulated: new Set(native.filter((pool) => pool.ways.includes('emulated')).map(({ name }) => name)),
    unavailable: new Set(native.filter((pool) => !pool.ways.includes('emulated')).map(({ name }) => name)),
  };
}

/** One issue for each pool that starts nothing because no node has its processor. */
export function processorIssues(pools: readonly ArchPool[], nodes: readonly HostNode[]): readonly Issue[] {
  const { unavailable } = processorsOf(pools, nodes);
  if (unavailable.size === 0) return [];
  const found = nodes.flatMap(({ engine }) => lastValue(engine)?.info.architecture ?? []);
  return pools
    .filter(({ name }) => unavailable.has(name))
    .map(({ name, arch, executor }): Issue => ({
      key: 'pool.arch-unavailable',
      severity: 'warning',
      subject: `pool ${name}`,
      message: `Pool "${name}" is for ${arch ?? ''}, and no engine in use runs that: there is ${[...new Set(found)].join(' and ')}. Its jobs wait.`,
      next:
        executor === 'image'
          ? `Install emulation on its machine (qemu-user-static with binfmt-support), or: autogit pool set ${name} --arch none`
          : `Give it executor image, which can emulate, or: autogit pool set ${name} --arch none`,
    }));
}
