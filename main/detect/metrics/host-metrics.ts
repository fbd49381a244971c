// What this machine does: processors, memory, disks and networks, from the kernel's own counters.
// https://man7.org/linux/man-pages/man5/proc_stat.5.html https://docs.kernel.org/admin-guide/iostats.html
import type { HostMetrics } from '../../model/host-metrics.ts';
import type { OtherSystem, Probe } from '../../probe-port.ts';
import { Reasons } from './values-or-why.ts';

/** Counters since the start of the machine: two of them make a rate. `null`: not told. */
export interface HostCounters {
  /** By the monotonic clock, milliseconds. */
  readonly at: number;
  /** In ticks, over all processors. */
  readonly cpu: { readonly busy: number; readonly total: number } | null;
  readonly disk: { readonly readBytes: number; readonly writtenBytes: number } | null;
  readonly network: { readonly inBytes: number; readonly outBytes: number } | null;
}

export interface HostReading {
  readonly metrics: HostMetrics;
  readonly counters: HostCounters;
}

/** Bytes of the disk with the container engine's data. */
export interface DiskSpace {
  readonly free: number;
  readonly total: number;
}

/** The line `cpu` of `/proc/stat`: `guest` and `guest_nice` are counted among `user` and `nice` already. */
export function parseCpu(text: string | null): HostCounters['cpu'] {
  const digits = /^cpu +((?:\d{1,16} ?){8,10})$/m.exec(text ?? '')?.[1];
  if (digits === undefined) return null;
  const ticks = digits.trim().split(' ').slice(0, 8).map(Number);
  const total = ticks.reduce((sum, one) => sum + one, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busy: total - idle, total };
}

/** Whole disks alone: parts of them, loops, and what is made of disks would count twice. Sectors have 512 bytes. */
export function parseDiskstats(text: string | null): HostCounters['disk'] {
  if (text === null) return null;
  const lines = text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.trim().split(/ +/));
  const disks = lines.filter(([, , name = '']) =>
    /^(?:[svh]d[a-z]{1,2}|xvd[a-z]|nvme\d+n\d+|mmcblk\d+)$/.test(name),
  );
  const sum = (column: number): number =>
    disks.reduce((total, fields) => total + (Number(fields[column]) || 0) * 512, 0);
  return disks.length === 0 ? null : { readBytes: sum(5), writtenBytes: sum(9) };
}

/**
 * What leads out of the machine: neither the loop, nor bridges and pairs that only carry it on to containers, nor a part
 * of another (`eth0.100`, `ib0.8001`), whose bytes are counted there already.
 */
export function parseNetDev(text: string | null): HostCounters['network'] {
  if (text === null) return null;
  const rows = text.split('\n').flatMap((line) => {
    const [, name = '', rest = ''] = /^ *([^:\s]{1,32}):\s*(.*)$/.exec(line) ?? [];
    const fields = rest.trim().split(/ +/).map(Number);
    const isOut = /^(?:en|eth|wl|ww|ib)[^.@]*$/.test(name) && fields.length >= 9;
    return isOut ? [fields] : [];
  });
  const sum = (column: number): number => rows.reduce((total, fields) => total + (fields[column] ?? 0), 0);
  return rows.length === 0 ? null : { inBytes: sum(0), outBytes: sum(8) };
}

/** `MemAvailable` is the kernel's own estimate of what programs can still have. */
export function parseMeminfo(text: string | null): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...(text ?? '').matchAll(/^(\w{1,40}):\s+(\d{1,15}) kB$/gm)].map(([, name = '', kib]) => [
      name,
      Math.round(Number(kib) / 1_024),
    ]),
  );
}

export function parseLoad(text: string | null): readonly number[] | null {
  const found = /^(\d{1,6}\.\d\d) (\d{1,6}\.\d\d) (\d{1,6}\.\d\d) /.exec(text ?? '');
  return found === null ? null : found.slice(1).map(Number);
}

const noCounter = 'this system does not tell it';
const firstLook = 'it shows with the next look';

function rate(now: number | undefined, before: number | undefined, ms: number): number | null {
  if (now === undefined || before === undefined || ms < 100 || now < before) return null;
  return Math.round(((now - before) / ms) * 1_000);
}

interface Look {
  readonly at: number;
  readonly monotonic: number;
  readonly before: HostCounters | null;
  readonly disk: DiskSpace | null;
  /** What another system than Linux tells; missing: nothing. */
  readonly other?: OtherSystem | null;
}

/** In the kernel's words, as far as it is told. */
function memoryOf(other: OtherSystem): Readonly<Record<string, number>> {
  const amounts = {
    MemTotal: other.totalBytes,
    MemAvailable: other.availableBytes,
    SwapTotal: other.swapTotalBytes,
    SwapFree: other.swapFreeBytes,
  };
  return Object.fromEntries(
    Object.entries(amounts).flatMap(([name, bytes]) =>
      bytes === null ? [] : [[name, Math.round(bytes / 1_048_576)]],
    ),
  );
}

/** Never rejects. */
export async function readHostMetrics(
  probe: Probe,
  { at, monotonic, before, disk, other = null }: Look,
): Promise<HostReading> {
  const read = (name: string): Promise<string | null> => probe.readFile(`/proc/${name}`);
  const counters: HostCounters = {
    at: monotonic,
    cpu: parseCpu(await read('stat')),
    disk: parseDiskstats(await read('diskstats')),
    network: parseNetDev(await read('net/dev')),
  };
  const memory = other === null ? parseMeminfo(await read('meminfo')) : memoryOf(other);
  const load = parseLoad(await read('loadavg'));
  const why = new Reasons();
  const less = (a: number | undefined, b: number | undefined): number | null =>
    a === undefined || b === undefined ? null : Math.max(0, a - b);
  const values = {
    load1: load?.[0] ?? null,
    load5: load?.[1] ?? null,
    load15: load?.[2] ?? null,
    memoryUsedMiB: less(memory['MemTotal'], memory['MemAvailable']),
    memoryTotalMiB: memory['MemTotal'] ?? null,
    swapUsedMiB: less(memory['SwapTotal'], memory['SwapFree']),
    swapTotalMiB: memory['SwapTotal'] ?? null,
    diskUsedBytes: disk === null ? null : Math.max(0, disk.total - disk.free),
    diskTotalBytes: disk?.total ?? null,
  };
  for (const [name, value] of Object.entries(values)) why.of(name, value, noCounter);
  return { metrics: { at, ...values, ...readRates(counters, before, why), unknown: why.all() }, counters };
}

function readRates(now: HostCounters, before: HostCounters | null, why: Reasons) {
  const ms = before === null ? 0 : now.at - before.at;
  const whyNot = (has: unknown): string => (has === null ? noCounter : firstLook);
  const { cpu, disk, network } = now;
  const ticks = cpu === null || before?.cpu == null ? 0 : cpu.total - before.cpu.total;
  const busy = cpu === null || before?.cpu == null ? 0 : cpu.busy - before.cpu.busy;
  const percent = ticks <= 0 || busy < 0 ? null : Math.min(100, Math.round((busy / ticks) * 1_000) / 10);
  const rates = {
    diskReadRate: rate(disk?.readBytes, before?.disk?.readBytes, ms),
    diskWriteRate: rate(disk?.writtenBytes, before?.disk?.writtenBytes, ms),
    networkInRate: rate(network?.inBytes, before?.network?.inBytes, ms),
    networkOutRate: rate(network?.outBytes, before?.network?.outBytes, ms),
  };
  why.of('cpuPercent', percent, whyNot(cpu));
  why.of('diskReadRate', rates.diskReadRate, whyNot(disk));
  why.of('diskWriteRate', rates.diskWriteRate, whyNot(disk));
  why.of('networkInRate', rates.networkInRate, whyNot(network));
  why.of('networkOutRate', rates.networkOutRate, whyNot(network));
  return { cpuPercent: percent, ...rates };
}
