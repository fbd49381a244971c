// NVIDIA's Jetson: its GPU is no card on a bus, and has the machine's own memory.
import { tegraUnit } from '../model/gpu.ts';
import type { Probe } from '../probe-port.ts';
import type { DetectedGpu } from './host-gpus.ts';
import { parseKernelNumber } from './values.ts';

/** `null` on every other machine. The names of such machines do not always tell: https://github.com/rbonghi/jetson_stats/issues/400 */
export async function detectTegra(probe: Probe): Promise<DetectedGpu | null> {
  const compatible = (await probe.readFile('/proc/device-tree/compatible')) ?? '';
  const release = await probe.readFile('/etc/nv_tegra_release');
  if (!/(?:^|\0)nvidia,tegra/.test(compatible) && release === null) return null;
  const model = /^[\w .()+/-]{1,100}/.exec((await probe.readFile('/proc/device-tree/model')) ?? '')?.[0];
  return {
    id: tegraUnit,
    form: 'unified',
    vendor: 'nvidia',
    model: model?.trim() ?? 'NVIDIA Jetson',
    memoryMiB: await readMemory(probe),
    ...{ pciAddress: null, renderNode: null, parent: null, cards: 1, integrated: false, numaNode: null },
    driver: 'nvgpu',
    driverVersion: parseTegraRelease(release),
    ...{ target: null, usedMiB: null, celsius: null, memoryErrors: null, trouble: null },
  };
}

/** `# R36 (release), REVISION: 4.3, GCID: …`: 36.4.3. */
export function parseTegraRelease(text: string | null): string | null {
  const [, major, revision] = /^# R(\d{2}) \(release\), REVISION: (\d{1,2}\.\d{1,2}),/.exec(text ?? '') ?? [];
  return major === undefined || revision === undefined ? null : `${major}.${revision}`;
}

/** All memory of the machine, which its GPU shares. MiB. Never rejects. */
export async function readMemory(probe: Probe): Promise<number | null> {
  const digits = /^MemTotal: +(\d{1,15}) kB$/m.exec((await probe.readFile('/proc/meminfo')) ?? '')?.[1];
  const kibibytes = digits === undefined ? null : parseKernelNumber(`${digits}\n`);
  return kibibytes === null ? null : Math.floor(kibibytes / 1024);
}
