// The processor, from the kernel's list of its threads.
import { plainText, wholeLines, wholeNumber } from './text.ts';

export interface Cpuinfo {
  readonly model: string | null;
  readonly vendor: string | null;
  readonly sockets: number | null;
  readonly cores: number | null;
  readonly threads: number | null;
  /** As the kernel names them. */
  readonly features: readonly string[] | null;
  /** Of arm: the digits of `CPU architecture`. */
  readonly armVersion: number | null;
  /** Of riscv64: `rv64imafdc_zicsr`. */
  readonly isa: string | null;
}

type Block = ReadonlyMap<string, string>;

/** One block of lines for each thread, and others after them; the last line of a block ends the file or an empty line. */
function blocksOf(text: unknown): readonly Block[] {
  const blocks: Map<string, string>[] = [new Map<string, string>()];
  for (const line of wholeLines(text)) {
    const [, key, value] = /^([^:]{1,60}?)\s*:\s?(.*)$/.exec(line) ?? [];
    if (line.trim() === '') blocks.push(new Map<string, string>());
    else if (key !== undefined && value !== undefined) blocks.at(-1)?.set(key.trim(), value.trim());
  }
  return blocks.filter((block) => block.size > 0);
}

/** Makers of arm: https://github.com/torvalds/linux/blob/v6.12/arch/arm64/include/asm/cputype.h */
const armMakers: Readonly<Record<string, string>> = {
  '0x41': 'ARM',
  '0x42': 'Broadcom',
  '0x43': 'Cavium',
  '0x48': 'HiSilicon',
  '0x4e': 'NVIDIA',
  '0x50': 'Applied Micro',
  '0x51': 'Qualcomm',
  '0x53': 'Samsung',
  '0x61': 'Apple',
  '0xc0': 'Ampere',
};

/** A count that every thread must agree to; a file that was cut in the middle of a thread has none. */
function distinct(values: readonly (string | undefined)[]): number | null {
  return values.length === 0 || values.includes(undefined) ? null : new Set(values).size;
}

/**
 * `/proc/cpuinfo`. Its form is that of the architecture: x86 tells sockets and cores, arm and riscv64 do not.
 * A file that ends in the middle of a thread counts no threads. Never throws.
 */
export function parseCpuinfo(text: unknown): Cpuinfo {
  const blocks = blocksOf(text);
  const threads = blocks.filter((block) => /^\d+$/.test(block.get('processor') ?? ''));
  const whole = typeof text === 'string' && (text.endsWith('\n\n') || isTrailed(blocks));
  const all = (key: string): readonly (string | undefined)[] => threads.map((block) => block.get(key));
  const first = (...keys: readonly string[]): string | undefined =>
    keys.map((key) => blocks.find((block) => block.has(key))?.get(key)).find((value) => value !== undefined);
  const cores = distinct(
    threads.map((block) => {
      const [socket, core] = [block.get('physical id'), block.get('core id')];
      return socket === undefined || core === undefined ? undefined : `${socket}/${core}`;
    }),
  );
  const features = first('flags', 'Features');
  return {
    model: plainText(first('model name', 'Processor', 'cpu model', 'uarch')),
    vendor: plainText(first('vendor_id', 'mvendorid')) ?? armMakers[first('CPU implementer') ?? ''] ?? null,
    sockets: whole ? distinct(all('physical id')) : null,
    cores: whole ? cores : null,
    threads: whole && threads.length > 0 ? threads.length : null,
    features:
      features === undefined ? null : features.split(/\s+/).filter((word) => /^[\w.-]{1,40}$/.test(word)),
    armVersion: wholeNumber(first('CPU architecture')),
    isa: plainText(first('isa'), 1000),
  };
}

/** arm's file has lines of the whole machine after its threads, and no empty line at its end. */
function isTrailed(blocks: readonly Block[]): boolean {
  return blocks.length > 1 && blocks.at(-1)?.has('processor') === false;
}
