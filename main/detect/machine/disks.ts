// The disks of this machine: how much room they have, and whether they are SSDs.
import { parseKernelLine } from '../values.ts';
import type { Disk } from '../../model/machine.ts';
import type { Probe } from '../../ports.ts';
import { disksOf, parseMounts } from './mounts.ts';
import type { Mount } from './mounts.ts';
import type { Part } from './part.ts';

/**
 * `1`: it turns; https://docs.kernel.org/admin-guide/abi-stable.html#abi-sys-block-disk-queue-rotational. Disks of
 * virtual machines say whatever their maker chose, whatever is below.
 */
async function isSsd(probe: Probe, deviceNumber: string): Promise<boolean | null> {
  const folder = `/sys/dev/block/${deviceNumber}`;
  // The folder of a partition lies in that of its disk, and has no queue of its own.
  for (const place of [`${folder}/queue/rotational`, `${folder}/../queue/rotational`]) {
    const line = parseKernelLine(await probe.readFile(place));
    if (line === '0' || line === '1') return line === '0';
  }
  return null;
}

async function readDisk(probe: Probe, mount: Mount, isVirtual: boolean): Promise<Disk> {
  const space = await probe.disk(mount.mount);
  // A file system that counts no room, as some of programs do, tells nothing.
  const known = space !== null && space.total > 0 && space.free <= space.total ? space : null;
  const { device, fileSystem, readOnly } = mount;
  return {
    ...{ mount: mount.mount, device, fileSystem, readOnly },
    totalBytes: known?.total ?? null,
    freeBytes: known?.free ?? null,
    ssd: isVirtual ? null : await isSsd(probe, mount.deviceNumber),
  };
}

/** `isVirtual`: this is a virtual machine, or it is not known that it is none. */
export async function detectDisks(probe: Probe, isVirtual: boolean): Promise<Part<readonly Disk[] | null>> {
  const text = await probe.readFile('/proc/self/mountinfo');
  if (text === null) return { value: null, reasons: { '': 'the list of mounts cannot be read' } };
  const disks = await Promise.all(
    disksOf(parseMounts(text)).map((mount) => readDisk(probe, mount, isVirtual)),
  );
  const reasons = disks.flatMap(({ device, fileSystem, mount }, index): (readonly [string, string])[] => [
    [
      `${index}.ssd`,
      isVirtual
        ? 'a virtual machine does not see what its disks are made of'
        : `the kernel does not say what kind of disk is below ${fileSystem} on ${device}`,
    ],
    [`${index}`, `the file system at ${mount} does not tell its size`],
  ]);
  return { value: disks, reasons: Object.fromEntries(reasons) };
}
