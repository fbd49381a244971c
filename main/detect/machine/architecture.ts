// Architectures in Go's words, and which variant of its own a processor is.

/** `uname -m` in Go's words: https://github.com/containerd/platforms/blob/main/database.go */
const byMachine: Readonly<Record<string, string>> = {
  ...{ x86_64: 'amd64', amd64: 'amd64', x64: 'amd64', i386: '386', i486: '386', i586: '386', i686: '386' },
  ...{
    ia32: '386',
    aarch64: 'arm64',
    arm64: 'arm64',
    armv8l: 'arm',
    armv7l: 'arm',
    armv6l: 'arm',
    arm: 'arm',
  },
  ...{ riscv64: 'riscv64', ppc64le: 'ppc64le', ppc64: 'ppc64', s390x: 's390x', mips64: 'mips64' },
  ...{ loongarch64: 'loong64', loong64: 'loong64' },
};

/** Of a word of `uname -m` or of Node; `null` for one that nobody knows. */
export function architectureOf(machine: string): string | null {
  const word = machine.toLowerCase();
  return Object.hasOwn(byMachine, word) ? (byMachine[word] ?? null) : null;
}

/** The levels of the x86-64 ABI, in the kernel's names: https://gitlab.com/x86-psABIs/x86-64-ABI */
const amd64Levels: readonly (readonly string[])[] = [
  ['cx16', 'lahf_lm', 'popcnt', 'pni', 'sse4_1', 'sse4_2', 'ssse3'],
  ['abm', 'avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'movbe', 'xsave'],
  ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'],
];

function amd64Level(features: ReadonlySet<string>): string {
  const reached = amd64Levels.findIndex((needed) => needed.some((feature) => !features.has(feature)));
  return `v${(reached < 0 ? amd64Levels.length : reached) + 1}`;
}

/**
 * The highest version of arm's architecture of whose obligatory features the kernel names one that the version
 * before did not have: https://docs.kernel.org/arch/arm64/elf_hwcaps.html
 */
function arm64Version(features: ReadonlySet<string>): string {
  const has = (...names: readonly string[]): boolean => names.every((name) => features.has(name));
  if (has('sve2')) return 'v9.0';
  if (has('dit', 'flagm', 'uscat')) return 'v8.4';
  if (has('jscvt', 'fcma', 'lrcpc')) return 'v8.3';
  if (has('dcpop')) return 'v8.2';
  return has('atomics', 'asimdrdm') ? 'v8.1' : 'v8.0';
}

/** Of the obligatory extensions of each profile those that the kernel names: https://github.com/riscv/riscv-profiles */
const riscvProfiles = {
  rva22: ['zba', 'zbb', 'zbs', 'zicbom', 'zicboz', 'zfhmin'],
  rva23: ['zicond', 'zcb', 'zfa', 'zawrs', 'zvbb', 'zvfhmin'],
} as const;

function riscvProfile(isa: string): string | null {
  const [base = '', ...extensions] = isa.toLowerCase().split('_');
  const [, letters = ''] = /^rv64([a-z]+)$/.exec(base) ?? [];
  if (!['i', 'm', 'a', 'f', 'd', 'c'].every((letter) => letters.includes(letter))) return null;
  if (!riscvProfiles.rva22.every((name) => extensions.includes(name))) return 'rva20';
  const isNewest = letters.includes('v') && riscvProfiles.rva23.every((name) => extensions.includes(name));
  return isNewest ? 'rva23' : 'rva22';
}

export interface VariantFacts {
  readonly architecture: string | null;
  /** `uname -m` */
  readonly machine: string;
  readonly features: readonly string[] | null;
  readonly armVersion: number | null;
  readonly isa: string | null;
}

/** `v3`, `v8.2`, `v7`, `rva20`; `null` where it cannot be told. */
export function variantOf({ architecture, machine, features, armVersion, isa }: VariantFacts): string | null {
  const known = features === null || features.length === 0 ? null : new Set(features);
  switch (architecture) {
    case 'amd64':
      return known === null ? null : amd64Level(known);
    case 'arm64':
      return known === null ? null : arm64Version(known);
    case 'arm':
      // An `armv8l` is a 64-bit processor that runs a 32-bit system.
      return /^armv(\d)/.exec(machine)?.[0].slice(3) ?? (armVersion === null ? null : `v${armVersion}`);
    case 'riscv64':
      return isa === null ? null : riscvProfile(isa);
    default:
      return null;
  }
}

/** What compilers, emulators, media and cryptography ask for; the kernel names some two hundred. */
const buildFeatures = new Set([
  ...['sse4_1', 'sse4_2', 'avx', 'avx2', 'avx512f', 'avx512bw', 'avx512vl', 'avx512_vnni', 'avx_vnni'],
  ...[
    'amx_tile',
    'fma',
    'f16c',
    'bmi2',
    'aes',
    'vaes',
    'pclmulqdq',
    'sha_ni',
    'rdrand',
    'rdseed',
    'vmx',
    'svm',
  ],
  ...['asimd', 'sve', 'sve2', 'atomics', 'crc32', 'sha2', 'sha3', 'asimddp', 'bf16', 'i8mm', 'neon', 'vfpv4'],
]);

/** Of the kernel's names those that make a difference to builds, in the order of the kernel. */
export function buildFeaturesOf(features: readonly string[]): readonly string[] {
  return [...new Set(features)].filter((feature) => buildFeatures.has(feature));
}
