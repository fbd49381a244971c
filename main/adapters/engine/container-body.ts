// The body of a create request: what a container may do, and the limits and defaults that every one of ours has.
import { renderLimits, renderLog, renderMounts, renderUlimits } from '../../model/container-limits.ts';
import { renderHostConfig } from '../../model/gpu-request.ts';
import type { EngineInfo } from '../../model/world.ts';
import type { ContainerSpec } from '../../ports.ts';
import type { SteadyNames } from './steady-names.ts';

/** Where an engine in a virtual machine or on another host has its socket. */
const usualSocket = '/var/run/docker.sock';

/** The engine's socket as the engine itself sees it. */
function socketOf(host: string): string {
  return /^(?:unix:\/\/)?(\/.*)$/.exec(host)?.[1] ?? usualSocket;
}

function renderNetwork({ network, aliases }: ContainerSpec, address: string | null): object {
  const ipam = address === null ? {} : { IPAMConfig: { IPv4Address: address } };
  return { EndpointsConfig: { [network]: { Aliases: aliases, ...ipam } } };
}

/**
 * Docker can give what changes the kernel's settings and nothing more, which also works where the engine itself has not
 * every right. https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate
 */
function renderPrivileges(kind: EngineInfo['kind']): object {
  if (kind !== 'docker') return { Privileged: true };
  return {
    ...{ CapDrop: ['ALL'], CapAdd: ['SYS_ADMIN'], SecurityOpt: ['apparmor=unconfined', 'label=disable'] },
    ...{ MaskedPaths: [], ReadonlyPaths: [] },
  };
}

/** The JSON of `POST /containers/create`. `Init` is not used: Podman needs a program for it that may be missing. */
export function renderContainerBody(
  spec: ContainerSpec,
  engine: Pick<EngineInfo, 'kind' | 'rootless' | 'host'> & Partial<Pick<EngineInfo, 'limits'>>,
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
      Mounts: [
        ...Object.entries(spec.volumes).map(([Source, Target]) => ({ Type: 'volume', Source, Target })),
        ...renderMounts(spec.mounts ?? []),
        ...(spec.engineSocket === undefined
          ? []
          : [{ Type: 'bind', Source: socketOf(engine.host), Target: spec.engineSocket }]),
      ],
      ...(spec.privileged === true
        ? renderPrivileges(engine.kind)
        : { CapDrop: ['ALL'], CapAdd: spec.capabilities, SecurityOpt: ['no-new-privileges'] }),
      RestartPolicy: { Name: 'no' },
      ...(hosts.length === 0 ? {} : { ExtraHosts: hosts }),
      LogConfig: renderLog(engine.kind),
      ...renderLimits(spec, engine.limits ?? {}),
      ...renderUlimits(engine),
      ...renderHostConfig({
        gpus: spec.gpu?.gpus ?? null,
        devices: [...(spec.devices ?? []), ...(spec.gpu?.devices ?? [])],
        groups: spec.gpu?.groups ?? [],
      }),
    },
    ...(spec.network === 'none' ? {} : { NetworkingConfig: renderNetwork(spec, address) }),
  };
}
