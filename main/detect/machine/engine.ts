// The container engine, as it describes itself and as it looks from this machine.
import { isOlder } from '../../model/engine.ts';
import type { EngineInfo } from '../../model/engine.ts';
import type { EngineDetails, MachineEngine } from '../../model/machine.ts';
import { below } from './part.ts';
import type { Part } from './part.ts';

const noDetails: EngineDetails = {
  ...{ desktop: null, operatingSystem: null, kernel: null, storageFileSystem: null, cgroupDriver: null },
  ...{ defaultRuntime: null, cdiFolders: null, addressPools: null, liveRestore: null, proxies: null },
  ...{ firewall: null, security: null, warnings: null },
};

/** Since then Podman is known to give containers both names: options/add-host.md of its manual of v5.4 */
const podmanWithBoth = '5.4';

/** Names that containers get for their host without asking. */
function hostNamesOf({ kind, version, details }: EngineInfo): readonly string[] | null {
  if (kind === 'podman')
    return [
      'host.containers.internal',
      ...(isOlder(version, podmanWithBoth) ? [] : ['host.docker.internal']),
    ];
  const desktop = details?.desktop ?? null;
  return desktop === null ? null : desktop === 'none' ? [] : ['host.docker.internal'];
}

/**
 * Where `host-gateway` leads. Of a rootless Docker it is the address of a bridge in a namespace of its own, and not
 * of this machine: https://github.com/moby/moby/issues/47684
 */
function gatewayOf({ kind, rootless, details }: EngineInfo): MachineEngine['hostGateway'] {
  if (kind === 'podman') return rootless ? null : 'reaches-host';
  if (rootless) return 'reaches-namespace';
  return details === undefined ? null : 'reaches-host';
}

/** What is not told, and by whom. */
function reasonsOf({ kind, isHere }: EngineInfo) {
  const podman = 'Podman does not tell it over its API';
  const docker = 'this version of Docker does not tell it';
  return {
    '': kind === 'podman' ? podman : docker,
    desktop: kind === 'podman' ? podman : docker,
    dataFolder: 'the engine does not tell where it keeps its data',
    disk: isHere ? 'the folder of its data cannot be seen by this user' : 'its data lies on another machine',
    lowestPort: isHere ? 'the kernel does not tell it' : 'its ports are those of another machine',
    emulates: isHere
      ? 'the list of emulators of this machine cannot be seen'
      : 'it runs on another machine, whose emulators cannot be seen from here',
    cgroupVersion: docker,
    'limits.disk': 'whether its storage can limit what a container writes shows only when it is tried',
    firewall: kind === 'podman' ? podman : 'Docker tells it since version 28.4',
    cdiFolders: kind === 'podman' ? podman : 'Docker tells it since API 1.44, where CDI is on',
    hostGateway:
      kind === 'podman' ? 'without root it depends on the network that a container is given' : docker,
    hostNames: docker,
  };
}

/** `compose` comes from this machine and not from the engine. */
export function engineOf(info: EngineInfo, compose: Part<MachineEngine['compose']>): Part<MachineEngine> {
  const { devices, disk, limits } = info;
  const value: MachineEngine = {
    ...(info.details ?? noDetails),
    address: info.host,
    kind: info.kind,
    version: info.version,
    apiVersion: info.apiVersion,
    rootless: info.rootless,
    isHere: info.isHere,
    architecture: info.architecture,
    cpus: info.cpus,
    memoryBytes: info.memoryBytes,
    storageDriver: info.storageDriver,
    dataFolder: info.dataFolder,
    disk: disk === null ? null : { freeBytes: disk.free, totalBytes: disk.total },
    cgroupVersion: info.cgroupVersion,
    limits: { memory: limits.memory, cpus: limits.cpus, disk: limits.disk ?? null },
    lowestPort: info.lowestPort,
    pause: info.pause,
    runtimes: devices.runtimes,
    cdi: devices.cdi,
    cdiDevices: devices.cdiNames,
    emulates: info.emulates ?? null,
    compose: compose.value,
    hostNames: hostNamesOf(info),
    hostGateway: gatewayOf(info),
  };
  return { value, reasons: { ...reasonsOf(info), ...below('compose', compose.reasons) } };
}
