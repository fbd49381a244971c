// What the engine is: Docker or Podman, its version, whether it runs as root, and the machine it runs on.
import { z } from 'zod';
import type { EngineInfo } from '../../model/engine.ts';
import { parseAnswer } from './answers.ts';
import { canLimitDisk } from './abilities.ts';
import { parseDockerDetails, parsePodmanDetails } from './details.ts';
import { devicesInfo, toEngineDevices } from './devices.ts';
import { thisMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import type { Transport } from './transport.ts';

const version = z.object({
  Version: z.string(),
  ApiVersion: z.string(),
  Arch: z.string(),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
});

/** Of a container's limits it says what the kernel lets it enforce: https://docs.docker.com/engine/api/v1.41/#tag/System */
const dockerInfo = z.object({
  Driver: z.string(),
  CgroupVersion: z.string().nullish(),
  CgroupDriver: z.string().nullish(),
  MemoryLimit: z.boolean().nullish(),
  CpuCfsQuota: z.boolean().nullish(),
  NCPU: z.number(),
  MemTotal: z.number(),
  Name: z.string().nullish(),
  DockerRootDir: z.string().nullish(),
  SecurityOptions: z.array(z.string()).nullish(),
  ...devicesInfo,
});

/** Podman's compatible `/info` hides that it is rootless, so its own is asked. */
const libpodInfo = z.object({
  host: z.object({
    arch: z.string(),
    cgroupVersion: z.string(),
    cgroupControllers: z.array(z.string()).nullish(),
    cpus: z.number(),
    hostname: z.string().nullish(),
    memTotal: z.number(),
    security: z.object({ rootless: z.boolean() }),
  }),
  store: z.object({ graphDriverName: z.string(), graphRoot: z.string().nullish() }),
});

export interface InfoSource {
  info(): Promise<EngineInfo>;
  /** The last answer of `info`, asked for when there is none: what never changes is taken from here. */
  known(): Promise<EngineInfo>;
}

const purpose = 'say what it is';

function cgroupVersion(word: string | null | undefined): '1' | '2' | null {
  const digit = /^v?([12])$/.exec(word ?? '')?.[1];
  return digit === '1' || digit === '2' ? digit : null;
}

/** What the engine itself tells; where it is and what its machine allows comes on top. */
interface Told extends Omit<
  EngineInfo,
  'kind' | 'version' | 'apiVersion' | 'lowestPort' | 'disk' | 'isHere'
> {
  /** The name of the machine that it runs on. */
  readonly machine: string | null;
}

async function askPodman(transport: Transport, major: string): Promise<Told> {
  // An engine refuses paths of versions above its own.
  const path = `/v${major}.0.0/libpod/info`;
  const answer = await transport.ask({ purpose, method: 'GET', path });
  const { host, store } = parseAnswer(libpodInfo, answer, purpose);
  const { rootless } = host.security;
  const version = cgroupVersion(host.cgroupVersion);
  // Without root, control groups of version 1 are out of reach, and of version 2 there are those that were delegated.
  const canLimit = (controller: string): boolean =>
    !rootless || (version === '2' && (host.cgroupControllers ?? []).includes(controller));
  return {
    rootless,
    architecture: host.arch,
    storageDriver: store.graphDriverName,
    cgroupVersion: version,
    cpus: host.cpus,
    memoryBytes: host.memTotal,
    host: transport.host,
    limits: { memory: canLimit('memory'), cpus: canLimit('cpu') },
    pause: !rootless || version === '2',
    // It says nothing of them, and reads CDI's files by itself.
    devices: { runtimes: [], cdiNames: [], cdi: true },
    dataFolder: store.graphRoot ?? null,
    machine: host.hostname ?? null,
    details: parsePodmanDetails(JSON.parse(answer.body.toString())),
  };
}

async function askDocker(transport: Transport, architecture: string): Promise<Told> {
  const answer = await transport.ask({ purpose, method: 'GET', path: '/info' });
  const info = parseAnswer(dockerInfo, answer, purpose);
  const hasGroups = info.CgroupDriver !== 'none';
  return {
    rootless: info.SecurityOptions?.some((option) => option.startsWith('name=rootless')) ?? false,
    architecture,
    storageDriver: info.Driver,
    cgroupVersion: cgroupVersion(info.CgroupVersion),
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
    host: transport.host,
    limits: {
      memory: hasGroups && info.MemoryLimit !== false,
      cpus: hasGroups && info.CpuCfsQuota !== false,
    },
    pause: hasGroups,
    devices: toEngineDevices(info),
    dataFolder: info.DockerRootDir ?? null,
    machine: info.Name ?? null,
    details: parseDockerDetails(JSON.parse(answer.body.toString())),
  };
}

/** An engine in a virtual machine gives the name of that: its ports and its disk cannot be seen from here. */
async function onItsMachine(
  { machine: name, ...told }: Told,
  kind: EngineInfo['kind'],
  here: Machine,
): Promise<Omit<EngineInfo, 'kind' | 'version' | 'apiVersion'>> {
  const isHere = name === here.name && !told.host.startsWith('tcp:') && !told.host.startsWith('http');
  const userPorts = isHere ? await here.lowestPort() : null;
  return {
    ...told,
    isHere,
    limits: {
      ...told.limits,
      ...(canLimitDisk({ kind, ...told }, isHere ? await here.mounts() : null) ? { disk: true } : {}),
    },
    ...(isHere ? { emulates: await here.emulated() } : {}),
    lowestPort: told.rootless ? userPorts : 1,
    disk: isHere && told.dataFolder !== null ? await here.disk(told.dataFolder) : null,
  };
}

async function askInFull(transport: Transport, here: Machine): Promise<EngineInfo> {
  const answer = await transport.ask({ purpose, method: 'GET', path: '/version' });
  const { Version, ApiVersion, Arch, Components } = parseAnswer(version, answer, purpose);
  const kind = Components?.some((part) => part.Name === 'Podman Engine') === true ? 'podman' : 'docker';
  const told = await (kind === 'podman'
    ? askPodman(transport, Version.split('.', 1).join())
    : askDocker(transport, Arch));
  return { kind, version: Version, apiVersion: ApiVersion, ...(await onItsMachine(told, kind, here)) };
}

/**
 * Asks the engine about itself. Architectures are Go's words: `amd64`, `arm64`. The whole answer takes Podman 0.7 s
 * and Docker 0.1 s, so after the first one a ping shows that the same engine is still there, and of what it said only
 * the room on its disk is looked at again.
 */
export function createInfoSource(transport: Transport, here: Machine = thisMachine): InfoSource {
  let last: { readonly server: string; readonly info: EngineInfo } | null = null;
  const again = async (info: EngineInfo): Promise<EngineInfo> =>
    info.disk === null || info.dataFolder === null
      ? info
      : { ...info, disk: await here.disk(info.dataFolder) };
  const info = async (): Promise<EngineInfo> => {
    const before = last;
    last = null;
    const ping = await transport.ask({ purpose, method: 'GET', path: '/_ping' });
    const server = ping.headers.server?.toString() ?? null;
    const fresh = before?.server === server ? await again(before.info) : await askInFull(transport, here);
    last = server === null ? null : { server, info: fresh };
    return fresh;
  };
  return { info, known: async () => last?.info ?? info() };
}
