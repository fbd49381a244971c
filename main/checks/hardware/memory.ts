// Memory that is nearly used up: the kernel ends programs then, jobs among them.
import { gigabytes } from './check.ts';
import type { HardwareCheck } from './check.ts';

/** Below both of these it is told. */
const low = { bytes: 1024 ** 3, share: 0.1 } as const;

export const checkMemory: HardwareCheck = ({ machine: { host } }) => {
  const { totalBytes, availableBytes, swapTotalBytes, swapFreeBytes } = host.memory;
  if (totalBytes === null || availableBytes === null) return [];
  if (availableBytes >= low.bytes || availableBytes >= totalBytes * low.share) return [];
  const hasSwap = swapTotalBytes !== null && swapTotalBytes > 0;
  const swap = hasSwap ? `${gigabytes(swapFreeBytes ?? 0)} of ${gigabytes(swapTotalBytes)} are free` : 'none';
  return [
    {
      key: 'host.memory-low',
      severity: 'warning',
      subject: host.name,
      message:
        'The memory of this machine is nearly used up: the kernel ends programs when it is, and jobs are among them.',
      next: 'See what uses it with `ps -eo pmem,comm --sort=-pmem | head`, or give pools fewer runners (`max`) or less memory (`memoryMiB`).',
      evidence: [
        `Memory: ${gigabytes(availableBytes)} of ${gigabytes(totalBytes)} are free`,
        `Swap: ${swap}`,
      ],
    },
  ];
};
