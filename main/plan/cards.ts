// The cards that one plan hands out: what one start got, no other gets.
import { renderGpuRequest } from '../model/gpu-request.ts';
import type { GpuHandout, GpuHolding, GpuNeed } from '../model/gpu.ts';
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
  /** Those that were taken for a pool, in their order. */
  handouts(pool: Pool): readonly GpuHandout[];
  /** Whether a pool that was refused would get a card if these runners, by their names, left theirs. */
  fitsWithout(pool: Pool, leaving: ReadonlySet<string>): boolean;
}

/** For counting where cards do not matter. */
export const anyCards: Cards = { take: () => true, handouts: () => [], fitsWithout: () => false };

/** `readyNodes`: where runners of the pool can be started now. One that cannot be started takes no card from others. */
export function cardsOf(
  desired: Desired,
  observed: Observed,
  now: Instant,
  readyNodes: (pool: Pool) => readonly HostNode[],
): Cards {
  const taken = new Map<string, GpuHandout[]>();
  const refused = new Set<string>();
  const held: GpuHolding[] = [];
  let known: GpuGround | null = null;
  const ground = (): GpuGround => {
    known ??= gpuGround(desired, observed, now);
    return { ...known, held: [...known.held, ...held] };
  };
  return {
    take: (pool) => {
      const { gpu: need, name } = pool;
      if (need === null) return true;
      if (refused.has(name)) return false;
      const nodes = readyNodes(pool);
      if (nodes.length === 0) return true;
      const handout = handOut(need, ground(), nodes);
      if (handout === null) {
        // Within one plan cards only get fewer.
        refused.add(name);
        return false;
      }
      const { grant } = handout;
      held.push({
        node: grant.node,
        grant,
        by: `a runner of pool ${name} that is about to start`,
        since: now,
      });
      taken.set(name, [...(taken.get(name) ?? []), handout]);
      return true;
    },
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
