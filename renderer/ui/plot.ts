// The drawn part of a chart: lines over time on a canvas, in the colours of the page's theme. The one place of uPlot.
import uPlot from 'uplot';
import { dateFormat } from '../language/locale.ts';
import 'uplot/dist/uPlot.min.css';

export interface PlotLine {
  /** Said at its end where there are several: `in`. */
  readonly name: string;
  /** `null` is a gap. */
  readonly values: readonly (number | null)[];
  /** At this moment, where that is known more exactly than as a step's average; `null`: not known. */
  readonly now?: number | null;
}

export interface PlotData {
  /** Milliseconds since 1970, in equal steps. */
  readonly at: readonly number[];
  /** At most four. */
  readonly lines: readonly PlotLine[];
}

export interface PlotScale {
  /** A number on the axis: `50 %`. */
  words(value: number): string;
  /** The top of the axis; `null`: what the values need, and `least`. */
  readonly top: number | null;
  readonly least: number;
}

export interface Plot {
  show(data: PlotData): void;
  /** Marks one step, or none. */
  mark(index: number | null): void;
  close(): void;
}

interface PlotOptions {
  readonly names: readonly string[];
  readonly scale: PlotScale;
  readonly data: PlotData;
  /** The step that is pointed at; `null`: none. */
  onMark(index: number | null): void;
}

const height = 136;
/** Told apart without colour, too. */
const dashes: readonly number[][] = [[], [5, 3], [2, 3], [8, 3, 2, 3]];
const inks = ['--chart-1', '--chart-2', '--chart-3', '--chart-4'] as const;

const clock = dateFormat({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const day = dateFormat({ month: 'short', day: 'numeric' });

/** A moment on the axis: the day where it begins, else the time. */
function tickWords(at: number): string {
  const date = new Date(at);
  return date.getHours() + date.getMinutes() === 0
    ? day.format(date.getTime())
    : clock.format(date.getTime());
}

function aligned({ at, lines }: PlotData): uPlot.AlignedData {
  return [[...at], ...lines.map(({ values }) => [...values])];
}

/** Values between two gaps: no line leads to them, so they are drawn as dots. */
function lonely(values: ArrayLike<unknown>): number[] {
  const isKnown = (index: number): boolean => typeof values[index] === 'number';
  return Array.from(values, (_, index) => index).filter(
    (index) => isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1),
  );
}

/** Colours of the theme, looked up once until it changes. */
function inksOf(element: HTMLElement): { of(name: string): string; forget(): void } {
  let known = new Map<string, string>();
  return {
    of: (name) => {
      const ink = known.get(name) ?? getComputedStyle(element).getPropertyValue(name).trim();
      known.set(name, ink);
      return ink;
    },
    forget: () => {
      known = new Map();
    },
  };
}

/** Says the name of each line at its end; two ends that meet make room for one another. */
function labelEnds(
  plot: uPlot,
  names: readonly string[],
  inkOf: (name: string) => string,
  font: string,
): void {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  const gap = 13 * ratio;
  const ends = names
    .map((name, index) => {
      const values = plot.data[index + 1] ?? [];
      const last = [...values].findLast((value) => typeof value === 'number');
      return { name, index, y: typeof last === 'number' ? plot.valToPos(last, 'y', true) : null };
    })
    .flatMap(({ y, ...rest }) => (y === null ? [] : [{ ...rest, y }]))
    .toSorted((a, b) => a.y - b.y);
  const room = bbox.top + bbox.height - (ends.length - 1) * gap;
  let least = bbox.top + 4 * ratio;
  ctx.save();
  ctx.font = `${12 * ratio}px ${font}`;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  for (const [order, { name, index, y }] of ends.entries()) {
    const at = Math.max(least, Math.min(y, room + order * gap));
    ctx.fillStyle = inkOf(inks[index] ?? inks[0]);
    ctx.fillText(name, bbox.left + bbox.width + 6 * ratio, at);
    least = at + gap;
  }
  ctx.restore();
}

/** Beside the lines, for the longest name; CSS pixels. */
function labelRoom(names: readonly string[]): number {
  return Math.max(44, 14 + 7 * Math.max(...names.map((name) => name.length)));
}

function axesOf(scale: PlotScale, inkOf: (name: string) => string, font: string): uPlot.Axis[] {
  const common = {
    stroke: () => inkOf('--text-quiet'),
    font: `11px ${font}`,
    ticks: { show: false },
    border: { show: false },
  };
  return [
    { ...common, size: 24, gap: 6, space: 64, grid: { show: false }, values: (_, at) => at.map(tickWords) },
    {
      ...common,
      ...{ size: 60, gap: 6, space: 34 },
      grid: { stroke: () => inkOf('--line'), width: 1 },
      values: (_, values) => values.map((value) => scale.words(value)),
    },
  ];
}

function optionsOf(
  { names, scale, onMark }: PlotOptions,
  width: number,
  inkOf: (name: string) => string,
  font: string,
): uPlot.Options {
  const hasLabels = names.length > 1;
  return {
    ...{ width, height, ms: 1 },
    padding: [8, hasLabels ? labelRoom(names) : 10, 0, 0],
    legend: { show: false },
    cursor: {
      ...{ y: false, drag: { x: false, y: false }, points: { size: 7 } },
      sync: { key: 'machine', scales: ['x', null] },
    },
    scales: {
      x: { time: true },
      y: {
        range: (_, _low, high) => [
          0,
          scale.top ?? Math.max(scale.least, Number.isFinite(high) ? high * 1.1 : 0),
        ],
      },
    },
    axes: axesOf(scale, inkOf, font),
    series: [
      {},
      ...names.map((name, index): uPlot.Series => ({
        label: name,
        stroke: () => inkOf(inks[index] ?? inks[0]),
        width: 1.5,
        dash: dashes[index] ?? [],
        points: { show: false, size: 4, filter: (plot, at) => lonely(plot.data[at] ?? []) },
        ...(hasLabels ? {} : { fill: () => inkOf('--chart-ground') }),
      })),
    ],
    hooks: {
      draw: hasLabels ? [(plot) => labelEnds(plot, names, inkOf, font)] : [],
      setCursor: [({ cursor }) => onMark(cursor.idx ?? null)],
    },
  };
}

/** Draws into an element and fits its width; `close` takes everything away again. */
export function openPlot(element: HTMLElement, options: PlotOptions): Plot {
  const inks = inksOf(element);
  const { fontFamily } = getComputedStyle(element);
  const plot = new uPlot(
    optionsOf(options, Math.max(1, element.clientWidth), inks.of, fontFamily),
    aligned(options.data),
    element,
  );
  const observer = new ResizeObserver(() => {
    if (element.clientWidth > 0) plot.setSize({ width: element.clientWidth, height });
  });
  observer.observe(element);
  const repaint = (): void => {
    inks.forget();
    plot.redraw(false, true);
  };
  const themed = new MutationObserver(repaint);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return {
    show: (data) => plot.setData(aligned(data)),
    mark: (index) => {
      const at = index === null ? undefined : plot.data[0][index];
      plot.setCursor(at === undefined ? { left: -10, top: -10 } : { left: plot.valToPos(at, 'x'), top: 0 });
    },
    close: () => {
      observer.disconnect();
      themed.disconnect();
      plot.destroy();
    },
  };
}
