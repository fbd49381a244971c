// The edges of the core as small interfaces: what an adapter must do, and what a fake must do alike.
import type { ContainerFile, ContainerSpec, PackedFile } from './model/container-spec.ts';
import type { EngineInfo, EnginePlace } from './model/engine.ts';
import type { ArchProbe } from './model/emulation.ts';
import type { HistoryRow } from './model/host-metrics.ts';
import type { Job, JobStatus } from './model/job.ts';
import type { Notice } from './model/notice.ts';
import type { NoticeMemory } from './model/notice-memory.ts';
import type { EntryTerms, RunnerEntry } from './model/pool.ts';
import type { Architecture } from './model/pool-container.ts';
import type { ProofRecord, ProofView } from './model/proof.ts';
import type { Door, RequestKind } from './model/request.ts';
import type { Container, RunnerPhase, RunnerRecord } from './model/runner.ts';
import type { JobUsage, UsedByJob } from './model/usage.ts';
import type { EntryAtGitlab, GitlabAddress } from './model/world.ts';

/** Wall time, monotonic time and waiting. Milliseconds. */
export interface Clock {
  now(): number;
  monotonic(): number;
  /** Resolves after `ms`, or at once when the signal fires; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** By how much `now` is ahead of the machine's clock, which was set back since the start. Missing: never. */
  aheadMs?(): number;
}

/** A container, network, volume or image that carries our labels, not yet checked for their signature. */
export interface LabelledContainer extends Omit<Container, 'node' | 'role' | 'pool' | 'specHash'> {
  readonly labels: Readonly<Record<string, string>>;
  /** The kernel ended something in it for want of memory. Only `inspectContainer` tells; missing: not so, or not known. */
  readonly outOfMemory?: boolean;
  /** How often the engine has started it again by itself. Only `inspectContainer` tells; missing: never, or not known. */
  readonly restarts?: number;
  /** When it was made, milliseconds since 1970. Only `inspectContainer` tells; missing: not known. */
  readonly createdAt?: number;
}

export interface LabelledObject {
  /** For images: `name:tag`. */
  readonly name: string;
  /** Of volumes, milliseconds since 1970; missing where the engine does not tell it. */
  readonly createdAt?: number;
  /** Of networks: `172.18.0.0/16`, each address family for itself. */
  readonly subnets?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface PullProgress {
  /** Bytes, over all layers known so far. */
  readonly current: number;
  readonly total: number;
  readonly status: string;
}

export interface ContainerStats {
  /** Nanoseconds of processor time since the container started. */
  readonly cpuNanos: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number | null;
}

export interface EngineEvent {
  readonly type: string;
  readonly action: string;
  readonly id: string;
  /** Missing where the engine does not tell it. */
  readonly name?: string;
  /** Of a container that was made for a runner's job: the runner's name, as its label says. */
  readonly runner?: string;
}

export type EngineEventListener = (event: EngineEvent) => void;

/**
 * A container engine. Every method may reject with `engine.address`, `engine.unreachable` (retry), `engine.tls`,
 * `engine.permission`, `engine.no-space`, `engine.image-missing`, `engine.refused` (the engine's own words in the
 * message).
 */
export interface Engine {
  /** Address, as in `DOCKER_HOST`. */
  readonly host: string;
  info(): Promise<EngineInfo>;
  /** All states, running or not; only objects that carry every one of `labels`. */
  listContainers(labels: Readonly<Record<string, string>>): Promise<readonly LabelledContainer[]>;
  listNetworks(labels: Readonly<Record<string, string>>): Promise<readonly LabelledObject[]>;
  /** Running containers on a network that are none of ours, and further names by which they are known there. */
  listNames(network: string): Promise<Readonly<Record<string, readonly string[]>>>;
  listVolumes(labels: Readonly<Record<string, string>>): Promise<readonly LabelledObject[]>;
  listImages(labels: Readonly<Record<string, string>>): Promise<readonly LabelledObject[]>;
  /** One container by id or name; `null` when there is none. */
  inspectContainer(id: string): Promise<LabelledContainer | null>;
  /** Creates without starting; rejects with `engine.name-taken` when a container of that name exists. */
  createContainer(spec: ContainerSpec): Promise<string>;
  /** Writes files into a container that has been created; works before its first start. */
  putFiles(id: string, files: readonly ContainerFile[]): Promise<void>;
  /** Starting a running container is success. */
  startContainer(id: string): Promise<void>;
  /** A container that is gone or has ended is success. */
  signalContainer(id: string, signal: string): Promise<void>;
  /** Stops within `seconds`, then kills. A container that is gone or has ended is success. */
  stopContainer(id: string, seconds: number): Promise<void>;
  /** Removes with its anonymous volumes; with `force`, even a running one. Already gone is success. */
  removeContainer(id: string, options: { readonly force: boolean }): Promise<void>;
  stats(id: string): Promise<ContainerStats>;
  /** The end of what the container printed, both streams together; for telling why it failed. */
  containerLog(id: string, lines: number): Promise<string>;
  /** An existing one of that name is success. */
  createNetwork(name: string, labels: Readonly<Record<string, string>>): Promise<void>;
  /** Already gone is success; one that is in use is `engine.in-use`. */
  removeNetwork(name: string): Promise<void>;
  createVolume(name: string, labels: Readonly<Record<string, string>>): Promise<void>;
  removeVolume(name: string): Promise<void>;
  hasImage(reference: string): Promise<boolean>;
  /** Makes an image from a tar of its root file system. `reference` is `name:tag`. */
  importImage(
    reference: string,
    rootfs: NodeJS.ReadableStream,
    options: {
      readonly env: Readonly<Record<string, string>>;
      readonly labels: Readonly<Record<string, string>>;
    },
  ): Promise<void>;
  /** `platform`: e.g. `linux/arm64`; missing: the engine's own. Rejects when nothing comes for a minute. */
  pullImage(
    reference: string,
    onProgress: (progress: PullProgress) => void,
    platform?: string,
  ): Promise<void>;
  removeImage(reference: string): Promise<void>;
  /** Events of containers, images, networks and volumes until `signal` fires; rejects when the stream breaks. */
  watch(onEvent: EngineEventListener, signal: AbortSignal): Promise<void>;
}

/** The engines that this machine and its user know of. */
export interface Engines {
  /** Every address at which one may be, best first; nothing is asked. `setting`: the one in the settings. Never rejects. */
  places(setting: string | null): Promise<readonly EnginePlace[]>;
  /** What `EnginePlace.identity` is of this address. Never rejects. */
  identify(host: string): Promise<string>;
  /** What the engine at an address is, within a few seconds. Rejects like the methods of `Engine`, at once when `signal` fires. */
  ask(host: string, signal?: AbortSignal): Promise<EngineInfo>;
  /** The engine at an address; connects only when it is asked. */
  connect(host: string): Engine;
}

export interface QueuePage {
  /** Every waiting and running job; never a part of them. */
  readonly jobs: readonly QueuedJob[];
}

/** Names of protected branches and tags; `*` stands for any characters. */
export interface ProtectedRefs {
  readonly branches: readonly string[];
  readonly tags: readonly string[];
}

/** A job as GitLab lists it: without our own clock. */
export type QueuedJob = Omit<Job, 'firstSeenAt'>;

export interface JobLogPart {
  readonly text: string;
  /** Where the next part begins, in bytes. */
  readonly nextOffset: number;
  /** There is more already: the log is given in parts of a bounded size. */
  readonly more?: boolean;
}

export interface GitlabVersion {
  readonly version: string;
  readonly revision: string;
  /** True when the token's user is an administrator: without it the queue looks empty. */
  readonly admin: boolean;
}

/** How much there is; `null`: more than GitLab counts. */
export interface GitlabCounts {
  readonly projects: number | null;
  readonly users: number | null;
  readonly groups: number | null;
  /** Runner entries. */
  readonly runners: number | null;
  /** Of projects and of GitLab itself. */
  readonly hooks: number | null;
}

/**
 * A GitLab. Every method may reject with `gitlab.unreachable` (retry), `gitlab.unavailable` (5xx, 429; retry),
 * `gitlab.unauthorized`, `gitlab.forbidden`, `gitlab.unexpected` (an answer that is not GitLab's).
 */
export interface Gitlab {
  readonly url: string;
  version(): Promise<GitlabVersion>;
  /** Asks for a page of each list, and of the hooks of every project: for a person who waits. */
  counts(): Promise<GitlabCounts>;
  /** One GraphQL query for all projects, in pages of 100. */
  queue(): Promise<QueuePage>;
  /** `null` when the job does not exist any more. */
  job(projectId: number, jobId: number): Promise<QueuedJob | null>;
  /** The newest jobs of a project, at most 500, also those that are not in the queue yet; newest first. */
  projectJobs(projectId: number): Promise<readonly QueuedJob[]>;
  /** The job's log from a byte offset on. While the job goes on, a character at the end that is not whole is held back. */
  jobLog(
    projectId: number,
    jobId: number,
    from: { readonly offset: number; readonly ended: boolean },
  ): Promise<JobLogPart>;
  /** Rejects with `gitlab.job-refused` when its state does not allow it. */
  cancelJob(projectId: number, jobId: number): Promise<QueuedJob>;
  /** The new job. Rejects with `gitlab.job-refused` when its state does not allow it. */
  retryJob(projectId: number, jobId: number): Promise<QueuedJob>;
  /** Rejects with `gitlab.no-such-path` when the scope names a group or a project that is not there. */
  createEntry(
    entry: EntryTerms & { readonly description: string },
  ): Promise<{ readonly id: number; readonly token: string }>;
  /** The scope of an entry never changes. False when there is no such entry any more. */
  updateEntry(id: number, terms: EntryTerms): Promise<boolean>;
  /** What is protected in a project; nothing when it is not there or has no code. */
  protectedRefs(projectId: number): Promise<ProtectedRefs>;
  /** Already gone is success. */
  removeEntry(id: number): Promise<void>;
  /** Runner entries whose description begins with `prefix`: all pages, or it rejects. */
  listEntries(prefix: string): Promise<readonly EntryAtGitlab[]>;
  /** Whether the token of a runner entry is good; changes nothing. */
  acceptsEntry(entryToken: string): Promise<boolean>;
  /** The newest jobs, at most 20, that one runner process of an entry took, whatever became of them. */
  jobsOf(entryId: number, systemId: string): Promise<readonly Pick<QueuedJob, 'id'>[]>;
  /** Forgets one runner process of an entry, and with it which jobs it took. Already gone is success. */
  removeManager(entryToken: string, systemId: string): Promise<void>;
  createProject(name: string): Promise<{ readonly id: number; readonly path: string }>;
  /**
   * Finds a private project of ours or makes it, in a group or, with `null`, among those of the token's user, and puts a
   * file into its branch `main`, which is protected. Starts no pipeline.
   */
  prepareProject(project: {
    readonly name: string;
    readonly group: string | null;
    readonly file: { readonly path: string; readonly content: string };
    readonly message: string;
  }): Promise<{ readonly id: number; readonly path: string }>;
  /** Runs the pipeline of `main`; the ids of its jobs. */
  startPipeline(projectId: number): Promise<readonly number[]>;
  /** The name of the user whose token this is. */
  self(): Promise<string>;
  /** The name of who started a job; `null`: nobody who is known, or the job does not exist any more. */
  jobOwner(projectId: number, jobId: number): Promise<string | null>;
  /** A file among those that the job uploaded; `null` when there is none. */
  jobArtifact(projectId: number, jobId: number, path: string): Promise<string | null>;
}

/** A request that a person made and that outlives a restart until it is done. */
export interface RequestRecord {
  readonly id: number;
  readonly kind: RequestKind;
  readonly at: number;
  /** Through which door it came. */
  readonly door: Door;
}

export interface AuditRecord {
  readonly at: number;
  readonly door: Door;
  readonly request: string;
  readonly outcome: string;
  /** What it was about: the pool, the job, the setting. Missing: it was about no one thing. */
  readonly subject?: string;
  /** It was only asked what it would do. */
  readonly dryRun?: true;
}

/** What jobs are asked for; `undefined` asks for nothing. */
export interface JobFilter {
  readonly status?: JobStatus | undefined;
  /** Its full path. */
  readonly project?: string | undefined;
}

/** Durable state. Every write has reached the disk when the method returns. */
export interface Store {
  /** This home's identity, made at the first start. */
  readonly instance: string;
  /** Our id for the engine behind `host`, made when it is first seen. */
  nodeId(host: string): string;
  /** Every engine that this home has used. */
  nodes(): readonly { readonly id: string; readonly host: string }[];
  /** The node on which this home's sandbox keeps its data; `null` when there is none. */
  sandboxNode(): string | null;
  setSandboxNode(node: string | null): void;
  /** When something happened that must be known after a restart; `null`: not yet. Milliseconds since 1970. */
  noteOf(name: string): number | null;
  setNote(name: string, at: number): void;
  /** A text that was kept for later; `null`: there is none. */
  textOf(name: string): string | null;
  /** Takes the place of an older one; `null` removes it. */
  setText(name: string, text: string | null): void;
  /** What the newest try of each processor has shown on a node. */
  archProbes(node: string): readonly ArchProbe[];
  /** Takes the place of an older one of that processor. */
  saveArchProbe(node: string, probe: ArchProbe): void;
  /** What was tried of it counts no more. */
  forgetArchProbe(node: string, architecture: Architecture): void;
  /** Every record that is not `gone`. */
  liveRunners(): readonly RunnerRecord[];
  /** How many runners were ever started, and how many of them are gone again. */
  runnerTotals(): { readonly created: number; readonly removed: number };
  insertRunner(record: RunnerRecord): void;
  updateRunner(id: string, change: Partial<Omit<RunnerRecord, 'id'>>): void;
  /** The same, but only while its phase is one of `from`: whoever has waited meanwhile asks so. False: nothing written. */
  moveRunner(id: string, from: readonly RunnerPhase[], change: Partial<Omit<RunnerRecord, 'id'>>): boolean;
  /** The newest records of a pool that are gone, newest first. */
  goneRunners(pool: string, limit: number): readonly RunnerRecord[];
  /** The newest records, whatever their phase, newest first. */
  recentRunners(limit: number): readonly RunnerRecord[];
  entries(): readonly RunnerEntry[];
  saveEntry(entry: RunnerEntry): void;
  removeEntry(pool: string): void;
  /** Proofs of pools: the open ones, and of each pool the newest that has ended. */
  proofs(): ProofView;
  /** Its id. Throws when another proof of the pool is open. */
  openProof(proof: Pick<ProofRecord, 'pool' | 'spec' | 'nonce' | 'tries' | 'startedAt'>): number;
  /** What is missing stays as it was. */
  updateProof(
    id: number,
    change: Partial<Pick<ProofRecord, 'projectId' | 'jobId' | 'endedAt' | 'evidence'>>,
  ): void;
  /** Somebody asks for a proof of this pool. Milliseconds since 1970. */
  wishProof(pool: string, at: number): void;
  saveJobs(jobs: readonly Job[]): void;
  job(id: number): Job | null;
  /** Those that fit, newest first; all fit where nothing is asked for. */
  jobs(limit: number, filter?: JobFilter): readonly Job[];
  /** Jobs that had not ended when last seen. */
  openJobs(): readonly Job[];
  /** Jobs that have ended, newest first. */
  finishedJobs(limit: number): readonly Job[];
  /** Jobs that ran and ended since, newest first, those with a number below `below` only. */
  endedJobs(part: {
    readonly since: number;
    readonly below: number | null;
    readonly limit: number;
  }): readonly Job[];
  /** Counts what a job used among the jobs of its name. */
  addUsage(used: UsedByJob): void;
  /** What the jobs of each name have used, of one pool or of all. */
  usages(pool?: string): readonly JobUsage[];
  /** Keeps what the machine and its cards did, all rows or none; of two of the same step, the one of more samples. */
  saveHistory(rows: readonly HistoryRow[]): void;
  /** Steps that begin from `from` on and before `to`, oldest first. */
  history(part: {
    readonly node: string;
    readonly subject: string;
    readonly from: number;
    readonly to: number;
  }): readonly HistoryRow[];
  /** Forgets what is too old or too much; also done when it is opened. */
  prune(): void;
  /** Forgets all jobs, what they used, and entries: after the sandbox was reset, its ids mean something else. */
  forgetGitlab(): void;
  addRequest(kind: RequestKind, door: Door): RequestRecord;
  openRequests(): readonly RequestRecord[];
  finishRequest(id: number, outcome: string): void;
  audit(record: AuditRecord): void;
  auditLog(limit: number): readonly AuditRecord[];
  /** What a person was told, the newest first. */
  notices(limit: number): readonly Notice[];
  /** What was remembered with them; `null`: nothing, or it cannot be read. */
  noticeMemory(): NoticeMemory | null;
  /** Keeps these, in place of those of the same ids, and what is remembered now, all of it or nothing. The oldest go. */
  saveNotices(changed: readonly Notice[], memory: NoticeMemory): void;
  close(): void;
}

/** Where a doorbell is asked, and what it wants to see. */
export interface BellAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Something that knows when jobs have come to wait. */
export interface Bell {
  /** How often it has rung: once that is not `count`, or after half a minute. Rejects where it cannot be asked, and with the signal. */
  wait(count: number | null, signal: AbortSignal): Promise<number>;
}

export type ConnectBell = (address: BellAddress) => Bell;

/** The GitLab behind an address; made anew when the address or the token changes. */
export type ConnectGitlab = (address: GitlabAddress, token: string) => Gitlab;
export type { ContainerFile, ContainerSpec, Door, PackedFile, RequestKind };
export type { Host, Secrets, SettingsFile } from './home-ports.ts';
