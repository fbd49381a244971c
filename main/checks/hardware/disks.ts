// Disks that are nearly full.
import { gigabytes } from './check.ts';
import type { Finding, HardwareCheck } from './check.ts';

/** Below both of these it is told. */
const low = { bytes: 5e9, share: 0.05 } as const;
/** Below this hardly anything works. Bytes. */
const critical = 5e8;

/** Small file systems for the start of the machine are full by design. */
const ofStart = /^\/(?:boot|efi)(?:\/|$)/;

export const checkDisks: HardwareCheck = ({ machine: { host } }) =>
  (host.disks ?? []).flatMap(({ mount, device, totalBytes, freeBytes, readOnly }): readonly Finding[] => {
    if (totalBytes === null || freeBytes === null || readOnly || ofStart.test(mount)) return [];
    if (freeBytes >= low.bytes || freeBytes >= totalBytes * low.share) return [];
    return [
      {
        key: 'host.disk-low',
        severity: mount === '/' && freeBytes < critical ? 'error' : 'warning',
        subject: mount,
        message: `The disk at ${mount} is nearly full.`,
        next: `See what takes the room with: sudo du -xhd1 ${mount} | sort -h`,
        evidence: [`Disk ${device}: ${gigabytes(freeBytes)} of ${gigabytes(totalBytes)} are free`],
      },
    ];
  });
