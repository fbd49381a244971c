// One machine's or card's values over time, as a chart draws them: what was kept, then what is pushed, step by step.
import { seriesOf } from '../../main/model/host-metrics.ts';
import type { HardwareHistory } from '../../main/model/host-metrics.ts';

export interface Track {
  /** Milliseconds between two steps. */
  readonly stepMs: number;
  /** The beginning of each step, milliseconds since 1970. */
  readonly at: readonly number[];
  /** The average of each step; `null`: nobody looked, or it was not known. */
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
  /** How many steps are shown. */
  readonly length: number;
  /** Looks that the last step's averages are made of, by the name of their series. */
  readonly looks: Readonly<Record<string, number>>;
}

type Values = Readonly<Record<string, number | null>>;

/** A track of at most so many steps that goes on where a history ends. */
export function trackOf({ subject, stepMs, at, series }: HardwareHistory, length = at.length): Track {
  const means = seriesOf(subject).map((name) => [name, series[name]?.mean ?? at.map(() => null)] as const);
  const looks = means.map(([name, mean]) => [name, (mean.at(-1) ?? null) === null ? 0 : 1] as const);
  return {
    ...{ stepMs, at, length: Math.max(1, length) },
    series: Object.fromEntries(means),
    looks: Object.fromEntries(looks),
  };
}

/**
 * The step after which a history is worth asking for anew, because it is told more coarsely than it was asked for: what
 * is fine is there since the core was started alone, and grows. `null`: it is as fine as wanted.
 */
export function coarseStepOf(track: Track, minutes: number, points: number): number | null {
  const wantedMs = Math.ceil((minutes * 60) / points) * 1_000;
  return track.stepMs > wantedMs ? (track.at.at(-1) ?? null) : null;
}

/** The average of a step with one more look; a look that could not tell changes nothing. */
function averaged(before: number | null, looks: number, value: number | null): number | null {
  if (value === null) return before;
  return before === null ? value : before + (value - before) / (looks + 1);
}

function grown(looks: number, value: number | null): number {
  return looks + (value === null ? 0 : 1);
}

/** With what was seen at one more moment. Steps in which nobody looked are gaps; what is before the window goes. */
export function withLook(track: Track, at: number, values: Values): Track {
  const { stepMs, length } = track;
  // Of a history that has just begun, the step before the first is where counting starts.
  const last = track.at.at(-1) ?? Math.floor(at / stepMs) * stepMs - stepMs;
  if (at < last) return track;
  const names = Object.keys(track.series);
  const valueOf = (name: string): number | null => values[name] ?? null;
  if (at < last + stepMs) {
    const looksOf = (name: string): number => track.looks[name] ?? 0;
    const series = names.map((name) => {
      const list = track.series[name] ?? [];
      return [name, list.with(-1, averaged(list.at(-1) ?? null, looksOf(name), valueOf(name)))] as const;
    });
    const looks = names.map((name) => [name, grown(looksOf(name), valueOf(name))] as const);
    return { ...track, series: Object.fromEntries(series), looks: Object.fromEntries(looks) };
  }
  const steps = Math.floor((at - last) / stepMs);
  // Nobody draws more gaps than the window has steps.
  const skipped = Math.min(steps - 1, length);
  const newest = last + steps * stepMs;
  const fresh = Array.from({ length: skipped + 1 }, (_, index) => newest - (skipped - index) * stepMs);
  const gaps = Array.from<null>({ length: skipped }).fill(null);
  const series = names.map((name) => {
    const list = [...(track.series[name] ?? []), ...gaps, valueOf(name)];
    return [name, list.slice(-length)] as const;
  });
  return {
    ...track,
    at: [...track.at, ...fresh].slice(-length),
    series: Object.fromEntries(series),
    looks: Object.fromEntries(names.map((name) => [name, grown(0, valueOf(name))])),
  };
}

/** The newest value of a series that is known; `null`: none is. */
export function newestOf(values: readonly (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null;
}

/** The path of a small line in a box of `width` by `height`, upside down as screens are; one part between two gaps. */
export function linePath(
  values: readonly (number | null)[],
  [width, height]: readonly [number, number],
  most: number,
): string {
  const step = values.length < 2 ? 0 : width / (values.length - 1);
  const y = (value: number): number => height - (Math.min(Math.max(value, 0), most) / most) * height;
  const round = (number: number): string => number.toFixed(1);
  return values
    .map((value, index) => {
      if (value === null) return '';
      const before = index === 0 ? null : (values[index - 1] ?? null);
      const after = values[index + 1] ?? null;
      const point = `${round(index * step)} ${round(y(value))}`;
      if (before !== null) return `L${point}`;
      // A single look between two gaps is a dot, which a line without length shows with its round ends.
      return after === null ? `M${point}h0` : `M${point}`;
    })
    .join('');
}
