// The sandbox's CI entities: runners, pipelines, jobs, artifacts. Imported through `state.ts`.
import { z } from 'zod';
import type { JobSpec } from './ci/pipeline-spec.ts';
import { id, maybeTimestamp, strings, timestamp } from './state-fields.ts';

export const runnerSchema = z
  .object({
    id,
    runnerType: z.enum(['instance_type', 'group_type', 'project_type']),
    /** `glrt-…`. */
    token: z.string(),
    description: z.string().default(''),
    tags: strings.default([]),
    runUntagged: z.boolean().default(true),
    accessLevel: z.enum(['not_protected', 'ref_protected']).default('not_protected'),
    paused: z.boolean().default(false),
    locked: z.boolean().default(false),
    /** Seconds. */
    maximumTimeout: z.number().nullable().default(null),
    maintenanceNote: z.string().default(''),
    /** Of a project runner: where it is enabled. The first one owns it. */
    projectIds: z.array(id).readonly().default([]),
    /** Of a group runner. */
    groupIds: z.array(id).readonly().default([]),
    creatorId: id.nullable().default(null),
    createdAt: timestamp,
    contactedAt: maybeTimestamp,
    tokenExpiresAt: maybeTimestamp,
  })
  .readonly();
export type Runner = z.infer<typeof runnerSchema>;

/** One process that uses a runner's token, told apart by its `system_id`. */
export const runnerManagerSchema = z
  .object({
    id,
    runnerId: id,
    systemId: z.string(),
    version: z.string().nullable().default(null),
    revision: z.string().nullable().default(null),
    platform: z.string().nullable().default(null),
    architecture: z.string().nullable().default(null),
    executor: z.string().nullable().default(null),
    ipAddress: z.string().nullable().default(null),
    /** `info.features` that are true. */
    features: strings.default([]),
    createdAt: timestamp,
    contactedAt: timestamp,
  })
  .readonly();
export type RunnerManager = z.infer<typeof runnerManagerSchema>;

export const ciVariableSchema = z
  .object({
    key: z.string(),
    value: z.string(),
    public: z.boolean(),
    masked: z.boolean(),
    file: z.boolean(),
    raw: z.boolean(),
  })
  .readonly();

export const commitInfoSchema = z
  .object({
    title: z.string(),
    /** The whole message, title included. */
    message: z.string(),
    authorName: z.string(),
    authorEmail: z.string(),
    timestamp,
  })
  .readonly();
export type CommitInfo = z.infer<typeof commitInfoSchema>;

export const ciStatusSchema = z.enum([
  'created',
  'pending',
  'running',
  'canceling',
  'success',
  'failed',
  'canceled',
  'skipped',
  'manual',
  'scheduled',
]);
/** Status of a job, and (less `canceling` before GitLab 17) of stages and pipelines. */
export type CiStatus = z.infer<typeof ciStatusSchema>;

export const pipelineSchema = z
  .object({
    id,
    iid: id,
    projectId: id,
    ref: z.string(),
    tag: z.boolean(),
    sha: z.string(),
    beforeSha: z.string(),
    source: z.enum(['push', 'web', 'api', 'trigger', 'schedule']),
    status: ciStatusSchema,
    /** A job that was allowed to fail failed: shown as "passed with warnings". */
    warnings: z.boolean().default(false),
    name: z.string().nullable().default(null),
    stages: strings,
    /** Why no job could be made from `.gitlab-ci.yml`. */
    yamlErrors: z.string().nullable().default(null),
    /** Paths of keywords that the sandbox does not carry out, e.g. `deploy.trigger`. */
    unsupported: strings.default([]),
    /** The branch or tag was protected when the pipeline was created. */
    protectedRef: z.boolean().default(false),
    /** Given by who started it (API, web, trigger). */
    variables: z.array(ciVariableSchema).readonly().default([]),
    commit: commitInfoSchema.nullable().default(null),
    userId: id,
    createdAt: timestamp,
    updatedAt: timestamp,
    startedAt: maybeTimestamp,
    finishedAt: maybeTimestamp,
  })
  .readonly();
export type Pipeline = z.infer<typeof pipelineSchema>;

export const jobSchema = z
  .object({
    id,
    projectId: id,
    pipelineId: id,
    name: z.string(),
    stage: z.string(),
    stageIndex: z.number(),
    spec: z.custom<JobSpec>((value) => typeof value === 'object' && value !== null),
    status: ciStatusSchema,
    /** What the job's failure means now; exit codes are decided when it fails. */
    allowFailure: z.boolean(),
    ref: z.string(),
    tag: z.boolean(),
    sha: z.string(),
    /** The branch or tag was protected when the pipeline was created. */
    protectedRef: z.boolean().default(false),
    userId: id,
    /** The job token (`glcbt-…`); valid while the job is running or canceling. */
    token: z.string(),
    /** A newer job of the same name took its place. */
    retried: z.boolean().default(false),
    /** Earlier jobs of this name in the pipeline, whose place it took. */
    retryCount: z.number().default(0),
    failureReason: z.string().nullable().default(null),
    exitCode: z.number().nullable().default(null),
    runnerId: id.nullable().default(null),
    systemId: z.string().nullable().default(null),
    /** Offered to a runner that has not accepted it yet: still pending, but nobody else gets it until then. */
    offeredUntil: maybeTimestamp,
    /** `features` that the runner declared when it took the job. */
    runnerFeatures: strings.default([]),
    /** Seconds, after the runner's maximum was applied; set when a runner takes it. */
    timeoutSeconds: z.number().nullable().default(null),
    /** Variables given when the job was played by hand. */
    playVariables: z.array(ciVariableSchema).readonly().default([]),
    createdAt: timestamp,
    queuedAt: maybeTimestamp,
    /** When a delayed job becomes pending. */
    scheduledAt: maybeTimestamp,
    startedAt: maybeTimestamp,
    finishedAt: maybeTimestamp,
    /** Last sign of the runner: its update or trace. */
    updatedAt: timestamp,
    canceledById: id.nullable().default(null),
    /** What the `coverage` expression found in the trace, in percent. */
    coverage: z.number().nullable().default(null),
    /** When the job's artifacts are removed. */
    artifactsExpireAt: maybeTimestamp,
    /** Variables that the job's `dotenv` report gave to the jobs after it. */
    dotenvVariables: z.array(ciVariableSchema).readonly().default([]),
    erasedAt: maybeTimestamp,
    erasedById: id.nullable().default(null),
    /** `crc32:<8 hex>` that the runner gave for its whole trace. */
    traceChecksum: z.string().nullable().default(null),
  })
  .readonly();
export type Job = z.infer<typeof jobSchema>;

export const artifactSchema = z
  .object({
    id,
    jobId: id,
    projectId: id,
    /** `archive`, `metadata`, `junit`, … */
    fileType: z.string(),
    fileFormat: z.enum(['zip', 'gzip', 'raw']),
    filename: z.string(),
    /** Bytes. The content is `store.files.artifactPath(id)`. */
    size: z.number(),
    sha256: z.string(),
    expireAt: maybeTimestamp,
    createdAt: timestamp,
  })
  .readonly();
export type Artifact = z.infer<typeof artifactSchema>;
