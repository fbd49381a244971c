// The limits and the log of a container of ours, as the engine's create request has them.

/** Enough for the builds of large projects, and an end to fork bombs. */
const pidsLimit = 4096;
/** Microseconds: the period of the kernel's scheduler to which a quota refers. */
const cpuPeriod = 100_000;

export interface LimitedEngine {
  readonly kind: 'docker' | 'podman';
  readonly rootless: boolean;
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
export function renderLimits(limits: { readonly cpus: number | null; readonly memoryMiB: number | null }) {
  const { cpus, memoryMiB } = limits;
  return {
    ...(cpus === null ? {} : { CpuPeriod: cpuPeriod, CpuQuota: Math.round(cpus * cpuPeriod) }),
    ...(memoryMiB === null ? {} : { Memory: memoryMiB * 1024 ** 2, MemorySwap: memoryMiB * 1024 ** 2 }),
    PidsLimit: pidsLimit,
  };
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
