// The limits and the log of a container of ours, as the engine's create request has them.
import type { Mount } from './pool-container.ts';

/** Of containers that no pool says anything of: enough for large programs, and an end to fork bombs. */
const pidsLimit = 4096;
const mib = 1024 ** 2;
/** Microseconds: the period of the kernel's scheduler to which a quota refers. */
const cpuPeriod = 100_000;

export interface LimitedEngine {
  readonly kind: 'docker' | 'podman';
  readonly rootless: boolean;
  /** Whether it can limit what a container writes. Missing: it cannot. */
  readonly disk?: boolean;
}

export interface Limits {
  readonly cpus: number | null;
  readonly memoryMiB: number | null;
  /** `null`: 4096. */
  readonly pids?: number | null;
  readonly shmMiB?: number | null;
  readonly diskMiB?: number | null;
}

/** Docker's default is a log without end; Podman's own driver needs its name where journald is missing. */
export function renderLog(kind: LimitedEngine['kind']) {
  return kind === 'docker'
    ? { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } }
    : { Type: 'k8s-file', Config: { 'max-size': '20mb' } };
}

/**
 * A quota instead of NanoCpus: engines without cgroups ignore a quota with a warning but refuse NanoCpus, and
 * refuse more processors than the machine has. Swap is not granted on top of memory.
 */
export function renderLimits(
  { cpus, memoryMiB, pids = null, shmMiB = null, diskMiB = null }: Limits,
  { disk = false }: Pick<LimitedEngine, 'disk'>,
) {
  return {
    ...(cpus === null ? {} : { CpuPeriod: cpuPeriod, CpuQuota: Math.round(cpus * cpuPeriod) }),
    ...(memoryMiB === null ? {} : { Memory: memoryMiB * mib, MemorySwap: memoryMiB * mib }),
    ...(shmMiB === null ? {} : { ShmSize: shmMiB * mib }),
    // An engine that cannot refuses the container.
    ...(diskMiB === null || !disk ? {} : { StorageOpt: { size: `${diskMiB}M` } }),
    PidsLimit: pids ?? pidsLimit,
  };
}

/** Folders of the machine, as the engine takes them. One that is missing is an error, and is not made. */
export function renderMounts(mounts: readonly Mount[]) {
  return mounts.map(({ source, target, readOnly }) => ({
    ...{ Type: 'bind', Source: source, Target: target, ReadOnly: readOnly },
  }));
}

/**
 * Podman as root gives containers limits that a service without CAP_SYS_RESOURCE may not set ("setting rlimit
 * type 7: operation not permitted"); these stay below what such services are given.
 */
export function renderUlimits(engine: LimitedEngine) {
  if (engine.kind !== 'podman' || engine.rootless) return {};
  return {
    Ulimits: [
      { Name: 'nofile', Soft: 4096, Hard: 16_384 },
      { Name: 'nproc', Soft: 16_384, Hard: 16_384 },
    ],
  };
}
