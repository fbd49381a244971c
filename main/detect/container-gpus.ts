// What stands between a card and a container: CDI's files, and the NVIDIA container toolkit.
import { parse } from 'yaml';
import { z } from 'zod';
import type { GpuToolkit } from '../model/gpu-request.ts';
import type { Probe } from '../probe-port.ts';
import { parseDriver } from './nvidia-csv.ts';

const edits = z
  .object({
    mounts: z
      .array(z.object({ hostPath: z.string().max(4096) }))
      .max(10_000)
      .nullish(),
  })
  .nullish();
const spec = z.object({
  kind: z.string().max(200),
  devices: z.array(z.object({ name: z.string().max(200) })).max(1000),
  containerEdits: edits,
});

/** Of a file with a few cards; reading one of millions of characters would hold up everything. */
const longest = 1_000_000;

export interface CdiSpec {
  /** Full names: `nvidia.com/gpu=GPU-…`. */
  readonly names: readonly string[];
  /** Versions of NVIDIA's driver whose libraries it puts into containers: `595.80`. */
  readonly drivers: readonly string[];
}

/**
 * A file in `/etc/cdi` or `/var/run/cdi`, YAML or JSON; `null` for what is none:
 * https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md. Never throws.
 */
export function parseCdiSpec(text: unknown): CdiSpec | null {
  if (typeof text !== 'string' || text.length > longest) return null;
  try {
    const parsed = spec.safeParse(parse(text, { maxAliasCount: 0, logLevel: 'silent' }));
    if (!parsed.success) return null;
    const { kind, devices, containerEdits } = parsed.data;
    // A file that is just being written may end inside of a version.
    const mounts = /[\n}]$/.test(text) ? (containerEdits?.mounts ?? []) : [];
    const drivers = mounts.flatMap(({ hostPath }) => driverOf(hostPath) ?? []);
    return { names: devices.map(({ name }) => `${kind}=${name}`), drivers: [...new Set(drivers)] };
  } catch {
    return null;
  }
}

/** `/usr/lib/x86_64-linux-gnu/libcuda.so.595.80`; `libcuda.so.1` is none of a version. */
function driverOf(path: string): string | null {
  return parseDriver(/\/libcuda\.so\.([\d.]{3,20})$/.exec(path)?.[1] ?? '');
}

const cdiFolders: readonly string[] = ['/etc/cdi', '/var/run/cdi'];
/** Where distributions, NVIDIA's own packages and NixOS have it. */
const toolkitFolders: readonly string[] = [
  ...['/usr/bin', '/usr/local/bin', '/run/current-system/sw/bin', '/usr/local/nvidia/toolkit'],
];
const toolkitPrograms: readonly string[] = ['nvidia-ctk', 'nvidia-container-runtime'];
const toolkitConfig = '/etc/nvidia-container-runtime/config.toml';

export interface ContainerGround {
  /** Of all makers. */
  readonly cdiNames: readonly string[];
  readonly toolkit: GpuToolkit;
}

/** `driver`: the version of NVIDIA's driver that is loaded. Files that are none of CDI's are the engine's to complain about. */
export async function detectContainerGround(probe: Probe, driver: string | null): Promise<ContainerGround> {
  const specs: CdiSpec[] = [];
  for (const folder of cdiFolders)
    for (const file of (await probe.list(folder)) ?? [])
      if (/\.(?:ya?ml|json)$/.test(file)) {
        const found = parseCdiSpec(await probe.readFile(`${folder}/${file}`));
        if (found !== null) specs.push(found);
      }
  const cdiNames = [...new Set(specs.flatMap(({ names }) => names))];
  return {
    cdiNames,
    toolkit: {
      installed: await isToolkitThere(probe),
      cdiNames: cdiNames.filter((name) => name.startsWith('nvidia.com/gpu=')),
      stale: staleOf(
        specs.flatMap(({ drivers }) => drivers),
        driver,
      ),
      noCgroups: parseNoCgroups(await probe.readFile(toolkitConfig)),
    },
  };
}

async function isToolkitThere(probe: Probe): Promise<boolean> {
  const paths = toolkitFolders.flatMap((folder) => toolkitPrograms.map((name) => `${folder}/${name}`));
  const found = await Promise.all(paths.map((path) => probe.stat(path)));
  return found.some((stat) => stat !== null);
}

/** One file for the driver that is loaded is enough. */
function staleOf(made: readonly string[], loaded: string | null): GpuToolkit['stale'] {
  const [first] = made;
  return first === undefined || loaded === null || made.includes(loaded) ? null : { made: first, loaded };
}

/** The toolkit's own settings: a line that is a comment says nothing, and without the line its default holds, which is false. */
export function parseNoCgroups(text: string | null): boolean | null {
  if (text === null) return null;
  return /^[ \t]*no-cgroups[ \t]*=[ \t]*true[ \t]*(?:#.*)?$/m.test(text);
}
