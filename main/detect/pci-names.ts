// What cards on the bus are called, by the lists that distributions install.
import type { Probe } from '../probe-port.ts';
import { findPciName } from './amd.ts';
import type { PciGpu } from './pci.ts';

export const busFolder = '/sys/bus/pci/devices';

const lists: readonly string[] = ['/usr/share/misc/pci.ids', '/usr/share/hwdata/pci.ids'];

/** `Intel Battlemage G21 [Arc B580]`, or `Intel GPU (e20b)` where no list has it. Never rejects. */
export async function nameOf(probe: Probe, { vendor, device }: PciGpu): Promise<string> {
  const [id, maker] = { nvidia: ['10de', 'NVIDIA'], amd: ['1002', 'AMD'], intel: ['8086', 'Intel'] }[vendor];
  for (const file of lists) {
    const name = findPciName(await probe.readFile(file), id ?? '', device);
    if (name !== null) return `${maker ?? ''} ${name}`;
  }
  return `${maker ?? ''} GPU (${device})`;
}
