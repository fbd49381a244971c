// Waiting jobs sorted into kinds that fit the same pools, and the order in which they are served; what is known of a
// queue is kept for the next plan, in which most of it is the same.
import { isRunning } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import { servesProject, takesKind } from '../model/matching.ts';
import type { Pool } from '../model/pool.ts';
import type { RecentUse } from '../model/world.ts';
import { explainMismatch } from './explain-mismatch.ts';
import type { MismatchReason } from './explain-mismatch.ts';
import type { Explanation } from './explanation.ts';
import { inTurn, shareMs } from './fair-share.ts';
import type { Claimant } from './fair-share.ts';
import { cheapestFirst } from './pool-order.ts';

/** What jobs with the same tags, of a ref that is protected alike and of projects with the same runners, have in common. */
export interface JobKind {
  /** Its place among the kinds. */
  readonly index: number;
  /** The places of the pools that take such a job, the cheapest first. */
  readonly takers: readonly number[];
  /** The highest among them. */
  readonly priority: number;
  /** Why no pool takes them; `null` when one does. */
  readonly mismatch: Explanation<MismatchReason> | null;
}

/** The queue as plans need it. */
export interface Turn {
  readonly kinds: readonly JobKind[];
  /** Waiting jobs that some pool takes, in the order in which they are served. */
  readonly jobs: readonly Job[];
  /** The kind of each of these. */
  readonly kindOf: readonly JobKind[];
  /** Waiting jobs that no pool takes. */
  readonly homeless: readonly { readonly job: Job; readonly kind: JobKind }[];
}

/** What plans need of the jobs of a queue, by their places in it. */
interface Rows {
  /** `null`: it does not wait. */
  readonly kinds: (JobKind | null)[];
  readonly ids: Float64Array;
  readonly seenAt: Float64Array;
  readonly projects: Float64Array;
}

/** What is remembered for one list of pools: the newest queue, and what was found out about its jobs. */
interface Memory {
  readonly finder: KindFinder;
  readonly queue: readonly Job[];
  readonly recent: RecentUse;
  readonly rows: Rows;
  readonly turn: Turn;
}

/** By identity of values that nobody changes, so that a plan stays the same for the same world. */
const remembered = new WeakMap<readonly Pool[], Memory>();
/** Kinds that may be remembered beyond the jobs that wait, before all are forgotten. */
const mostKinds = 2_000;
/** So many jobs may have left the queue side by side before those behind them are looked at anew. */
const mostLeft = 64;

const noneEmulated: ReadonlySet<string> = new Set();

/** Sorts the queue for these pools, or remembers how it was sorted. */
export function turnOf(
  queue: readonly Job[],
  pools: readonly Pool[],
  recent: RecentUse,
  emulated: ReadonlySet<string> = noneEmulated,
): Turn {
  const last = remembered.get(pools);
  const known = last?.finder.emulated === emulated ? last : undefined;
  if (known?.queue === queue && known.recent === recent) return known.turn;
  const before = known === undefined || known.finder.kinds.length > queue.length + mostKinds ? null : known;
  const finder = before?.finder ?? new KindFinder(pools, emulated);
  const rows = before?.queue === queue ? before.rows : rowsOf(queue, finder, before);
  const turn = makeTurn(queue, rows, finder, recent);
  remembered.set(pools, { finder, queue, recent, rows, turn });
  return turn;
}

/** Jobs that are the same as before, in the same order but for those that came and left, are not looked at. */
function rowsOf(queue: readonly Job[], finder: KindFinder, known: Memory | null): Rows {
  const { length } = queue;
  const kinds: (JobKind | null)[] = [];
  const ids = new Float64Array(length);
  const seenAt = new Float64Array(length);
  const projects = new Float64Array(length);
  const before = known?.queue ?? [];
  let next = 0;
  let misses = 0;
  for (let place = 0; place < length; place += 1) {
    const job = queue[place];
    if (job === undefined) continue;
    // In a queue that is all new, looking further would only cost time.
    const end = Math.min(before.length, next + (misses < mostLeft ? mostLeft : 1));
    let found = next;
    while (found < end && before[found] !== job) found += 1;
    if (known !== null && found < end) {
      kinds.push(known.rows.kinds[found] ?? null);
      ids[place] = known.rows.ids[found] ?? 0;
      seenAt[place] = known.rows.seenAt[found] ?? 0;
      projects[place] = known.rows.projects[found] ?? 0;
      next = found + 1;
      misses = 0;
    } else {
      kinds.push(finder.kindOf(job));
      ids[place] = job.id;
      seenAt[place] = job.firstSeenAt;
      projects[place] = job.projectId;
      misses += 1;
    }
  }
  return { kinds, ids, seenAt, projects };
}

function makeTurn(queue: readonly Job[], rows: Rows, finder: KindFinder, recent: RecentUse): Turn {
  const { kinds, ids, seenAt, projects } = rows;
  const places = new Uint32Array(queue.length);
  let count = 0;
  const homeless: { job: Job; kind: JobKind }[] = [];
  const running = new Map<number, number>();
  for (let place = 0; place < queue.length; place += 1) {
    const kind = kinds[place] ?? null;
    if (kind !== null && kind.mismatch === null) {
      places[count] = place;
      count += 1;
      continue;
    }
    const job = queue[place];
    if (job === undefined) continue;
    if (kind !== null) homeless.push({ job, kind });
    else if (isRunning(job)) running.set(job.projectId, (running.get(job.projectId) ?? 0) + 1);
  }
  const order = inTurn({
    ...{ places: places.subarray(0, count), ids, seenAt },
    claimantOf: claimants(projects, running, recent),
    priorityOf: (place) => kinds[place]?.priority ?? 0,
  });
  return { kinds: finder.kinds, jobs: inOrder(queue, order), kindOf: inOrder(kinds, order), homeless };
}

function inOrder<T>(items: readonly (T | null)[], order: Uint32Array): readonly T[] {
  const sorted: T[] = [];
  for (let index = 0; index < order.length; index += 1) {
    const item = items[order[index] ?? 0];
    if (item !== undefined && item !== null) sorted.push(item);
  }
  return sorted;
}

/** Finds the project of a waiting job by the job's place. */
function claimants(
  projects: Float64Array,
  running: ReadonlyMap<number, number>,
  recent: RecentUse,
): (place: number) => Claimant {
  const known = new Map<number, Claimant>();
  return (place) => {
    const projectId = projects[place] ?? 0;
    const found = known.get(projectId);
    if (found !== undefined) return found;
    const burdenMs = Math.round((running.get(projectId) ?? 0) * shareMs + (recent[projectId] ?? 0));
    const made = { burdenMs, ahead: new Map<number, number>() };
    known.set(projectId, made);
    return made;
  };
}

/** Finds the kind of a job, once for all jobs that are alike. */
class KindFinder {
  readonly kinds: JobKind[] = [];
  readonly #pools: readonly Pool[];
  readonly #isScoped: boolean;
  readonly #root: Branch;

  /** Names of pools whose jobs run by emulation: native ones come first. */
  readonly emulated: ReadonlySet<string>;

  constructor(pools: readonly Pool[], emulated: ReadonlySet<string>) {
    this.#pools = pools;
    this.emulated = emulated;
    this.#isScoped = pools.some(({ scope }) => scope.kind !== 'instance');
    const cheapest = pools
      .map((pool, place) => ({ pool, place }))
      .sort((a, b) => cheapestFirst(a.pool, b.pool, emulated));
    this.#root = new Branch(cheapest);
  }

  /** `null` for a job that does not wait. */
  kindOf(job: Job): JobKind | null {
    if (job.status !== 'pending') return null;
    let branch = this.#root;
    for (const tag of job.tags) branch = branch.next(tag);
    if (job.protectedRef !== undefined) branch = branch.next(job.protectedRef);
    // A number, which no tag and no project is.
    if (job.instanceRunners !== undefined) branch = branch.next(Number(job.instanceRunners));
    if (this.#isScoped) branch = branch.next(job.project, false);
    branch.kind ??= this.#makeKind(job, branch.candidates);
    return branch.kind;
  }

  #makeKind(job: Job, candidates: readonly PlacedPool[]): JobKind {
    const takers = candidates.filter(({ pool }) => takesKind(job, pool) && servesProject(job, pool));
    const made = {
      index: this.kinds.length,
      takers: takers.map(({ place }) => place),
      priority: takers.reduce((most, { pool }) => Math.max(most, pool.priority), -Infinity),
      mismatch: takers.length === 0 ? explainMismatch(job, this.#pools) : null,
    };
    this.kinds.push(made);
    return made;
  }
}

/** A pool and its place in the settings. */
interface PlacedPool {
  readonly pool: Pool;
  readonly place: number;
}

/** What is known of jobs that are alike, found by name after name: one joined name per job would be 10,000 new strings. */
class Branch {
  /** Pools that may take such jobs, the cheapest first. */
  readonly candidates: readonly PlacedPool[];
  kind: JobKind | null = null;
  readonly #next = new Map<string | number | boolean, Branch>();

  constructor(candidates: readonly PlacedPool[]) {
    this.candidates = candidates;
  }

  /** The branch of a tag, which only some pools have, or of anything else. */
  next(name: string | number | boolean, isTag = typeof name === 'string'): Branch {
    const known = this.#next.get(name);
    if (known !== undefined) return known;
    const having = ({ pool }: PlacedPool): boolean => typeof name === 'string' && pool.tags.includes(name);
    const made = new Branch(isTag ? this.candidates.filter(having) : this.candidates);
    this.#next.set(name, made);
    return made;
  }
}
