// A pretended lab for the doors' tests: jobs, runners and a sandbox that move one step at a time.
import { z } from 'zod';
import type { EngineDetail, EngineRow } from '../../main/contract/engines.ts';
import { snapshotSchema } from '../../main/contract/snapshot.ts';
import type { JobView, RunnerView, Snapshot } from '../../main/contract/snapshot.ts';

const worldSchema = z.object({
  snapshot: snapshotSchema,
  steps: z.int(),
  nextId: z.int(),
  /** Step at which something began, by job or runner. */
  since: z.record(z.string(), z.int()),
  networks: z.array(z.string()),
  volumes: z.array(z.string()),
  sandboxContainer: z.boolean(),
});

type WorldState = z.infer<typeof worldSchema>;

export interface FakeWorldOptions {
  /** Runners at a time. */
  readonly max?: number;
  /** Steps that a runner stays idle. */
  readonly idleSteps?: number;
  /** Steps that a job takes. */
  readonly jobSteps?: number;
  /** Names of jobs that fail. */
  readonly failing?: readonly string[];
  readonly now?: () => number;
  readonly home?: string;
}

const engine = {
  state: 'fresh',
  kind: 'docker',
  version: '20.10.24',
  apiVersion: '1.41',
  rootless: false,
  architecture: 'x86_64',
  storageDriver: 'overlay2',
  cgroupVersion: '2',
  host: 'unix:///var/run/docker.sock',
  problem: null,
} as const;

/** The same engine as `engine list` has it. */
export const someEngine: EngineRow = {
  address: 'unix:///var/run/docker.sock',
  sources: [{ kind: 'docker', name: null }],
  inUse: true,
  node: 'node-1',
  machine: 'local',
  state: 'ready',
  kind: 'docker',
  version: '20.10.24',
  apiVersion: '1.41',
  rootless: false,
  architecture: 'x86_64',
  storageDriver: 'overlay2',
  cgroupVersion: '2',
  cpus: 4,
  memoryBytes: 8 * 1024 ** 3,
  lacks: [],
  problem: null,
};

/** And as `engine show` has it. */
export const someEngineInDetail: EngineDetail = {
  ...someEngine,
  limits: { memory: true, cpus: true },
  pause: true,
  lowestPort: 1,
  dataFolder: '/var/lib/docker',
  disk: { free: 50e9, total: 100e9 },
  issues: [],
};

function freshSnapshot(options: FakeWorldOptions): Snapshot {
  return {
    version: 1,
    at: options.now?.() ?? Date.now(),
    instance: 'instance-1',
    home: options.home ?? '/home/somebody/autogit',
    pid: process.pid,
    mode: 'serve',
    sentence: 'Nothing to do.',
    nodes: [{ id: 'node-1', name: 'local', engine }],
    gitlab: { kind: 'none', url: null, state: 'none', readAt: null, problem: null },
    pools: [
      {
        name: 'demo',
        tags: ['docker', 'autogit'],
        runUntagged: true,
        protectedOnly: false,
        scope: 'instance',
        paused: false,
        priority: 0,
        executor: 'container',
        max: options.max ?? 4,
        idleTime: 5,
        cpus: 1,
        memoryMiB: 512,
        ready: true,
        waiting: 0,
        runners: { starting: 0, idle: 0, busy: 0, leaving: 0 },
      },
    ],
    runners: [],
    jobs: [],
    totals: { runnersCreated: 0, runnersRemoved: 0 },
    gpus: [],
    tasks: [],
    issues: [],
  };
}

/** What stays when a core is killed: the engine, the sandbox and the store. */
export interface FakeWorld {
  state(): WorldState;
  snapshot(): Snapshot;
  change(next: (state: WorldState) => Partial<WorldState>): void;
  /** Adds a project with so many waiting jobs. */
  seed(count: number): { readonly id: number; readonly path: string };
  step(): void;
  /** Calls back after every change; returns how to leave. */
  subscribe(listener: () => void): () => void;
}

function sentenceOf(jobs: readonly JobView[]): string {
  const running = jobs.filter((job) => job.status === 'running').length;
  const waiting = jobs.filter((job) => job.status === 'pending').length;
  return running + waiting === 0 ? 'Nothing to do.' : `${running} jobs running, ${waiting} waiting.`;
}

function newJob(id: number, project: number, now: number): JobView {
  return {
    id,
    name: `build ${id}`,
    status: 'pending',
    tags: [],
    projectId: project,
    project: `demo/hello-${project}`,
    ref: 'main',
    firstSeenAt: now,
    startedAt: null,
    finishedAt: null,
    waitedMs: null,
    runner: null,
    failureReason: null,
  };
}

function newRunner(number: number, now: number): RunnerView {
  const id = number.toString(16).padStart(8, '0');
  const name = `autogit-runner-demo-${id}`;
  return {
    id,
    name,
    pool: 'demo',
    node: 'node-1',
    state: 'starting',
    createdAt: now,
    startedAt: null,
    jobId: null,
  };
}

/** One step of the pretended lab: start, take, finish, idle, leave. */
function stepped(state: WorldState, options: FakeWorldOptions, now: number): WorldState {
  const since = { ...state.since };
  const steps = state.steps + 1;
  const age = (key: string): number => steps - (since[key] ?? steps);
  let removed = 0;
  let nextId = state.nextId;
  let jobs = state.snapshot.jobs.map((job): JobView => {
    if (job.status !== 'running' || age(`job${job.id}`) < (options.jobSteps ?? 2)) return job;
    const failed = options.failing?.includes(job.name) === true;
    return {
      ...job,
      status: failed ? 'failed' : 'success',
      finishedAt: now,
      failureReason: failed ? 'script_failure' : null,
    };
  });
  const isOpen = (id: number | null): boolean =>
    jobs.some((job) => job.id === id && job.status === 'running');
  let runners = state.snapshot.runners.flatMap((runner): RunnerView[] => {
    if (runner.state === 'leaving') {
      removed += 1;
      return [];
    }
    if (runner.state === 'busy' && isOpen(runner.jobId)) return [runner];
    const waiting =
      state.snapshot.mode === 'serve' ? jobs.find((job) => job.status === 'pending') : undefined;
    if (waiting !== undefined) {
      since[`job${waiting.id}`] = steps;
      const waitedMs = now - waiting.firstSeenAt;
      const taken = { status: 'running', startedAt: now, waitedMs, runner: runner.name } as const;
      jobs = jobs.map((job): JobView => (job.id === waiting.id ? { ...job, ...taken } : job));
      return [{ ...runner, state: 'busy', startedAt: runner.startedAt ?? now, jobId: waiting.id }];
    }
    if (runner.state !== 'idle') since[runner.id] = steps;
    const leaves = state.snapshot.mode !== 'serve' || age(runner.id) >= (options.idleSteps ?? 2);
    return [
      { ...runner, state: leaves ? 'leaving' : 'idle', startedAt: runner.startedAt ?? now, jobId: null },
    ];
  });
  const wanted = jobs.filter((job) => job.status === 'pending').length;
  const starting = runners.filter((runner) => runner.state === 'starting').length;
  const room = (options.max ?? 4) - runners.length;
  const add = state.snapshot.mode === 'serve' ? Math.max(0, Math.min(wanted - starting, room)) : 0;
  for (let count = 0; count < add; count += 1) {
    runners = [...runners, newRunner(nextId, now)];
    nextId += 1;
  }
  const { totals } = state.snapshot;
  const snapshot: Snapshot = {
    ...state.snapshot,
    runners,
    jobs,
    sentence: sentenceOf(jobs),
    totals: { runnersCreated: totals.runnersCreated + add, runnersRemoved: totals.runnersRemoved + removed },
  };
  return { ...state, snapshot, steps, since, nextId };
}

/** A fresh lab, or the one that `saved` holds. */
export function createFakeWorld(options: FakeWorldOptions = {}, saved?: unknown): FakeWorld {
  const now = options.now ?? Date.now;
  const listeners = new Set<() => void>();
  let state: WorldState =
    saved === undefined
      ? {
          snapshot: freshSnapshot(options),
          steps: 0,
          nextId: 1,
          since: {},
          networks: [],
          volumes: [],
          sandboxContainer: false,
        }
      : worldSchema.parse(saved);
  const set = (next: WorldState): void => {
    const snapshot = { ...next.snapshot, version: state.snapshot.version + 1, at: now() };
    state = { ...next, snapshot };
    for (const listener of listeners) listener();
  };
  return {
    state: () => state,
    snapshot: () => state.snapshot,
    change: (next) => set({ ...state, ...next(state) }),
    seed: (count) => {
      const project = state.nextId;
      const ids = Array.from({ length: count }, (_, index) => project + 1 + index);
      const jobs = [...state.snapshot.jobs, ...ids.map((id) => newJob(id, project, now()))];
      set({ ...state, nextId: project + count + 1, snapshot: { ...state.snapshot, jobs } });
      return { id: project, path: `demo/hello-${project}` };
    },
    step: () => set(stepped(state, options, now())),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
