// The cards that one plan hands out: what one start got, no other gets.
import { renderGpuRequest } from '../model/gpu-request.ts';
import type { GpuGrant, GpuHandout, GpuHolding, GpuNeed } from '../model/gpu.ts';
import type { Pool } from '../model/pool.ts';
import type { Desired, HostNode, Instant, Observed } from '../model/world.ts';
import { freshValue } from './freshness.ts';
import { gpuGround } from './gpu-ground.ts';
import { allocate } from './gpus.ts';
import type { GpuAnswer, GpuGround } from './gpus.ts';

/** Asked by whoever counts starts. */
export interface Cards {
  /** Whether one more runner of the pool can be counted on: false where it needs a card that is not to be had. */
  take(pool: Pool): boolean;
  /** The same for a runner that no job waits for: false also where it would get a card that a refused pool could use. */
  keep(pool: Pool): boolean;
  /** Those that were taken for a pool, in their order. */
  handouts(pool: Pool): readonly GpuHandout[];
  /** Whether a pool that was refused would get a card if these runners, by their names, left theirs. */
  fitsWithout(pool: Pool, leaving: ReadonlySet<string>): boolean;
}

/** For counting where cards do not matter. */
export const anyCards: Cards = {
  take: () => true,
  keep: () => true,
  handouts: () => [],
  fitsWithout: () => false,
};

/** `readyNodes`: where runners of the pool can be started now. One that cannot be started takes no card from others. */
export function cardsOf(
  desired: Desired,
  observed: Observed,
  now: Instant,
  readyNodes: (pool: Pool) => readonly HostNode[],
): Cards {
  const taken = new Map<string, GpuHandout[]>();
  const refused = new Set<string>();
  /** What jobs wait for that may get it one day. */
  const waiting: GpuNeed[] = [];
  const held: GpuHolding[] = [];
  let known: GpuGround | null = null;
  const ground = (): GpuGround => {
    known ??= gpuGround(desired, observed, now);
    return { ...known, held: [...known.held, ...held] };
  };
  const takeFor = (pool: Pool, isForJob: boolean): boolean => {
    const { gpu: need, name } = pool;
    if (need === null) return true;
    if (refused.has(name)) return false;
    const nodes = readyNodes(pool);
    if (nodes.length === 0) return true;
    const handout = handOut(need, ground(), nodes);
    if (handout === null) {
      // Within one plan cards only get fewer.
      refused.add(name);
      if (isForJob && mayGetCards(need, ground(), nodes)) waiting.push(need);
      return false;
    }
    const { grant } = handout;
    if (!isForJob && waiting.some((other) => couldUse(other, grant, ground()))) return false;
    const by = `a runner of pool ${name} that is about to start`;
    held.push({ node: grant.node, grant, by, since: now });
    taken.set(name, [...(taken.get(name) ?? []), handout]);
    return true;
  };
  return {
    take: (pool) => takeFor(pool, true),
    keep: (pool) => takeFor(pool, false),
    handouts: ({ name }) => taken.get(name) ?? [],
    fitsWithout: (pool, leaving) => {
      if (pool.gpu === null || !refused.has(pool.name)) return false;
      const then = gpuGround(desired, without(observed, leaving), now);
      const all = { ...then, held: [...then.held, ...held] };
      return askForCards(pool.gpu, all, readyNodes(pool)).granted;
    },
  };
}

/** The world when these runners have gone. */
function without(observed: Observed, leaving: ReadonlySet<string>): Observed {
  const nodes = observed.nodes.map((node) => {
    const view = freshValue(node.engine);
    if (view === null || node.engine.state !== 'fresh') return node;
    const gpuBearers = view.gpuBearers.filter(({ holder }) => !leaving.has(holder));
    return { ...node, engine: { ...node.engine, value: { ...view, gpuBearers } } };
  });
  return { ...observed, nodes, records: observed.records.filter(({ name }) => !leaving.has(name)) };
}

/** Which cards the pool would get on these nodes, or why it gets none. */
export function askForCards(need: GpuNeed, ground: GpuGround, nodes: readonly HostNode[]): GpuAnswer {
  const ids = new Set(nodes.map(({ id }) => id));
  return allocate(need, { ...ground, inventory: ground.inventory.filter(({ node }) => ids.has(node)) });
}

/** Whether it is only the present state of the cards that keeps them from it. */
function mayGetCards(need: GpuNeed, ground: GpuGround, nodes: readonly HostNode[]): boolean {
  const answer = askForCards(need, ground, nodes);
  return !answer.granted && answer.ever;
}

/** Whether any of these cards would do for the need, if nobody had it. */
function couldUse(need: GpuNeed, grant: GpuGrant, ground: GpuGround): boolean {
  const inventory = ground.inventory.filter(({ node, id }) => node === grant.node && grant.ids.includes(id));
  return allocate({ ...need, count: 1 }, { ...ground, inventory, held: [] }).granted;
}

function handOut(need: GpuNeed, ground: GpuGround, nodes: readonly HostNode[]): GpuHandout | null {
  const answer = askForCards(need, ground, nodes);
  if (!answer.granted) return null;
  const { grant } = answer;
  const gpus = nodes.find(({ id }) => id === grant.node)?.gpus;
  const view = gpus === undefined ? null : freshValue(gpus);
  if (view === null) return null;
  const { request } = renderGpuRequest(grant, view.inventory, view.engine);
  return request === null ? null : { grant, request };
}
