// What a graphics card is and does, as names and values; what is not known says why.
import type { GpuDetail } from '../../main/model/gpu-detail.ts';
import type { GpuMetrics } from '../../main/model/gpu-metrics.ts';
import { slownessOf } from './gpu-cards.ts';
import { vendorWords } from './gpu-need.ts';
import type { Fact } from './machine-facts.ts';
import { count, gigabytes, percentWords } from './words.ts';
import { numeral } from './locale.ts';

type MetricName = keyof GpuMetrics;

/** Left out where it does not exist for such a card: neither known nor with a reason. */
function metricFact(
  { unknown, ...metrics }: GpuMetrics,
  name: string,
  from: MetricName,
  words: (value: number) => string,
): readonly Fact[] {
  const value = from === 'unknown' ? null : metrics[from];
  const known = typeof value === 'number' ? words(value) : null;
  const why = unknown[from] ?? null;
  return known === null && why === null ? [] : [{ name, value: known, why: known === null ? why : null }];
}

function celsius(value: number): string {
  return `${Math.round(value)} °C`;
}

function megahertz(value: number): string {
  return `${numeral(Math.round(value))} MHz`;
}

function watts(value: number): string {
  return `${Math.round(value)} W`;
}

function throttleFact(metrics: GpuMetrics): Fact {
  const { throttle, unknown } = metrics;
  const why = throttle === null ? (unknown['throttle'] ?? null) : null;
  const words = throttle === null ? null : (slownessOf(metrics)?.words ?? 'as fast as it can');
  return { name: 'Speed', value: words, why };
}

function xidFacts({ xids, unknown }: GpuMetrics): readonly Fact[] {
  const name = 'Driver errors';
  if (xids === null)
    return unknown['xids'] === undefined ? [] : [{ name, value: null, why: unknown['xids'] }];
  const newest = xids.at(-1);
  if (newest === undefined) return [{ name, value: 'none since the machine started', why: null }];
  return [{ name, value: `${xids.length}, the newest Xid ${newest.code}: ${newest.text}`, why: null }];
}

/** What a card does at this moment. */
export function metricFacts(metrics: GpuMetrics): readonly Fact[] {
  const of = (name: string, from: MetricName, words: (value: number) => string): readonly Fact[] =>
    metricFact(metrics, name, from, words);
  const { persistence, unknown } = metrics;
  return [
    ...of('Busy', 'utilization', percentWords),
    ...of('Memory traffic', 'memoryBusy', percentWords),
    ...of('Temperature', 'edgeCelsius', celsius),
    ...of('Hottest point', 'junctionCelsius', celsius),
    ...of('Heat of memory', 'memoryCelsius', celsius),
    ...of('Power', 'watts', watts),
    ...of('Power limit', 'limitWatts', watts),
    ...of('Clock', 'graphicsMhz', megahertz),
    ...of('Clock of memory', 'memoryMhz', megahertz),
    throttleFact(metrics),
    ...of('Fan', 'fanPercent', percentWords),
    ...of('Fan speed', 'fanRpm', (value) => `${numeral(value)} turns a minute`),
    ...of('Memory errors', 'eccUncorrected', (value) =>
      value === 0 ? 'none that stayed' : `${value} that could not be mended`,
    ),
    ...of('Mended errors', 'eccCorrected', String),
    ...xidFacts(metrics),
    ...(persistence === null && unknown['persistence'] === undefined
      ? []
      : [
          {
            name: 'Driver at rest',
            value: persistence === null ? null : persistence ? 'stays awake' : 'falls asleep',
            why: unknown['persistence'] ?? null,
          },
        ]),
  ];
}

/** A value that exists for such a card; left out where it does not. `what` is its name among what nobody could tell. */
function told({ unknown }: GpuDetail, name: string, value: string | null, what: string): readonly Fact[] {
  if (value !== null) return [{ name, value, why: null }];
  const reason = unknown.find((one) => one.what === what);
  return reason === undefined ? [] : [{ name, value: null, why: reason.why }];
}

function yesOrNo(value: boolean | null, yes: string, no: string): string | null {
  if (value === null) return null;
  return value ? yes : no;
}

const divisionWords = { on: 'in slices now', off: 'it could be divided', none: 'cannot be divided' } as const;

function makerFacts(detail: GpuDetail): readonly Fact[] {
  const { maker } = detail;
  switch (maker.vendor) {
    case 'nvidia':
      return [
        ...told(detail, 'CUDA', maker.cuda, 'maker.cuda'),
        ...told(detail, 'Compute capability', maker.computeCapability, 'maker.computeCapability'),
        ...told(detail, 'Architecture', maker.architecture, 'maker.architecture'),
        ...told(detail, 'Slices (MIG)', maker.mig === null ? null : divisionWords[maker.mig], 'maker.mig'),
        ...told(detail, 'Mends memory errors', yesOrNo(maker.ecc, 'yes', 'no'), 'maker.ecc'),
        ...told(detail, 'Drives a screen', yesOrNo(maker.display, 'yes', 'no'), 'maker.display'),
        ...told(detail, 'Driver model', maker.driverModel, 'maker.driverModel'),
      ];
    case 'amd':
      return [
        ...told(detail, 'Programs are for', maker.target, 'maker.target'),
        ...told(
          detail,
          'Compute units',
          maker.computeUnits === null ? null : String(maker.computeUnits),
          'maker.computeUnits',
        ),
        ...told(detail, 'Parts', maker.computePartition, 'maker.computePartition'),
        ...told(detail, 'Parts of memory', maker.memoryPartition, 'maker.memoryPartition'),
      ];
    case 'intel':
      return [
        ...told(detail, 'Tiles', maker.tiles === null ? null : String(maker.tiles), 'maker.tiles'),
        ...told(detail, 'Mends memory errors', yesOrNo(maker.ecc, 'yes', 'no'), 'maker.ecc'),
        ...told(
          detail,
          'Highest clock',
          maker.maxMhz === null ? null : megahertz(maker.maxMhz),
          'maker.maxMhz',
        ),
      ];
  }
}

function memoryOf({ memory }: GpuDetail): string | null {
  if (memory.totalMiB === null) return null;
  return memory.kind === 'shared'
    ? `${gigabytes(memory.totalMiB)}, of the machine's own`
    : gigabytes(memory.totalMiB);
}

function driverOf({ driver: { name, version } }: GpuDetail): string | null {
  const parts = [name, version].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(' ');
}

function busOf({ bus: { address, speed, lanes } }: GpuDetail): string | null {
  if (address === null) return null;
  const parts = [
    address,
    ...(lanes === null ? [] : [count(lanes, 'lane')]),
    ...(speed === null ? [] : [speed]),
  ];
  return parts.join(', ');
}

/** What a card is, as its driver and its maker's tools tell. */
export function detailFacts(detail: GpuDetail): readonly Fact[] {
  const { firmware, bus, files } = detail;
  return [
    { name: 'Made by', value: vendorWords(detail.vendor), why: null },
    ...told(detail, 'Memory', memoryOf(detail), 'memory.totalMiB'),
    ...told(detail, 'Driver', driverOf(detail), 'driver.version'),
    ...told(detail, 'Firmware', firmware, 'firmware'),
    ...told(detail, 'Bus', busOf(detail), 'bus.address'),
    ...told(
      detail,
      'Close to processor',
      bus.numaNode === null ? null : String(bus.numaNode),
      'bus.numaNode',
    ),
    ...makerFacts(detail),
    ...(files.length === 0
      ? []
      : [{ name: 'Device files', value: files.map(({ path }) => path).join(', '), why: null }]),
  ];
}
