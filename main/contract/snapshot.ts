// The state of the core as every door shows it: one whole, versioned value.
import { z } from 'zod';
import { archStates } from '../model/emulation.ts';
import { failureClasses } from '../model/failure.ts';
import { gpuStates, gpuUses, gpuVendors } from '../model/gpu.ts';
import { muteSchema } from '../model/notice.ts';
import { poolSchema } from '../model/pool.ts';
import { architectures } from '../model/pool-container.ts';
import { claimNames } from '../model/proof.ts';
import { stackSummarySchema } from './stack-summary.ts';

const instant = z.number().describe('milliseconds since 1970');

export const problemSchema = z.object({ key: z.string(), message: z.string(), next: z.string() });

export const issueSchema = problemSchema.extend({
  severity: z.enum(['info', 'warning', 'error']),
  subject: z.string(),
});

/** What an engine says of itself; `null`: it has not answered. */
export const engineFacts = {
  kind: z.enum(['docker', 'podman']).nullable(),
  version: z.string().nullable(),
  apiVersion: z.string().nullable(),
  rootless: z.boolean().nullable(),
  architecture: z.string().nullable(),
  storageDriver: z.string().nullable(),
  cgroupVersion: z.enum(['1', '2']).nullable(),
} as const;

export const engineStatusSchema = z.object({
  state: z.enum(['never', 'fresh', 'stale', 'failed']),
  ...engineFacts,
  host: z.string().nullable(),
  problem: problemSchema.nullable(),
});

export const nodeSchema = z.object({ id: z.string(), name: z.string(), engine: engineStatusSchema });

export const gitlabStatusSchema = z.object({
  kind: z.enum(['none', 'sandbox', 'server']),
  url: z.string().nullable(),
  state: z.enum(['none', 'stopped', 'starting', 'ready', 'stale', 'failed']),
  /** When the queue was last read. */
  readAt: instant.nullable(),
  problem: problemSchema.nullable(),
});

/** One setting of a pool that could be another, as the measured use of its jobs has it. */
export const adviceItemSchema = z.object({
  setting: z.enum(['memoryMiB', 'cpus']),
  kind: z.enum(['too-large', 'too-small']),
  from: z.number(),
  to: z.number(),
  sentence: z.string(),
});

/** How a pool stands with the job that proves what it promises. Green is `proven` alone. */
export const proofStateSchema = z.object({
  state: z.enum(['proven', 'failed', 'unproven', 'running']),
  at: instant.nullable().describe('when its last proof ended'),
  sentence: z.string(),
  fix: z.string().nullable(),
  claims: z.array(
    z.object({
      name: z.enum(claimNames),
      state: z.enum(['held', 'failed', 'unknown']),
      sentence: z.string(),
      fix: z.string().nullable(),
    }),
  ),
});

export const poolStatusSchema = z.object({
  name: z.string(),
  tags: z.array(z.string()),
  runUntagged: z.boolean(),
  protectedOnly: z.boolean(),
  /** `instance`, `group:PATH` or `project:PATH`. */
  scope: z.string(),
  paused: z.boolean(),
  priority: z.int(),
  executor: poolSchema.shape.executor.unwrap(),
  max: z.int(),
  idleTime: z.int().describe('seconds'),
  cpus: z.number().nullable(),
  memoryMiB: z.int().nullable(),
  /** The runner entry at GitLab stands. */
  ready: z.boolean(),
  waiting: z.int().describe('jobs that this pool is expected to take'),
  runners: z.object({
    /** With those that are prepared. */
    starting: z.int(),
    /** With those that are warm: they wait for the go. */
    idle: z.int(),
    busy: z.int(),
    leaving: z.int(),
  }),
  /** Only where pools are proven. */
  proof: proofStateSchema.optional(),
  /** Only of pools for one processor. */
  arch: z.enum(architectures).optional(),
  /** Only of pools whose jobs run by emulation: what that means for them. */
  emulated: z.string().optional(),
  /** Only where there is some: `autogit pool apply-advice` does it. */
  advice: z.array(adviceItemSchema).optional(),
});

export const runnerStatusSchema = z.object({
  id: z.string(),
  name: z.string(),
  pool: z.string(),
  node: z.string(),
  state: z.enum(['starting', 'prepared', 'warm', 'idle', 'busy', 'leaving', 'finished', 'lost']),
  createdAt: instant,
  startedAt: instant.nullable(),
  jobId: z.int().nullable(),
  /** Ids of the graphics cards that it and its jobs have. Only where there are some. */
  gpus: z.array(z.string()).optional(),
});

export const jobSchema = z.object({
  id: z.int(),
  name: z.string(),
  status: z.enum([
    'created',
    'pending',
    'running',
    'canceling',
    'success',
    'failed',
    'canceled',
    'skipped',
    'unknown',
  ]),
  tags: z.array(z.string()),
  projectId: z.int(),
  project: z.string(),
  ref: z.string(),
  firstSeenAt: instant,
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  waitedMs: z.number().nullable(),
  /** Name of the runner container that has or had it, when it is one of ours. */
  runner: z.string().nullable(),
  /** In GitLab's words. */
  failureReason: z.string().nullable(),
  /** Only of a job that failed or was cancelled: whose doing it was, and what to do. */
  failure: z.object({ class: z.enum(failureClasses), sentence: z.string(), next: z.string() }).optional(),
});

export const gpuSchema = z.object({
  /** The name of its machine. */
  node: z.string(),
  id: z.string(),
  vendor: z.enum(gpuVendors),
  model: z.string(),
  memoryMiB: z.number().nullable(),
  /** Of a slice: the id of its card. */
  parent: z.string().nullable(),
  celsius: z.number().nullable(),
  state: z.enum(gpuStates),
  /** What its owner allows: no job, one at a time, or as many as their pool lets share it. */
  use: z.enum(gpuUses),
  /** Who has it. */
  holders: z.array(z.object({ by: z.string(), since: instant })),
  /** Why nobody else gets it now. */
  why: z.string().nullable(),
});

/** How the engine of a node stands with one processor. */
export const architectureSchema = z.object({
  /** The name of its machine. */
  node: z.string(),
  architecture: z.enum(architectures),
  state: z.enum(archStates),
  /** Whether jobs can run: it is the engine's own, or a real program of it was run in a container. */
  usable: z.boolean(),
  /** The entry in the kernel's list of interpreters. */
  handler: z.object({ name: z.string(), interpreter: z.string().nullable(), flags: z.string() }).nullable(),
  /** The newest try of a tiny program in a container. */
  probe: z.object({ at: instant, machine: z.string().nullable(), failure: z.string().nullable() }).nullable(),
  /** Why jobs cannot run. */
  reason: z.string().nullable(),
  fix: z.string().nullable(),
  /** How much slower it is, in words; `null`: it is not. */
  slowdown: z.string().nullable(),
  /** Pools that ask for it. */
  pools: z.array(z.string()),
  /** AutoGit has registered an emulator of it, which is there as far as anybody can tell. Missing: it has not. */
  ours: z.literal(true).optional(),
});

export const taskSchema = z.object({
  key: z.string(),
  kind: z.string(),
  reason: z.string(),
  startedAt: instant,
  progress: z.object({ current: z.number(), total: z.number(), status: z.string() }).nullable(),
});

export const snapshotSchema = z.object({
  /** Grows by one with every change; starts anew with the core. */
  version: z.int(),
  at: instant,
  instance: z.string(),
  home: z.string(),
  pid: z.int(),
  mode: z.enum(['serve', 'drain', 'teardown']),
  /** Of a drain that ends by itself: when. */
  pausedUntil: instant.optional(),
  /** When the next backup is due. Missing: none is planned. */
  nextBackupAt: instant.optional(),
  /** How it stands with backups. Missing: there is no target, or this core only looks. */
  backups: z
    .object({
      lastBackupAt: instant.nullable(),
      lastProvenAt: instant.nullable(),
      lastProvenMs: z.int().nullable(),
      /** Of the run that goes on: `create`, and how much of it is done, 0 to 1; `null`: not counted. */
      running: z.object({ verb: z.string(), message: z.string(), share: z.number().nullable() }).nullable(),
      /** Grows with every change of targets, runs and records: pages ask again then. */
      version: z.int(),
    })
    .optional(),
  /** The state in one sentence. */
  sentence: z.string(),
  nodes: z.array(nodeSchema),
  gitlab: gitlabStatusSchema,
  pools: z.array(poolStatusSchema),
  runners: z.array(runnerStatusSchema),
  /** Every open job, then the newest finished ones, at most 200 of these. */
  jobs: z.array(jobSchema),
  totals: z.object({ runnersCreated: z.int(), runnersRemoved: z.int() }),
  gpus: z.array(gpuSchema),
  /** Why it is not known which cards there are. Missing: it is. */
  gpusUnseen: problemSchema.optional(),
  /** One for each processor that AutoGit has a word for. Missing: not looked at. */
  architectures: z.array(architectureSchema).optional(),
  /** GitLab and what stands around it, where this home has them. Missing: it has none. */
  stack: stackSummarySchema.optional(),
  /** What a person was told. Missing: this core tells nothing. */
  notices: z
    .object({
      /** Whose matter goes on. */
      open: z.int(),
      unread: z.int(),
      /** Kinds that say nothing for a while. */
      mutes: z.array(muteSchema),
    })
    .optional(),
  tasks: z.array(taskSchema),
  issues: z.array(issueSchema),
});

export type Snapshot = z.infer<typeof snapshotSchema>;
export type JobView = z.infer<typeof jobSchema>;
export type RunnerView = z.infer<typeof runnerStatusSchema>;
export type PoolView = z.infer<typeof poolStatusSchema>;
export type GpuView = z.infer<typeof gpuSchema>;
export type ArchitectureView = z.infer<typeof architectureSchema>;
export type TaskView = z.infer<typeof taskSchema>;
export type GitlabStatus = z.infer<typeof gitlabStatusSchema>;
export type EngineStatus = z.infer<typeof engineStatusSchema>;
export type EngineFacts = Pick<EngineStatus, keyof typeof engineFacts>;
