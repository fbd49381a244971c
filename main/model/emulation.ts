// Programs of other processors: the handlers by which a kernel runs them, and how a machine stands with each processor.
import type { Architecture } from './pool-container.ts';
import type { Instant } from './world.ts';

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
const elfMagic = '7f454c46';
/** Of these there are two with the same number, and the byte behind the magic number tells them apart: 1 is 32 bits. */
const narrow: readonly Architecture[] = ['arm', '386'];

/** An entry of the kernel's list of interpreters. */
export interface BinfmtHandler {
  readonly name: string;
  readonly enabled: boolean;
  /** `null`: it is of a kind that names none, as those of BPF programs. */
  readonly interpreter: string | null;
  readonly flags: string;
  /** Whose programs it runs. */
  readonly architecture: Architecture;
}

/**
 * One entry as the kernel prints it; `null` for what does not stand for a processor (WSLInterop, python), has no pattern
 * (BPF) or cannot be read. https://docs.kernel.org/admin-guide/binfmt-misc.html
 */
export function parseBinfmtEntry(name: string, text: string): BinfmtHandler | null {
  const lines = text.split('\n').map((line) => line.trim());
  const valueOf = (key: string): string | null => {
    const line = lines.find((one) => one.startsWith(`${key} `));
    return line?.slice(key.length + 1).trim() ?? null;
  };
  const [state] = lines;
  const magic = valueOf('magic') ?? '';
  const architecture = architectureOf(magic);
  if ((state !== 'enabled' && state !== 'disabled') || architecture === null) return null;
  if ((valueOf('offset') ?? '0') !== '0') return null;
  const flags = lines.find((line) => line.startsWith('flags:'))?.slice('flags:'.length) ?? '';
  const interpreter = valueOf('interpreter');
  return { name, enabled: state === 'enabled', interpreter, flags: flags.trim(), architecture };
}

function architectureOf(magic: string): Architecture | null {
  const architecture = machines[magic.slice(machineAt, machineAt + 4)];
  if (architecture === undefined || !magic.startsWith(elfMagic)) return null;
  const bits = magic.slice(elfMagic.length, elfMagic.length + 2);
  return bits === (narrow.includes(architecture) ? '01' : '02') ? architecture : null;
}

/** Whether containers can use it: without `F` its program would have to be in each of them. */
export function isUsable({ enabled, flags }: Pick<BinfmtHandler, 'enabled' | 'flags'>): boolean {
  return enabled && flags.includes('F');
}

/** The processor whose programs containers run by a handler; `null` for a handler of something else, or no use to them. */
export function parseHandler(text: string): Architecture | null {
  const handler = parseBinfmtEntry('', text);
  return handler !== null && isUsable(handler) ? handler.architecture : null;
}

/**
 * What this machine says of its handlers. `not-mounted`: the kernel's list cannot be seen, and may have entries all the
 * same; `elsewhere`: the engine is on another machine, or in a virtual one.
 */
export interface BinfmtView {
  readonly state: 'enabled' | 'disabled' | 'not-mounted' | 'elsewhere';
  /** Those that stand for a processor. */
  readonly handlers: readonly BinfmtHandler[];
}

/** What QEMU calls the processors. */
const qemuNames: Readonly<Record<Architecture, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  arm: 'arm',
  '386': 'i386',
  ppc64le: 'ppc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
};

/**
 * An emulator as AutoGit registers it: under a name that nobody else gives, so that what is ours can be told from what a
 * package, a person or another home has registered, also after a restart of the machine.
 */
export interface OwnEmulator {
  /** Of the entry, and of the program in the image's container. */
  readonly name: string;
  /** What stands before the image's own name of the program. */
  readonly prefix: string;
  /** The image's own name of the program. */
  readonly program: string;
}

/** `instance`: of the home. */
export function ownEmulator(instance: string, architecture: Architecture): OwnEmulator {
  const prefix = `autogit-${instance.slice(0, 8)}-`;
  const program = `qemu-${qemuNames[architecture]}`;
  return { name: `${prefix}${program}`, prefix, program };
}

/** The image of the programs that try processors. It is there only while one is tried. */
export function probeImage(instance: string): string {
  return `autogit-arch:${instance.slice(0, 8)}`;
}

/** What a tiny program of a processor, run in a container, has shown. */
export interface ArchProbe {
  readonly architecture: Architecture;
  readonly at: Instant;
  /** Of what was probed: engine and handler. Another one has not been probed yet. */
  readonly spec: string;
  /** What the program says it runs on, e.g. `aarch64`; `null`: it said nothing that fits. */
  readonly machine: string | null;
  /** Why it did not run, in the engine's or the program's own words; `null`: it did. */
  readonly failure: string | null;
}

/**
 * `native`: by the processor itself; `qemu`: by an emulator; `broken`: there is a handler, and containers cannot use it;
 * `missing`: there is none; `unknown`: nobody can tell before it has been tried.
 */
export const archStates = ['native', 'qemu', 'missing', 'broken', 'unknown'] as const;
export type ArchState = (typeof archStates)[number];

/** How an engine stands with one processor. */
export interface ArchStatus {
  readonly architecture: Architecture;
  readonly state: ArchState;
  /** Whether jobs of this processor may run: it was tried and it works, or it is the engine's own. */
  readonly usable: boolean;
  readonly handler: Pick<BinfmtHandler, 'name' | 'interpreter' | 'flags'> | null;
  /** Whether an entry of this home is in the list; `null`: the engine's list cannot be seen. */
  readonly own: boolean | null;
  /** The newest probe of what is there now; `null`: not tried yet. */
  readonly probe: Pick<ArchProbe, 'at' | 'machine' | 'failure'> | null;
  /** Of what is probed: see `ArchProbe`. */
  readonly spec: string;
  /** Why jobs cannot run, one sentence; `null`: they can. */
  readonly reason: string | null;
  /** How it is mended; `null` where nothing has to be. */
  readonly fix: string | null;
}

/** How much longer jobs take by emulation, as reports have it: https://blog.bernot.io */
export const slowdown = { mixed: '5', compile: '10 to 30' } as const;

/** The same in words. */
export const slowdownSentence = `Emulated: expect about ${slowdown.mixed} times the time, ${slowdown.compile} times for compiling; raise the timeout of such jobs.`;
