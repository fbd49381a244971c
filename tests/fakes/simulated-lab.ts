// A machine and a GitLab at one moment, and what happens to them: jobs come, runners ask, actions take effect.
import type { JobStatus } from '../../main/model/job.ts';
import { servesProject, takesKind } from '../../main/model/matching.ts';
import { entryTerms } from '../../main/model/pool.ts';
import type { Pool, RunnerEntry } from '../../main/model/pool.ts';
import { runnerIdOf, runnerName, systemIdOf } from '../../main/model/runner.ts';
import type { Container, RunnerRecord } from '../../main/model/runner.ts';
import type { Action, EntryAtGitlab } from '../../main/model/world.ts';
import { address, atGitlab, now } from './world.ts';

export interface SimulatedJob {
  readonly id: number;
  readonly tags: readonly string[];
  readonly project: string;
  readonly arrivesAt: number;
  readonly lastsMs: number;
  /** True for a job that GitLab gives to nobody although its tags fit. */
  readonly refused?: boolean;
  status: JobStatus;
  /** How often a runner got it. */
  taken: number;
  endsAt: number;
  systemId: string | null;
}

interface SimulatedContainer {
  readonly name: string;
  readonly id: string;
  readonly pool: string;
  readonly specHash: string;
  readonly startedAt: number;
  state: 'created' | 'running' | 'exited';
  exitCode: number | null;
  job: SimulatedJob | null;
  freeSince: number;
  asksAt: number;
  quits: boolean;
  /** It waits for the go and asks for nothing. */
  gated: boolean;
}

/** A runner that has just begun does not listen to signals yet. */
const readyMs = 2_000;

export interface SimulationOptions {
  readonly pools: readonly Pool[];
  /** A number from 0 to 1, ever another: the only source of chance. */
  readonly chance: () => number;
  /** Share of actions that fail. */
  readonly failing?: number;
  /** Share of runners' questions at which they die instead. */
  readonly dying?: number;
}

/** What is really there; what is seen of it is another matter. */
export abstract class SimulatedLab {
  time = now;
  engineDown = false;
  gitlabDown = false;
  readonly jobs: SimulatedJob[] = [];
  records: readonly RunnerRecord[] = [];
  containers: SimulatedContainer[] = [];
  protected readonly options: SimulationOptions;
  protected entries: readonly RunnerEntry[] = [];
  protected atGitlab: readonly EntryAtGitlab[] = [];
  protected networks: readonly string[] = [];
  /** Records of runners that are gone, newest first. */
  protected gone: readonly RunnerRecord[] = [];
  #serial = 0;

  constructor(options: SimulationOptions) {
    this.options = options;
  }

  /** Something happened that the engine tells. */
  protected abstract changed(): void;
  /** What is known of GitLab's list of entries is outdated. */
  protected abstract entriesChanged(): void;

  addJob(
    job: Pick<SimulatedJob, 'tags' | 'arrivesAt' | 'lastsMs' | 'refused'> & { readonly project?: string },
  ): SimulatedJob {
    const added: SimulatedJob = {
      project: 'group/project',
      ...job,
      id: this.jobs.length + 1,
      status: 'created',
      taken: 0,
      endsAt: Infinity,
      systemId: null,
    };
    this.jobs.push(added);
    return added;
  }

  /** Runners that are there or on their way, of one pool. */
  alive(pool: string): number {
    const names = new Set([
      ...this.containers.filter((container) => container.pool === pool).map(({ name }) => name),
      ...this.records.filter((record) => record.pool === pool).map(({ name }) => name),
    ]);
    return names.size;
  }

  get leftovers(): readonly string[] {
    return [...this.records.map(({ name }) => name), ...this.containers.map(({ name }) => name)];
  }

  /** What happens without us: jobs come and end, runners ask, idle and leave. */
  protected live(): void {
    for (const job of this.jobs) {
      if (job.status === 'created' && job.arrivesAt <= this.time) job.status = 'pending';
      if (job.status === 'running' && job.endsAt <= this.time) job.status = 'success';
    }
    for (const container of this.containers) {
      if (container.state !== 'running' || container.gated) continue;
      if (container.job !== null && container.job.status !== 'running') {
        container.job = null;
        container.freeSince = this.time;
        container.asksAt = this.time;
      }
      if (container.job === null && container.asksAt <= this.time) this.#ask(container);
    }
  }

  #ask(container: SimulatedContainer): void {
    const pool = this.options.pools.find(({ name }) => name === container.pool);
    const idleMs = (pool?.idleTime ?? 300) * 1000;
    if (this.options.chance() < (this.options.dying ?? 0)) {
      this.#exit(container, 1);
      return;
    }
    if (container.quits || this.time - container.freeSince > idleMs) {
      this.#exit(container, 0);
      return;
    }
    container.asksAt = this.time + 3_000;
    const job = this.jobs.find(
      ({ status, tags, project, refused }) =>
        status === 'pending' &&
        refused !== true &&
        pool !== undefined &&
        takesKind({ tags }, pool) &&
        servesProject({ project }, pool),
    );
    if (job === undefined || this.gitlabDown) return;
    job.status = 'running';
    job.taken += 1;
    job.systemId = systemIdOf(runnerIdOf(container.name) ?? '');
    job.endsAt = this.time + job.lastsMs;
    container.job = job;
  }

  #exit(container: SimulatedContainer, code: number): void {
    container.state = 'exited';
    container.exitCode = code;
    if (container.job?.status === 'running') container.job.status = 'failed';
    container.job = null;
    this.changed();
  }

  /** The record of a runner that is to be started. */
  protected write({ pool, slot, node, specHash, gpu }: Extract<Action, { kind: 'start-runner' }>): string {
    this.#serial += 1;
    const id = this.#serial.toString(16).padStart(8, '0');
    const record: RunnerRecord = {
      ...{ id, node, slot, specHash, pool: pool.name, name: runnerName(pool.name, id) },
      ...{ systemId: systemIdOf(id), phase: 'intended', createdAt: this.time },
      ...{ startedAt: null, goneAt: null, failure: null, grant: gpu?.grant ?? null },
    };
    this.records = [...this.records, record];
    return id;
  }

  /** Some starts fail cleanly, some leave something behind that could not be undone. */
  protected failStart(action: Extract<Action, { kind: 'start-runner' }>, runner: string): void {
    const how = this.options.chance();
    if (how >= 0.7) this.change(runner, { phase: 'prepared' });
    if (how < 0.6 && !this.engineDown) this.close(runner, 'the start failed');
    else if (how < 0.8) this.create(action, runner, 'created');
    else if (how < 0.9) this.create(action, runner, 'running');
  }

  protected apply(action: Action, runner: string | null): void {
    if (action.kind === 'create-network') this.networks = [...this.networks, action.network];
    if (action.kind === 'remove-network') this.networks = [];
    if (action.kind === 'write-entry') this.#writeEntry(action.pool);
    if (action.kind === 'remove-entry') {
      this.atGitlab = this.atGitlab.filter(({ id }) => id !== action.entryId);
      this.entries = this.entries.filter(({ entryId }) => entryId !== action.entryId);
      this.entriesChanged();
    }
    if (action.kind === 'start-runner' && runner !== null) {
      this.create(action, runner, 'running');
      this.change(runner, { phase: action.waits ? 'warm' : 'started', startedAt: this.time });
    }
    if (action.kind === 'forget-runner') {
      const there = this.containers.some(({ name }) => name === action.record.name);
      if (!there) this.close(action.record.id, action.failure);
    }
    if ('container' in action && action.container !== null)
      this.#applyToRunner(action.kind, action.container);
  }

  #applyToRunner(kind: Action['kind'], { name, pool, specHash }: Container): void {
    const container = this.containers.find((candidate) => candidate.name === name);
    const record = this.records.find((candidate) => candidate.name === name);
    if (kind === 'release-runner') this.release(name);
    if (kind === 'stop-runner' && container?.state === 'running') {
      if (container.gated) this.#exit(container, 0);
      // A program that is not ready for a signal yet loses it.
      container.quits ||= this.time - container.startedAt >= readyMs;
      if (record !== undefined && record.phase !== 'draining') this.change(record.id, { phase: 'leaving' });
    }
    if (kind === 'remove-runner' && container?.state !== 'running') {
      this.containers = this.containers.filter((candidate) => candidate !== container);
      const bad = container?.state === 'created' || (container?.exitCode ?? 0) !== 0;
      if (record !== undefined)
        this.close(
          record.id,
          bad && record.phase !== 'leaving' && record.phase !== 'draining' ? 'it ended badly' : null,
        );
    }
    if (kind !== 'adopt-runner') return;
    if (record !== undefined) {
      this.change(record.id, { phase: 'released', startedAt: this.time });
      this.release(name);
      return;
    }
    const slots = this.records.filter((candidate) => candidate.pool === pool).map(({ slot }) => slot);
    const id = runnerIdOf(name) ?? '';
    const adopted: RunnerRecord = {
      ...{
        id,
        node: 'node-1',
        pool: pool ?? '',
        name,
        specHash,
        systemId: systemIdOf(id),
        phase: 'released',
      },
      ...{ slot: [...Array(99).keys()].find((slot) => !slots.includes(slot)) ?? 99, failure: null },
      ...{ createdAt: this.time, startedAt: this.time, goneAt: null, grant: null },
    };
    this.records = [...this.records, adopted];
    this.release(name);
  }

  /** The go: what waits for it begins, what was only made is started, anything else goes on as before. */
  protected release(name: string): void {
    const container = this.containers.find((candidate) => candidate.name === name);
    const record = this.records.find((candidate) => candidate.name === name);
    if (record?.phase !== 'released' || container === undefined) return;
    if (container.state === 'created') {
      Object.assign(container, { state: 'running', freeSince: this.time, asksAt: this.time });
      return;
    }
    if (container.gated) Object.assign(container, { gated: false, freeSince: this.time, asksAt: this.time });
    this.change(record.id, { phase: 'started', startedAt: this.time });
  }

  #writeEntry(pool: Pool): void {
    const entryId = this.atGitlab.length + 100;
    const { name } = pool;
    const entry = { pool: name, gitlabUrl: address.runnerUrl, entryId, ...entryTerms(pool) };
    this.entries = [...this.entries.filter(({ pool }) => pool !== name), entry];
    this.atGitlab = [...this.atGitlab, atGitlab(entry)];
    this.entriesChanged();
  }

  protected create(
    { pool, specHash, waits }: Extract<Action, { kind: 'start-runner' }>,
    runner: string,
    state: 'created' | 'running',
  ): void {
    const name = runnerName(pool.name, runner);
    this.containers.push({
      ...{ name, id: `c-${runner}`, pool: pool.name, specHash, state, exitCode: null, job: null },
      ...{
        startedAt: this.time,
        freeSince: this.time,
        asksAt: this.time,
        quits: false,
        gated: waits === true,
      },
    });
  }

  protected change(id: string, change: Partial<RunnerRecord>): void {
    this.records = this.records.map((record) => (record.id === id ? { ...record, ...change } : record));
  }

  protected close(id: string, failure: string | null): void {
    const record = this.records.find((candidate) => candidate.id === id);
    if (record === undefined) return;
    this.records = this.records.filter((candidate) => candidate !== record);
    this.gone = [{ ...record, phase: 'gone' as const, goneAt: this.time, failure }, ...this.gone].slice(
      0,
      100,
    );
  }
}
