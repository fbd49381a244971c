// Handlers by which a kernel runs programs of other processors, as it describes them.
import type { Architecture } from './pool-container.ts';

/** `e_machine` of ELF as its two bytes stand in a file. https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const machines: Readonly<Record<string, Architecture>> = {
  '3e00': 'amd64',
  b700: 'arm64',
  '2800': 'arm',
  '0300': '386',
  '1500': 'ppc64le',
  '0016': 's390x',
  f300: 'riscv64',
};
/** Where they stand, in hexadecimal digits. */
const machineAt = 36;

/**
 * The processor that a handler stands for; `null` for a handler of something else, and for one that containers cannot
 * use: without `F` its program would have to be in each of them.
 * https://docs.kernel.org/admin-guide/binfmt-misc.html
 */
export function parseHandler(text: string): Architecture | null {
  const lines = text.split('\n').map((line) => line.trim());
  const valueOf = (name: string): string =>
    lines
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1)
      .trim() ?? '';
  const flags = lines.find((line) => line.startsWith('flags:'))?.slice('flags:'.length) ?? '';
  if (lines[0] !== 'enabled' || !flags.includes('F')) return null;
  return machines[valueOf('magic').slice(machineAt, machineAt + 4)] ?? null;
}
