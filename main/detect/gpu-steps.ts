// Each thing that a container needs to get a card, and which of them is missing: the answer to "why not?" in order.
import type { GpuDetail, GpuStep } from '../model/gpu-detail.ts';
import { renderGpuRequest } from '../model/gpu-request.ts';
import type { GpuEngine } from '../model/gpu-request.ts';
import { tegraUnit, wslUnit } from '../model/gpu.ts';
import type { GpuVendor, SeenGpu } from '../model/gpu.ts';
import type { DetectedGpu } from './host-gpus.ts';

const ok = (name: GpuStep['name'], says: string): GpuStep => ({ name, state: 'ok', says });
const missing = (name: GpuStep['name'], says: string): GpuStep => ({ name, state: 'missing', says });
const unknown = (name: GpuStep['name'], says: string): GpuStep => ({ name, state: 'unknown', says });

/** Whether and how an engine hands a card out. `engine`: `null` as long as nobody knows it. */
export function containersOf(
  gpu: SeenGpu,
  found: DetectedGpu,
  engine: GpuEngine | null,
): GpuDetail['containers'] {
  const steps = engine === null ? [driverStep(found)] : stepsOf(gpu, found, engine);
  const none = { way: null, asks: [], groups: [], steps } as const;
  if (engine === null) {
    const why = 'no container engine answers, so nobody knows what it can hand out';
    return { ...none, usable: false, why, fix: 'See what there is: autogit engine list' };
  }
  if (!gpu.use.usable) return { ...none, usable: false, why: gpu.use.why, fix: gpu.use.fix };
  const grant = { node: gpu.node, vendor: gpu.vendor, ids: [gpu.id], mode: { kind: 'exclusive' } } as const;
  const { request } = renderGpuRequest(grant, [gpu], engine);
  if (request === null) return { ...none, usable: false, why: null, fix: null };
  const way = request.gpus?.driver ?? 'files';
  return {
    ...{ usable: true, way, why: null, fix: null, steps },
    asks: [...(request.gpus?.ids ?? []), ...request.devices],
    groups: [...request.groups],
  };
}

function driverStep({ driver, driverVersion, trouble }: DetectedGpu): GpuStep {
  if (trouble !== null) return missing('driver', `${sentence(trouble.why)} ${trouble.fix}.`);
  if (driver === null) return unknown('driver', 'Nobody says which driver has it.');
  return ok('driver', `${driver}${driverVersion === null ? '' : ` ${driverVersion}`} has it.`);
}

function stepsOf(gpu: SeenGpu, found: DetectedGpu, engine: GpuEngine): readonly GpuStep[] {
  return [
    driverStep(found),
    ...(found.vendor === 'nvidia' ? nvidiaSteps(gpu, engine) : fileSteps(gpu, engine)),
  ];
}

/** By CDI where the engine knows the card's name; otherwise by the runtime `nvidia` of Docker, which needs no such name. */
function nvidiaSteps({ id }: SeenGpu, engine: GpuEngine): readonly GpuStep[] {
  const { kind, cdiNames, runtimes, rootless, toolkit } = engine;
  const known = cdiNames.filter((name) => name.startsWith('nvidia.com/gpu='));
  const hasRuntime = kind === 'docker' && runtimes.includes('nvidia');
  const name = `nvidia.com/gpu=${id === wslUnit || id === tegraUnit ? 'all' : id}`;
  const isByRuntime = hasRuntime && !known.includes(name);
  return [
    toolkitStep(toolkit, hasRuntime || known.length > 0),
    ...(isByRuntime ? [] : [cdiStep(name, known, toolkit?.stale ?? null)]),
    engineStep(kind === 'docker' ? 'Docker' : 'Podman', hasRuntime, known.length > 0),
    ...(isByRuntime && rootless && toolkit?.noCgroups === false ? [setUpForRoot] : []),
  ];
}

/** https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html */
const setUpForRoot = unknown(
  'engine',
  'The toolkit is set up for root: before 1.18, rootless Docker needs no-cgroups in its settings, or CDI.',
);

function cdiStep(
  name: string,
  known: readonly string[],
  stale: { readonly made: string; readonly loaded: string } | null,
): GpuStep {
  if (stale !== null)
    return missing('cdi', `Its CDI file was made for driver ${stale.made}, and ${stale.loaded} is loaded.`);
  if (known.includes(name)) return ok('cdi', `The engine knows it as ${name}.`);
  return missing(
    'cdi',
    known.length === 0
      ? 'The engine knows no CDI name of NVIDIA.'
      : `The engine knows ${known.slice(0, 4).join(', ')}, and not ${name}.`,
  );
}

function engineStep(engine: string, hasRuntime: boolean, hasNames: boolean): GpuStep {
  if (hasRuntime) return ok('engine', `${engine} has the runtime "nvidia".`);
  if (hasNames) return ok('engine', `${engine} reads CDI files.`);
  const what = engine === 'Docker' ? 'neither the runtime "nvidia" nor a CDI name' : 'no CDI name';
  return missing('engine', `${engine} has ${what}.`);
}

/** `isKnown`: the engine has it, wherever it is installed, as with Docker Desktop, which brings its own. */
function toolkitStep(toolkit: GpuEngine['toolkit'], isKnown: boolean): GpuStep {
  if (toolkit?.installed === true) return ok('toolkit', 'The NVIDIA container toolkit is installed.');
  if (isKnown) return ok('toolkit', 'The engine has the NVIDIA container toolkit, or brings its own.');
  return toolkit === undefined
    ? unknown('toolkit', 'The engine is elsewhere, so its toolkit cannot be seen.')
    : missing('toolkit', 'The NVIDIA container toolkit is not installed where programs usually are.');
}

/** AMD's and Intel's cards are files; AMD's compute through one more that is for all of them. */
function fileSteps({ vendor, renderNode }: SeenGpu, { files, rootless }: GpuEngine): readonly GpuStep[] {
  return pathsOf(vendor, renderNode).map((path) => {
    const file = files.find((one) => one.path === path);
    if (path === null) return missing('files', 'It has no render node in /dev/dri.');
    if (file === undefined) return missing('files', `${path} does not exist.`);
    const isOpen = (file.mode & 0o006) === 0o006;
    if (rootless && !isOpen)
      return missing(
        'files',
        `${path} is open to group ${file.group} alone, which rootless containers are not in.`,
      );
    return ok('files', isOpen ? `${path} is open to everybody.` : `${path} is open to group ${file.group}.`);
  });
}

function pathsOf(vendor: GpuVendor, renderNode: string | null): readonly (string | null)[] {
  return vendor === 'amd' ? ['/dev/kfd', renderNode] : [renderNode];
}

function sentence(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
}
