// Which other processors' programs a machine runs in containers: recorded handlers of its kernel.
import { describe, expect, it } from 'vitest';
import { detectEmulation } from '../../../main/detect/detect-emulation.ts';
import { parseHandler } from '../../../main/model/emulation.ts';
import { fakeProbe, hasRecordings, recording } from '../../fakes/hardware.ts';

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

  it('emulates nothing where that is switched off, or cannot be read', async () => {
    expect(
      await detectEmulation(fakeProbe({ files: { ...files, [`${folder}/status`]: 'disabled' } })),
    ).toEqual([]);
    expect(await detectEmulation(fakeProbe({}))).toEqual([]);
  });
});
