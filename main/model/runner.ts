// A runner: the container that runs jobs, as recorded by us and as seen on the engine.
import type { GpuGrant } from './gpu.ts';

/**
 * How far a runner has come, by our own durable record; docs/runners.md has the drawing.
 * `intended`: written down, the engine not asked yet or not known to have answered; `prepared`: its container is made,
 * with all it needs, and not started; `warm`: started, and waits for the go before it asks for jobs; `released`: it is
 * to have the go, and may have it; `started`: it asks for jobs; `draining`: a person wants it to finish its job and go;
 * `leaving`: told to go, which it does when it has no job; `gone`: removed, or never came to be.
 */
export type RunnerPhase =
  'intended' | 'prepared' | 'warm' | 'released' | 'started' | 'draining' | 'leaving' | 'gone';

/** The failure of a runner whose start was cut off by the end of AutoGit itself: it says nothing about its pool. */
export const interruptedStart = 'its start was interrupted';

/** The failure of a runner that ended by itself with an exit code other than 0. */
export function endedWith(code: number, lastWords: string): string {
  return `it ended with code ${code}${lastWords === '' ? '' : `: ${lastWords}`}`;
}

/** The exit code in such a failure; `null` for any other. */
export function endCodeOf(failure: string | null): number | null {
  const code = /^it ended with code (\d+)/.exec(failure ?? '')?.[1];
  return code === undefined ? null : Number(code);
}

/** Limits of a runner's containers, as they were made. 0: no limit. */
export interface RunnerSize {
  readonly cpus: number;
  readonly memoryMiB: number;
}

/** The durable record of one runner. Times are milliseconds since 1970. */
export interface RunnerRecord {
  /** Eight lower-case hex digits, also the end of the container's name. */
  readonly id: string;
  readonly node: string;
  readonly pool: string;
  /** Position in the pool, 0 to max-1: two live runners never share one. */
  readonly slot: number;
  readonly name: string;
  readonly specHash: string;
  /** Identity of the runner process at GitLab, `r_` and 12 characters. */
  readonly systemId: string;
  /** The graphics cards that it and its jobs have; `null`: none. Held until the record is closed. */
  readonly grant: GpuGrant | null;
  /** What it and its jobs may use at most. Missing: not known. */
  readonly size?: RunnerSize;
  readonly phase: RunnerPhase;
  readonly createdAt: number;
  /** Since when it could take a job: its start, or the go that it waited for. For a warm one: since when it is ready. */
  readonly startedAt: number | null;
  /** When its container was removed; before that, and with `failure`, when AutoGit began to remove it. */
  readonly goneAt: number | null;
  /** Why it failed, in words; `null` for a runner that ended as it should. */
  readonly failure: string | null;
  /** When the kernel last ended something in it, or beside it for its jobs, for want of memory. Missing: not seen. */
  readonly outOfMemoryAt?: number;
  /** Its container was gone without AutoGit having removed it. Missing: not so. */
  readonly vanished?: boolean;
  /** What the gateway has refused it last, in words. Missing: nothing, or not known. */
  readonly refusal?: string;
}

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** What a managed container is for; part of its labels. `arch`: it tries a processor, or registers an emulator. */
export type ContainerRole = 'runner' | 'sandbox' | 'gateway' | 'arch';

/** One container of ours on an engine: labels already checked against their signature. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly node: string;
  readonly role: ContainerRole;
  readonly state: ContainerState;
  readonly pool: string | null;
  readonly specHash: string;
  /** Its label `autogit.gpu`; missing: it has no cards. */
  readonly gpu?: string;
  /** A runner of executor `image`, as its grant says: its jobs reach the engine through the gateway. Missing: not so. */
  readonly needsGateway?: true;
  readonly image: string;
  /** Published ports on the loopback address: container port to host port. */
  readonly ports: Readonly<Record<number, number>>;
  /** `null` while the engine's listing does not tell. */
  readonly exitCode: number | null;
  /** By its health check. Missing: it has none, or is not told: Podman tells it of one that is inspected alone. */
  readonly health?: 'starting' | 'healthy' | 'unhealthy';
}

/** How a runner looks to a person: our record, the engine and the queue put together. */
export type RunnerState =
  'starting' | 'prepared' | 'warm' | 'idle' | 'busy' | 'leaving' | 'finished' | 'lost';

/** The id at the end of a runner's container name, or `null` for any other name. */
export function runnerIdOf(name: string): string | null {
  return /^autogit-runner-[a-z0-9-]+-([0-9a-f]{8})$/.exec(name)?.[1] ?? null;
}

/** The container name of a runner. */
export function runnerName(pool: string, id: string): string {
  return `autogit-runner-${pool}-${id}`;
}

/** GitLab's form of a system id is `^[sr]_[0-9a-zA-Z]{12}$`; ours is made from the runner's id. */
export function systemIdOf(runnerId: string): string {
  return `r_auto${runnerId}`;
}
