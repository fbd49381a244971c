// nvidia-smi's answers of real machines, and what is none; how damaged ones are read, recordings.test.ts holds.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNvidiaCards, parseNvidiaProcesses } from '../../../main/detect/nvidia-csv.ts';
import { explainNvidiaFailure } from '../../../main/detect/nvidia-failure.ts';
import { parseInformation } from '../../../main/detect/detect-nvidia.ts';
import { parseNvidiaSlices, parseNvidiaXml } from '../../../main/detect/nvidia-slices.ts';
import { ended, hasRecordings, recording, recordings } from '../../fakes/hardware.ts';

const fields =
  'index, uuid, name, pci.bus_id, driver_version, memory.total, memory.used, memory.free, utilization.gpu, temperature.gpu, power.draw, power.limit, compute_cap, mig.mode.current, persistence_mode, pstate';

/** What nvidia-smi prints with its head line. */
const tables = recordings('nvidia')
  .filter((name) => /query-gpu\..*\.csv$|derived-nounits\/.*\.csv$/.test(name))
  .map((name) => ({
    name,
    text: name.includes('derived') ? `${fields}\n${recording(name)}` : recording(name),
  }));
const named = (pattern: RegExp): readonly { readonly name: string; readonly text: string }[] =>
  recordings('nvidia')
    .filter((name) => pattern.test(name))
    .map((name) => ({ name, text: recording(name) }));
const processes = named(/query-compute-apps.*\.csv$/);
const lists = named(/list-L.*\.txt$/);
/** The author of one report masked its UUID. */
const masked = 'GPU-XXX9-b02c-1c4ca42113c8';
const reports = named(/\.xml$/).map(({ name, text }) => ({
  name,
  text: text.replace(masked, 'GPU-00000000-0000-0000-b02c-1c4ca42113c8'),
}));
const failures = named(/errors\//);

const parsers = [parseNvidiaCards, parseNvidiaProcesses, parseNvidiaSlices, parseNvidiaXml];

describe.skipIf(!hasRecordings)('every recorded answer', () => {
  it.each(tables)('has its cards: $name', ({ text }) => {
    const { found, issues } = parseNvidiaCards(text);
    expect(issues).toEqual([]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ uuid: 'GPU-00000000-0000-0000-0000-000000000000' });
    expect(found[0]?.memoryMiB).toBeGreaterThan(8000);
    expect(found[0]?.pciAddress).toMatch(/^0000:[0-9a-f]{2}:[0-9a-f]{2}\.0$/);
  });

  it('says whether a card is divided', () => {
    const mig = tables.map(({ name, text }) => [
      /h\d00-mig/.test(name),
      parseNvidiaCards(text).found[0]?.mig,
    ]);
    expect(mig.every(([isDivided, said]) => isDivided === (said === true))).toBe(true);
  });

  it.each(processes)('has its programs: $name', ({ name, text }) => {
    const { found, issues } = parseNvidiaProcesses(text);
    expect(issues).toEqual([]);
    expect(found.length).toBe(text.trim().split('\n').length - 1);
    for (const { memoryMiB } of found) expect(memoryMiB === null).toBe(name.includes('windows'));
  });

  it.each(lists)('has its slices: $name', ({ name, text }) => {
    const { found, issues } = parseNvidiaSlices(text);
    expect(issues).toEqual([]);
    expect(found).toHaveLength((text.match(/UUID: MIG-/g) ?? []).length);
    if (name.includes('h200-mig')) expect(found[0]).toMatchObject({ profile: '1c.3g.71gb', index: 0 });
  });

  it.each(reports)('has its cards in a report: $name', ({ name, text }) => {
    const { found, issues } = parseNvidiaXml(text);
    expect(found).toHaveLength(/2x/.test(name) ? 2 : 1);
    // One was trimmed by its authors: four cards are counted and one is there.
    expect(issues).toHaveLength(name.includes('a100-sxm4-v12') ? 1 : 0);
    expect(found[0]?.memoryMiB).toBeGreaterThan(900);
  });

  it('has the memory of slices, and power under each of its names', () => {
    const report = (name: string): ReturnType<typeof parseNvidiaXml>['found'][number] | undefined =>
      parseNvidiaXml(reports.find((given) => given.name.endsWith(`${name}.xml`))?.text).found[0];
    expect(report('telegraf-a100-sxm4-v12')).toMatchObject({
      mig: true,
      pciAddress: '0000:01:00.0',
      slices: [0, 1, 2, 3].map((index) => ({ index, memoryMiB: 19_968 })),
    });
    expect(report('telegraf-rtx-3080-v13')?.watts).toBeGreaterThan(0);
    expect(report('telegraf-rtx-3080-v12')?.watts).toBeGreaterThan(0);
    expect(report('lampaa-gt-730')).toMatchObject({ watts: null, utilization: null, mig: null });
  });

  it('without a UUID that can be trusted has no card, and says so', () => {
    expect(parseNvidiaXml(recording('nvidia/xml/lampaa-gt-730.xml'))).toMatchObject({
      found: [],
      issues: [{ key: 'gpu.output-unclear' }],
    });
  });

  it('of a driver has the UUID and the model of a card', () => {
    expect(parseInformation(recording('nvidia/text/proc-driver-nvidia-gpu-information-v100.txt'))).toEqual({
      uuid: 'GPU-edfee158-11c1-52b8-0517-92f30e7fac88',
      model: 'Tesla V100-SXM2-16GB',
    });
    expect(parseInformation('GPU UUID: \t GPU-????????-????-????-????-????????????\n').uuid).toBeNull();
  });

  it.each(failures)('of failure is explained, whatever its code: $name', ({ name, text }) => {
    const keys: readonly [RegExp, string][] = [
      [/mismatch/, 'gpu.driver-mismatch'],
      [/driver-not-loaded|no-devices/, 'gpu.driver-missing'],
      [/blocked/, 'gpu.blocked'],
      [/handle-unknown/, 'gpu.lost'],
      [/./, 'gpu.output-unclear'],
    ];
    const { issue, why, fix } = explainNvidiaFailure(ended(text, 255));
    expect(issue.key).toBe(keys.find(([pattern]) => pattern.test(name))?.[1]);
    expect([why, fix, issue.next].every((words) => words.length > 10)).toBe(true);
  });
});

describe('an answer that is none', () => {
  it.each([
    '',
    '\n',
    'No devices were found\n',
    '\0\0\0',
    '<',
    '<nvidia_smi_log>',
    '\uFEFF',
    null,
    7,
    undefined,
  ])('finds no card and says so: %j', (output) => {
    for (const parse of parsers) expect(parse(output).found).toEqual([]);
    for (const parse of [parseNvidiaCards, parseNvidiaSlices, parseNvidiaXml])
      expect(parse(output).issues).toHaveLength(1);
  });

  it('of any kind is survived', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string({ unit: 'binary', maxLength: 2000 })), (output) => {
        for (const parse of parsers) expect(parse(output).found).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a table', () => {
  const id = 'GPU-00000000-0000-0000-0000-00000000000';
  it('may have more columns, in any order, and lines as Windows ends them', () => {
    const text = `memory.total [MiB], new.field, uuid, count\r\n24564 MiB, what, ${id}1, 2\r\n8192 MiB, what, ${id}2, 2\r\n`;
    expect(parseNvidiaCards(text)).toMatchObject({
      found: [
        { uuid: `${id}1`, memoryMiB: 24_564 },
        { uuid: `${id}2`, memoryMiB: 8192 },
      ],
      issues: [],
    });
  });

  it('that counts more cards than it lists says so', () => {
    expect(parseNvidiaCards(`uuid, count\n${id}1, 8\n`).issues[0]?.message).toContain(
      '8 cards are counted and 1 listed',
    );
  });

  it('with two cards of one UUID says so', () => {
    expect(parseNvidiaCards(`uuid\n${id}1\n${id}1\n`).issues[0]?.message).toContain(
      'two cards with one UUID',
    );
  });

  it.each([
    ['81.920 MiB', null],
    ['81,920', null],
    ['1e3', null],
    ['-5', null],
    ['99999999', null],
    ['0x10', null],
    ['[N/A]', null],
    ['0', 0],
    ['81920 MiB', 81_920],
  ])('reads memory whole or not at all: %s', (text, memoryMiB) => {
    expect(parseNvidiaCards(`uuid, memory.total [MiB]\n${id}1, ${text}\n`).found[0]?.memoryMiB).toBe(
      memoryMiB,
    );
  });
});

describe('nvidia-smi that gives nothing', () => {
  it.each([
    [{ outcome: 'missing' as const }, 'gpu.tool-missing'],
    [{ outcome: 'timeout' as const }, 'gpu.tool-hangs'],
    [{ outcome: 'flood' as const }, 'gpu.tool-failed'],
    [ended('', 18), 'gpu.driver-mismatch'],
    [ended('', 9), 'gpu.driver-missing'],
    [ended('', 15), 'gpu.lost'],
    [ended('', 17), 'gpu.blocked'],
    [ended('', 4), 'gpu.no-access'],
    [ended('\0', 139), 'gpu.output-unclear'],
  ])('%j', (ran, key) => {
    expect(explainNvidiaFailure(ran).issue.key).toBe(key);
  });
});
