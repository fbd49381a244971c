// A container engine: where it is found, what it is, and what it cannot do.
import type { EngineDetails } from './machine.ts';
import type { Problem } from './world.ts';

/** What an engine says of itself, and what this machine knows of it. */
export interface EngineInfo {
  readonly kind: 'docker' | 'podman';
  readonly version: string;
  readonly apiVersion: string;
  readonly rootless: boolean;
  readonly architecture: string;
  readonly storageDriver: string;
  readonly cgroupVersion: '1' | '2' | null;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Address, as in `DOCKER_HOST`. */
  readonly host: string;
  /** Whether limits that a container is given take effect. */
  readonly limits: {
    readonly memory: boolean;
    readonly cpus: boolean;
    /** Of what a container writes into its own file system. Missing: no, or not known. */
    readonly disk?: boolean;
  };
  /** Architectures besides its own that its machine runs by emulation, in Go's words. Missing: not known. */
  readonly emulates?: readonly string[];
  /** Whether containers can be paused. */
  readonly pause: boolean;
  /** The lowest port of the machine that a container can be published on; `null`: not known. */
  readonly lowestPort: number | null;
  /** Whether it runs on the machine that AutoGit runs on, as far as can be told. */
  readonly isHere: boolean;
  /** What it can hand out besides: see `EngineDevices`. */
  readonly devices: EngineDevices;
  /** Where the engine keeps its data, on its own machine. */
  readonly dataFolder: string | null;
  /** The disk below `dataFolder`; `null` for an engine on another machine, or where it cannot be seen. */
  readonly disk: DiskSpace | null;
  /** What it tells besides, for people. Missing: nobody has asked. */
  readonly details?: EngineDetails;
}

/** What an engine says of devices that it can hand out. */
export interface EngineDevices {
  /** Names of its runtimes: `runc`, `nvidia`. */
  readonly runtimes: readonly string[];
  /** Full CDI names that it has found: `nvidia.com/gpu=GPU-…`. Older engines tell none. */
  readonly cdiNames: readonly string[];
  /** Whether it reads CDI's files. */
  readonly cdi: boolean;
}

/** Bytes. */
export interface DiskSpace {
  readonly free: number;
  readonly total: number;
}

/**
 * Where an address was read. A person has named the first three; `other-context` and `podman-connection` are
 * listed and never taken by themselves; the rest are the usual sockets.
 */
export type EngineSourceKind =
  | 'setting'
  | 'DOCKER_HOST'
  | 'context'
  | 'rootless-docker'
  | 'rootless-podman'
  | 'docker-desktop'
  | 'docker'
  | 'podman'
  | 'other-context'
  | 'podman-connection';

export interface EngineSource {
  readonly kind: EngineSourceKind;
  /** Of the context or connection; `null` for the others. */
  readonly name: string | null;
}

/** An address at which an engine may be. */
export interface EnginePlace {
  /** As in `DOCKER_HOST`, as the first source writes it. */
  readonly host: string;
  /** Equal for two addresses of the same engine, as far as it can be told without asking. */
  readonly identity: string;
  /** The name of its machine. */
  readonly machine: string;
  readonly sources: readonly EngineSource[];
}

const named: readonly EngineSourceKind[] = ['setting', 'DOCKER_HOST', 'context'];
const listedOnly: readonly EngineSourceKind[] = ['other-context', 'podman-connection'];

/** True for an address that a person has chosen: it is used even when nothing answers there. */
export function isNamed({ sources }: Pick<EnginePlace, 'sources'>): boolean {
  return sources.some(({ kind }) => named.includes(kind));
}

/** True for an address that AutoGit may take by itself. */
export function isEligible({ sources }: Pick<EnginePlace, 'sources'>): boolean {
  return sources.some(({ kind }) => !listedOnly.includes(kind));
}

/** True where nobody said that an engine is there: the usual sockets. */
export function isGuess({ sources }: Pick<EnginePlace, 'sources'>): boolean {
  return sources.every(({ kind }) => !named.includes(kind) && !listedOnly.includes(kind));
}

/**
 * Whether somebody runs the health checks of containers. Podman leaves them to systemd's timers, and takes its control
 * groups from systemd where it finds one: https://docs.podman.io/en/v4.3/markdown/podman-healthcheck.1.html
 */
export function checksHealth({ kind, details }: Pick<EngineInfo, 'kind' | 'details'>): boolean {
  return kind === 'docker' || details?.cgroupDriver === 'systemd';
}

/** Whether it confines containers with SELinux, which Docker does only where it is told to. */
export function confinesBySelinux({ details }: Pick<EngineInfo, 'details'>): boolean {
  return details?.security?.some((option) => /^name=selinux(?:,|$)/.test(option)) === true;
}

/** Something that an engine cannot do, or does badly. */
export type EngineLack = 'memory-limits' | 'cpu-limits' | 'low-ports' | 'pause' | 'fast-storage';

/** Ports below this are low: https://www.rfc-editor.org/rfc/rfc6335#section-6 */
export const firstHighPort = 1024;
/** Web pages are expected there; who can publish it can publish what a stack needs. */
const webPort = 80;

/** What an engine cannot do, as far as it is known. */
export function lacksOf(info: EngineInfo): readonly EngineLack[] {
  const lacks: readonly (readonly [EngineLack, boolean])[] = [
    ['memory-limits', !info.limits.memory],
    ['cpu-limits', !info.limits.cpus],
    ['low-ports', info.lowestPort !== null && info.lowestPort > webPort],
    ['pause', !info.pause],
    ['fast-storage', info.storageDriver === 'vfs'],
  ];
  return lacks.flatMap(([lack, isLacking]) => (isLacking ? [lack] : []));
}

/** `Docker 20.10.24`. */
export function engineName({ kind, version }: Pick<EngineInfo, 'kind' | 'version'>): string {
  return `${kind === 'docker' ? 'Docker' : 'Podman'} ${version}`;
}

/** The oldest engines that AutoGit works with; 1.41 is the API of Docker 20.10. */
const floors = { docker: '20.10', podman: '4.3', dockerApi: '1.41' } as const;

/** Compares the numbers of two versions; what follows them (`-rc.1`, `+dfsg`) makes no difference. */
export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string): readonly number[] =>
    (/^[\d.]*/.exec(text)?.[0] ?? '').split('.').map(Number);
  const [own, other] = [numbers(version), numbers(than)];
  const index = other.findIndex((number, at) => (own[at] ?? 0) !== number);
  return index >= 0 && (own[index] ?? 0) < (other[index] ?? 0);
}

/** Why an engine is too old to be used; `null` for one that is not. */
export function tooOld(info: Pick<EngineInfo, 'kind' | 'version' | 'apiVersion' | 'host'>): Problem | null {
  const isOld =
    isOlder(info.version, floors[info.kind]) ||
    (info.kind === 'docker' && isOlder(info.apiVersion, floors.dockerApi));
  if (!isOld) return null;
  const api = info.kind === 'docker' ? ` (API ${info.apiVersion})` : '';
  return {
    key: 'engine.too-old',
    message: `${engineName(info)}${api} at ${info.host} is too old: AutoGit needs Docker 20.10 (API 1.41) or Podman 4.3, or newer. Nothing is started there.`,
    next: 'Update the engine, or use another one: autogit engine list',
  };
}
