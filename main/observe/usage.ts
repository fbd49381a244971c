// Looks now and then at what running jobs use, a few containers at a time, and counts it among the jobs of their names.
import { createHmac } from 'node:crypto';
import type { Log } from '../log.ts';
import type { EngineInfo } from '../model/engine.ts';
import { gatewayKeyText } from '../model/grant.ts';
import { isFinished, isRunning } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import { isProofJob } from '../model/proof.ts';
import { isSigned, label } from '../model/labels.ts';
import type { Pool } from '../model/pool.ts';
import type { RunnerRecord } from '../model/runner.ts';
import type { Observed } from '../model/world.ts';
import type { Clock, Engine, LabelledContainer, Secrets, Store } from '../ports.ts';

/** Between two rounds, give or take a quarter so that nothing is always looked at in the same moment. Milliseconds. */
export const roundMs = 10_000;
/** Containers measured in one round; those that were measured longest ago come first. */
export const mostPerRound = 24;
/** Of two samples closer than this no use of processors is computed. Milliseconds. */
const shortestMs = 1_000;
/** Jobs whose end GitLab told so late are not counted. Milliseconds. */
const latestMs = 900_000;
/** A job whose memory ran out is told a little later. Milliseconds. */
const lateMs = 15_000;
/** Among so many of the newest that ended it is looked for those that ended since the last round. */
const newest = 500;

export interface UsageOptions {
  readonly instance: string;
  readonly secrets: Pick<Secrets, 'sign'>;
  readonly store: Pick<Store, 'addUsage' | 'finishedJobs' | 'recentRunners'>;
  readonly clock: Clock;
  readonly log: Log;
  /** What was seen last. */
  readonly observed: () => Pick<Observed, 'nodes' | 'gitlab' | 'records'>;
  /** `null` for a node that is not in use. */
  readonly engine: (node: string) => Engine | null;
  readonly pools: () => readonly Pool[];
  /** A number from 0 to 1, ever another. */
  readonly chance: () => number;
  /** Something was counted. */
  readonly onChange: () => void;
}

export interface UsageWatch {
  stop(): Promise<void>;
}

/** What a job was seen to use. */
interface Sampled {
  memoryBytes: number | null;
  cpus: number | null;
  /** When last, by the monotonic clock. */
  at: number;
}

interface Target {
  readonly job: number;
  readonly node: string;
  readonly container: string;
  readonly info: EngineInfo;
}

interface Before {
  readonly job: number;
  /** By the monotonic clock. */
  readonly at: number;
  readonly cpuNanos: number;
}

/** Samples until stopped; the first round comes after a while. Nothing that fails here is anybody's business. */
export function watchUsage(options: UsageOptions): UsageWatch {
  const stopping = new AbortController();
  const sampler = new Sampler(options);
  const { clock, log, chance } = options;
  const isStopping = (): boolean => stopping.signal.aborted;
  const loop = async (): Promise<void> => {
    while (!isStopping()) {
      await clock.sleep(roundMs * (0.75 + chance() / 2), stopping.signal);
      if (isStopping()) return;
      await sampler.round(stopping.signal).catch((error: unknown) => {
        log.debug('what jobs use could not be measured', { error });
      });
    }
  };
  const running = loop();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

class Sampler {
  readonly #options: UsageOptions;
  readonly #since: number;
  /** By the job's number. */
  readonly #sampled = new Map<number, Sampled>();
  /** By the container's id. */
  #before = new Map<string, Before>();
  /** Jobs that are counted already. */
  #counted = new Set<number>();

  constructor(options: UsageOptions) {
    this.#options = options;
    this.#since = options.clock.now();
  }

  async round(signal: AbortSignal): Promise<void> {
    this.#countEnded();
    const targets = await this.#targets();
    const alive = new Set(targets.map(({ container }) => container));
    this.#before = new Map([...this.#before].filter(([container]) => alive.has(container)));
    const oldestFirst = targets.toSorted((a, b) => this.#sampledAt(a) - this.#sampledAt(b));
    // Together: Docker 20.10 answers those who ask in the same second in one go, and lets every later one wait a second.
    const samples = oldestFirst.slice(0, mostPerRound).map((target) => this.#sample(target));
    const failed = (await Promise.allSettled(samples)).filter(({ status }) => status === 'rejected');
    if (failed.length > 0 && !signal.aborted)
      this.#options.log.debug('containers could not be measured', { count: failed.length });
  }

  #sampledAt({ container }: Target): number {
    return this.#before.get(container)?.at ?? -1;
  }

  /** Containers of running jobs on engines that tell what a single container uses. */
  async #targets(): Promise<readonly Target[]> {
    const { observed } = this.#options;
    const { nodes, gitlab, records } = observed();
    const running = new Map<string, number>();
    for (const job of gitlab.state === 'fresh' ? gitlab.value.jobs : [])
      if (isRunning(job) && !isProofJob(job) && job.systemId !== null) running.set(job.systemId, job.id);
    const targets: Target[] = [];
    for (const { id: node, engine } of nodes) {
      if (engine.state !== 'fresh') continue;
      const { info, containers } = engine.value;
      const busy = new Map(
        records
          .filter((record) => record.node === node && running.has(record.systemId))
          .map((record) => [record.name, record]),
      );
      if (busy.size === 0 || (!info.limits.memory && !info.limits.cpus)) continue;
      const beside = await this.#jobContainers(node, busy);
      const own = containers
        .filter(({ name, state }) => state === 'running' && busy.has(name) && !this.#isImage(busy.get(name)))
        .map(({ id, name }) => ({ id, runner: name }));
      for (const { id: container, runner } of [...own, ...beside]) {
        const job = running.get(busy.get(runner)?.systemId ?? '');
        if (job !== undefined) targets.push({ job, node, container, info });
      }
    }
    return targets;
  }

  #poolOf(record: Pick<RunnerRecord, 'pool'> | undefined): Pool | undefined {
    return this.#options.pools().find(({ name }) => name === record?.pool);
  }

  /** Whether its jobs run in containers of their own. */
  #isImage(record: RunnerRecord | undefined): boolean {
    return this.#poolOf(record)?.executor === 'image';
  }

  /** What runners of executor `image` have made, as far as the gateway has signed it. */
  async #jobContainers(
    node: string,
    busy: ReadonlyMap<string, RunnerRecord>,
  ): Promise<readonly { readonly id: string; readonly runner: string }[]> {
    const { engine, instance, secrets } = this.#options;
    const found = [...busy.values()].some((record) => this.#isImage(record)) ? engine(node) : null;
    if (found === null) return [];
    const sign = (text: string): string =>
      createHmac('sha256', secrets.sign(gatewayKeyText)).update(text).digest('hex');
    const labels = { [label.managed]: 'true', [label.instance]: instance, [label.role]: 'job' };
    const isOwn = ({ name, state, labels }: LabelledContainer): boolean =>
      state === 'running' && busy.has(labels[label.runner] ?? '') && isSigned(name, labels, instance, sign);
    return (await found.listContainers(labels))
      .filter(isOwn)
      .map((container) => ({ id: container.id, runner: container.labels[label.runner] ?? '' }));
  }

  async #sample({ job, node, container, info }: Target): Promise<void> {
    const { engine, clock } = this.#options;
    const stats = await engine(node)?.stats(container);
    // A container that does not run any more has no numbers.
    if (stats === undefined || (stats.memoryBytes === 0 && stats.cpuNanos === 0)) return;
    const at = clock.monotonic();
    const before = this.#before.get(container);
    this.#before.set(container, { job, at, cpuNanos: stats.cpuNanos });
    const sampled = this.#sampled.get(job) ?? { memoryBytes: null, cpus: null, at };
    sampled.at = at;
    if (info.limits.memory) sampled.memoryBytes = Math.max(sampled.memoryBytes ?? 0, stats.memoryBytes);
    const elapsed = at - (before?.at ?? at);
    if (info.limits.cpus && before?.job === job && elapsed >= shortestMs) {
      const cpus = Math.max(0, stats.cpuNanos - before.cpuNanos) / 1e6 / elapsed;
      sampled.cpus = Math.max(sampled.cpus ?? 0, cpus);
    }
    this.#sampled.set(job, sampled);
  }

  /** Counts jobs that have ended since this began, each once. */
  #countEnded(): void {
    const { store, clock, onChange } = this.#options;
    const now = clock.now();
    const since = Math.max(this.#since, now - latestMs);
    const ended = store
      .finishedJobs(newest)
      .filter((job) => isFinished(job) && (job.finishedAt ?? 0) >= since && job.startedAt !== null);
    // What is told a little late about a job is waited for.
    const due = ended.filter(({ finishedAt }) => now - (finishedAt ?? now) >= lateMs);
    const news = due.filter(({ id }) => !this.#counted.has(id));
    const records = news.length === 0 ? [] : store.recentRunners(1_000);
    const runners = new Map(records.map((record) => [record.systemId, record]));
    for (const job of news) this.#count(job, runners.get(job.systemId ?? ''));
    this.#counted = new Set(due.map(({ id }) => id));
    const forgotten = clock.monotonic() - latestMs;
    for (const [id, { at }] of this.#sampled) if (at < forgotten) this.#sampled.delete(id);
    if (news.length > 0) onChange();
  }

  #count(job: Job, runner: RunnerRecord | undefined): void {
    const { memoryBytes, cpus } = this.#sampled.get(job.id) ?? { memoryBytes: null, cpus: null };
    this.#sampled.delete(job.id);
    const pool = this.#poolOf(runner);
    const { startedAt, finishedAt, projectId, project, name } = job;
    if (pool === undefined || startedAt === null || finishedAt === null) return;
    const { outOfMemoryAt } = runner ?? {};
    this.#options.store.addUsage({
      ...{ projectId, project, job: name, pool: pool.name, endedAt: finishedAt },
      lastedMs: Math.max(0, finishedAt - startedAt),
      ...{ memoryBytes, cpus },
      outOfMemory:
        outOfMemoryAt !== undefined && outOfMemoryAt >= startedAt && outOfMemoryAt <= finishedAt + lateMs,
      limits: { cpus: pool.cpus, memoryMiB: pool.memoryMiB },
    });
  }
}
