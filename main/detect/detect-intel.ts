// Intel's cards of a machine, by the kernel alone: the bus, and the sensors of i915 and xe.
import type { Probe } from '../probe-port.ts';
import { bareGpu, withHang } from './host-gpus.ts';
import type { DetectedGpu, FoundGpus } from './host-gpus.ts';
import { cardIssues } from './issues.ts';
import { busFolder, nameOf } from './pci-names.ts';
import { isIntegratedIntel } from './pci.ts';
import type { PciGpu } from './pci.ts';
import { bounds, parseKernelLine, parseKernelNumber } from './values.ts';

/** Intel's drivers have no file with a card's memory, and the size of its window on the bus is not it. */
export async function detectIntel(probe: Probe, pci: readonly PciGpu[]): Promise<FoundGpus> {
  const gpus = await Promise.all(
    pci.map(async (device): Promise<DetectedGpu> => {
      const integrated = isIntegratedIntel(device);
      const bare = bareGpu(device, await nameOf(probe, device), integrated);
      return withHang(probe, { ...bare, celsius: await readCelsius(probe, device.address) });
    }),
  );
  return { gpus, processes: [], issues: gpus.flatMap(cardIssues) };
}

/**
 * The sensor of the whole chip: `temp1` of i915, and the one that xe labels `pkg`; integrated graphics have none:
 * https://docs.kernel.org/admin-guide/abi-testing.html (sysfs-driver-intel-xe-hwmon). A card that sleeps is not woken.
 */
async function readCelsius(probe: Probe, address: string): Promise<number | null> {
  const folder = `${busFolder}/${address}`;
  if (parseKernelLine(await probe.readFile(`${folder}/power/runtime_status`)) === 'suspended') return null;
  const [sensors] = (await probe.list(`${folder}/hwmon`)) ?? [];
  if (sensors === undefined) return null;
  for (const name of ['temp2', 'temp1']) {
    const label = parseKernelLine(await probe.readFile(`${folder}/hwmon/${sensors}/${name}_label`));
    if (label !== null && label !== 'pkg') continue;
    const degrees = parseMillidegrees(await probe.readFile(`${folder}/hwmon/${sensors}/${name}_input`));
    if (degrees !== null) return degrees;
  }
  return null;
}

/** Thousandths of a degree, as the kernel has them. */
export function parseMillidegrees(text: string | null): number | null {
  const thousandths = parseKernelNumber(text);
  const celsius = thousandths === null ? null : Math.round(thousandths / 1000);
  return celsius !== null && celsius >= bounds.celsius.min && celsius <= bounds.celsius.max ? celsius : null;
}
