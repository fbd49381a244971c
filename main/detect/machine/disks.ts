// The disks of this machine: how much room they have, and whether they are SSDs.
import { parseKernelLine } from '../values.ts';
import type { Disk, Virtualisation } from '../../model/machine.ts';
import type { Probe } from '../../probe-port.ts';
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

async function readDisk(probe: Probe, mount: Mount, isReal: boolean): Promise<Disk> {
  const space = await probe.disk(mount.mount);
  // A file system that counts no room, as some of programs do, tells nothing.
  const known = space !== null && space.total > 0 && space.free <= space.total ? space : null;
  const { device, fileSystem, readOnly } = mount;
  return {
    ...{ mount: mount.mount, device, fileSystem, readOnly },
    totalBytes: known?.total ?? null,
    freeBytes: known?.free ?? null,
    ssd: isReal ? await isSsd(probe, mount.deviceNumber) : null,
  };
}

function whyNoKind({ device, fileSystem }: Disk, around: Virtualisation | null): string {
  if (around === 'none')
    return `the kernel does not say what kind of disk is below ${fileSystem} on ${device}`;
  return around === null
    ? 'only a real machine sees what its disks are made of, and it is not known whether this is one'
    : 'a virtual machine does not see what its disks are made of';
}

/** `around`: what this machine runs in; `null`: not known. */
export async function detectDisks(
  probe: Probe,
  around: Virtualisation | null,
): Promise<Part<readonly Disk[] | null>> {
  const text = await probe.readFile('/proc/self/mountinfo');
  if (text === null) return { value: null, reasons: { '': 'the list of mounts cannot be read' } };
  const disks = await Promise.all(
    disksOf(parseMounts(text)).map((mount) => readDisk(probe, mount, around === 'none')),
  );
  const reasons = disks.flatMap((disk, index): (readonly [string, string])[] => [
    [`${index}.ssd`, whyNoKind(disk, around)],
    [`${index}`, `the file system at ${disk.mount} does not tell its size`],
  ]);
  return { value: disks, reasons: Object.fromEntries(reasons) };
}
