// What is wished, what is seen, and what is planned: the three values of the loop.
import type { CacheVolume } from './cache.ts';
import type { ArchStatus } from './emulation.ts';
import type { EngineInfo } from './engine.ts';
import type { GpuBearer, GpuHandout, GpuReservation, GpuView } from './gpu.ts';
import type { Issue } from './issue.ts';
import type { Job } from './job.ts';
import type { Pool, RunnerEntry } from './pool.ts';
import type { Architecture } from './pool-container.ts';
import type { ProofMode, ProofRecord, ProofView } from './proof.ts';
import type { Container, RunnerRecord } from './runner.ts';
import type { Settings } from './settings.ts';

export type { EngineInfo };

/** Milliseconds since 1970. Time enters a plan only as a value of this kind. */
export type Instant = number;

/** The newest answer of something outside, or why there is none. */
export type Seen<T> =
  | { readonly state: 'never' }
  | { readonly state: 'fresh'; readonly at: Instant; readonly value: T }
  /** The last answer, no longer to be trusted for anything destructive. */
  | {
      readonly state: 'stale';
      readonly at: Instant;
      readonly value: T;
      readonly since: Instant;
      readonly error: Problem;
    }
  | { readonly state: 'failed'; readonly since: Instant; readonly error: Problem };

/** An error as data: what the edges report to the pure middle. */
export interface Problem {
  readonly key: string;
  readonly message: string;
  readonly next: string;
}

/** Everything of ours on one engine at one moment. */
export interface EngineView {
  readonly info: EngineInfo;
  readonly containers: readonly Container[];
  /** Containers of ours and of our jobs that have graphics cards. */
  readonly gpuBearers: readonly GpuBearer[];
  /** Of ours, and that of the stack where it is there. */
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** Containers of jobs; missing: none. */
  readonly jobContainers?: readonly JobObject[];
  /** Networks and volumes of jobs; missing: none. */
  readonly jobPlaces?: readonly JobObject[];
  /** Volumes that keep caches; missing: none. */
  readonly caches?: readonly CacheVolume[];
  /** Images of ours, and of the others those that were asked for and are there. */
  readonly images: readonly string[];
}

/** What a runner has made through the gateway for its jobs. */
export interface JobObject {
  readonly name: string;
  /** The name of the runner's container. */
  readonly runner: string;
}

/** A machine with a container engine. */
export interface HostNode {
  /** Our own UUID: engines' ids are not stable. */
  readonly id: string;
  readonly name: string;
  readonly engine: Seen<EngineView>;
  /** Its graphics cards. Nobody looks on another machine than this one, so that they are not known there. */
  readonly gpus: Seen<GpuView>;
  /** How its engine stands with each processor. Missing: not looked at. */
  readonly architectures?: readonly ArchStatus[];
}

/** Busy milliseconds of projects, by their ids, the older the less they count. */
export type RecentUse = Readonly<Record<number, number>>;

/** GitLab's queue at one moment: every waiting and every running job. */
export interface QueueView {
  readonly jobs: readonly Job[];
  /** When a runner, by its system id, was last seen with a job; those of which we know no job are missing. */
  readonly lastBusy: Readonly<Record<string, Instant>>;
  /** Missing: not known. */
  readonly recentUse?: RecentUse;
}

/** A runner entry as GitLab lists it. */
export interface EntryAtGitlab {
  readonly id: number;
  readonly description: string;
}

/** How a GitLab is reached, once it is known. */
export interface GitlabAddress {
  /** From AutoGit. */
  readonly url: string;
  /** From inside a runner container. */
  readonly runnerUrl: string;
  /** PEM of a root to trust besides the public ones. Missing: none. */
  readonly ca?: string | null;
  /** Whether programs in jobs are to trust `ca`, too. Missing: no. */
  readonly trustInJobs?: boolean;
  /** Where AutoGit connects to, `host:port`, whatever the name says. Missing: where the name leads. */
  readonly connect?: string | null;
  /** The engine's network on which runners find it. Missing: the home's own, or any. */
  readonly network?: string | null;
}

export type Mode = 'serve' | 'drain' | 'teardown';

export interface SandboxWish {
  readonly state: 'running' | 'stopped' | 'absent';
  /** Content-addressed image of the sandbox and of its runner. */
  readonly image: string;
  /** Named volume that holds its data. */
  readonly volume: string;
}

/** What a person wants, computed from settings and open requests. */
export interface Desired {
  readonly instance: string;
  readonly mode: Mode;
  readonly pools: readonly Pool[];
  /** Graphics cards that their owner keeps, on whatever node they are. */
  readonly reservedGpus: readonly Omit<GpuReservation, 'node'>[];
  /** Ids of those that one job has at a time, whatever its pool says; missing: none. */
  readonly exclusiveGpus?: readonly string[];
  /** Whether pools are proven; missing: `off`. */
  readonly proofs?: ProofMode;
  /** Programs in jobs are to trust an own root. Missing: there is none, or they are not. */
  readonly trustInJobs?: true;
  /** Emulators that a person wants registered by an image. Missing: none. */
  readonly emulation?: Settings['emulation'];
  /** `null`: this home has no sandbox and wants none. */
  readonly sandbox: SandboxWish | null;
  /** Image for pools that name none. */
  readonly runnerImage: string;
  /** Image of the gateway; `null`: no pool needs one. */
  readonly gatewayImage: string | null;
  /** The home's own. */
  readonly network: string;
  /** That of the stack with the GitLab of this home; missing: there is none. */
  readonly stackNetwork?: string;
}

/** A pool's recent failures to bring up a runner: they delay the next try. */
export interface PoolFailures {
  readonly pool: string;
  /** In a row, since the last runner that came up. */
  readonly count: number;
  readonly lastAt: Instant;
  readonly lastReason: string;
  /** Of them, how many of the newest ended by themselves right after they had come up. Missing: none. */
  readonly atOnce?: number;
  /** What the newest was made from: a pool that has changed since has not failed yet. Missing: not known. */
  readonly specHash?: string;
}

/** An engine that this home has used before and does not use now. */
export interface FormerNode {
  readonly id: string;
  /** Address, as in `DOCKER_HOST`. */
  readonly host: string;
  /** Whether it answered when it was last asked; `null`: not asked yet. */
  readonly answers: boolean | null;
}

/** An action under way. */
export interface InFlight extends Pick<Action, 'key' | 'target'> {
  /** The cards of a runner that is being started. */
  readonly gpu?: GpuHandout | null;
}

/** When processors are tried anew. */
export interface ArchRenewal {
  /** The start of the core. */
  readonly since: Instant;
  /** When somebody asked for a try. */
  readonly wishes: Readonly<Partial<Record<Architecture, Instant>>>;
  /** When this home last registered an emulator on the node in use. Those that it has removed are missing. */
  readonly registered: Readonly<Partial<Record<Architecture, Instant>>>;
  /** Privileged containers there since the last that did what it should. Missing: none. */
  readonly tries: Readonly<Partial<Record<Architecture, number>>>;
}

export interface Observed {
  /** The engine in use; none before the first one was looked for. */
  readonly nodes: readonly HostNode[];
  readonly formerNodes: readonly FormerNode[];
  /** The node that has this home's sandbox and its data; `null`: none, or not known. */
  readonly sandboxNode: string | null;
  readonly gitlab: Seen<QueueView>;
  readonly address: GitlabAddress | null;
  readonly entries: readonly RunnerEntry[];
  /** What GitLab has of our entries, asked now and then. */
  readonly entriesAtGitlab: Seen<readonly EntryAtGitlab[]>;
  /** Live records only: every phase but `gone`. */
  readonly records: readonly RunnerRecord[];
  /** Milliseconds that runners have lived, by their ids and by a monotonic clock. Missing: not known. */
  readonly lived?: Readonly<Record<string, number>>;
  /** When the machine was last found to have slept, or its clock to have been set forward: nobody could ask meanwhile. */
  readonly leaptAt?: Instant | null;
  readonly failures: readonly PoolFailures[];
  /** Missing: none. */
  readonly proofs?: ProofView;
  /** From when on the newest try of a processor counts, and which were asked for. Missing: none is tried. */
  readonly archRenewal?: ArchRenewal;
  /** Actions that have not ended, or whose effect cannot have been seen yet. */
  readonly inFlight: readonly InFlight[];
  /** Actions that are not done again before `retryAt`: they failed lately, or, without a problem, pause. */
  readonly backoff: readonly {
    readonly key: string;
    readonly retryAt: Instant;
    readonly problem: Problem | null;
  }[];
}

interface ActionBase {
  /** The same situation gives the same key: safe to repeat. */
  readonly key: string;
  /** One action at a time per target. */
  readonly target: string;
  /** A sentence for the log and the screen. */
  readonly reason: string;
}

interface EmulatorAction extends ActionBase {
  readonly node: string;
  readonly architecture: Architecture;
  /** Its privileged container does it: a person has agreed. */
  readonly image: string;
}

export type Action =
  | (ActionBase & { readonly kind: 'import-image'; readonly node: string; readonly image: string })
  | (ActionBase & {
      readonly kind: 'pull-image';
      readonly node: string;
      readonly image: string;
      /** E.g. `linux/arm64`; missing: the engine's own. */
      readonly platform?: string;
    })
  | (ActionBase & { readonly kind: 'create-network'; readonly node: string; readonly network: string })
  | (ActionBase & { readonly kind: 'remove-network'; readonly node: string; readonly network: string })
  | (ActionBase & {
      readonly kind: 'start-sandbox';
      readonly node: string;
      readonly image: string;
      readonly network: string;
      readonly volume: string;
      readonly specHash: string;
    })
  | (ActionBase & {
      readonly kind: 'remove-sandbox';
      readonly node: string;
      readonly container: Container | null;
      /** The volume to delete with it; `null` keeps the data. */
      readonly deleteVolume: string | null;
    })
  | (ActionBase & {
      readonly kind: 'start-gateway';
      readonly node: string;
      readonly image: string;
      readonly network: string;
      readonly specHash: string;
    })
  | (ActionBase & { readonly kind: 'remove-gateway'; readonly node: string; readonly container: Container })
  | (ActionBase & { readonly kind: 'remove-container'; readonly node: string; readonly container: Container })
  | (ActionBase & { readonly kind: 'remove-cache'; readonly node: string; readonly volume: string })
  | (ActionBase & { readonly kind: 'remove-image'; readonly node: string; readonly image: string })
  | (ActionBase & { readonly kind: 'write-entry'; readonly pool: Pool })
  | (ActionBase & { readonly kind: 'check-entry'; readonly pool: string })
  | (ActionBase & { readonly kind: 'remove-entry'; readonly entryId: number; readonly pool: string | null })
  | (ActionBase & {
      readonly kind: 'start-runner';
      readonly node: string;
      readonly pool: Pool;
      readonly slot: number;
      readonly image: string;
      readonly network: string;
      readonly specHash: string;
      readonly address: GitlabAddress;
      /** The cards of its jobs; `null`: none. */
      readonly gpu: GpuHandout | null;
      /** It waits for the go before it asks for jobs. */
      readonly waits?: true;
    })
  | (ActionBase & { readonly kind: 'release-runner'; readonly node: string; readonly container: Container })
  | (ActionBase & {
      readonly kind: 'start-proof';
      readonly pool: string;
      /** Path of the group in which it runs; `null`: among the projects of the token's user. */
      readonly group: string | null;
      /** Its CI file, with `nonceMark` for the nonce. */
      readonly file: string;
      /** Of what is proven. */
      readonly spec: string;
      readonly tries: number;
    })
  | (ActionBase & {
      readonly kind: 'end-proof';
      readonly record: ProofRecord;
      /** What its jobs should run on; `null`: not known. */
      readonly arch: Architecture | null;
      /** `read` what has come of it, or give it up and say why. */
      readonly how: 'read' | 'late' | 'withdrawn' | 'interrupted';
    })
  | (ActionBase & {
      readonly kind: 'probe-architectures';
      readonly node: string;
      /** `spec`: of what is probed. */
      readonly architectures: readonly Pick<ArchStatus, 'architecture' | 'spec'>[];
    })
  /** `spec`: of what is there now. */
  | (EmulatorAction & { readonly kind: 'install-emulator'; readonly spec: string })
  | (EmulatorAction & { readonly kind: 'remove-emulator' })
  | (ActionBase & { readonly kind: 'stop-runner'; readonly node: string; readonly container: Container })
  | (ActionBase & { readonly kind: 'remove-runner'; readonly node: string; readonly container: Container })
  | (ActionBase & { readonly kind: 'adopt-runner'; readonly node: string; readonly container: Container })
  | (ActionBase & {
      readonly kind: 'forget-runner';
      readonly record: RunnerRecord;
      readonly failure: string | null;
    });

export type ActionKind = Action['kind'];

export interface Plan {
  readonly actions: readonly Action[];
  readonly issues: readonly Issue[];
  /** When to plan again although nothing has happened; `null`: only on news. */
  readonly wakeAt: Instant | null;
}
