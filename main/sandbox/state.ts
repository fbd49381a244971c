// The sandbox's entities: one zod schema each, from which the readonly type is derived.
// A field with a default may be left out on insert, and is filled in when an older state folder is opened.
import { z } from 'zod';
import { id, maybeTimestamp, storedVariableFields, strings, timestamp, visibility } from './state-fields.ts';

export * from './state-ci.ts';

export const userSchema = z
  .object({
    id,
    username: z.string(),
    name: z.string(),
    email: z.string(),
    admin: z.boolean().default(false),
    state: z
      .enum(['active', 'blocked', 'deactivated', 'banned', 'blocked_pending_approval'])
      .default('active'),
    external: z.boolean().default(false),
    canCreateGroup: z.boolean().default(true),
    projectsLimit: z.number().default(100_000),
    /** `scrypt` hash as its writer formats it; `null`: no sign-in by password. */
    passwordHash: z.string().nullable().default(null),
    /** Who it is at providers of sign-in, as they call it. */
    identities: z
      .array(z.object({ provider: z.string(), externUid: z.string() }).readonly())
      .readonly()
      .default([]),
    bio: z.string().default(''),
    createdAt: timestamp,
    lastActivityOn: z.string().nullable().default(null),
  })
  .readonly();
export type User = z.infer<typeof userSchema>;

export const personalAccessTokenSchema = z
  .object({
    id,
    userId: id,
    name: z.string(),
    description: z.string().default(''),
    /** The secret, `glpat-…`. In the clear: the sandbox protects nothing of value. */
    token: z.string(),
    scopes: strings,
    revoked: z.boolean().default(false),
    /** A date, `YYYY-MM-DD`: the token ends at 00:00 UTC of that day. */
    expiresAt: z.string().nullable().default(null),
    createdAt: timestamp,
    lastUsedAt: maybeTimestamp,
  })
  .readonly();
export type PersonalAccessToken = z.infer<typeof personalAccessTokenSchema>;

export const sshKeySchema = z
  .object({
    id,
    userId: id,
    title: z.string(),
    key: z.string(),
    usageType: z.enum(['auth', 'signing', 'auth_and_signing']).default('auth_and_signing'),
    expiresAt: maybeTimestamp,
    createdAt: timestamp,
  })
  .readonly();
export type SshKey = z.infer<typeof sshKeySchema>;

/** Groups and users' personal namespaces share one kind and one id sequence, as in GitLab. */
export const namespaceSchema = z
  .object({
    id,
    kind: z.enum(['user', 'group']),
    name: z.string(),
    path: z.string(),
    fullPath: z.string(),
    parentId: id.nullable().default(null),
    /** The user whose personal namespace it is; `null` for groups. */
    ownerId: id.nullable().default(null),
    description: z.string().default(''),
    visibility: visibility.default('private'),
    sharedRunnersEnabled: z.boolean().default(true),
    createdAt: timestamp,
  })
  .readonly();
export type Namespace = z.infer<typeof namespaceSchema>;

export const projectSchema = z
  .object({
    id,
    namespaceId: id,
    name: z.string(),
    path: z.string(),
    /** `group/subgroup/project`. */
    fullPath: z.string(),
    description: z.string().default(''),
    visibility: visibility.default('private'),
    /** `null` until the first push, unless it was given at creation. */
    defaultBranch: z.string().nullable().default(null),
    creatorId: id,
    topics: strings.default([]),
    archived: z.boolean().default(false),
    sharedRunnersEnabled: z.boolean().default(true),
    groupRunnersEnabled: z.boolean().default(true),
    jobsEnabled: z.boolean().default(true),
    /** Empty: `.gitlab-ci.yml`. */
    ciConfigPath: z.string().default(''),
    /** Seconds. */
    buildTimeout: z.number().default(3600),
    /** `git_depth` of the CI settings; 0 is a full clone. */
    ciDefaultGitDepth: z.number().default(20),
    /** `fetch` or `clone`. */
    buildGitStrategy: z.enum(['fetch', 'clone']).default('fetch'),
    autoCancelPendingPipelines: z.enum(['enabled', 'disabled']).default('enabled'),
    keepLatestArtifact: z.boolean().default(true),
    /** Where it was forked from. */
    forkedFromProjectId: id.nullable().default(null),
    createdAt: timestamp,
    lastActivityAt: timestamp,
  })
  .readonly();
export type Project = z.infer<typeof projectSchema>;

export const memberSchema = z
  .object({
    id,
    sourceType: z.enum(['project', 'group']),
    /** A project's id, or a group's namespace id. */
    sourceId: id,
    userId: id,
    /** 5, 10, 15, 20, 30, 40 or 50. */
    accessLevel: z.number(),
    expiresAt: z.string().nullable().default(null),
    createdAt: timestamp,
  })
  .readonly();
export type Member = z.infer<typeof memberSchema>;

export const protectedBranchSchema = z
  .object({
    id,
    projectId: id,
    /** A branch's name, or a pattern with `*`. */
    name: z.string(),
    /** 0 nobody, 30 developers, 40 maintainers, 60 administrators. */
    pushAccessLevel: z.number().default(40),
    mergeAccessLevel: z.number().default(40),
    unprotectAccessLevel: z.number().nullable().default(null),
    allowForcePush: z.boolean().default(false),
  })
  .readonly();
export type ProtectedBranch = z.infer<typeof protectedBranchSchema>;

export const protectedTagSchema = z
  .object({ id, projectId: id, name: z.string(), createAccessLevel: z.number().default(40) })
  .readonly();
export type ProtectedTag = z.infer<typeof protectedTagSchema>;

export const projectVariableSchema = z
  .object({
    ...storedVariableFields,
    projectId: id,
    hidden: z.boolean().default(false),
    environmentScope: z.string().default('*'),
  })
  .readonly();
export type ProjectVariable = z.infer<typeof projectVariableSchema>;

/** For the pipelines of all projects. */
export const instanceVariableSchema = z.object(storedVariableFields).readonly();
export type InstanceVariable = z.infer<typeof instanceVariableSchema>;

/**
 * A push whose refs may move or have moved, and whose consequences (events, pipelines) are not all there yet. Written
 * before git moves the refs, so that a killed sandbox catches up when it starts again.
 */
export const pendingPushSchema = z
  .object({
    id,
    projectId: id,
    userId: id,
    updates: z
      .array(z.object({ ref: z.string(), before: z.string(), after: z.string() }).readonly())
      .readonly(),
    skipCi: z.boolean(),
    variables: z.array(z.object({ key: z.string(), value: z.string() }).readonly()).readonly(),
    serverUrl: z.string(),
    createdAt: timestamp,
  })
  .readonly();
export type PendingPush = z.infer<typeof pendingPushSchema>;

export const hookSchema = z
  .object({
    id,
    /** `null`: a system hook. */
    projectId: id.nullable().default(null),
    url: z.string(),
    name: z.string().default(''),
    description: z.string().default(''),
    /** Sent as `X-Gitlab-Token`; never shown. */
    token: z.string().default(''),
    enableSslVerification: z.boolean().default(true),
    pushEvents: z.boolean().default(true),
    pushEventsBranchFilter: z.string().default(''),
    tagPushEvents: z.boolean().default(false),
    jobEvents: z.boolean().default(false),
    pipelineEvents: z.boolean().default(false),
    mergeRequestsEvents: z.boolean().default(false),
    issuesEvents: z.boolean().default(false),
    confidentialIssuesEvents: z.boolean().default(false),
    noteEvents: z.boolean().default(false),
    confidentialNoteEvents: z.boolean().default(false),
    wikiPageEvents: z.boolean().default(false),
    deploymentEvents: z.boolean().default(false),
    releasesEvents: z.boolean().default(false),
    repositoryUpdateEvents: z.boolean().default(false),
    recentFailures: z.number().default(0),
    disabledUntil: maybeTimestamp,
    createdAt: timestamp,
  })
  .readonly();
export type Hook = z.infer<typeof hookSchema>;

export const hookDeliverySchema = z
  .object({
    id,
    hookId: id,
    /** `job_hooks`, `push_hooks`, … */
    event: z.string(),
    url: z.string(),
    requestHeaders: z.record(z.string(), z.string()),
    requestBody: z.string(),
    /** HTTP status, or `internal error` as GitLab records a failed connection. */
    responseStatus: z.string(),
    responseHeaders: z.record(z.string(), z.string()).default({}),
    responseBody: z.string().default(''),
    /** Seconds. */
    executionDuration: z.number(),
    createdAt: timestamp,
  })
  .readonly();
export type HookDelivery = z.infer<typeof hookDeliverySchema>;

/** Instance settings; there is exactly one, with id 1. */
export const appSettingsSchema = z
  .object({
    id,
    instanceUuid: z.string(),
    signupEnabled: z.boolean().default(true),
    requireAdminApprovalAfterUserSignup: z.boolean().default(true),
    passwordAuthenticationEnabledForWeb: z.boolean().default(true),
    passwordAuthenticationEnabledForGit: z.boolean().default(true),
    minimumPasswordLength: z.number().default(8),
    /** Minutes after which a session ends. */
    sessionExpireDelay: z.number().default(10_080),
    allowLocalRequestsFromWebHooksAndServices: z.boolean().default(false),
    allowLocalRequestsFromSystemHooks: z.boolean().default(true),
    outboundLocalRequestsWhitelist: strings.default([]),
    defaultProjectVisibility: visibility.default('private'),
    defaultBranchName: z.string().default('main'),
    sharedRunnersEnabled: z.boolean().default(true),
    adminMode: z.boolean().default(false),
    /** MiB of one artifact file. */
    maxArtifactsSize: z.number().default(100),
    /** As written, `30 days`; `0` never. */
    defaultArtifactsExpireIn: z.string().default('30 days'),
    /** Every further setting that was written: kept and shown, without effect. */
    others: z.record(z.string(), z.unknown()).default({}),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .readonly();
export type AppSettings = z.infer<typeof appSettingsSchema>;
