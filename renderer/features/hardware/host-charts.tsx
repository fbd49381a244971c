// What the machine did over the chosen time, and does now: processor, load, memory, disk, network.
import { useMemo } from 'react';
import type { HostMetrics } from '../../../main/model/host-metrics.ts';
import { numberFormat } from '../../language/locale.ts';
import { rangeNames, ranges } from '../../state/ranges.ts';
import type { RangeName } from '../../state/ranges.ts';
import type { Route } from '../../state/route.ts';
import type { Track } from '../../state/track.ts';
import { replaceRoute } from '../../state/use-route.ts';
import { useHostTrack } from '../../state/use-track.ts';
import { percentWords, rateWords, sizeWords } from '../../state/words.ts';
import { Chart } from '../../ui/chart.tsx';
import type { ChartScale } from '../../ui/chart.tsx';
import { Choice } from '../../ui/choice.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import { Spoken } from '../../ui/spoken.tsx';
import styles from './hardware.module.css';
import { t } from '../../language/strings.ts';

type SeriesName = keyof HostMetrics;

interface LineOf {
  readonly name: string;
  readonly series: SeriesName;
}

interface ChartOf {
  readonly title: string;
  readonly lines: readonly LineOf[];
  /** What one unit of the series is in units of the chart. */
  readonly factor: number;
  words(value: number): string;
  /** On the axis, where there is less room. */
  tick(value: number): string;
  /** The top of the axis where there is a most; `null`: as the values need. */
  top(host: HostMetrics | null): number | null;
  readonly least: number;
  note(host: HostMetrics | null): string | undefined;
}

const bytesPerMiB = 1_048_576;
const gigabytes = numberFormat({ maximumFractionDigits: 1 });

function plainSize(bytes: number): string {
  return t('{{when}} GB', { when: gigabytes.format(bytes / 1e9) });
}

function loadWords(value: number): string {
  return value.toFixed(2);
}

function totalOf(host: HostMetrics | null, name: 'memoryTotalMiB' | 'diskTotalBytes', factor: number) {
  const total = host?.[name] ?? null;
  return total === null ? null : total * factor;
}

function ofTotal(bytes: number | null): string | undefined {
  return bytes === null ? undefined : t('of {{size}}', { size: sizeWords(bytes) });
}

function none(): undefined {
  return undefined;
}

const charts: readonly ChartOf[] = [
  {
    ...{ title: t('Processor'), lines: [{ name: t('busy'), series: 'cpuPercent' }], factor: 1, least: 1 },
    ...{ words: percentWords, tick: percentWords, top: () => 100, note: none },
  },
  {
    ...{ title: t('Load'), lines: [{ name: t('load'), series: 'load1' }], factor: 1, least: 1 },
    ...{ words: loadWords, tick: String, top: () => null, note: () => t('wanted a processor') },
  },
  {
    ...{ title: t('Memory'), factor: bytesPerMiB, least: 1e9, words: sizeWords, tick: plainSize },
    lines: [
      { name: t('used'), series: 'memoryUsedMiB' },
      { name: t('swap'), series: 'swapUsedMiB' },
    ],
    top: (host) => totalOf(host, 'memoryTotalMiB', bytesPerMiB),
    note: (host) => ofTotal(totalOf(host, 'memoryTotalMiB', bytesPerMiB)),
  },
  {
    ...{ title: t('Disk space'), factor: 1, least: 1e9, words: sizeWords, tick: plainSize },
    lines: [{ name: t('used'), series: 'diskUsedBytes' }],
    top: (host) => totalOf(host, 'diskTotalBytes', 1),
    note: (host) => ofTotal(totalOf(host, 'diskTotalBytes', 1)),
  },
  {
    ...{ title: t('Disk traffic'), factor: 1, least: 1e5, words: rateWords, tick: rateWords },
    lines: [
      { name: t('read'), series: 'diskReadRate' },
      { name: t('write'), series: 'diskWriteRate' },
    ],
    ...{ top: () => null, note: none },
  },
  {
    ...{ title: t('Network'), factor: 1, least: 1e5, words: rateWords, tick: rateWords },
    lines: [
      { name: t('in'), series: 'networkInRate' },
      { name: t('out'), series: 'networkOutRate' },
    ],
    ...{ top: () => null, note: none },
  },
];

function scaled(values: readonly (number | null)[], factor: number): readonly (number | null)[] {
  return factor === 1 ? values : values.map((value) => (value === null ? null : value * factor));
}

/** What was seen last, which a step's average is not. */
function presentOf(
  host: HostMetrics | null,
  series: SeriesName,
  factor: number,
): { readonly now?: number | null } {
  const value = host?.[series];
  if (value === undefined || (value !== null && typeof value !== 'number')) return {};
  return { now: value === null ? null : value * factor };
}

function whyNothing(host: HostMetrics | null, lines: readonly LineOf[]): string {
  const reason = lines.map(({ series }) => host?.unknown[series]).find((why) => why !== undefined);
  return reason === undefined
    ? t('Nobody has looked in this time.')
    : t('Not known: {{reason}}.', { reason });
}

interface HostChartProps {
  readonly chart: ChartOf;
  readonly track: Track;
  readonly host: HostMetrics | null;
}

function HostChart({ chart, track, host }: HostChartProps) {
  const { title, lines, factor, least } = chart;
  const data = useMemo(
    () => ({
      at: track.at,
      lines: lines.map(({ name, series }) => ({
        name,
        values: scaled(track.series[series] ?? [], factor),
        ...presentOf(host, series, factor),
      })),
    }),
    [track, lines, factor, host],
  );
  const top = chart.top(host);
  const scale = useMemo((): ChartScale => ({ words: chart.tick, top, least }), [chart, top, least]);
  const note = chart.note(host);
  return (
    <Chart
      {...{ title, data, scale }}
      words={chart.words}
      {...(note === undefined ? {} : { note })}
      nothing={whyNothing(host, lines)}
    />
  );
}

function Ahead() {
  return (
    <div className={styles.charts} role="status">
      <Spoken>{t('Reading what the machine did')}</Spoken>
      {charts.map(({ title }) => (
        <div key={title} className={styles.chartAhead} aria-hidden>
          <h3>{title}</h3>
        </div>
      ))}
    </div>
  );
}

interface HostChartsProps {
  readonly host: HostMetrics | null;
  readonly range: RangeName;
  readonly route: Route;
  readonly visits: number;
}

export function HostCharts({ host, range, route, visits }: HostChartsProps) {
  const { track, error } = useHostTrack(host, range, visits);
  const choice = (
    <Choice
      label={t('Time that is shown')}
      options={rangeNames.map((value) => ({ value, words: ranges[value].words }))}
      value={range}
      onChoose={(chosen) =>
        replaceRoute({ ...route, query: { ...route.query, range: chosen === 'hour' ? '' : chosen } })
      }
    />
  );
  return (
    <Section title={t('The machine over time')} side={choice}>
      {error !== null && <ErrorNote problem={error} />}
      {track === null ? (
        error === null && <Ahead />
      ) : (
        <div className={styles.charts}>
          {charts.map((chart) => (
            <HostChart key={chart.title} chart={chart} track={track} host={host} />
          ))}
        </div>
      )}
    </Section>
  );
}
