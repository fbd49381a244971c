// Which other processors' programs a machine runs in containers: recorded handlers of its kernel.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectBinfmt, detectEmulation } from '../../../main/detect/detect-emulation.ts';
import { isUsable, parseBinfmtEntry, parseHandler } from '../../../main/model/emulation.ts';
import { runsBy } from '../../fakes/arbitrary-world.ts';
import { fakeProbe, hasRecordings, recording, recordings } from '../../fakes/hardware.ts';

const folder = '/proc/sys/fs/binfmt_misc';
const handler = (magic: string, flags = 'F'): string =>
  `enabled\ninterpreter /usr/bin/qemu\nflags: ${flags}\noffset 0\nmagic ${magic}\nmask ff\n`;
const arm64 = handler('7f454c460201010000000000000000000200b700');

describe('a handler', () => {
  it.each([
    ['without F, which containers cannot use', arm64.replace('flags: F', 'flags: OC')],
    ['that is off', arm64.replace('enabled', 'disabled')],
    ['of another kind of file', handler('4d5a')],
    ['that is empty', ''],
    ['of no processor that we know', handler('7f454c460201010000000000000000000200ffff')],
  ])('%s stands for none', (_, text) => {
    expect(parseHandler(text)).toBeNull();
  });

  it.skipIf(!hasRecordings).each([
    ['qemu-aarch64.flags-F.txt', 'arm64'],
    ['qemu-aarch64.flags-OCF.txt', 'arm64'],
    ['qemu-arm.flags-POCF.txt', 'arm'],
    ['bpf-handler-new-kernels.txt', null],
  ])('as recorded in %s stands for %s', (name, arch) => {
    expect(parseHandler(recording(`binfmt/${name}`))).toBe(arch);
  });
});

describe('an entry of the kernel’s list', () => {
  const recorded = hasRecordings
    ? recordings('binfmt')
        .map((name) => recording(name))
        .filter((text) => text.includes('magic'))
    : [arm64];

  it('keeps what it is, also where containers cannot use it', () => {
    const off = arm64.replace('enabled', 'disabled').replace('flags: F', 'flags: ');
    const entry = parseBinfmtEntry('qemu-aarch64', off);
    expect(entry).toEqual({
      ...{ name: 'qemu-aarch64', enabled: false, interpreter: '/usr/bin/qemu', flags: '' },
      architecture: 'arm64',
    });
    expect(entry === null || isUsable(entry)).toBe(false);
  });

  it.each([
    ['riscv32, which has the number of riscv64', '7f454c460101010000000000000000000200f300'],
    ['x32, which has the number of amd64', '7f454c4601010100000000000000000002003e00'],
    ['something that is no program', '0000000000000000000000000000000000003e00'],
  ])('is not taken for %s', (_, magic) => {
    expect(parseBinfmtEntry('other', handler(magic))).toBeNull();
  });

  it('that begins to match later in a file stands for no processor', () => {
    expect(parseBinfmtEntry('late', arm64.replace('offset 0', 'offset 4'))).toBeNull();
  });

  it('that is cut anywhere, or is anything else, is read or is nothing, and never wrong', () => {
    const texts = fc.oneof(
      fc.constantFrom(...recorded).chain((text) => fc.nat(text.length).map((end) => text.slice(0, end))),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('[N/A]', '', '\u0000', 'enabled\nmagic 7f454c46'),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const entry = parseBinfmtEntry('entry', text);
        if (entry !== null) expect(recorded.some((whole) => whole.startsWith(text))).toBe(true);
      }),
      { numRuns: runsBy(1) },
    );
  });
});

describe('a machine', () => {
  const files = {
    [`${folder}/status`]: 'enabled\n',
    [`${folder}/register`]: '',
    [`${folder}/qemu-aarch64`]: arm64,
    [`${folder}/qemu-aarch64-again`]: arm64,
    [`${folder}/jar`]: handler('4d5a'),
  };

  it('emulates what its handlers say, each once', async () => {
    expect(await detectEmulation(fakeProbe({ files }))).toEqual(['arm64']);
  });

  it('says of its list whether it is there, on or off', async () => {
    const view = await detectBinfmt(fakeProbe({ files }));
    expect(view.state).toBe('enabled');
    expect(view.handlers.map(({ name }) => name)).toEqual(['qemu-aarch64', 'qemu-aarch64-again']);
    const off = { ...files, [`${folder}/status`]: 'disabled\n' };
    expect(await detectBinfmt(fakeProbe({ files: off }))).toMatchObject({ state: 'disabled' });
    expect(await detectBinfmt(fakeProbe({}))).toEqual({ state: 'not-mounted', handlers: [] });
  });

  it('emulates nothing where that is switched off, or cannot be read', async () => {
    expect(
      await detectEmulation(fakeProbe({ files: { ...files, [`${folder}/status`]: 'disabled' } })),
    ).toEqual([]);
    expect(await detectEmulation(fakeProbe({}))).toEqual([]);
  });
});
