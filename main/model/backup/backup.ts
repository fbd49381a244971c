// Backups as AutoGit knows them: what is kept where, what was shown of it, and the run that goes on.
import { z } from 'zod';
import { backupParts } from './manifest.ts';

const instant = z.int().describe('milliseconds since 1970');

export const backupVerbs = ['create', 'verify', 'drill', 'restore', 'prune'] as const;
export type BackupVerb = (typeof backupVerbs)[number];

/** Steps in the order in which they come; each verb has some of them. */
export const backupSteps = [
  ...[
    'check',
    'safety',
    'dump',
    'send',
    'fetch',
    'judge',
    'read',
    'load',
    'home',
    'gitlab',
    'services',
    'forget',
    'prune',
  ],
  ...['tidy'],
] as const;
export type BackupStep = (typeof backupSteps)[number];

/** Who has asked for a run. */
export const backupCauses = ['person', 'schedule', 'missed', 'plugged-in', 'upgrade'] as const;
export type BackupCause = (typeof backupCauses)[number];

export const runOutcomes = ['done', 'failed', 'cancelled', 'interrupted', 'rolled-back'] as const;
export type RunOutcome = (typeof runOutcomes)[number];

export const backupFailureSchema = z.object({ key: z.string(), message: z.string(), next: z.string() });
export type BackupFailure = z.infer<typeof backupFailureSchema>;

/** One snapshot at one target, as its repository lists it, with what AutoGit has seen of it. */
export const backupRecordSchema = z.object({
  /** The backup's own id (a UUID); the same at every target that has it. */
  id: z.string(),
  target: z.string(),
  /** restic's snapshot id, 64 hex digits. */
  snapshot: z.string(),
  at: instant,
  machine: z.string(),
  instance: z.string(),
  /** Digest of its manifest, by its tag; `null`: it has none, somebody else made it. */
  manifestSha256: z.string().nullable(),
  autogit: z.string(),
  gitlab: z.enum(['none', 'sandbox', 'stack', 'elsewhere']),
  /** Version of GitLab in it; '' for none. */
  gitlabVersion: z.string(),
  parts: z.array(z.enum(backupParts)),
  /** Of all files, and what it added to the repository; `null`: not known. */
  bytes: z.int().nullable(),
  addedBytes: z.int().nullable(),
  files: z.int().nullable(),
  counts: z.record(z.string(), z.int()),
  /** When a drill has restored it whole, and how long that took, milliseconds; `null`: never. */
  provenAt: instant.nullable(),
  provenMs: z.int().nullable(),
  /** Why it is known to be damaged; `null`: it is not. */
  damage: z.string().nullable(),
});
export type BackupRecord = z.infer<typeof backupRecordSchema>;

/** One run, from its beginning until it has ended. */
export const backupRunSchema = z.object({
  id: z.int(),
  verb: z.enum(backupVerbs),
  cause: z.enum(backupCauses),
  /** Schedule that it follows; `null`: none. */
  schedule: z.string().nullable(),
  targets: z.array(z.string()),
  startedAt: instant,
  endedAt: instant.nullable(),
  outcome: z.enum(runOutcomes).nullable(),
  /** Of each target that failed, and '' for what is not of one. */
  failures: z.array(backupFailureSchema.extend({ target: z.string() })),
  /** The backup that it made, restored or proved. */
  backup: z.string().nullable(),
});
export type BackupRun = z.infer<typeof backupRunSchema>;

export const backupProgressSchema = z.object({
  run: z.int(),
  verb: z.enum(backupVerbs),
  step: z.enum(backupSteps).nullable(),
  /** What goes on, in a sentence. */
  message: z.string(),
  /** Target it is about; `null`: none. */
  target: z.string().nullable(),
  /** Bytes of this step; `null`: not counted. */
  bytes: z.object({ done: z.number(), total: z.number() }).nullable(),
  files: z.object({ done: z.number(), total: z.number() }).nullable(),
  /** Of this step, as the engine guesses it; `null`: nobody knows. */
  secondsLeft: z.number().nullable(),
  outcome: z.enum(runOutcomes).nullable(),
  failure: backupFailureSchema.nullable(),
});
export type BackupProgress = z.infer<typeof backupProgressSchema>;

/** What AutoGit has seen of a target. */
export const targetStateSchema = z.object({
  name: z.string(),
  /** `absent`: a disk that is not plugged in; `new`: no repository there yet. */
  state: z.enum(['ready', 'new', 'absent', 'failing', 'unknown']),
  /** When that was seen. */
  at: instant.nullable(),
  failure: backupFailureSchema.nullable(),
  freeBytes: z.int().nullable(),
  /** Of the disk or quota. */
  totalBytes: z.int().nullable(),
  /** Of the repository. */
  usedBytes: z.int().nullable(),
  lastBackupAt: instant.nullable(),
  lastVerifiedAt: instant.nullable(),
  lastPrunedAt: instant.nullable(),
  /** Which part of the data is read back next: 1 … 100. */
  nextPart: z.int(),
});
export type TargetState = z.infer<typeof targetStateSchema>;

/** A snapshot of restic as it lists it. */
export interface ResticSnapshot {
  /** 64 hex digits. */
  readonly id: string;
  readonly at: number;
  readonly host: string;
  readonly paths: readonly string[];
  readonly tags: readonly string[];
}
