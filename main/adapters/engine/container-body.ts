// The body of a create request: what a container may do, and the limits and defaults that every one of ours has.
import type { EngineInfo } from '../../model/world.ts';
import type { ContainerSpec } from '../../ports.ts';
import type { SteadyNames } from './steady-names.ts';

/** Enough for the builds of large projects, and an end to fork bombs. */
const pidsLimit = 4096;
/** Microseconds: the period of the kernel's scheduler to which a quota refers. */
const cpuPeriod = 100_000;

/** Docker's default is a log without end; Podman's own driver needs its name where journald is missing. */
function renderLog(kind: EngineInfo['kind']): object {
  return kind === 'docker'
    ? { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } }
    : { Type: 'k8s-file', Config: { 'max-size': '20mb' } };
}

/**
 * A quota instead of NanoCpus: engines without cgroups ignore a quota with a warning but refuse NanoCpus, and
 * refuse more processors than the machine has. Swap is not granted on top of memory.
 */
function renderLimits(spec: ContainerSpec): object {
  return {
    ...(spec.cpus === null ? {} : { CpuPeriod: cpuPeriod, CpuQuota: Math.round(spec.cpus * cpuPeriod) }),
    ...(spec.memoryMiB === null
      ? {}
      : { Memory: spec.memoryMiB * 1024 ** 2, MemorySwap: spec.memoryMiB * 1024 ** 2 }),
    PidsLimit: pidsLimit,
  };
}

/**
 * Podman as root gives containers limits that a service without CAP_SYS_RESOURCE may not set ("setting rlimit
 * type 7: operation not permitted"); these stay below what such services are given.
 */
function renderUlimits(engine: Pick<EngineInfo, 'kind' | 'rootless'>): object {
  if (engine.kind !== 'podman' || engine.rootless) return {};
  return {
    Ulimits: [
      { Name: 'nofile', Soft: 4096, Hard: 16_384 },
      { Name: 'nproc', Soft: 16_384, Hard: 16_384 },
    ],
  };
}

/** The JSON of `POST /containers/create`. `Init` is not used: Podman needs a program for it that may be missing. */
export function renderContainerBody(
  spec: ContainerSpec,
  engine: Pick<EngineInfo, 'kind' | 'rootless'>,
  { address, hosts }: SteadyNames,
): object {
  const ports = spec.publish.map((port) => `${String(port)}/tcp`);
  return {
    Image: spec.image,
    Entrypoint: spec.entrypoint,
    Cmd: spec.command,
    Env: Object.entries(spec.env).map(([key, value]) => `${key}=${value}`),
    Labels: spec.labels,
    StopSignal: spec.stopSignal,
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    HostConfig: {
      NetworkMode: spec.network,
      PortBindings: Object.fromEntries(ports.map((port) => [port, [{ HostIp: '127.0.0.1', HostPort: '' }]])),
      Mounts: Object.entries(spec.volumes).map(([Source, Target]) => ({ Type: 'volume', Source, Target })),
      CapDrop: ['ALL'],
      CapAdd: spec.capabilities,
      SecurityOpt: ['no-new-privileges'],
      RestartPolicy: { Name: 'no' },
      ...(hosts.length === 0 ? {} : { ExtraHosts: hosts }),
      LogConfig: renderLog(engine.kind),
      ...renderLimits(spec),
      ...renderUlimits(engine),
    },
    NetworkingConfig: {
      EndpointsConfig: {
        [spec.network]: {
          Aliases: spec.aliases,
          ...(address === null ? {} : { IPAMConfig: { IPv4Address: address } }),
        },
      },
    },
  };
}
