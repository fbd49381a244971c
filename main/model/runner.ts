// A runner: the container that runs jobs, as recorded by us and as seen on the engine.

/**
 * How far a runner has come, by our own durable record.
 * `intended`: written down, the engine not asked yet or not known to have answered; `started`: the engine
 * confirmed it; `draining`: a person wants it to finish its job and go; `leaving`: told to go, which it does when it has
 * no job; `gone`: removed, or never came to be.
 */
export type RunnerPhase = 'intended' | 'started' | 'draining' | 'leaving' | 'gone';

/** The failure of a runner whose start was cut off by the end of AutoGit itself: it says nothing about its pool. */
export const interruptedStart = 'its start was interrupted';

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
  readonly phase: RunnerPhase;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly goneAt: number | null;
  /** Why it failed, in words; `null` for a runner that ended as it should. */
  readonly failure: string | null;
}

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** What a managed container is for; part of its labels. */
export type ContainerRole = 'runner' | 'sandbox' | 'gateway';

/** One container of ours on an engine: labels already checked against their signature. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly node: string;
  readonly role: ContainerRole;
  readonly state: ContainerState;
  readonly pool: string | null;
  readonly specHash: string;
  readonly image: string;
  /** Published ports on the loopback address: container port to host port. */
  readonly ports: Readonly<Record<number, number>>;
  /** `null` while the engine's listing does not tell. */
  readonly exitCode: number | null;
}

/** How a runner looks to a person: our record, the engine and the queue put together. */
export type RunnerState = 'starting' | 'idle' | 'busy' | 'leaving' | 'finished' | 'lost';

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
