// How cards are asked for from an engine: what to put into the request that creates a container, or why there is no way.
import { assertNever } from './assert.ts';
import { isOlder } from './engine.ts';
import { tegraUnit, wslUnit } from './gpu.ts';
import type { Gpu, GpuGrant, GpuUse } from './gpu.ts';

/** A device file, as seen by AutoGit on the engine's machine. */
export interface DeviceFile {
  readonly path: string;
  readonly group: number;
  /** Permission bits. */
  readonly mode: number;
}

/** What an engine can do with cards. */
export interface GpuEngine {
  readonly kind: 'docker' | 'podman';
  readonly version: string;
  readonly rootless: boolean;
  /** `Runtimes` of `GET /info`: `runc`, `nvidia`. A name there is a promise of nothing without a card. */
  readonly runtimes: readonly string[];
  /** Full CDI names, `nvidia.com/gpu=GPU-…`: from `DiscoveredDevices` of `GET /info` and from CDI's files. */
  readonly cdiNames: readonly string[];
  readonly files: readonly DeviceFile[];
  /** Missing: not known, as of an engine on another machine. */
  readonly toolkit?: GpuToolkit;
}

/** The NVIDIA container toolkit on the machine of an engine. */
export interface GpuToolkit {
  readonly installed: boolean;
  /** Names of NVIDIA's in CDI's files, whether or not the engine reads them. */
  readonly cdiNames: readonly string[];
  /** Its CDI file was made for another driver than the one that is loaded; `null`: not so, as far as is known. */
  readonly stale: { readonly made: string; readonly loaded: string } | null;
  /** Whether it leaves control groups alone, which it must under a rootless Docker; `null`: not told. */
  readonly noCgroups: boolean | null;
}

/** The part of a container's creation that hands out cards. */
export interface GpuRequest {
  /** Asked for by id; `null`: none. The same shape as in the grant that the gateway writes. */
  readonly gpus: { readonly driver: 'nvidia' | 'cdi'; readonly ids: readonly string[] } | null;
  /** Device files. */
  readonly devices: readonly string[];
  /** `GroupAdd`: numbers of the machine's groups, because names mean something else inside. */
  readonly groups: readonly string[];
}

export type GpuRequestAnswer =
  { readonly request: GpuRequest } | { readonly request: null; readonly why: string; readonly fix: string };

/**
 * For containers without a card. Where the default runtime is NVIDIA's, an image that says `all` gets every card
 * unless the container says otherwise:
 * https://github.com/NVIDIA/nvidia-container-toolkit/blob/d34b304/internal/config/image/cuda_image.go
 */
export const noGpuEnvironment = { NVIDIA_VISIBLE_DEVICES: 'void' } as const;

/** What a container is told of NVIDIA's cards: with NVIDIA's own driver, the engine names those that it hands out. */
export function gpuEnvironment(request: GpuRequest | null): Readonly<Record<string, string>> {
  return request?.gpus?.driver === 'nvidia' ? {} : noGpuEnvironment;
}

/** What to ask the engine of `grant.node` for. `inventory` has the cards of the grant. */
export function renderGpuRequest(
  grant: GpuGrant,
  inventory: readonly Gpu[],
  engine: GpuEngine,
): GpuRequestAnswer {
  switch (grant.vendor) {
    case 'nvidia':
      return askNvidia(grant.ids, engine);
    case 'amd':
      return askByFiles(grant, inventory, engine, [kfd]);
    case 'intel':
      return askByFiles(grant, inventory, engine, []);
    default:
      return assertNever(grant.vendor);
  }
}

/** Whether an engine can hand out a card at all. */
export function renderGpuUse(gpu: Gpu, engine: GpuEngine): GpuUse {
  const { node, vendor, id } = gpu;
  const grant: GpuGrant = { node, vendor, ids: [id], mode: { kind: 'exclusive' } };
  const answer = renderGpuRequest(grant, [gpu], engine);
  return answer.request === null ? { usable: false, why: answer.why, fix: answer.fix } : { usable: true };
}

/** The fields of `HostConfig` of `POST /containers/create`: https://docs.docker.com/reference/api/engine/version/v1.51/ */
export function renderHostConfig({ gpus, devices, groups }: GpuRequest) {
  return {
    ...(gpus === null ? {} : { DeviceRequests: [renderDeviceRequest(gpus)] }),
    ...(devices.length === 0
      ? {}
      : {
          Devices: devices.map((path) => ({
            PathOnHost: path,
            PathInContainer: path,
            CgroupPermissions: 'rw',
          })),
        }),
    ...(groups.length === 0 ? {} : { GroupAdd: [...groups] }),
  };
}

/**
 * Never by count, which always means the first cards; together with ids it is refused. A CDI request takes neither
 * count nor options: https://github.com/moby/moby/blob/b985e23/daemon/devices_linux.go
 */
function renderDeviceRequest({ driver, ids }: NonNullable<GpuRequest['gpus']>) {
  return driver === 'cdi'
    ? { Driver: 'cdi', DeviceIDs: [...ids] }
    : { Driver: '', Count: 0, DeviceIDs: [...ids], Capabilities: [['gpu']], Options: {} };
}

/** AMD's compute device, one for all cards: https://rocm.docs.amd.com/projects/install-on-linux/en/latest/how-to/docker.html */
const kfd = '/dev/kfd';

/** Since then CDI names in device requests are heard: https://github.com/podman-container-tools/podman/pull/25171 */
const podmanWithCdi = '5.5';

function refuse(why: string, fix: string): GpuRequestAnswer {
  return { request: null, why, fix };
}

function byId(driver: 'nvidia' | 'cdi', ids: readonly string[]): GpuRequestAnswer {
  return { request: { gpus: { driver, ids }, devices: [], groups: [] } };
}

/**
 * CDI where its names are known, because containers made that way survive `systemctl daemon-reload`
 * (https://github.com/NVIDIA/nvidia-container-toolkit/issues/48) and it is the only way of Podman.
 */
function askNvidia(ids: readonly string[], engine: GpuEngine): GpuRequestAnswer {
  if (engine.kind === 'podman' && isOlder(engine.version, podmanWithCdi))
    return refuse(
      `Podman ${engine.version} ignores requests for NVIDIA cards that come over its API`,
      `Update to Podman ${podmanWithCdi} or newer`,
    );
  // There, `all` is the only name: https://github.com/NVIDIA/nvidia-container-toolkit/blob/d34b304/pkg/nvcdi/lib-wsl.go
  const wanted = ids.map((id) => (id === wslUnit || id === tegraUnit ? 'all' : id));
  const names = wanted.map((id) => `nvidia.com/gpu=${id}`);
  if (names.every((name) => engine.cdiNames.includes(name)))
    return refuseStale(names, engine) ?? byId('cdi', names);
  if (engine.kind === 'docker' && engine.runtimes.includes('nvidia')) return byId('nvidia', wanted);
  return engine.cdiNames.some((name) => name.startsWith('nvidia.com/gpu='))
    ? refuse(
        'the CDI file of the NVIDIA container toolkit does not name this card by its UUID',
        'Run: sudo nvidia-ctk cdi generate --device-name-strategy=uuid --output=/etc/cdi/nvidia.yaml',
      )
    : refuseUnknown(names, engine);
}

/** The file names the driver's libraries with their version: after an update, a container finds none of them. */
function refuseStale(names: readonly string[], { toolkit }: GpuEngine): GpuRequestAnswer | null {
  const stale = toolkit?.stale ?? null;
  if (stale === null || !names.every((name) => toolkit?.cdiNames.includes(name) === true)) return null;
  return refuse(
    `the CDI file of the NVIDIA container toolkit was made for driver ${stale.made}, and ${stale.loaded} is loaded`,
    'Run: sudo nvidia-ctk cdi generate --device-name-strategy=uuid --output=/etc/cdi/nvidia.yaml',
  );
}

/** No way to ask for the card: what is missing first. */
function refuseUnknown(names: readonly string[], { kind, toolkit }: GpuEngine): GpuRequestAnswer {
  const makeFile = 'sudo nvidia-ctk cdi generate --device-name-strategy=uuid --output=/etc/cdi/nvidia.yaml';
  if (kind === 'docker' && names.every((name) => toolkit?.cdiNames.includes(name) === true))
    return refuse(
      'there is a CDI file that names this card, and Docker does not read such files',
      'Update Docker to 28.3 or newer, or set "features": {"cdi": true} in its daemon.json, and restart it',
    );
  if (toolkit?.installed === true)
    return kind === 'docker'
      ? refuse(
          'the NVIDIA container toolkit is installed, but Docker does not know it',
          'Run: sudo nvidia-ctk runtime configure --runtime=docker, and restart Docker',
        )
      : refuse('the NVIDIA container toolkit is installed, but it has made no CDI file', `Run: ${makeFile}`);
  return refuse(
    toolkit === undefined
      ? 'the driver is loaded, but the engine does not know the NVIDIA container toolkit'
      : 'the driver is loaded, but the NVIDIA container toolkit is not installed',
    kind === 'docker'
      ? 'Install nvidia-container-toolkit, run: sudo nvidia-ctk runtime configure --runtime=docker, and restart Docker'
      : `Install nvidia-container-toolkit and run: ${makeFile}`,
  );
}

/** Cards that are handed out by their render node, so that the container sees no other. */
function askByFiles(
  { ids, node }: GpuGrant,
  inventory: readonly Gpu[],
  engine: GpuEngine,
  shared: readonly string[],
): GpuRequestAnswer {
  const cards = inventory.filter((gpu) => gpu.node === node && ids.includes(gpu.id));
  const renderNodes = cards.flatMap(({ renderNode }) => (renderNode === null ? [] : [renderNode]));
  if (renderNodes.length !== ids.length)
    return refuse(
      'it has no render node in /dev/dri',
      'Look in the kernel log why its driver has not made one',
    );
  const devices = [...shared, ...renderNodes];
  const files = devices.flatMap((path) => engine.files.find((file) => file.path === path) ?? []);
  const missing = devices.find((path) => !files.some((file) => file.path === path));
  if (missing !== undefined)
    return refuse(`${missing} does not exist`, `Look in the kernel log why the driver has not made it`);
  const closed = engine.rootless ? files.find((file) => !isOpen(file)) : undefined;
  if (closed !== undefined) return refuseClosed(closed, engine);
  return { request: { gpus: null, devices, groups: groupsFor(files, engine) } };
}

/**
 * Inside a user namespace, a container has no group of the machine's, and adding one there gives it another:
 * https://github.com/lemonade-sdk/lemonade/pull/2746. Podman keeps those of its user for its own command line alone;
 * over its API, `keep-groups` is a group that nobody finds: https://github.com/podman-container-tools/podman/issues/14881
 */
function isOpen({ mode }: DeviceFile): boolean {
  return (mode & 0o006) === 0o006;
}

function refuseClosed({ path, group }: DeviceFile, { kind }: GpuEngine): GpuRequestAnswer {
  return refuse(
    `containers of rootless ${kind === 'docker' ? 'Docker' : 'Podman'} have no group of the machine, and ${path} is open to group ${group} alone`,
    'Let everybody open it with a rule of udev: MODE="0666" for renderD* and kfd',
  );
}

function groupsFor(files: readonly DeviceFile[], { rootless }: GpuEngine): readonly string[] {
  return rootless ? [] : [...new Set(files.map(({ group }) => String(group)))];
}
