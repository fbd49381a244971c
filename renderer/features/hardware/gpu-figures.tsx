// What a card does now and where that came from: memory as a bar, use and heat as a number with a small line.
import type { GpuMetrics } from '../../../main/model/gpu-metrics.ts';
import type { Track } from '../../state/track.ts';
import { useGpuTrack } from '../../state/use-track.ts';
import { gigabytes, percentWords } from '../../state/words.ts';
import { Meter } from '../../ui/meter.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import styles from './hardware.module.css';
import { t } from '../../language/strings.ts';

interface MemoryProps {
  readonly usedMiB: number | null;
  readonly totalMiB: number | null;
  /** Why it is not known. */
  readonly why: string | undefined;
}

export function memoryWords(usedMiB: number | null, totalMiB: number | null): string {
  if (totalMiB === null)
    return usedMiB === null ? t('unknown') : t('{{used}} of unknown', { used: gigabytes(usedMiB) });
  if (usedMiB === null) return t('unknown of {{total}}', { total: gigabytes(totalMiB) });
  return t('{{used}} of {{total}}', {
    used: gigabytes(usedMiB).replace(' GB', ''),
    total: gigabytes(totalMiB),
  });
}

function powerWords(watts: number, limitWatts: number | null): string {
  if (limitWatts === null) return `${Math.round(watts)} W`;
  return t('{{watts}} of {{limit}} W', { watts: Math.round(watts), limit: Math.round(limitWatts) });
}

export function MemoryFigure({ usedMiB, totalMiB, why }: MemoryProps) {
  const words = memoryWords(usedMiB, totalMiB);
  const share = usedMiB === null || totalMiB === null || totalMiB === 0 ? null : usedMiB / totalMiB;
  return (
    <div className={styles.figure}>
      <span className={styles.label}>{t('Memory')}</span>
      <span className={styles.value} title={why}>
        {words}
      </span>
      <Meter label={t('Memory in use')} words={words} share={share} />
    </div>
  );
}

interface FigureProps {
  readonly label: string;
  readonly words: string | null;
  readonly why: string | undefined;
  readonly values: readonly (number | null)[];
  readonly most: number;
}

function Figure({ label, words, why, values, most }: FigureProps) {
  return (
    <div className={styles.figure}>
      <span className={styles.label}>{label}</span>
      <span className={styles.value} title={words === null ? why : undefined}>
        {words ?? t('unknown')}
      </span>
      <Sparkline values={values} most={most} />
    </div>
  );
}

const noValues: readonly (number | null)[] = [];

/** Where heat is told: NVIDIA and most others at the edge, some AMD cards at the hottest point alone. */
function heatOf({ edgeCelsius, junctionCelsius }: GpuMetrics): 'edgeCelsius' | 'junctionCelsius' {
  return edgeCelsius === null && junctionCelsius !== null ? 'junctionCelsius' : 'edgeCelsius';
}

/** Hotter than any card is allowed to be. °C. */
const mostCelsius = 110;

function seriesIn(track: Track | null, name: string): readonly (number | null)[] {
  return track?.series[name] ?? noValues;
}

interface GpuFiguresProps {
  readonly metrics: GpuMetrics;
  /** Of the list, where the tool that reads figures does not tell. */
  readonly totalMiB: number | null;
  readonly visits: number;
}

export function GpuFigures({ metrics, totalMiB, visits }: GpuFiguresProps) {
  const { track } = useGpuTrack(metrics, visits);
  const { utilization, memoryUsedMiB, memoryTotalMiB, watts, limitWatts, unknown } = metrics;
  const heat = heatOf(metrics);
  const celsius = metrics[heat];
  return (
    <div className={styles.figures}>
      <MemoryFigure
        usedMiB={memoryUsedMiB}
        totalMiB={memoryTotalMiB ?? totalMiB}
        why={unknown['memoryUsedMiB']}
      />
      <Figure
        label={t('Busy')}
        words={utilization === null ? null : percentWords(utilization)}
        why={unknown['utilization']}
        values={seriesIn(track, 'utilization')}
        most={100}
      />
      <Figure
        label={t('Temperature')}
        words={celsius === null ? null : `${Math.round(celsius)} °C`}
        why={unknown[heat]}
        values={seriesIn(track, heat)}
        most={mostCelsius}
      />
      <Figure
        label={t('Power')}
        words={watts === null ? null : powerWords(watts, limitWatts)}
        why={unknown['watts']}
        values={seriesIn(track, 'watts')}
        most={Math.max(1, limitWatts ?? Math.max(...seriesIn(track, 'watts').map((value) => value ?? 0)))}
      />
    </div>
  );
}

/** In the shape of the figures that will come. */
export function FiguresAhead() {
  return (
    <div className={styles.figures} data-ahead aria-hidden>
      {[t('Memory'), t('Busy'), t('Temperature'), t('Power')].map((label) => (
        <div key={label} className={styles.figure}>
          <span className={styles.label}>{label}</span>
          <span className={styles.bone} />
          <span className={styles.bar} />
        </div>
      ))}
    </div>
  );
}
