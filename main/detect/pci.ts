// Display devices on the PCI bus, from sysfs alone: what is there, whatever is installed.
// https://docs.kernel.org/PCI/sysfs-pci.html
import type { GpuVendor } from '../model/gpu.ts';
import { parseKernelLine, parseKernelNumber, parsePciAddress } from './values.ts';

/** The files of one device below `/sys/bus/pci/devices/<address>/`; `null`: not there, or not readable. */
export interface PciFiles {
  readonly class: string | null;
  readonly vendor: string | null;
  readonly device: string | null;
  readonly revision: string | null;
  readonly uevent: string | null;
  readonly numa_node: string | null;
  /** Where the link `driver` leads. */
  readonly driver: string | null;
  /** The names in the folder `drm`. */
  readonly drm: readonly string[];
  /** Whether there is a link `physfn`: a part of another device, made for a virtual machine. */
  readonly isVirtual: boolean;
}

export interface PciGpu {
  /** `0000:01:00.0` */
  readonly address: string;
  readonly vendor: GpuVendor;
  /** Four hexadecimal digits in lower case. */
  readonly device: string;
  /** Two hexadecimal digits in lower case. */
  readonly revision: string | null;
  /** The kernel driver that has it; `null`: none. */
  readonly driver: string | null;
  readonly renderNode: string | null;
  readonly numaNode: number | null;
}

/** https://pci-ids.ucw.cz */
const makers: Readonly<Record<string, GpuVendor>> = { '10de': 'nvidia', '1002': 'amd', '8086': 'intel' };

/** VGA, 3D, and "other" displays, where laptops and newer APUs have theirs; 0301 and 0303 are of no maker here. */
const displayClasses: readonly string[] = ['0300', '0302', '0380'];

/** A device's class as sysfs has it, `0x030200`, or its event, `30200`: the first four of six digits. */
function classOf(text: string | null): string | null {
  return (
    /^(?:0x)?([0-9a-f]{5,6})$/i
      .exec(text ?? '')?.[1]
      ?.padStart(6, '0')
      .slice(0, 4)
      .toLowerCase() ?? null
  );
}

/** True where it is worth to read the other files. */
export function isDisplayClass(text: string | null): boolean {
  return displayClasses.includes(classOf(parseKernelLine(text)) ?? '');
}

/**
 * A card that jobs may get one day; `null` for everything else: sound and USB of cards, the graphics of management
 * processors and virtual machines, parts of divided cards. Never throws.
 */
export function parsePciGpu(addressText: string, files: PciFiles): PciGpu | null {
  const event = parseEvent(files.uevent);
  const [eventVendor, eventDevice] = (event.get('PCI_ID') ?? '').split(':');
  const address = parsePciAddress(addressText);
  const vendorId = hexOf(parseKernelLine(files.vendor), 4) ?? hexOf(eventVendor, 4);
  const device = hexOf(parseKernelLine(files.device), 4) ?? hexOf(eventDevice, 4);
  const kind = classOf(parseKernelLine(files.class)) ?? classOf(event.get('PCI_CLASS') ?? null);
  const vendor = makers[vendorId ?? ''];
  if (address === null || device === null || vendor === undefined || files.isVirtual) return null;
  if (kind === null || !displayClasses.includes(kind)) return null;
  const driver = event.get('DRIVER') ?? files.driver?.split('/').at(-1) ?? null;
  // Intel's second function (00:02.1) is no card of its own: it never has a driver.
  if (vendor === 'intel' && driver === null && !address.endsWith('.0')) return null;
  const numaNode = parseKernelNumber(files.numa_node);
  return {
    address,
    vendor,
    device,
    revision: hexOf(parseKernelLine(files.revision), 2),
    driver: driver === null || !/^[\w-]{1,40}$/.test(driver) ? null : driver,
    renderNode: renderNodeOf(files.drm),
    numaNode: numaNode === null || numaNode < 0 ? null : numaNode,
  };
}

/** Never by the number of its card: the two do not go together. */
function renderNodeOf(drm: readonly string[]): string | null {
  const names = drm.filter((name) => /^renderD\d{1,4}$/.test(name));
  return names.length === 1 ? `/dev/dri/${names[0] ?? ''}` : null;
}

function hexOf(text: string | null | undefined, digits: 2 | 4): string | null {
  const form = digits === 4 ? /^(?:0x)?([0-9a-f]{4})$/i : /^(?:0x)?([0-9a-f]{2})$/i;
  return form.exec(text ?? '')?.[1]?.toLowerCase() ?? null;
}

/** `NAME=value`, a line each; one without its end was cut and says nothing. */
function parseEvent(text: string | null): ReadonlyMap<string, string> {
  const lines = (text ?? '').split('\n').slice(0, -1);
  return new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^([A-Z_]{1,40})=([^\0]{0,400})$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** Intel's integrated graphics are always this function: https://docs.kernel.org/gpu/i915.html */
const intelIntegrated = '0000:00:02.0';

/** Cards (Arc, Flex, Max), which a virtual machine may have at any place: https://dgpu-docs.intel.com/devices/hardware-table.html */
const intelCards = /^(?:56|e2)[0-9a-f]{2}$|^0bd[0-9a-f]$|^490[5-9]$/;

export function isIntegratedIntel({ vendor, address, device }: PciGpu): boolean {
  return vendor === 'intel' && address === intelIntegrated && !intelCards.test(device);
}

/** For a card whose files do not come back. */
export const driverHangs = { why: 'its driver does not answer', fix: 'Restart the machine' } as const;

/** Why containers cannot use a card with this driver, and what mends it; `null` where the driver is right. */
export function explainDriver({
  vendor,
  driver,
}: PciGpu): { readonly why: string; readonly fix: string } | null {
  if (driver === 'vfio-pci')
    return {
      why: 'it is set aside for virtual machines (vfio-pci)',
      fix: 'Take it out of the configuration of vfio-pci',
    };
  if (rightDrivers[vendor].includes(driver ?? '')) return null;
  const has =
    driver === null
      ? 'no driver has taken it'
      : `its driver is ${driver}, with which programs cannot compute`;
  return { why: has, fix: advice[vendor] };
}

const rightDrivers: Readonly<Record<GpuVendor, readonly string[]>> = {
  nvidia: ['nvidia'],
  amd: ['amdgpu'],
  intel: ['i915', 'xe'],
};

const advice: Readonly<Record<GpuVendor, string>> = {
  nvidia: "Install NVIDIA's driver, and restart the machine",
  amd: 'Cards since 2015 work with amdgpu: update the kernel and its firmware. Older ones cannot be used',
  intel: 'Update the kernel and its firmware',
};
