// A program of a few dozen bytes for each processor, which says what machine it runs on: whoever runs it proves that
// programs of that processor run there. Each asks the kernel for `uname`, writes the field `machine`, and ends with 0.
import type { Architecture } from './pool-container.ts';

/** Where `machine` is in what `uname` fills in, and how long the field is: https://man7.org/linux/man-pages/man2/uname.2.html */
export const machineField = { at: 260, length: 65 } as const;

interface Program {
  readonly bits: 32 | 64;
  readonly order: 'little' | 'big';
  /** ELF's number of the processor. */
  readonly machine: number;
  /** ELF's flags: the calling convention where a processor has several. */
  readonly flags: number;
  /** Instructions in hexadecimal digits as they stand in memory, one a line with what it does. */
  readonly code: readonly string[];
  /** What `uname` says of such a machine; a kernel of 64 bits that runs it by itself says its own name. */
  readonly names: readonly string[];
}

/** Numbers of system calls: https://man7.org/linux/man-pages/man2/syscalls.2.html, and the tables of the kernel. */
const programs: Readonly<Record<Architecture, Program>> = {
  amd64: {
    ...{ bits: 64, order: 'little', machine: 62, flags: 0, names: ['x86_64'] },
    code: [
      '4881ec90010000', // sub  rsp, 400
      '4889e7', //         mov  rdi, rsp
      'b83f000000', //     mov  eax, 63      uname
      '0f05', //           syscall
      'bf01000000', //     mov  edi, 1
      '488db42404010000', // lea rsi, [rsp+260]
      'ba41000000', //     mov  edx, 65
      'b801000000', //     mov  eax, 1       write
      '0f05', //           syscall
      '31ff', //           xor  edi, edi
      'b83c000000', //     mov  eax, 60      exit
      '0f05', //           syscall
    ],
  },
  '386': {
    ...{ bits: 32, order: 'little', machine: 3, flags: 0, names: ['i386', 'i486', 'i586', 'i686', 'x86_64'] },
    code: [
      '81ec90010000', //   sub  esp, 400
      '89e3', //           mov  ebx, esp
      'b87a000000', //     mov  eax, 122     uname
      'cd80', //           int  0x80
      'bb01000000', //     mov  ebx, 1
      '8d8c2404010000', // lea  ecx, [esp+260]
      'ba41000000', //     mov  edx, 65
      'b804000000', //     mov  eax, 4       write
      'cd80', //           int  0x80
      '31db', //           xor  ebx, ebx
      'b801000000', //     mov  eax, 1       exit
      'cd80', //           int  0x80
    ],
  },
  arm64: {
    ...{ bits: 64, order: 'little', machine: 183, flags: 0, names: ['aarch64'] },
    code: [
      'ff4306d1', // sub  sp, sp, #400
      'e0030091', // mov  x0, sp
      '081480d2', // mov  x8, #160     uname
      '010000d4', // svc  #0
      '200080d2', // mov  x0, #1
      'e1130491', // add  x1, sp, #260
      '220880d2', // mov  x2, #65
      '080880d2', // mov  x8, #64      write
      '010000d4', // svc  #0
      '000080d2', // mov  x0, #0
      'a80b80d2', // mov  x8, #93      exit
      '010000d4', // svc  #0
    ],
  },
  arm: {
    ...{ bits: 32, order: 'little', machine: 40, flags: 0x5_00_00_00 },
    names: ['armv7l', 'armv6l', 'armv8l', 'aarch64'],
    code: [
      '19de4de2', // sub  sp, sp, #400
      '0d00a0e1', // mov  r0, sp
      '7a70a0e3', // mov  r7, #122     uname
      '000000ef', // svc  #0
      '0100a0e3', // mov  r0, #1
      '411f8de2', // add  r1, sp, #260
      '4120a0e3', // mov  r2, #65
      '0470a0e3', // mov  r7, #4       write
      '000000ef', // svc  #0
      '0000a0e3', // mov  r0, #0
      '0170a0e3', // mov  r7, #1       exit
      '000000ef', // svc  #0
    ],
  },
  riscv64: {
    ...{ bits: 64, order: 'little', machine: 243, flags: 0, names: ['riscv64'] },
    code: [
      '130101e7', // addi sp, sp, -400
      '13050100', // mv   a0, sp
      '9308000a', // li   a7, 160      uname
      '73000000', // ecall
      '13051000', // li   a0, 1
      '93054110', // addi a1, sp, 260
      '13061004', // li   a2, 65
      '93080004', // li   a7, 64       write
      '73000000', // ecall
      '13050000', // li   a0, 0
      '9308d005', // li   a7, 93       exit
      '73000000', // ecall
    ],
  },
  ppc64le: {
    ...{ bits: 64, order: 'little', machine: 21, flags: 2, names: ['ppc64le'] },
    code: [
      '70fe2138', // addi r1, r1, -400
      '780b237c', // mr   r3, r1
      '7a000038', // li   r0, 122      uname
      '02000044', // sc
      '01006038', // li   r3, 1
      '04018138', // addi r4, r1, 260
      '4100a038', // li   r5, 65
      '04000038', // li   r0, 4        write
      '02000044', // sc
      '00006038', // li   r3, 0
      '01000038', // li   r0, 1        exit
      '02000044', // sc
    ],
  },
  s390x: {
    ...{ bits: 64, order: 'big', machine: 22, flags: 0, names: ['s390x'] },
    code: [
      'a7fbfe70', // aghi %r15, -400
      'b904002f', // lgr  %r2, %r15
      '0a7a', //     svc  122          uname
      'a7290001', // lghi %r2, 1
      '4130f104', // la   %r3, 260(%r15)
      'a7490041', // lghi %r4, 65
      '0a04', //     svc  4            write
      'a7290000', // lghi %r2, 0
      '0a01', //     svc  1            exit
    ],
  },
};

/** Where the program lies in memory: a multiple of the largest pages that any of these processors has. */
const base = 0x40_00_00;
const pageSize = 0x1_00_00;

/**
 * A whole static program: the headers and one segment that has everything. Nothing of it depends on a library.
 * https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
 */
export function archProgram(architecture: Architecture): Uint8Array {
  const { bits, order, machine, flags, code } = programs[architecture];
  const isWide = bits === 64;
  const [header, segment] = isWide ? [64, 56] : [52, 32];
  const text = code.join('');
  const start = header + segment;
  const size = start + text.length / 2;
  const bytes = new Uint8Array(size);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, isWide ? 2 : 1, order === 'little' ? 1 : 2, 1]);
  const view = new DataView(bytes.buffer);
  const isLittle = order === 'little';
  let at = 16;
  const half = (value: number): void => {
    view.setUint16(at, value, isLittle);
    at += 2;
  };
  const word = (value: number): void => {
    view.setUint32(at, value, isLittle);
    at += 4;
  };
  const address = (value: number): void => {
    if (isWide) view.setBigUint64(at, BigInt(value), isLittle);
    else view.setUint32(at, value, isLittle);
    at += isWide ? 8 : 4;
  };
  [2, machine].forEach(half);
  word(1);
  [base + start, header, 0].forEach(address);
  word(flags);
  [header, segment, 1, 0, 0, 0].forEach(half);
  // Loadable, to be read and executed; in the wide form the permissions come before the addresses.
  word(1);
  if (isWide) word(5);
  [0, base, base, size, size].forEach(address);
  if (!isWide) word(5);
  address(pageSize);
  bytes.set(
    Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16)),
    start,
  );
  return bytes;
}

/** What the program has printed as the name of a machine; `null` for anything that it does not print. */
export function parseMachine(architecture: Architecture, output: string): string | null {
  const name = /^[a-z0-9_]+/.exec(output)?.[0] ?? '';
  return programs[architecture].names.includes(name) ? name : null;
}
