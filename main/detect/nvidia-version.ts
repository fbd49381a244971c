// Which driver of NVIDIA's is loaded, and the newest CUDA that it serves: from the kernel's files, and from nvidia-smi.
import { parseDriver } from './nvidia-csv.ts';
import { parseKernelLine, textOf } from './values.ts';

export interface NvidiaVersion {
  /** `595.71.05` */
  readonly driver: string | null;
  /** `13.3` */
  readonly cuda: string | null;
}

/** Since 610 the older names answer with the name of the newer: `Deprecated, see "KMD version" instead`. */
const driverForms: readonly RegExp[] = [
  /^KMD version +: +(\S+)$/m,
  /^DRIVER version +: +(\S+)$/m,
  /^Driver Version +: +(\S+)$/m,
  /\bKMD Version: (\S+) /,
  /\bDriver Version: (\S+) /,
];
const cudaForms: readonly RegExp[] = [
  /^CUDA UMD version +: +(\S+)$/m,
  /^CUDA Version +: +(\S+)$/im,
  /\bCUDA UMD Version: (\S+) /,
  /\bCUDA Version: (\S+) /,
];

/** The output of `nvidia-smi --version`; the head of its table and of its report say the same. Never throws. */
export function parseNvidiaVersion(output: unknown): NvidiaVersion {
  // A line without its end was cut, and so may be its number.
  const text = textOf(output).split('\n').slice(0, -1).join('\n').slice(0, 20_000);
  const read = <T>(forms: readonly RegExp[], parse: (text: string) => T | null): T | null =>
    forms.map((form) => parse(form.exec(text)?.[1] ?? '')).find((value) => value !== null) ?? null;
  return { driver: read(driverForms, parseDriver), cuda: read(cudaForms, parseCuda) };
}

/** `13.3` */
export function parseCuda(text: string): string | null {
  return /^\d{1,2}\.\d{1,2}$/.exec(text.trim())?.[0] ?? null;
}

export interface NvidiaModule {
  readonly driver: string | null;
  /** The two flavours of NVIDIA's module of the kernel; `null`: not told. */
  readonly flavour: 'open' | 'closed' | null;
}

/**
 * `/proc/driver/nvidia/version`: `NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Thu Jan …`, and of the open
 * flavour `NVIDIA UNIX Open Kernel Module for x86_64  570.86.15 …`. Never throws.
 */
export function parseNvidiaModule(text: string | null): NvidiaModule {
  const [line = ''] = (text ?? '').split('\n').slice(0, -1);
  const [, name = '', version = ''] =
    /^NVRM version: (NVIDIA .{1,80}?) {2,}(\S{1,20})(?: |$)/.exec(line) ?? [];
  const driver = parseDriver(version);
  if (driver === null) return { driver: null, flavour: null };
  return { driver, flavour: / Open Kernel Module/.test(name) ? 'open' : 'closed' };
}

/** The version of a module of the kernel, `/sys/module/nvidia/version`; `null` where it is not loaded. */
export function parseModuleVersion(text: string | null): string | null {
  return parseDriver(parseKernelLine(text) ?? '');
}
