// Looks for the cards of this machine: the bus first, which needs no tool, then what each maker adds.
import { AutoGitError } from '../errors.ts';
import type { GpuUnknown } from '../model/gpu-detail.ts';
import type { DeviceFile } from '../model/gpu-request.ts';
import type { Probe } from '../probe-port.ts';
import { detectContainerGround } from './container-gpus.ts';
import { detectAmd } from './detect-amd.ts';
import { detectIntel } from './detect-intel.ts';
import { detectNvidia, detectNvidiaOfWsl } from './detect-nvidia.ts';
import { detectTegra } from './detect-tegra.ts';
import { markTwins } from './host-gpus.ts';
import type { DetectedGpu, HostGpus } from './host-gpus.ts';
import { parseModuleVersion } from './nvidia-version.ts';
import { busFolder } from './pci-names.ts';
import { isDisplayClass, parsePciGpu } from './pci.ts';
import type { PciGpu } from './pci.ts';

/**
 * What cannot be had is unknown, and said in an issue where it should be there. Rejects with `gpu.tool-hangs` where
 * drivers hang so that not even the bus can be read: the cards are there, and nobody knows which.
 */
export async function detectGpus(probe: Probe): Promise<HostGpus> {
  const driver = parseModuleVersion(await probe.readFile('/sys/module/nvidia/version'));
  const ground = await detectContainerGround(probe, driver);
  if (await isWsl(probe)) {
    const found = await detectNvidiaOfWsl(probe);
    return { ...ground, ...found, files: [], wsl: true, unknown: [hiddenByWsl] };
  }
  const pci = await listCards(probe);
  const ofVendor = (vendor: PciGpu['vendor']): readonly PciGpu[] =>
    (pci ?? []).filter((gpu) => gpu.vendor === vendor);
  const onBoard = await detectTegra(probe);
  // A Jetson has a nvidia-smi that knows nothing of its GPU.
  const isAsked = onBoard === null || ofVendor('nvidia').length > 0;
  const nvidia = await detectNvidia(probe, pci === null && isAsked ? null : ofVendor('nvidia'), driver);
  const others = await Promise.all([
    detectAmd(probe, ofVendor('amd')),
    detectIntel(probe, ofVendor('intel')),
  ]);
  const gpus = markTwins([
    ...(onBoard === null ? [] : [onBoard]),
    ...nvidia.gpus,
    ...others.flatMap((found) => found.gpus),
  ]);
  return {
    ...ground,
    gpus,
    processes: [...nvidia.processes, ...others.flatMap((found) => found.processes)],
    files: await readFiles(probe, gpus),
    wsl: false,
    issues: [...nvidia.issues, ...others.flatMap((found) => found.issues)],
    unknown: pci === null ? [noBus] : [],
  };
}

const hiddenByWsl: GpuUnknown = {
  what: 'cards of AMD and Intel',
  why: 'Windows shows WSL one graphics device for all of them (/dev/dxg), and only the driver of NVIDIA says what is behind it',
};
const noBus: GpuUnknown = {
  what: 'cards of AMD and Intel',
  why: 'this system has no list of devices that AutoGit can read (/sys/bus/pci), so only nvidia-smi was asked',
};

/** `/proc/version` of WSL's kernel has its maker's name: https://github.com/microsoft/WSL/issues/423 */
async function isWsl(probe: Probe): Promise<boolean> {
  if ((await probe.stat('/dev/dxg')) === null) return false;
  return /microsoft/i.test((await probe.readFile('/proc/version')) ?? '');
}

async function listCards(probe: Probe): Promise<readonly PciGpu[] | null> {
  const addresses = await probe.list(busFolder);
  if (addresses === null && probe.hangs(busFolder)) throw busHangs();
  if (addresses === null) return null;
  const cards = await Promise.all(addresses.map((address) => readCard(probe, address)));
  return cards.filter((card) => card !== null).toSorted((a, b) => (a.address < b.address ? -1 : 1));
}

function busHangs(): AutoGitError {
  return new AutoGitError({
    key: 'gpu.tool-hangs',
    message: 'Drivers hang, so that the cards of this machine cannot be looked at.',
    next: 'Restart the machine.',
  });
}

async function readCard(probe: Probe, address: string): Promise<PciGpu | null> {
  const folder = `${busFolder}/${address}`;
  const read = (name: string): Promise<string | null> => probe.readFile(`${folder}/${name}`);
  const kind = await read('class');
  if (kind === null && probe.hangs(`${folder}/class`)) throw busHangs();
  if (!isDisplayClass(kind)) return null;
  return parsePciGpu(address, {
    class: kind,
    vendor: await read('vendor'),
    device: await read('device'),
    revision: await read('revision'),
    uevent: await read('uevent'),
    numa_node: await read('numa_node'),
    driver: await probe.readLink(`${folder}/driver`),
    drm: (await probe.list(`${folder}/drm`)) ?? [],
    isVirtual: (await probe.readLink(`${folder}/physfn`)) !== null,
  });
}

async function readFiles(probe: Probe, gpus: readonly DetectedGpu[]): Promise<readonly DeviceFile[]> {
  const renderNodes = gpus.flatMap(({ renderNode }) => renderNode ?? []);
  const paths = [...(gpus.some(({ vendor }) => vendor === 'amd') ? ['/dev/kfd'] : []), ...renderNodes];
  const files = await Promise.all(
    [...new Set(paths)].map(async (path) => {
      const stat = await probe.stat(path);
      return stat === null ? [] : [{ path, ...stat }];
    }),
  );
  return files.flat();
}
