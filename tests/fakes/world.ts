// Small builders for the three values of the loop: a world at rest, from which a test says what differs.
import type { Job } from '../../main/model/job.ts';
import { entryDescription, entryTerms, poolSchema } from '../../main/model/pool.ts';
import type { Pool, RunnerEntry } from '../../main/model/pool.ts';
import { runnerName, systemIdOf } from '../../main/model/runner.ts';
import type { Container, RunnerRecord } from '../../main/model/runner.ts';
import type {
  Action,
  Desired,
  EngineView,
  EntryAtGitlab,
  HostNode,
  Observed,
  Plan,
  Problem,
  QueueView,
  SandboxWish,
  Seen,
} from '../../main/model/world.ts';
import { runnerSpecHash } from '../../main/plan/plan-runners.ts';
import { plan } from '../../main/plan/plan.ts';
import { someInfo } from './some-engine.ts';

/** When all of this happens. */
export const now = 1_800_000_000_000;
export const instance = '0a1b2c3d-4e5f-6789-abcd-ef0123456789';
export const network = 'autogit-0a1b2c';
export const runnerImage = 'runner:1';
export const address = { url: 'http://gitlab.test', runnerUrl: 'http://gitlab.test' } as const;
export const problem: Problem = { key: 'test.broken', message: 'It is broken.', next: 'Mend it.' };

/** The value and everything in it, so that whoever changes it throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

export function fresh<T>(value: T, at = now): Seen<T> {
  return { state: 'fresh', at, value };
}

export function stale<T>(value: T): Seen<T> {
  return { state: 'stale', at: now - 60_000, value, since: now - 30_000, error: problem };
}

export const never = { state: 'never' } as const;
export const failed = { state: 'failed', since: now - 30_000, error: problem } as const;

/** A pool named `default` with the tags `docker` and `autogit`. */
export function somePool(change: Partial<Pool> = {}): Pool {
  return { ...poolSchema.parse({ name: 'default', tags: ['docker', 'autogit'] }), ...change };
}

/** A job that has just begun to wait. */
export function someJob(change: Partial<Job> = {}): Job {
  return {
    id: 1,
    name: 'build',
    status: 'pending',
    tags: ['docker'],
    projectId: 7,
    project: 'group/project',
    ref: 'main',
    firstSeenAt: now - 1_000,
    startedAt: null,
    finishedAt: null,
    waitedMs: null,
    systemId: null,
    failureReason: null,
    ...change,
  };
}

/** The fingerprint that a runner of this pool has while nothing has changed. */
export function specOf(pool: Pool = somePool()): string {
  return runnerSpecHash(pool, pool.image ?? runnerImage, address);
}

/** A runner that was started a minute ago. */
export function someRecord(change: Partial<RunnerRecord> = {}): RunnerRecord {
  const id = change.id ?? 'aaaaaaaa';
  const pool = change.pool ?? 'default';
  return {
    id,
    node: 'node-1',
    pool,
    slot: 0,
    name: runnerName(pool, id),
    specHash: specOf(),
    systemId: systemIdOf(id),
    grant: null,
    phase: 'started',
    createdAt: now - 61_000,
    startedAt: now - 60_000,
    goneAt: null,
    failure: null,
    ...change,
  };
}

/** The running container of the runner `runner` of a pool. */
export function someContainer(change: Partial<Container> & { readonly runner?: string } = {}): Container {
  const { runner = 'aaaaaaaa', ...rest } = change;
  const pool = rest.pool === undefined ? 'default' : rest.pool;
  return {
    id: `container-${runner}`,
    name: runnerName(pool ?? 'none', runner),
    node: 'node-1',
    role: 'runner',
    state: 'running',
    pool,
    specHash: specOf(),
    image: runnerImage,
    ports: {},
    exitCode: null,
    ...rest,
  };
}

export function someView(change: Partial<EngineView> = {}): EngineView {
  return {
    info: someInfo(),
    containers: [],
    gpuBearers: [],
    networks: [network],
    volumes: [],
    images: [runnerImage],
    ...change,
  };
}

export function someNode(engine: Seen<EngineView>, id = 'node-1'): HostNode {
  return { id, name: id, engine, gpus: never };
}

export function someEntry(change: Partial<RunnerEntry> = {}): RunnerEntry {
  const pool = somePool();
  return { pool: pool.name, gitlabUrl: address.runnerUrl, entryId: 11, ...entryTerms(pool), ...change };
}

/** The same entry as GitLab lists it. */
export function atGitlab(entry: RunnerEntry): EntryAtGitlab {
  return { id: entry.entryId, description: entryDescription(instance, entry.pool) };
}

export function someDesired(change: Partial<Desired> = {}): Desired {
  const images = { runnerImage, gatewayImage: null, reservedGpus: [] };
  return { instance, mode: 'serve', pools: [somePool()], sandbox: null, ...images, network, ...change };
}

export const sandboxWish: SandboxWish = {
  state: 'running',
  image: 'autogit-sandbox:new',
  volume: 'autogit-sandbox-0a1b2c3d',
};

/** The running container of the sandbox. */
export function sandboxContainer(change: Partial<Container> = {}): Container {
  return someContainer({
    id: 'container-sandbox',
    name: 'autogit-sandbox-0a1b2c3d',
    role: 'sandbox',
    pool: null,
    image: sandboxWish.image,
    ports: { 80: 40_000 },
    ...change,
  });
}

/** What a test says of the world; the rest is at rest. */
export interface WorldChange extends Partial<Observed> {
  readonly view?: Partial<EngineView>;
  readonly jobs?: readonly Job[];
  readonly lastBusy?: QueueView['lastBusy'];
}

/** One node that answers, a GitLab that answers, a pool whose entry stands: nothing to do. */
export function someObserved({ view = {}, jobs = [], lastBusy = {}, ...change }: WorldChange = {}): Observed {
  const queue: Seen<QueueView> = fresh({ jobs, lastBusy });
  return {
    nodes: [someNode(fresh(someView(view)))],
    formerNodes: [],
    sandboxNode: null,
    gitlab: queue,
    address,
    entries: [someEntry()],
    entriesAtGitlab: fresh([atGitlab(someEntry())]),
    records: [],
    failures: [],
    inFlight: [],
    backoff: [],
    ...change,
  };
}

/** The plan for frozen inputs. */
export function planFor(
  wishes: Partial<Desired> = {},
  world: WorldChange | Observed = {},
  at: number = now,
): Plan {
  return plan(deepFreeze(someDesired(wishes)), deepFreeze(someObserved(world)), at);
}

/** The actions of one kind. */
export function only<K extends Action['kind']>(
  { actions }: Pick<Plan, 'actions'>,
  kind: K,
): readonly Extract<Action, { kind: K }>[] {
  return actions.filter((action): action is Extract<Action, { kind: K }> => action.kind === kind);
}

/** Keys of all actions, in order. */
export function keysOf({ actions }: Pick<Plan, 'actions'>): readonly string[] {
  return actions.map(({ key }) => key);
}
