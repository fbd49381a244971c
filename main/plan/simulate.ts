// Replays recorded jobs against pools: the real plan decides, and what happens then is computed and not done.
import type { Job } from '../model/job.ts';
import type { Pool } from '../model/pool.ts';
import type { RunnerState } from '../model/runner.ts';
import { EventQueue } from './event-queue.ts';
import { fits, sizeOf } from './capacity.ts';
import type { Size } from './capacity.ts';
import { planDemand } from './plan-demand.ts';
import type { Runner } from './runners.ts';
import { SimulatedQueue } from './simulated-queue.ts';

/** A job that ran. Times are milliseconds since 1970. */
export interface RecordedJob extends Pick<Job, 'id' | 'tags' | 'projectId' | 'project'> {
  /** When it could have begun. */
  readonly arrivedAt: number;
  readonly lastedMs: number;
}

/** How long things take here, in milliseconds. */
export interface Latencies {
  /** From a job's arrival until AutoGit sees it. */
  readonly seeMs: number;
  /** From the decision to start a runner until it asks for a job. */
  readonly startMs: number;
}

/** Where and until when jobs are replayed. */
export interface SimulatedWorld {
  readonly pools: readonly Pool[];
  readonly latencies: Latencies;
  /** What the machine has; `null`: not known, and as much as is wanted. */
  readonly host: Size | null;
  /** Runners are counted at least until then. */
  readonly until: number;
}

/** What came of it. */
export interface SimulatedOutcome {
  /** Jobs that ran. */
  readonly jobs: number;
  /** Jobs that no pool takes. */
  readonly neverTaken: number;
  /** Milliseconds that each waited, sorted. */
  readonly waits: Float64Array;
  /** Share of the time of runners in which they had a job; 0 without any. */
  readonly utilisation: number;
  readonly runnerHours: number;
  readonly peakRunners: number;
  /** Of all runners at once; `null`: one of them has no limit. */
  readonly peakMemoryMiB: number | null;
  readonly peakCpus: number | null;
}

/** An idle runner asks GitLab so often. */
const askMs = 3_000;
/** A warm runner that is given the go asks after so long. */
const releaseMs = 200;
/** Warm windows begin and end by the clock: so often it is looked whether one has. */
const windowMs = 300_000;
/** Steps after which others get their turn. */
const stepsPerSlice = 16;
const hourMs = 3_600_000;

type SimulatedEvent =
  | { readonly kind: 'arrive'; readonly job: RecordedJob }
  | {
      readonly kind: 'ready' | 'ask' | 'end' | 'leave';
      readonly runner: SimulatedRunner;
      readonly turn: number;
    }
  | { readonly kind: 'plan' | 'window' };

interface SimulatedRunner {
  readonly pool: Pool;
  readonly bornAt: number;
  state: RunnerState;
  /** As plans see it, made anew with each change. */
  view: Runner;
  job: Job | null;
  freeSince: number;
  /** When it asks next; Infinity: nothing waits for it. */
  asksAt: number;
  jobsLeft: number;
  /** To wait for the go once it is up. */
  waits: boolean;
  /** Grows with each change, so that events of before are known to be of before. */
  turn: number;
}

/**
 * The same jobs in the same world give the same outcome. Yields now and then, so that whoever drives it can let others go
 * on. It goes on until the last job has ended. Graphics cards are taken to suffice.
 */
export function* simulate(
  jobs: readonly RecordedJob[],
  world: SimulatedWorld,
): Generator<undefined, SimulatedOutcome> {
  const run = new Run(jobs, world);
  for (let step = 1; run.step(); step += 1) if (step % stepsPerSlice === 0) yield undefined;
  return run.outcome();
}

class Run {
  readonly #pools: readonly Pool[];
  readonly #latencies: Latencies;
  readonly #until: number;
  readonly #whole: Size;
  readonly #events = new EventQueue<SimulatedEvent>();
  readonly #queue: SimulatedQueue;
  readonly #lasts = new Map<number, RecordedJob>();
  readonly #runners = new Set<SimulatedRunner>();
  readonly #alive = new Map<string, number>();
  readonly #keepsWarm: boolean;
  #now = 0;
  /** When plans are due. */
  readonly #due = new Set<number>();
  /** Jobs that are to come, wait or run. */
  #open: number;
  #neverTaken = 0;
  readonly #waits: number[] = [];
  #busyMs = 0;
  #runnerMs = 0;
  readonly #peak = { runners: 0, memory: 0, cpus: 0 };

  constructor(jobs: readonly RecordedJob[], { pools, latencies, host, until }: SimulatedWorld) {
    this.#pools = pools;
    this.#latencies = latencies;
    this.#until = until;
    this.#whole = host ?? { cpus: Infinity, memoryMiB: Infinity };
    this.#queue = new SimulatedQueue(pools);
    this.#open = jobs.length;
    this.#keepsWarm = pools.some(({ min, warm }) => min > 0 || warm.length > 0);
    const sorted = jobs.toSorted((a, b) => a.arrivedAt - b.arrivedAt || a.id - b.id);
    for (const job of sorted) this.#events.add(job.arrivedAt, { kind: 'arrive', job });
    if (this.#keepsWarm && sorted[0] !== undefined) this.#events.add(sorted[0].arrivedAt, { kind: 'window' });
  }

  /** One event; false when nothing is left that matters. */
  step(): boolean {
    const next = this.#open > 0 || this.#now < this.#until ? this.#events.next() : null;
    if (next === null || (this.#open === 0 && next.at > this.#until)) return false;
    this.#now = next.at;
    this.#happen(next.event);
    return true;
  }

  outcome(): SimulatedOutcome {
    const end = Math.max(this.#now, this.#open === 0 ? this.#until : 0);
    for (const { bornAt } of this.#runners) this.#runnerMs += Math.max(0, end - bornAt);
    this.#runners.clear();
    const { runners, memory, cpus } = this.#peak;
    return {
      jobs: this.#waits.length,
      neverTaken: this.#neverTaken,
      waits: Float64Array.from(this.#waits).sort(),
      utilisation: this.#runnerMs === 0 ? 0 : this.#busyMs / this.#runnerMs,
      runnerHours: this.#runnerMs / hourMs,
      peakRunners: runners,
      peakMemoryMiB: Number.isFinite(memory) ? memory : null,
      peakCpus: Number.isFinite(cpus) ? cpus : null,
    };
  }

  #happen(event: SimulatedEvent): void {
    switch (event.kind) {
      case 'arrive':
        this.#arrive(event.job);
        break;
      case 'window':
        this.#events.add(this.#now + windowMs, event);
        this.#plan();
        break;
      case 'plan':
        this.#plan();
        break;
      default:
        if (event.runner.turn === event.turn) this.#live(event.kind, event.runner);
    }
  }

  #live(kind: 'ready' | 'ask' | 'end' | 'leave', runner: SimulatedRunner): void {
    if (kind === 'leave') this.#leave(runner);
    else if (kind === 'end') this.#end(runner);
    else if (kind === 'ready' && runner.waits) this.#become(runner, 'warm');
    else this.#ask(runner);
  }

  #arrive(recorded: RecordedJob): void {
    const { id, tags, projectId, project, arrivedAt } = recorded;
    const seenAt = arrivedAt + this.#latencies.seeMs;
    const job: Job = {
      ...{ id, tags, projectId, project, name: '', ref: '', status: 'pending', firstSeenAt: seenAt },
      ...{ startedAt: null, finishedAt: null, waitedMs: null, systemId: null, failureReason: null },
    };
    const takers = this.#queue.add(job);
    if (takers.size === 0) {
      this.#neverTaken += 1;
      this.#open -= 1;
      return;
    }
    this.#lasts.set(id, recorded);
    this.#call(takers);
    this.#planAt(seenAt);
  }

  /** Of the idle runners that fit and are not called yet, the one that asks first. */
  #call(pools: ReadonlySet<string>): void {
    let first: SimulatedRunner | null = null;
    let at = Infinity;
    for (const runner of this.#runners) {
      if (runner.state !== 'idle' || runner.asksAt < Infinity || !pools.has(runner.pool.name)) continue;
      const asks = Math.ceil((this.#now - runner.freeSince) / askMs) * askMs + runner.freeSince;
      if (asks >= at) continue;
      first = runner;
      at = asks;
    }
    if (first === null) return;
    first.asksAt = at;
    this.#events.add(at, { kind: 'ask', runner: first, turn: first.turn });
  }

  #ask(runner: SimulatedRunner): void {
    const job = this.#queue.take(runner.pool);
    runner.asksAt = Infinity;
    const recorded = job === null ? undefined : this.#lasts.get(job.id);
    if (job === null || recorded === undefined) {
      if (runner.state !== 'idle') this.#rest(runner);
      return;
    }
    this.#waits.push(this.#now - recorded.arrivedAt);
    this.#lasts.delete(job.id);
    runner.job = job;
    this.#become(runner, 'busy');
    this.#busyMs += recorded.lastedMs;
    this.#events.add(this.#now + recorded.lastedMs, { kind: 'end', runner, turn: runner.turn });
    if (this.#queue.length > 0 && this.#isAnyFree()) this.#call(this.#queue.wanted());
  }

  #isAnyFree(): boolean {
    for (const { state, asksAt } of this.#runners) if (state === 'idle' && asksAt === Infinity) return true;
    return false;
  }

  #end(runner: SimulatedRunner): void {
    if (runner.job !== null) this.#queue.end(runner.job);
    runner.job = null;
    runner.jobsLeft -= 1;
    this.#open -= 1;
    if (runner.jobsLeft <= 0 || this.#now >= dies(runner)) this.#leave(runner);
    else this.#ask(runner);
  }

  /** It has nothing to do, and leaves after a while. */
  #rest(runner: SimulatedRunner): void {
    runner.freeSince = this.#now;
    this.#become(runner, 'idle');
    const leavesAt = Math.min(this.#now + runner.pool.idleTime * 1000, Math.max(this.#now, dies(runner)));
    this.#events.add(leavesAt, { kind: 'leave', runner, turn: runner.turn });
  }

  #leave(runner: SimulatedRunner): void {
    const { name } = runner.pool;
    runner.turn += 1;
    this.#runners.delete(runner);
    this.#alive.set(name, (this.#alive.get(name) ?? 1) - 1);
    this.#runnerMs += this.#now - runner.bornAt;
    if (this.#queue.length > 0 || this.#keepsWarm) this.#planAt(this.#now);
  }

  #become(runner: SimulatedRunner, state: RunnerState): void {
    runner.turn += 1;
    runner.state = state;
    const { job, freeSince } = runner;
    runner.view = { ...runner.view, state, job, freeSince };
  }

  #planAt(at: number): void {
    if (this.#due.has(at)) return;
    this.#due.add(at);
    this.#events.add(at, { kind: 'plan' });
  }

  /** What the real plan would start, release and let go now. */
  #plan(): void {
    this.#due.delete(this.#now);
    const starts = this.#freePlaces();
    const jobs = starts > 0 ? this.#queue.seen(this.#now, starts) : [];
    if (jobs.length > 0 || this.#keepsWarm) this.#apply(jobs);
  }

  #apply(waiting: readonly Job[]): void {
    const views = Array.from(this.#runners, ({ view }) => view);
    const running = views.flatMap(({ job }) =>
      job === null ? [] : [{ ...job, status: 'running' as const }],
    );
    const demand = planDemand([...waiting, ...running], this.#pools, views, [], this.#now);
    for (const { pool, start, refill, release, surplus } of demand.pools) {
      for (let count = 0; count < start; count += 1) this.#start(pool, false);
      for (let count = 0; count < refill; count += 1) this.#start(pool, true);
      const warm = [...this.#runners].filter((runner) => runner.pool === pool && runner.state === 'warm');
      for (const runner of warm.slice(0, release)) this.#release(runner);
      for (const runner of warm.slice(release, release + surplus)) this.#leave(runner);
    }
    if (demand.wakeAt !== null && demand.wakeAt > this.#now && waiting.length > 0)
      this.#planAt(demand.wakeAt);
  }

  /** Runners that may be started for those who wait, and warm ones that may be given the go. */
  #freePlaces(): number {
    const wanted = this.#queue.wanted();
    let places = 0;
    for (const { name, max } of this.#pools)
      if (wanted.has(name)) places += Math.max(0, max - (this.#alive.get(name) ?? 0));
    for (const { state, pool } of this.#runners) if (state === 'warm' && wanted.has(pool.name)) places += 1;
    return places;
  }

  /** The room that is left on the machine. */
  #left(): Size {
    let { cpus, memoryMiB } = this.#whole;
    for (const pool of this.#pools) {
      const size = sizeOf(pool, this.#whole);
      const alive = this.#alive.get(pool.name) ?? 0;
      if (size.cpus > 0) cpus -= alive * size.cpus;
      if (size.memoryMiB > 0) memoryMiB -= alive * size.memoryMiB;
    }
    return { cpus, memoryMiB };
  }

  /** Where there is no room for it, idle runners that nobody waits for leave, the longest idle first. */
  #hasRoom(pool: Pool): boolean {
    const size = sizeOf(pool, this.#whole);
    if (fits(size, this.#left())) return true;
    const wanted = this.#queue.wanted();
    const idle = [...this.#runners]
      .filter((runner) => runner.state === 'idle' && !wanted.has(runner.pool.name))
      .sort((a, b) => a.freeSince - b.freeSince);
    for (const runner of idle) {
      this.#leave(runner);
      if (fits(size, this.#left())) return true;
    }
    return false;
  }

  #start(pool: Pool, waits: boolean): void {
    if (!this.#hasRoom(pool)) return;
    const bornAt = this.#now;
    const runner: SimulatedRunner = {
      ...{ pool, bornAt, waits, state: 'starting', job: null, freeSince: bornAt, asksAt: Infinity, turn: 0 },
      jobsLeft: pool.jobsPerRunner ?? Infinity,
      view: {
        ...{ id: '', node: '', pool: pool.name, specHash: '', state: 'starting' },
        ...{ record: null, container: null, job: null, freeSince: bornAt },
      },
    };
    this.#runners.add(runner);
    this.#alive.set(pool.name, (this.#alive.get(pool.name) ?? 0) + 1);
    this.#events.add(bornAt + this.#latencies.startMs, { kind: 'ready', runner, turn: 0 });
    this.#measurePeak();
  }

  #release(runner: SimulatedRunner): void {
    runner.waits = false;
    this.#become(runner, 'starting');
    this.#events.add(this.#now + releaseMs, { kind: 'ready', runner, turn: runner.turn });
  }

  #measurePeak(): void {
    let [memory, cpus] = [0, 0];
    for (const pool of this.#pools) {
      const alive = this.#alive.get(pool.name) ?? 0;
      if (alive === 0) continue;
      memory += alive * (pool.memoryMiB ?? Infinity);
      cpus += alive * (pool.cpus ?? Infinity);
    }
    this.#peak.runners = Math.max(this.#peak.runners, this.#runners.size);
    this.#peak.memory = Math.max(this.#peak.memory, memory);
    this.#peak.cpus = Math.max(this.#peak.cpus, cpus);
  }
}

/** From when on it leaves as soon as it is idle. */
function dies({ pool, bornAt }: SimulatedRunner): number {
  return pool.maxLifetime === null ? Infinity : bornAt + pool.maxLifetime * 1000;
}

/** The value that this share of a sorted list is not above; 0 of an empty one. */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
