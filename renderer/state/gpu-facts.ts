// What a graphics card is and does, as names and values; what is not known says why.
import type { GpuDetail } from '../../main/model/gpu-detail.ts';
import type { GpuMetrics } from '../../main/model/gpu-metrics.ts';
import { slownessOf } from './gpu-cards.ts';
import { vendorWords } from './gpu-need.ts';
import type { Fact } from './machine-facts.ts';
import { gigabytes, percentWords } from './words.ts';
import { count, t } from '../language/strings.ts';
import { numeral } from '../language/locale.ts';

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
  const words = throttle === null ? null : (slownessOf(metrics)?.words ?? t('as fast as it can'));
  return { name: t('Speed'), value: words, why };
}

function xidFacts({ xids, unknown }: GpuMetrics): readonly Fact[] {
  const name = t('Driver errors');
  if (xids === null)
    return unknown['xids'] === undefined ? [] : [{ name, value: null, why: unknown['xids'] }];
  const newest = xids.at(-1);
  if (newest === undefined) return [{ name, value: t('none since the machine started'), why: null }];
  return [
    {
      name,
      value: t('{{errors}}, the newest Xid {{code}}: {{text}}', {
        errors: xids.length,
        code: newest.code,
        text: newest.text,
      }),
      why: null,
    },
  ];
}

/** What a card does at this moment. */
export function metricFacts(metrics: GpuMetrics): readonly Fact[] {
  const of = (name: string, from: MetricName, words: (value: number) => string): readonly Fact[] =>
    metricFact(metrics, name, from, words);
  const { persistence, unknown } = metrics;
  return [
    ...of(t('Busy'), 'utilization', percentWords),
    ...of(t('Memory traffic'), 'memoryBusy', percentWords),
    ...of(t('Temperature'), 'edgeCelsius', celsius),
    ...of(t('Hottest point'), 'junctionCelsius', celsius),
    ...of(t('Heat of memory'), 'memoryCelsius', celsius),
    ...of(t('Power'), 'watts', watts),
    ...of(t('Power limit'), 'limitWatts', watts),
    ...of(t('Clock'), 'graphicsMhz', megahertz),
    ...of(t('Clock of memory'), 'memoryMhz', megahertz),
    throttleFact(metrics),
    ...of(t('Fan'), 'fanPercent', percentWords),
    ...of(t('Fan speed'), 'fanRpm', (value) => count(value, '{{n}} turn a minute', '{{n}} turns a minute')),
    ...of(t('Memory errors'), 'eccUncorrected', (value) =>
      value === 0
        ? t('none that stayed')
        : count(value, '{{n}} that could not be mended', '{{n}} that could not be mended'),
    ),
    ...of(t('Mended errors'), 'eccCorrected', String),
    ...xidFacts(metrics),
    ...(persistence === null && unknown['persistence'] === undefined
      ? []
      : [
          {
            name: t('Driver at rest'),
            value: persistence === null ? null : persistence ? t('stays awake') : t('falls asleep'),
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

function yesOrNo(value: boolean | null): string | null {
  if (value === null) return null;
  return value ? t('yes') : t('no');
}

const divisionWords = {
  on: t('in slices now'),
  off: t('it could be divided'),
  none: t('cannot be divided'),
} as const;

function makerFacts(detail: GpuDetail): readonly Fact[] {
  const { maker } = detail;
  switch (maker.vendor) {
    case 'nvidia':
      return [
        ...told(detail, 'CUDA', maker.cuda, 'maker.cuda'),
        ...told(detail, t('Compute capability'), maker.computeCapability, 'maker.computeCapability'),
        ...told(detail, t('Architecture'), maker.architecture, 'maker.architecture'),
        ...told(detail, t('Slices (MIG)'), maker.mig === null ? null : divisionWords[maker.mig], 'maker.mig'),
        ...told(detail, t('Mends memory errors'), yesOrNo(maker.ecc), 'maker.ecc'),
        ...told(detail, t('Drives a screen'), yesOrNo(maker.display), 'maker.display'),
        ...told(detail, t('Driver model'), maker.driverModel, 'maker.driverModel'),
      ];
    case 'amd':
      return [
        ...told(detail, t('Programs are for'), maker.target, 'maker.target'),
        ...told(
          detail,
          t('Compute units'),
          maker.computeUnits === null ? null : String(maker.computeUnits),
          'maker.computeUnits',
        ),
        ...told(detail, t('Parts'), maker.computePartition, 'maker.computePartition'),
        ...told(detail, t('Parts of memory'), maker.memoryPartition, 'maker.memoryPartition'),
      ];
    case 'intel':
      return [
        ...told(detail, t('Tiles'), maker.tiles === null ? null : String(maker.tiles), 'maker.tiles'),
        ...told(detail, t('Mends memory errors'), yesOrNo(maker.ecc), 'maker.ecc'),
        ...told(
          detail,
          t('Highest clock'),
          maker.maxMhz === null ? null : megahertz(maker.maxMhz),
          'maker.maxMhz',
        ),
      ];
  }
}

function memoryOf({ memory }: GpuDetail): string | null {
  if (memory.totalMiB === null) return null;
  return memory.kind === 'shared'
    ? t("{{size}}, of the machine's own", { size: gigabytes(memory.totalMiB) })
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
    ...(lanes === null ? [] : [count(lanes, '{{n}} lane', '{{n}} lanes')]),
    ...(speed === null ? [] : [speed]),
  ];
  return parts.join(', ');
}

/** What a card is, as its driver and its maker's tools tell. */
export function detailFacts(detail: GpuDetail): readonly Fact[] {
  const { firmware, bus, files } = detail;
  return [
    { name: t('Made by'), value: vendorWords(detail.vendor), why: null },
    ...told(detail, t('Memory'), memoryOf(detail), 'memory.totalMiB'),
    ...told(detail, t('Driver'), driverOf(detail), 'driver.version'),
    ...told(detail, t('Firmware'), firmware, 'firmware'),
    ...told(detail, t('Bus'), busOf(detail), 'bus.address'),
    ...told(
      detail,
      t('Close to processor'),
      bus.numaNode === null ? null : String(bus.numaNode),
      'bus.numaNode',
    ),
    ...makerFacts(detail),
    ...(files.length === 0
      ? []
      : [{ name: t('Device files'), value: files.map(({ path }) => path).join(', '), why: null }]),
  ];
}
