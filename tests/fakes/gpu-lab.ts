// A lab whose pools need graphics cards, run by the real planner: starts stop half-way, cores crash, cards get hot.
import type { GpuBearer, GpuGrant, GpuMode } from '../../main/model/gpu.ts';
import { parseGpuLabel, renderGpuLabel } from '../../main/model/gpu.ts';
import type { Job } from '../../main/model/job.ts';
import type { Pool } from '../../main/model/pool.ts';
import { runnerIdOf, runnerName, systemIdOf } from '../../main/model/runner.ts';
import type { Container, RunnerRecord } from '../../main/model/runner.ts';
import type { Action, Desired, Observed, Plan } from '../../main/model/world.ts';
import { plan } from '../../main/plan/plan.ts';
import { gpuPool, gpuView, gpuWorld, someCard, wellCard } from './gpu-world.ts';
import {
  failed,
  fresh,
  now,
  someContainer,
  someDesired,
  someJob,
  someObserved,
  somePool,
  someRecord,
  stale,
  someView,
} from './world.ts';

type Start = Extract<Action, { kind: 'start-runner' }>;

const max = { max: 8 };
export const gpuPools: readonly Pool[] = [
  gpuPool('one', {}, max),
  gpuPool('other', {}, max),
  gpuPool('pair', { count: 2 }, max),
  gpuPool('shared', { mode: 'shared', jobsPerCard: 2 }, max),
  gpuPool('part', { mode: 'fraction', fractionMiB: 9_000 }, max),
  gpuPool('warm', {}, { ...max, min: 1 }),
  somePool({ name: 'plain', tags: ['plain', 'one'], runUntagged: false }),
];
export const gpuCards = [someCard(1), someCard(2), someCard(3)];

/** How far a start comes before something else happens; `lost`: it was queued, and another plan came first. */
export type Reach = 'lost' | 'running' | 'recorded' | 'created' | 'started' | 'failed';

export type LabCommand =
  | { readonly kind: 'arrive'; readonly pool: number }
  | { readonly kind: 'plan'; readonly reach: readonly Reach[] }
  | { readonly kind: 'go-on' | 'take' | 'finish' | 'exit' | 'vanish'; readonly at: number }
  | { readonly kind: 'crash' | 'lose-records' | 'engine' | 'look' }
  | { readonly kind: 'hot' | 'foreign' | 'unseen' | 'reserve' | 'mend'; readonly at: number };

interface Living {
  readonly name: string;
  readonly pool: string;
  readonly specHash: string;
  readonly grant: GpuGrant | null;
  state: 'created' | 'running' | 'exited';
  job: number | null;
}

/** A start under way: the engine is told of it only when it comes to be `created`. */
interface UnderWay {
  readonly action: Start;
  runner: string | null;
  stage: Exclude<Reach, 'lost' | 'failed'>;
}

const stages: readonly UnderWay['stage'][] = ['running', 'recorded', 'created', 'started'];

export class GpuLab {
  time = now;
  records: RunnerRecord[] = [];
  containers: Living[] = [];
  jobs: Job[] = [];
  underWay: UnderWay[] = [];
  isEngineSeen = true;
  areCardsSeen = true;
  readonly hot = new Set<string>();
  readonly foreign = new Set<string>();
  readonly unseen = new Set<string>();
  readonly reserved = new Set<string>();
  #serial = 0;

  desired(): Desired {
    const reservedGpus = [...this.reserved].map((id) => ({ id, by: 'its owner' }));
    return someDesired({ pools: gpuPools, reservedGpus });
  }

  observed(): Observed {
    const health = gpuCards.map((card) =>
      wellCard(card, {
        seenAt: this.unseen.has(card.id) ? this.time - 1_000_000 : this.time,
        trouble: this.hot.has(card.id) ? { kind: 'hot', message: '99 °C' } : null,
        foreign: this.foreign.has(card.id) ? [{ pid: 1, name: 'game', memoryMiB: 9_000 }] : [],
      }),
    );
    const view = { containers: this.#seenContainers(), gpuBearers: this.#bearers() };
    const gpus = this.areCardsSeen ? fresh(gpuView(gpuCards, health), this.time) : failed;
    const world = gpuWorld(gpuPools, gpus, {});
    const [node] = world.nodes ?? [];
    if (node === undefined) throw new Error('no node');
    const engine = this.isEngineSeen ? fresh(someView(view), this.time) : stale(someView(view));
    return {
      ...someObserved({ ...world, nodes: [{ ...node, engine }] }),
      gitlab: fresh({ jobs: this.jobs, lastBusy: {} }, this.time),
      records: this.records,
      inFlight: this.underWay.map(({ action }) => action),
    };
  }

  plan(): Plan {
    return plan(this.desired(), this.observed(), this.time);
  }

  /** Does one command; gives the plan where one was made. */
  obey(command: LabCommand): Plan | null {
    this.time += 200;
    switch (command.kind) {
      case 'arrive':
        this.#arrive(gpuPools[command.pool % gpuPools.length]?.name ?? '');
        return null;
      case 'plan':
        return this.#carryOut(command.reach);
      case 'go-on':
        this.#goOn(pick(this.underWay, command.at));
        return null;
      case 'take':
        this.#take(pick(this.containers, command.at));
        return null;
      case 'finish':
        this.#finish(pick(this.containers, command.at));
        return null;
      case 'exit':
      case 'vanish':
        this.#end(pick(this.containers, command.at), command.kind);
        return null;
      case 'crash':
        this.underWay = [];
        return null;
      case 'lose-records':
        // A start that is written down anew would have its slot twice: cores lose them at their end alone.
        this.underWay = [];
        this.records = [];
        return null;
      case 'engine':
        this.isEngineSeen = !this.isEngineSeen;
        return null;
      case 'look':
        this.areCardsSeen = !this.areCardsSeen;
        return null;
      default:
        this.#onCard(command.kind, pick(gpuCards, command.at)?.id ?? '');
        return null;
    }
  }

  #onCard(kind: 'hot' | 'foreign' | 'unseen' | 'reserve' | 'mend', id: string): void {
    const marks = { hot: this.hot, foreign: this.foreign, unseen: this.unseen, reserve: this.reserved };
    if (kind === 'mend') for (const mark of Object.values(marks)) mark.delete(id);
    else marks[kind].add(id);
  }

  #arrive(tag: string): void {
    const id = this.jobs.length + 1;
    this.jobs = [...this.jobs, someJob({ id, tags: [tag], firstSeenAt: this.time })];
  }

  #carryOut(reach: readonly Reach[]): Plan {
    const made = this.plan();
    made.actions.forEach((action, index) => {
      if (action.kind === 'start-runner') this.#start(action, reach[index % reach.length] ?? 'started');
      else this.#apply(action);
    });
    return made;
  }

  #start(action: Start, reach: Reach): void {
    if (reach === 'lost') return;
    const start: UnderWay = { action, runner: null, stage: 'running' };
    this.underWay.push(start);
    if (reach === 'failed') {
      this.#goOn(start);
      this.records = this.records.filter(({ id }) => id !== start.runner);
      this.underWay = this.underWay.filter((other) => other !== start);
      return;
    }
    while (start.stage !== reach) this.#goOn(start);
  }

  /** One step further; the last one ends it. */
  #goOn(start: UnderWay | undefined): void {
    if (start === undefined) return;
    const next = stages[stages.indexOf(start.stage) + 1];
    if (next !== undefined) start.stage = next;
    if (start.stage === 'recorded' && start.runner === null) start.runner = this.#write(start.action);
    if (start.stage === 'created') this.#create(start);
    if (start.stage !== 'started') return;
    const name = runnerName(start.action.pool.name, start.runner ?? '');
    const container = this.containers.find((one) => one.name === name);
    if (container?.state === 'created') container.state = 'running';
    this.records = this.records.map((record) =>
      record.id === start.runner ? { ...record, phase: 'started', startedAt: this.time } : record,
    );
    this.underWay = this.underWay.filter((other) => other !== start);
  }

  #write({ pool, slot, specHash, gpu }: Start): string {
    this.#serial += 1;
    const id = this.#serial.toString(16).padStart(8, '0');
    const record = someRecord({
      ...{ id, pool: pool.name, slot, specHash, phase: 'intended', grant: gpu?.grant ?? null },
      ...{ createdAt: this.time, startedAt: null },
    });
    this.records = [...this.records, record];
    return id;
  }

  #create({ action, runner }: UnderWay): void {
    const { pool, specHash, gpu } = action;
    const name = runnerName(pool.name, runner ?? '');
    const grant = gpu?.grant ?? null;
    this.containers.push({ name, pool: pool.name, specHash, grant, state: 'created', job: null });
  }

  #apply(action: Action): void {
    if (action.kind === 'forget-runner')
      this.records = this.records.filter(({ id }) => id !== action.record.id);
    if (action.kind === 'adopt-runner') this.#adopt(action.container);
    if (action.kind === 'remove-runner') {
      const { name } = action.container;
      this.containers = this.containers.filter((one) => one.name !== name || one.state === 'running');
      if (!this.containers.some((one) => one.name === name))
        this.records = this.records.filter((record) => record.name !== name);
    }
    if (action.kind !== 'stop-runner') return;
    const container = this.containers.find(({ name }) => name === action.container.name);
    if (container?.state === 'running' && container.job === null) container.state = 'exited';
  }

  #adopt({ name, pool, specHash, gpu }: Container): void {
    const known = this.records.some((record) => record.name === name);
    if (known) {
      this.records = this.records.map((record) =>
        record.name === name ? { ...record, phase: 'started', startedAt: this.time } : record,
      );
      return;
    }
    const taken = this.records.filter((record) => record.pool === pool).map(({ slot }) => slot);
    const slot = [...Array(99).keys()].find((one) => !taken.includes(one)) ?? 99;
    const grant = gpu === undefined ? null : parseGpuLabel('node-1', gpu);
    const id = runnerIdOf(name) ?? '';
    const record = { id, name, pool: pool ?? '', specHash, slot, grant, startedAt: this.time };
    this.records = [...this.records, someRecord(record)];
  }

  #take(container: Living | undefined): void {
    if (container?.state !== 'running' || container.job !== null) return;
    const pool = gpuPools.find(({ name }) => name === container.pool);
    const job = this.jobs.find(
      ({ status, tags }) => status === 'pending' && tags.every((tag) => pool?.tags.includes(tag)),
    );
    if (job === undefined) return;
    container.job = job.id;
    const systemId = systemIdOf(runnerIdOf(container.name) ?? '');
    this.#change(job.id, { status: 'running', systemId, startedAt: this.time });
  }

  #finish(container: Living | undefined): void {
    if (container === undefined || container.job === null) return;
    this.#change(container.job, { status: 'success' });
    container.job = null;
  }

  #end(container: Living | undefined, kind: 'exit' | 'vanish'): void {
    if (container === undefined || (kind === 'exit' && container.state === 'created')) return;
    this.#finish(container);
    container.state = 'exited';
    if (kind === 'vanish') this.containers = this.containers.filter((one) => one !== container);
  }

  #change(id: number, change: Partial<Job>): void {
    this.jobs = this.jobs.map((job) => (job.id === id ? { ...job, ...change } : job));
  }

  #seenContainers(): readonly Container[] {
    return this.containers.map(({ name, pool, specHash, grant, state }) =>
      someContainer({
        ...{ id: name, name, pool, specHash, state },
        ...(grant === null ? {} : { gpu: renderGpuLabel(grant) }),
      }),
    );
  }

  #bearers(): readonly GpuBearer[] {
    return this.containers.flatMap(({ name, grant, state }) =>
      grant === null ? [] : [{ id: name, holder: name, state, label: renderGpuLabel(grant) }],
    );
  }

  /** Everybody who has a card or is about to, each once. */
  usersOf(card: string): readonly GpuMode[] {
    const users = new Map<string, GpuGrant>();
    for (const { name, grant, state } of this.containers)
      if (grant !== null && state !== 'exited') users.set(name, grant);
    for (const { name, grant } of this.records)
      if (grant !== null && !this.containers.some((one) => one.name === name && one.state === 'exited'))
        users.set(name, grant);
    for (const { action, runner } of this.underWay)
      if (action.gpu !== null)
        users.set(runner === null ? action.key : runnerName(action.pool.name, runner), action.gpu.grant);
    return [...users.values()].filter(({ ids }) => ids.includes(card)).map(({ mode }) => mode);
  }

  isWell(card: string): boolean {
    return [this.hot, this.foreign, this.unseen, this.reserved].every((mark) => !mark.has(card));
  }
}

function pick<T>(list: readonly T[], at: number): T | undefined {
  return list[at % Math.max(1, list.length)];
}
