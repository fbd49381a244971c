// Asks systeminformation about macOS and Windows; its empty texts and zeroes are values that it does not know.
import { z } from 'zod';
import type { OtherSystem } from '../../probe-port.ts';

const text = z
  .string()
  .transform((value) => value.trim() || null)
  .nullish()
  .transform((value) => value ?? null)
  .catch(null);
const amount = z
  .number()
  .int()
  .positive()
  .nullish()
  .transform((value) => value ?? null)
  .catch(null);
/** Zero is a value here: no swap, or none of it free. */
const amountOrNone = z
  .number()
  .int()
  .nonnegative()
  .nullish()
  .transform((value) => value ?? null)
  .catch(null);

const answers = z.object({
  os: z.object({ distro: text, release: text }).catch({ distro: null, release: null }),
  cpu: z
    .object({ manufacturer: text, brand: text, flags: text })
    .extend({ processors: amount, physicalCores: amount, cores: amount })
    .catch({
      ...{ manufacturer: null, brand: null, flags: null },
      ...{ processors: null, physicalCores: null, cores: null },
    }),
  mem: z
    .object({ total: amount, available: amount, swaptotal: amountOrNone, swapfree: amountOrNone })
    .catch({ total: null, available: null, swaptotal: null, swapfree: null }),
  disks: z.unknown(),
});

const disk = z.object({
  mount: z.string().min(1),
  fs: z.string(),
  type: z.string(),
  size: z.number().int().positive(),
  available: z.number().int().nonnegative(),
  rw: z.boolean().nullish(),
});

/** The library's four answers, whatever they are, as one document. Never throws. */
export function parseOtherSystem(value: unknown): OtherSystem {
  const { os, cpu, mem, disks } = answers.catch(nothing).parse(value);
  const list: readonly unknown[] = Array.isArray(disks) ? disks : [];
  return {
    osName: os.distro,
    osVersion: os.release,
    cpuModel: cpu.brand,
    cpuVendor: cpu.manufacturer,
    sockets: cpu.processors,
    cores: cpu.physicalCores,
    threads: cpu.cores,
    features: cpu.flags === null ? null : cpu.flags.toLowerCase().split(/\s+/),
    totalBytes: mem.total,
    availableBytes: mem.available,
    swapTotalBytes: mem.swaptotal,
    swapFreeBytes: mem.swapfree,
    disks: list.flatMap((one) => {
      const parsed = disk.safeParse(one);
      if (!parsed.success) return [];
      const { mount, fs, type, size, available, rw } = parsed.data;
      return [
        {
          ...{ mount, device: fs, fileSystem: type, totalBytes: size, freeBytes: available },
          readOnly: rw === false,
        },
      ];
    }),
  };
}

const nothing: z.output<typeof answers> = {
  os: { distro: null, release: null },
  cpu: {
    ...{ manufacturer: null, brand: null, flags: null },
    ...{ processors: null, physicalCores: null, cores: null },
  },
  mem: { total: null, available: null, swaptotal: null, swapfree: null },
  disks: [],
};

/** Never rejects. */
export async function readOtherSystem(): Promise<OtherSystem> {
  try {
    const library = await import('systeminformation');
    const [os, cpu, mem, disks] = await Promise.all([
      ...[library.osInfo(), library.cpu()],
      ...[library.mem(), library.fsSize()],
    ]);
    return parseOtherSystem({ os, cpu, mem, disks });
  } catch {
    return parseOtherSystem(null);
  }
}
