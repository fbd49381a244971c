// What a machine has room for: the limits of its runners, summed up, against its processors and its memory.
import type { Pool } from '../model/pool.ts';
import type { Action, HostNode, Instant, Observed } from '../model/world.ts';
import { freshValue, lastValue } from './freshness.ts';
import { startsToCome } from './runners.ts';
import type { Runner } from './runners.ts';
import { patienceMs, spareRunners, waitsSince } from './spare-runners.ts';
import type { Wanting } from './spare-runners.ts';

/** Processors and memory. */
export interface Size {
  readonly cpus: number;
  readonly memoryMiB: number;
}

/** The room of one node. `left` may be below nothing, where limits were made larger meanwhile. */
export interface Capacity {
  readonly whole: Size;
  readonly left: Size;
}

type Start = Extract<Action, { kind: 'start-runner' }>;

/** What a runner of the pool may use at most on this machine. No limit counts as nothing, more than the machine as all of it. */
export function sizeOf({ cpus, memoryMiB }: Pick<Pool, 'cpus' | 'memoryMiB'>, whole: Size): Size {
  return {
    cpus: Math.min(cpus ?? 0, whole.cpus),
    memoryMiB: Math.min(memoryMiB ?? 0, whole.memoryMiB),
  };
}

function minus(a: Size, b: Size): Size {
  return { cpus: a.cpus - b.cpus, memoryMiB: a.memoryMiB - b.memoryMiB };
}

/** What a runner may use at most: as it was made, or where that is not known as its pool makes them now. */
function sizeOfRunner({ record, pool }: Runner, pools: ReadonlyMap<string, Pool>, whole: Size): Size {
  return sizeOf(record?.size ?? pools.get(pool) ?? unlimited, whole);
}

const unlimited = { cpus: null, memoryMiB: null };

/** Fractions of processors add up to a little more or less than they should. */
const rounding = 1e-6;

/** Whether there is room for it. What needs nothing of something fits also where that is overdrawn. */
export function fits(size: Size, left: Size): boolean {
  return (
    (size.cpus === 0 || size.cpus <= left.cpus + rounding) &&
    (size.memoryMiB === 0 || size.memoryMiB <= left.memoryMiB)
  );
}

/** The room on a node; without end as long as it is not known what the machine has. */
export function capacityOf(
  node: HostNode,
  pools: readonly Pool[],
  runners: readonly Runner[],
  inFlight: Observed['inFlight'],
): Capacity {
  const info = lastValue(node.engine)?.info;
  const whole: Size = {
    cpus: info !== undefined && info.cpus > 0 ? info.cpus : Infinity,
    memoryMiB:
      info !== undefined && info.memoryBytes > 0 ? Math.floor(info.memoryBytes / 1024 ** 2) : Infinity,
  };
  const poolOf = new Map(pools.map((pool) => [pool.name, pool]));
  const held = runners
    .filter((runner) => runner.node === node.id && holdsRoom(runner))
    .reduce((rest, runner) => minus(rest, sizeOfRunner(runner, poolOf, whole)), whole);
  if (inFlight.length === 0) return { whole, left: held };
  const left = pools.reduce((rest, pool) => {
    if (pool.cpus === null && pool.memoryMiB === null) return rest;
    const count = startsToCome(pool.name, runners, inFlight);
    const { cpus, memoryMiB } = sizeOf(pool, whole);
    return minus(rest, { cpus: count * cpus, memoryMiB: count * memoryMiB });
  }, held);
  return { whole, left };
}

function holdsRoom({ state }: Runner): boolean {
  return state !== 'finished' && state !== 'lost';
}

export interface Fitting {
  readonly starts: readonly Start[];
  /** Runners that nobody waits for and that stand in the way of the most urgent start. */
  readonly inTheWay: readonly Runner[];
}

/**
 * The starts that there is room for, in their order. One that finds none lets smaller ones go ahead for a while, and then
 * holds all others back until there is room for it: so none waits for ever.
 */
export function fitStarts(
  starts: readonly Start[],
  wanting: readonly Wanting[],
  { pools, runners, observed, now }: FitWorld,
): Fitting {
  if (starts.every(({ pool }) => pool.cpus === null && pool.memoryMiB === null))
    return { starts, inTheWay: [] };
  const sinceOf = sinceFinder(wanting, now);
  const rooms = new Map(
    observed.nodes.map((node) => [node.id, capacityOf(node, pools, runners, observed.inFlight)]),
  );
  const closed = new Set<string>();
  const wanted = new Set<string>();
  const held: Start[] = [];
  const admitted = starts.filter((start) => {
    const room = rooms.get(start.node);
    if (room === undefined) return true;
    const size = sizeOf(start.pool, room.whole);
    if (size.cpus === 0 && size.memoryMiB === 0) return true;
    if (closed.has(start.node)) return false;
    // What is kept ready for jobs to come takes nothing that a job waits for.
    if (start.waits && wanted.has(start.node)) return false;
    if (fits(size, room.left)) {
      rooms.set(start.node, { ...room, left: minus(room.left, size) });
      return true;
    }
    held.push(start);
    if (!start.waits) wanted.add(start.node);
    if (now - sinceOf(start.pool.name) >= patienceMs) closed.add(start.node);
    return false;
  });
  const [first] = held;
  if (first === undefined) return { starts: admitted, inTheWay: [] };
  const spare = spareRunners(runners, wanting, now - sinceOf(first.pool.name) >= patienceMs);
  const inTheWay = inTheWayOf(first, rooms, wanting, runners, spare);
  return { starts: admitted, inTheWay };
}

/** Since when the oldest job of a pool has waited: found out only where it matters, for there may be very many. */
function sinceFinder(wanting: readonly Wanting[], now: Instant): (pool: string) => Instant {
  const known = new Map<string, Instant>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const { jobs = [] } = wanting.find(({ pool }) => pool.name === name) ?? {};
    const since = waitsSince(jobs, now);
    known.set(name, since);
    return since;
  };
}

export interface FitWorld {
  readonly pools: readonly Pool[];
  readonly runners: readonly Runner[];
  readonly observed: Observed;
  readonly now: Instant;
}

/** Of the spare ones the first, and no more than make the room; none where they would not make it. */
function inTheWayOf(
  start: Start,
  rooms: ReadonlyMap<string, Capacity>,
  wanting: readonly Wanting[],
  runners: readonly Runner[],
  spare: readonly Runner[],
): readonly Runner[] {
  const room = rooms.get(start.node);
  if (room === undefined) return [];
  const poolOf = new Map(wanting.map(({ pool }) => [pool.name, pool]));
  const size = sizeOf(start.pool, room.whole);
  const here = runners.filter(({ node }) => node === start.node);
  // Those that go already are as good as gone.
  let left = here
    .filter(({ state }) => state === 'leaving')
    .reduce((sum, runner) => plus(sum, sizeOfRunner(runner, poolOf, room.whole)), room.left);
  const chosen: Runner[] = [];
  for (const runner of spare) {
    if (fits(size, left)) break;
    const own = sizeOfRunner(runner, poolOf, room.whole);
    if (runner.node !== start.node || (own.cpus === 0 && own.memoryMiB === 0)) continue;
    left = plus(left, own);
    chosen.push(runner);
  }
  return fits(size, left) ? chosen : [];
}

function plus(a: Size, b: Size): Size {
  return { cpus: a.cpus + b.cpus, memoryMiB: a.memoryMiB + b.memoryMiB };
}

/** The room on the nodes that answer, for saying why a pool starts no runner; `null` where there is enough of it. */
export function fullFor(pool: Pool, { pools, runners, observed }: Omit<FitWorld, 'now'>): Capacity | null {
  const rooms = observed.nodes
    .filter(({ engine }) => freshValue(engine) !== null)
    .map((node) => capacityOf(node, pools, runners, observed.inFlight));
  const [first] = rooms;
  if (first === undefined || rooms.some(({ whole, left }) => fits(sizeOf(pool, whole), left))) return null;
  return first;
}
