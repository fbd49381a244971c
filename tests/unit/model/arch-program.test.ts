// Tiny programs of each processor: whole ELF files, which real emulators run where they are installed.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { archProgram, parseMachine } from '../../../main/model/arch-program.ts';
import { architectures } from '../../../main/model/pool-container.ts';
import type { Architecture } from '../../../main/model/pool-container.ts';

const run = promisify(execFile);

const emulators: Readonly<Record<Architecture, { readonly program: string; readonly machine: string }>> = {
  amd64: { program: 'qemu-x86_64-static', machine: 'x86_64' },
  '386': { program: 'qemu-i386-static', machine: 'i686' },
  arm64: { program: 'qemu-aarch64-static', machine: 'aarch64' },
  arm: { program: 'qemu-arm-static', machine: 'armv7l' },
  riscv64: { program: 'qemu-riscv64-static', machine: 'riscv64' },
  ppc64le: { program: 'qemu-ppc64le-static', machine: 'ppc64le' },
  s390x: { program: 'qemu-s390x-static', machine: 's390x' },
};

async function has(program: string): Promise<boolean> {
  return run(program, ['--version']).then(
    () => true,
    () => false,
  );
}
const installed = new Set<Architecture>();
for (const name of architectures) if (await has(emulators[name].program)) installed.add(name);
const ownNames: Readonly<Partial<Record<NodeJS.Architecture, Architecture>>> = {
  x64: 'amd64',
  arm64: 'arm64',
};

async function writeProgram(architecture: Architecture): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-program-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'program');
  await writeFile(file, archProgram(architecture), { mode: 0o755 });
  return file;
}

describe('the program of a processor', () => {
  it.each(architectures)('%s is a static program for it, and smaller than 200 bytes', (name) => {
    const bytes = archProgram(name);
    const isWide = bytes[4] === 2;
    const view = new DataView(bytes.buffer);
    const isLittle = bytes[5] === 1;
    expect([...bytes.subarray(0, 4)]).toEqual([0x7f, 0x45, 0x4c, 0x46]);
    expect(isWide).toBe(name !== 'arm' && name !== '386');
    expect(view.getUint16(16, isLittle), 'a program that is executed').toBe(2);
    // One segment and no interpreter: nothing else is loaded.
    expect(view.getUint16(isWide ? 56 : 44, isLittle)).toBe(1);
    const size = isWide ? Number(view.getBigUint64(64 + 32, isLittle)) : view.getUint32(52 + 16, isLittle);
    expect(size).toBe(bytes.length);
    expect(bytes.length).toBeLessThan(200);
  });

  it.for(architectures)('%s says what it runs on, in a real emulator', async (name, { skip }) => {
    const { program, machine } = emulators[name];
    skip(!installed.has(name), `${program} is not installed`);
    const { stdout } = await run(program, [await writeProgram(name)]);
    expect(stdout).toHaveLength(65);
    expect(parseMachine(name, stdout)).toBe(machine);
  });

  it('of this machine runs on it', async ({ skip }) => {
    const own = ownNames[process.arch];
    if (process.platform !== 'linux' || own === undefined) return skip('no program for this machine');
    const { stdout } = await run(await writeProgram(own), []);
    expect(parseMachine(own, stdout)).toBe(emulators[own].machine);
  });
});

describe('what it prints', () => {
  it('is the name of a machine of that processor, up to the first zero', () => {
    expect(parseMachine('386', 'i686\u00004\u0000')).toBe('i686');
    expect(parseMachine('arm', 'aarch64\u0000')).toBe('aarch64');
  });

  it.each(['', '\u0000\u0000', 'x86_64', 'exec format error', 'aarch64_be'])(
    '%j is none for arm64',
    (text) => {
      expect(parseMachine('arm64', text)).toBeNull();
    },
  );
});
