// What nvidia-smi says of what cards do: recorded, in one piece and table after table, and damaged in every way.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  askNvidiaMetrics,
  nvidiaArguments,
  NvidiaTables,
  parseNvidiaMetrics,
} from '../../../../main/detect/metrics/nvidia-metrics.ts';
import { runsBy } from '../../../fakes/arbitrary-world.ts';
import { ended, fakeProbe, hasRecordings, recording } from '../../../fakes/hardware.ts';

const at = 1_800_000_000_000;
const capture = (machine: string, name = 'query-gpu.load.csv'): string =>
  recording(`nvidia/captures/${machine}/${name}`);

/** The columns of a recording that are asked for. */
function asAsked(text: string): string {
  const asked = (nvidiaArguments(true, null)[0] ?? '').split('=')[1]?.split(',') ?? [];
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(', '));
  const names = (lines[0] ?? []).map((name) => name.split(' ')[0] ?? '');
  const wanted = asked.map((name) => names.indexOf(name.replace('throttle', 'event')));
  return `${lines.map((line) => wanted.map((index) => line[index] ?? '').join(', ')).join('\n')}\n`;
}

const [a, b] = ['GPU-11111111-2222-3333-4444-555555555555', 'GPU-99999999-2222-3333-4444-555555555555'];
const head = 'count, uuid, name, memory.used [MiB], utilization.gpu [%]';
const row = (uuid: string, use: number | string, count = 2): string =>
  `${count}, ${uuid}, RTX 4090, 512, ${use}`;
const table = (...rows: readonly string[]): string => `${[head, ...rows].join('\n')}\n`;

describe.skipIf(!hasRecordings)('recorded cards', () => {
  it('say everything that a server tells', () => {
    const [h100] = parseNvidiaMetrics(capture('h100-590.48.01-linux'), at);
    expect(h100).toMatchObject({
      ...{ model: 'NVIDIA H100 80GB HBM3', utilization: 100, memoryBusy: 11, edgeCelsius: 59 },
      ...{ memoryCelsius: 54, watts: 631.95, limitWatts: 700, graphicsMhz: 1980, memoryMhz: 2619 },
      ...{ throttle: [], eccCorrected: 0, eccUncorrected: 0, persistence: true, at, problem: null },
      ...{ fanPercent: null, junctionCelsius: null },
    });
    expect(Object.keys(h100?.unknown ?? {}).toSorted()).toEqual(['fanPercent', 'fanRpm', 'junctionCelsius']);
  });

  it('say what a card on a desk does not know', () => {
    const [rtx] = parseNvidiaMetrics(capture('rtx4080super-595.71.05-linux'), at);
    expect(rtx).toMatchObject({
      fanPercent: 0,
      eccUncorrected: null,
      memoryCelsius: null,
      persistence: false,
    });
    expect(rtx?.unknown['eccUncorrected']).toContain('does not tell');
  });

  it('have no persistence on Windows, and no use while they are divided', () => {
    expect(parseNvidiaMetrics(capture('rtx2080super-610.62-windows'), at)[0]).toMatchObject({
      persistence: null,
      fanPercent: 38,
    });
    expect(parseNvidiaMetrics(capture('h100-mig-590.48.01-linux'), at)[0]).toMatchObject({
      utilization: null,
      watts: 433.78,
    });
  });

  it('never say a wrong number, wherever their output is cut', () => {
    const whole = asAsked(capture('l40s-595.80-linux'));
    const [right] = parseNvidiaMetrics(whole, at);
    for (let length = 0; length < whole.length; length += 1)
      for (const card of parseNvidiaMetrics(whole.slice(0, length), at)) expect(card).toEqual(right);
  });
});

describe('the table of nvidia-smi', () => {
  it('names why a card is slow, in the words of old and new drivers', () => {
    const text = (word: string): string =>
      `count, uuid, name, ${word}.sw_thermal_slowdown, ${word}.hw_thermal_slowdown, ${word}.sw_power_cap\n1, ${a}, X, Active, Active, Not Active\n`;
    for (const word of ['clocks_event_reasons', 'clocks_throttle_reasons'])
      expect(parseNvidiaMetrics(text(word), at)[0]?.throttle).toEqual(['heat']);
  });

  it('leaves out two cards with one UUID, and whatever has none', () => {
    expect(parseNvidiaMetrics(table(row(a, 1), row(a, 2)), at)).toEqual([]);
    expect(parseNvidiaMetrics(table(row('ERR!', 1), row(b, 7)), at)).toMatchObject([
      { id: b, utilization: 7 },
    ]);
  });

  it('is unknown where it says something else than a number', () => {
    for (const word of ['[N/A]', '[Unknown Error]', 'ERR!', '', '7,5', '1 000', '101', '-1', 'NaN']) {
      const [card] = parseNvidiaMetrics(table(row(a, word, 1)), at);
      expect(card?.utilization ?? null, word).toBeNull();
    }
  });

  it('never throws, and says no number that is not there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (noise) => {
        expect(Array.isArray(parseNvidiaMetrics(noise, at))).toBe(true);
        expect(
          parseNvidiaMetrics(`${table(row(a, 3, 1))}${noise}`, at).every(
            ({ id, utilization }) => id !== a || utilization === 3,
          ),
        ).toBe(true);
      }),
      { numRuns: runsBy(50) },
    );
  });
});

describe('table after table', () => {
  const both = (use: number): string => `${row(a, use)}\n${row(b, use)}\n`;

  it('is cut where as many lines have come as cards are counted', () => {
    const tables = new NvidiaTables();
    const text = `${head}\n${both(1)}${both(2)}`;
    const characters = Array.from({ length: text.length }, (_, index) => text.charAt(index));
    const found = characters.flatMap((character) => tables.add(character));
    expect(found.map((one) => parseNvidiaMetrics(one, at).map(({ utilization }) => utilization))).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('is cut where a card comes again because another one is lost', () => {
    const tables = new NvidiaTables();
    const found = tables.add(`${head}\n${both(1)}${row(a, 2)}\n${row(a, 3)}\n`);
    expect(found).toHaveLength(2);
    expect(parseNvidiaMetrics(found[1], at)).toMatchObject([{ id: a, utilization: 2 }]);
  });

  it('lives with another head, words of the tool, and noise without an end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (noise) => {
        const tables = new NvidiaTables();
        tables.add(`${noise}\n`);
        tables.add('x'.repeat(100_000));
        tables.add(`\nUnable to determine the device handle\n`);
        const found = tables.add(`${head}\n${both(5)}`);
        expect(parseNvidiaMetrics(found.at(-1), at)).toHaveLength(2);
      }),
      { numRuns: runsBy(20) },
    );
  });
});

describe('asking once', () => {
  it('asks an old driver again without the words that it does not know', async () => {
    const asked: string[] = [];
    const probe = fakeProbe({
      run: (_, words) => {
        asked.push(words[0] ?? '');
        return asked.length === 1
          ? ended('Field "x" is not a valid field to query.', 2)
          : ended(table(row(a, 9, 1)));
      },
    });
    const answer = await askNvidiaMetrics(probe, 'nvidia-smi', { at, deadlineMs: 10_000, isNew: true });
    expect(answer).toMatchObject({ isNew: false, issue: null, metrics: [{ utilization: 9 }] });
    expect(asked[1]).not.toContain('throttle');
    expect(nvidiaArguments(false, 1_000)).toContain('--loop-ms=1000');
  });

  it('asks a driver that is known to be old once', async () => {
    const asked: string[] = [];
    const probe = fakeProbe({
      run: (_, words) => {
        asked.push(words[0] ?? '');
        return ended(table(row(a, 9, 1)));
      },
    });
    const answer = await askNvidiaMetrics(probe, 'nvidia-smi', { at, deadlineMs: 10_000, isNew: false });
    expect(answer).toMatchObject({ isNew: false, metrics: [{ utilization: 9 }] });
    expect(asked).toHaveLength(1);
    expect(asked[0]).not.toContain('throttle');
  });

  it('says why nothing comes', async () => {
    const ask = (machine: Parameters<typeof fakeProbe>[0]): ReturnType<typeof askNvidiaMetrics> =>
      askNvidiaMetrics(fakeProbe(machine), 'nvidia-smi', { at, deadlineMs: 10_000, isNew: true });
    expect((await ask({ run: () => ({ outcome: 'timeout' }) })).issue?.key).toBe('gpu.tool-hangs');
    expect((await ask({ run: () => ended('Driver/library version mismatch', 18) })).issue?.key).toBe(
      'gpu.driver-mismatch',
    );
  });
});
