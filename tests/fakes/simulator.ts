// A simulated lab driven by the real plan: what is seen of it, when it is planned, and what must never be planned.
import { checkEntry } from '../../main/apply/check-entry.ts';
import { stopRunner } from '../../main/apply/end-runner.ts';
import { failuresOf } from '../../main/coordinator/failures.ts';
import type { Job } from '../../main/model/job.ts';
import type { Pool } from '../../main/model/pool.ts';
import { runnerIdOf, systemIdOf } from '../../main/model/runner.ts';
import type { Container } from '../../main/model/runner.ts';
import type {
  Action,
  Desired,
  EngineView,
  EntryAtGitlab,
  Observed,
  Plan,
  QueueView,
  Seen,
} from '../../main/model/world.ts';
import { busyRunners } from '../../main/observe/watch-gitlab.ts';
import { plan } from '../../main/plan/plan.ts';
import { SimulatedLab } from './simulated-lab.ts';
import type { SimulatedJob, SimulationOptions } from './simulated-lab.ts';
import { address, deepFreeze, now, problem, someDesired, someJob, someNode, someView } from './world.ts';

interface UnderWay {
  readonly action: Action;
  readonly endsAt: number;
  /** The record that a start has written. */
  readonly runner: string | null;
  done: boolean;
}

/** An action that is not to be done again yet; no failures: it pauses. */
interface Held {
  readonly count: number;
  readonly retryAt: number;
}

const lookDelayMs = 50;
const resyncMs = 15_000;
const actionBackoffMs = [1_000, 2_000, 5_000, 15_000, 60_000];

/** A lab in time. `run` moves it on; what must never happen is collected in `violations`. */
export class Simulation extends SimulatedLab {
  pools: readonly Pool[];
  mode: Desired['mode'] = 'serve';
  /** How often was planned. */
  passes = 0;
  readonly violations: string[] = [];
  /** When which start was begun. */
  readonly starts: { readonly at: number; readonly pool: string }[] = [];
  readonly planned: Action[] = [];
  #underWay: UnderWay[] = [];
  readonly #held = new Map<string, Held>();
  readonly #firstSeen = new Map<number, number>();
  #engine: Seen<EngineView> = { state: 'never' };
  #queue: Seen<QueueView> = { state: 'never' };
  #listed: Seen<readonly EntryAtGitlab[]> = { state: 'never' };
  #lookAt = now;
  #askAt = now;
  #wakeAt: number | null = null;

  constructor(options: SimulationOptions) {
    super(options);
    this.pools = options.pools;
  }

  /** Moves time on by so many milliseconds, from event to event. */
  run(ms: number): void {
    this.runUntil(() => false, ms);
  }

  /** The same, but no further than to the event after which the condition holds; false when it never did. */
  runUntil(holds: () => boolean, ms: number): boolean {
    const end = this.time + ms;
    while (this.time < end) {
      if (holds()) return true;
      this.time = Math.min(end, Math.max(this.time + 1, this.#nextAt()));
      this.live();
      if (this.#observe()) this.#pass();
    }
    return holds();
  }

  /** As `kill -9` and a new start: all that is under way ends somewhere in the middle, and memory is gone. */
  crash(): void {
    for (const { action, runner, done } of this.#underWay.filter((item) => !item.done)) {
      const reached = this.options.chance();
      if (action.kind === 'release-runner' && reached > 0.5) this.release(action.container.name);
      if (runner === null || done || action.kind !== 'start-runner') continue;
      if (reached > 0.3) this.create(action, runner, reached > 0.6 ? 'running' : 'created');
      if (reached > 0.4) this.change(runner, { phase: 'prepared' });
    }
    this.#underWay = [];
    this.#held.clear();
    this.#engine = { state: 'never' };
    this.#queue = { state: 'never' };
    this.#listed = { state: 'never' };
    this.#lookAt = this.time;
    this.#askAt = this.time;
  }

  observed(): Observed {
    const gone = this.gone;
    const store = {
      liveRunners: () => this.records,
      goneRunners: (pool: string, limit: number) =>
        gone.filter((record) => record.pool === pool).slice(0, limit),
    };
    return deepFreeze({
      nodes: [someNode(this.#engine)],
      formerNodes: [],
      sandboxNode: null,
      gitlab: this.#queue,
      address,
      entries: this.entries,
      entriesAtGitlab: this.#listed,
      records: this.records,
      failures: this.pools.flatMap(({ name }) => failuresOf(name, 'node-1', store, this.time) ?? []),
      inFlight: this.#underWay.map(({ action: { key, target } }) => ({ key, target })),
      backoff: [...this.#held].map(([key, { count, retryAt }]) => ({
        ...{ key, retryAt, problem: count === 0 ? null : problem },
      })),
    });
  }

  #nextAt(): number {
    return Math.min(
      this.#lookAt,
      this.#askAt,
      this.#wakeAt ?? Infinity,
      ...this.#underWay.filter(({ done }) => !done).map(({ endsAt }) => endsAt),
      ...this.jobs.filter(({ status }) => status === 'created').map(({ arrivesAt }) => arrivesAt),
      ...this.jobs.filter(({ status }) => status === 'running').map(({ endsAt }) => endsAt),
      ...this.containers
        .filter(({ state, job, gated }) => state === 'running' && job === null && !gated)
        .map(({ asksAt }) => asksAt),
    );
  }

  protected changed(): void {
    this.#lookAt = Math.min(this.#lookAt, this.time + lookDelayMs);
  }

  protected entriesChanged(): void {
    this.#listed = { state: 'never' };
    this.#askAt = this.time;
  }

  /** True when there is a reason to plan. */
  #observe(): boolean {
    let news = this.#wakeAt !== null && this.#wakeAt <= this.time;
    if (this.#lookAt <= this.time) {
      this.#look();
      news = true;
    }
    if (this.#askAt <= this.time) {
      this.#readQueue();
      news = true;
    }
    for (const item of this.#underWay.filter(({ done, endsAt }) => !done && endsAt <= this.time)) {
      item.done = true;
      this.#end(item);
      this.changed();
      news = true;
    }
    const seen = this.#engine;
    this.#underWay = this.#underWay.filter(
      ({ done, endsAt, action }) =>
        !done || ('node' in action && seen.state === 'fresh' && seen.at <= endsAt),
    );
    return news;
  }

  #look(): void {
    this.#lookAt = this.time + (this.engineDown ? 2_000 : resyncMs);
    const containers = this.containers.map((container): Container => {
      const { id, name, state, pool, specHash, exitCode } = container;
      return {
        id,
        name,
        state,
        pool,
        specHash,
        exitCode,
        node: 'node-1',
        role: 'runner',
        image: 'i',
        ports: {},
      };
    });
    this.#engine = this.engineDown
      ? failedLook(this.#engine, this.time)
      : { state: 'fresh', at: this.time, value: someView({ containers, networks: this.networks }) };
  }

  #readQueue(): void {
    const before =
      this.#queue.state === 'fresh' || this.#queue.state === 'stale' ? this.#queue.value.lastBusy : {};
    if (this.gitlabDown) {
      this.#queue = failedLook(this.#queue, this.time);
      this.#listed = failedLook(this.#listed, this.time);
      this.#askAt = this.time + 10_000;
      return;
    }
    const jobs = this.jobs
      .filter(({ status }) => status === 'pending' || status === 'running')
      .map((job): Job => this.#jobView(job));
    this.#queue = {
      state: 'fresh',
      at: this.time,
      value: { jobs, lastBusy: busyRunners(jobs, this.time, before) },
    };
    this.#listed = { state: 'fresh', at: this.time, value: this.atGitlab };
    this.#askAt = this.time + (jobs.length > 0 || this.records.length > 0 ? 2_000 : 5_000);
  }

  #jobView({ id, status, tags, project, systemId }: SimulatedJob): Job {
    const firstSeenAt = this.#firstSeen.get(id) ?? this.time;
    this.#firstSeen.set(id, firstSeenAt);
    return someJob({ id, status, tags, project, systemId, firstSeenAt });
  }

  #pass(): void {
    this.passes += 1;
    const observed = this.observed();
    const made = plan(someDesired({ pools: this.pools, mode: this.mode }), observed, this.time);
    this.#judge(made, observed);
    this.#wakeAt = made.wakeAt;
    for (const action of made.actions) this.#begin(action);
    for (const { name, max } of this.options.pools) {
      if (this.alive(name) > max) this.violations.push(`${name} has ${this.alive(name)} of ${max} runners`);
    }
  }

  /** What no plan may ever say. */
  #judge(made: Plan, observed: Observed): void {
    const targets = [...observed.inFlight, ...made.actions].map(({ target }) => target);
    if (new Set(targets).size < targets.length) this.violations.push('two actions on one target');
    if (made.wakeAt !== null && made.wakeAt <= this.time) this.violations.push('wakes in the past');
    for (const action of made.actions) {
      this.planned.push(action);
      if (action.kind === 'release-runner' && this.mode !== 'serve') this.violations.push('a go in a drain');
      if (action.kind !== 'stop-runner' && action.kind !== 'remove-runner') continue;
      const id = systemIdOf(runnerIdOf(action.container.name) ?? '');
      const queue = observed.gitlab.state === 'fresh' ? observed.gitlab.value.jobs : [];
      const up = action.container.state === 'running';
      const draining = action.kind === 'stop-runner' && this.mode !== 'serve';
      if (up && !draining && queue.some(({ systemId }) => systemId === id))
        this.violations.push(`${action.key} of a busy runner`);
    }
  }

  #begin(action: Action): void {
    let runner: string | null = null;
    if (action.kind === 'release-runner') this.#writeRelease(action.container.name);
    if (action.kind === 'start-runner') {
      runner = this.write(action);
      this.starts.push({ at: this.time, pool: action.pool.name });
    }
    const lasts = Math.ceil(this.options.chance() * 500) + 1;
    this.#underWay.push({ action, runner, endsAt: this.time + lasts, done: false });
  }

  #writeRelease(name: string): void {
    const record = this.records.find((candidate) => candidate.name === name);
    if (record !== undefined && ['prepared', 'warm'].includes(record.phase))
      this.change(record.id, { phase: 'released' });
  }

  #end({ action, runner }: UnderWay): void {
    const { chance, failing = 0 } = this.options;
    if (!this.#reachable(action) || chance() < failing) {
      if (action.kind === 'start-runner' && runner !== null) this.failStart(action, runner);
      const count = (this.#held.get(action.key)?.count ?? 0) + 1;
      const wait = actionBackoffMs[Math.min(count, actionBackoffMs.length) - 1] ?? 0;
      this.#held.set(action.key, { count, retryAt: this.time + wait });
      return;
    }
    this.#held.delete(action.key);
    if (action.kind === 'check-entry')
      this.#held.set(action.key, { count: 0, retryAt: this.time + (checkEntry.pauseMs ?? 0) });
    if (action.kind === 'stop-runner')
      this.#held.set(action.key, { count: 0, retryAt: this.time + (stopRunner.pauseMs ?? 0) });
    this.apply(action, runner);
  }

  #reachable(action: Action): boolean {
    return action.kind.endsWith('-entry') ? !this.gitlabDown : !this.engineDown;
  }
}

function failedLook<T>(seen: Seen<T>, at: number): Seen<T> {
  if (seen.state === 'fresh') return { ...seen, state: 'stale', since: at, error: problem };
  return seen.state === 'stale' ? seen : { state: 'failed', since: at, error: problem };
}
