// Which nodes run a pool's jobs on the processor that it asks for: by themselves, by emulation, or not at all.
import type { ArchStatus } from '../model/emulation.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { Issue } from '../model/issue.ts';
import type { Pool } from '../model/pool.ts';
import type { HostNode } from '../model/world.ts';
import { isNative } from './arch-status.ts';
import { lastValue } from './freshness.ts';

/** `architectures`: how it stands with each, where that was looked at; else its word `emulates` has to do. */
type Processor = Pick<EngineInfo, 'architecture' | 'emulates'> & Pick<HostNode, 'architectures'>;
type ArchPool = Pick<Pool, 'name' | 'arch' | 'executor'> & Partial<Pick<Pool, 'gpu'>>;

/** How an engine runs a pool's jobs; `null`: it cannot. Emulated are the job's containers, never the runner itself. */
export function waysOf(pool: ArchPool, processor: Processor): 'native' | 'emulated' | null {
  return whyNot(pool, processor).way;
}

/** The way, and where there is none, in one sentence why and how it is mended. */
interface Way {
  readonly way: 'native' | 'emulated' | null;
  readonly why: WhyNoWay | null;
}

/** `unavailable`: nothing runs it; `broken`: an emulator does not work; `untried`: it is being tried. */
export interface WhyNoWay {
  readonly kind: 'unavailable' | 'broken' | 'untried' | 'gpu';
  readonly sentence: string;
  readonly fix: string;
}

/** It takes a moment after the start. */
const notLookedAt: WhyNoWay = {
  kind: 'untried',
  sentence: 'What its machine runs by emulation is being looked at.',
  fix: 'Nothing to do: it takes seconds',
};

const native: Way = { way: 'native', why: null };

function whyNot(pool: ArchPool, processor: Processor): Way {
  const { name, arch, executor } = pool;
  const { architecture, architectures } = processor;
  if (arch === null || arch === architecture) return native;
  const status = statusOf(arch, processor);
  if (status?.state === 'native' && status.usable) return native;
  if (status === null && isNative(arch, architecture)) return native;
  const has = `There is ${architecture}.`;
  if (executor !== 'image') {
    const fix = `Give it executor image, which can emulate, or: autogit pool set ${name} --arch none`;
    return { way: null, why: { kind: 'unavailable', sentence: has, fix } };
  }
  if (status === null && architectures !== undefined) return { way: null, why: notLookedAt };
  const isEmulated = status === null ? (processor.emulates ?? []).includes(arch) : status.usable;
  if (!isEmulated) return { way: null, why: whyNotEmulated(name, has, status) };
  if (pool.gpu !== undefined && pool.gpu !== null) {
    const sentence = `Its jobs would be emulated on ${architecture}, and programs of another processor cannot use a GPU.`;
    return {
      way: null,
      why: { kind: 'gpu', sentence, fix: `Give it a node of its own processor, or no GPU.` },
    };
  }
  return { way: 'emulated', why: null };
}

function whyNotEmulated(pool: string, has: string, status: ArchStatus | null): WhyNoWay {
  const away = `autogit pool set ${pool} --arch none`;
  if (status === null)
    return {
      kind: 'unavailable',
      sentence: has,
      fix: `Install emulation on its machine (qemu-user-static with binfmt-support), or: ${away}`,
    };
  const { state, reason, fix, probe } = status;
  const kind = state === 'broken' ? 'broken' : state === 'missing' ? 'unavailable' : 'untried';
  const sentence = reason ?? has;
  return {
    kind: kind === 'untried' && probe !== null ? 'broken' : kind,
    sentence,
    fix: `${fix ?? 'See what it lacks: autogit arch list'}${kind === 'untried' ? '' : `. Or: ${away}`}`,
  };
}

function statusOf(arch: string, { architectures }: Processor): ArchStatus | null {
  return architectures?.find(({ architecture }) => architecture === arch) ?? null;
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

/** What decides on the ways of one node. */
export function processorOf(
  { architectures }: Pick<HostNode, 'architectures'>,
  { architecture, emulates }: Pick<EngineInfo, 'architecture' | 'emulates'>,
): Processor {
  if (architectures !== undefined) return { architecture, architectures };
  return { architecture, ...(emulates === undefined ? {} : { emulates }) };
}

function processorsIn(nodes: readonly HostNode[]): readonly Processor[] {
  return nodes.flatMap((node): readonly Processor[] => {
    const info = lastValue(node.engine)?.info;
    return info === undefined ? [] : [processorOf(node, info)];
  });
}

/** What the nodes can run. The same value as long as nothing of it changes. */
export function processorsOf(pools: readonly ArchPool[], nodes: readonly HostNode[]): Processors {
  const infos = processorsIn(nodes);
  const of = JSON.stringify(
    infos.map(({ architecture, emulates, architectures }) => [
      ...[architecture, emulates],
      architectures?.map(({ state, usable }) => `${state} ${usable}`),
    ]),
  );
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
  const foreign = ways.filter((pool) => !pool.ways.includes('native'));
  return {
    emulated: new Set(foreign.filter((pool) => pool.ways.includes('emulated')).map(({ name }) => name)),
    unavailable: new Set(foreign.filter((pool) => !pool.ways.includes('emulated')).map(({ name }) => name)),
  };
}

/** Why no node runs a pool's jobs; `null`: one does, or nothing is known of nodes. */
export function whyUnavailable(pool: ArchPool, nodes: readonly HostNode[]): WhyNoWay | null {
  if (!processorsOf([pool], nodes).unavailable.has(pool.name)) return null;
  const whys = processorsIn(nodes).flatMap((processor) => whyNot(pool, processor).why ?? []);
  return whys.find(({ kind }) => kind !== 'unavailable') ?? whys[0] ?? null;
}

/** Why an idle runner of the pool should go: its next job would fail. */
export function whyLeaveProcessor(pool: ArchPool, nodes: readonly HostNode[]): string | null {
  const why = pool.arch === null ? null : whyUnavailable(pool, nodes);
  return why === null || why.kind === 'untried' ? null : `nothing runs ${pool.arch ?? ''} any more`;
}

/** What is being tried is known within seconds, and no issue. */
const issueOf: Readonly<Record<WhyNoWay['kind'], Pick<Issue, 'key'> | null>> = {
  unavailable: { key: 'pool.arch-unavailable' },
  broken: { key: 'pool.arch-broken' },
  gpu: { key: 'pool.arch-gpu' },
  untried: null,
};

/** One issue for each pool that starts nothing because no node has its processor. */
export function processorIssues(pools: readonly ArchPool[], nodes: readonly HostNode[]): readonly Issue[] {
  const { unavailable } = processorsOf(pools, nodes);
  if (unavailable.size === 0) return [];
  return pools
    .filter(({ name }) => unavailable.has(name))
    .flatMap((pool): readonly Issue[] => {
      const why = whyUnavailable(pool, nodes);
      const issue = why === null ? null : issueOf[why.kind];
      if (why === null || issue === null) return [];
      return [
        {
          ...issue,
          severity: 'warning',
          subject: `pool ${pool.name}`,
          message: `Pool "${pool.name}" is for ${pool.arch ?? ''}, and no engine in use runs that. ${why.sentence} Its jobs wait.`,
          next: why.fix,
        },
      ];
    });
}
