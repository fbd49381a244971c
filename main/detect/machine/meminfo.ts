// Memory and swap, from the kernel's own count.
import { wholeLines, wholeNumber } from './text.ts';

export interface Meminfo {
  readonly totalBytes: number | null;
  readonly availableBytes: number | null;
  readonly swapTotalBytes: number | null;
  readonly swapFreeBytes: number | null;
}

/** `/proc/meminfo`, in kB that are KiB: https://docs.kernel.org/filesystems/proc.html#meminfo. Never throws. */
export function parseMeminfo(text: unknown): Meminfo {
  const values = new Map<string, number>();
  for (const line of wholeLines(text)) {
    const [, key, digits] = /^(\w+):\s+(\d+) kB$/.exec(line) ?? [];
    const kibibytes = wholeNumber(digits);
    const bytes = kibibytes === null ? null : kibibytes * 1024;
    if (key !== undefined && bytes !== null && Number.isSafeInteger(bytes)) values.set(key, bytes);
  }
  const total = values.get('MemTotal') ?? null;
  const atMost = (value: number | undefined, most: number | null): number | null =>
    value === undefined || most === null || value > most ? null : value;
  const swapTotal = values.get('SwapTotal') ?? null;
  return {
    totalBytes: total === 0 ? null : total,
    availableBytes: atMost(values.get('MemAvailable'), total),
    swapTotalBytes: swapTotal,
    swapFreeBytes: atMost(values.get('SwapFree'), swapTotal),
  };
}
