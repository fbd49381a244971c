// Every recorded output of a real machine has a reader, or a reason why AutoGit never asks for such a thing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectGpus } from '../../../main/detect/detect-gpus.ts';
import { baseFields, newerFields } from '../../../main/detect/nvidia-csv.ts';
import {
  cutsOf,
  expectNumbers,
  expectPart,
  inGerman,
  withMore,
  withPlaceholders,
} from '../../fakes/damage.ts';
import { machineOfTree } from '../../fakes/hardware-forms.ts';
import { hardwareReaders, treeFiles } from '../../fakes/hardware-readers.ts';
import type { HardwareReader, Read } from '../../fakes/hardware-readers.ts';
import { fakeProbe, hasRecordings, recording, recordings } from '../../fakes/hardware.ts';

const names = recordings('.').filter((name) => !name.startsWith('README'));

function readersOf(name: string): readonly HardwareReader[] {
  return hardwareReaders.filter(({ files }) => files.test(name));
}

interface Case {
  readonly name: string;
  readonly text: string;
  readonly says: string;
  readonly read: (text: string) => Read;
  readonly maySeemWhole: boolean;
}

const cases: readonly Case[] = names.flatMap((name) =>
  readersOf(name).flatMap(({ read, says, maySeemWhole = false }) =>
    read === null ? [] : [{ name, text: recording(name), says, read, maySeemWhole }],
  ),
);

/** Of these, the right answer is that something is not understood. */
const unclear: readonly RegExp[] = [
  /^nvidia\/errors\//,
  // Without UUIDs nothing can be handed out.
  /^nvidia\/csv\/(?:8x|mig-mode|nounits-fan|nounits-2x)/,
  /lampaa-gt-730/,
  // Four cards are counted, and one is described: its author left the others out.
  /telegraf-a100-sxm4-v12/,
  /no-json-data|uhd630-stream-truncated|error-no-pmu/,
  // A handler that is no interpreter.
  /bpf-handler/,
];

describe.skipIf(!hasRecordings)('every recorded output', () => {
  it('has one reader, or a reason why there is none', () => {
    const wrong = names.filter((name) => (treeFiles.test(name) ? 1 : readersOf(name).length) !== 1);
    expect(wrong).toEqual([]);
    expect(hardwareReaders.filter(({ files }) => !names.some((name) => files.test(name)))).toEqual([]);
    expect(names.length).toBeGreaterThan(190);
  });

  it.each(cases)('is read: $name ($says)', ({ name, text, read }) => {
    const { found, issues } = read(text);
    const isUnclear = unclear.some((pattern) => pattern.test(name));
    expect([isUnclear, issues]).toEqual([isUnclear, isUnclear ? [expect.anything()] : []]);
    const mayBeEmpty = isUnclear || /query-compute-apps\.idle|list-L/.test(name);
    if (!mayBeEmpty) expect(found.length).toBeGreaterThan(0);
  });

  it('names each column that AutoGit asks for', () => {
    for (const name of names.filter((one) => one.endsWith('help-query-gpu.txt'))) {
      const known = new Set(recording(name).match(/(?<=")[\w.]+(?=")/g));
      expect([...baseFields, ...newerFields].filter((field) => !known.has(field))).toEqual([]);
    }
  });

  it('of a big server has all its cards', () => {
    const reader = readersOf('nvidia/text/thamada-h100sxmx8.q.txt')[0];
    const { found } = reader?.read?.(recording('nvidia/text/thamada-h100sxmx8.q.txt')) ?? { found: [] };
    expect(found).toHaveLength(8);
    for (const card of found)
      expect(card).toMatchObject({ memoryMiB: 81_559, driver: '565.57.01', more: { cuda: '12.7' } });
  });
});

const trees = names.filter((name) => treeFiles.test(name));
/** A management processor, an emulated display, and cards of before amdgpu. */
const withoutCards = /ghw-server-matrox/;

describe.skipIf(!hasRecordings)('every recorded tree of files', () => {
  it.each(trees)('is a machine with its cards: %s', async (name) => {
    const { gpus } = await detectGpus(fakeProbe(machineOfTree(recording(name))));
    expect(gpus).toHaveLength(withoutCards.test(name) ? 0 : 1);
    for (const gpu of gpus) expect(gpu.id).toMatch(/^0000:[0-9a-f]{2}:[0-9a-f]{2}\.\d$/);
  });

  it('has what its driver tells', async () => {
    const read = async (name: string) =>
      (await detectGpus(fakeProbe(machineOfTree(recording(`sysfs/${name}.json`))))).gpus[0];
    expect(await read('amd-rx6900xt')).toMatchObject({ memoryMiB: 16_368, integrated: false });
    expect(await read('amd-phoenix')).toMatchObject({ integrated: true, form: 'integrated' });
    expect(await read('intel-b580-6.16')).toMatchObject({ driver: 'xe', celsius: 46, integrated: false });
    expect(await read('intel-a380-i915')).toMatchObject({ driver: 'i915', celsius: 55 });
    expect(await read('intel-tigerlake')).toMatchObject({ integrated: true, celsius: null });
  });
});

const damaged = { timeout: 3_600_000 };

describe.skipIf(!hasRecordings)('a damaged output', () => {
  it.each(cases)('cut anywhere says nothing wrong, and that it is not whole: $name', damaged, (one) => {
    const { text, read, maySeemWhole, name } = one;
    const whole = read(text);
    for (const cut of cutsOf(text)) {
      const part = read(text.slice(0, cut));
      expectPart(part.found, whole.found);
      const isWhole = text.slice(cut).trim() === '' || whole.found.length === 0;
      if (!isWhole && !maySeemWhole && part.issues.length === 0)
        throw new Error(`${name} cut at ${cut} seems whole`);
    }
  });

  it.each(cases)('with placeholders for values has no other numbers: $name', damaged, ({ text, read }) => {
    const whole = read(text);
    for (const other of withPlaceholders(text)) expectNumbers(read(other).found, whole.found);
  });

  it.each(cases)('in the numbers of another locale has no other numbers: $name', ({ text, read }) => {
    expectNumbers(read(inGerman(text)).found, read(text).found);
  });

  it.each(cases)('of a newer tool, which says more, says the same: $name', ({ name, text, read }) => {
    const more = withMore(name, text);
    if (more !== null) expect(read(more).found).toEqual(read(text).found);
  });

  it('with bytes of anything in it is answered', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...cases),
        ...([fc.nat(), fc.string({ unit: 'binary' }), fc.nat({ max: 300 })] as const),
        ({ text, read }, at, junk, less) => {
          const from = at % text.length;
          read(text.slice(0, from) + junk + text.slice(from + less));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('that is anything is answered with nothing', () => {
    const readers = hardwareReaders.flatMap(({ says, read }) => (read === null ? [] : [{ says, read }]));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        for (const { says, read } of readers) expect([says, read(text).found]).toEqual([says, []]);
      }),
      { numRuns: 200 },
    );
  });
});
