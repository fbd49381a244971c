// What the machine and its cards do, as text: the newest sample, and what was kept.
import type { Output } from '../../contract/contract.ts';
import type { GpuMetrics, GpuProcess } from '../../model/gpu-metrics.ts';
import type { HostMetrics } from '../../model/host-metrics.ts';
import { renderTable } from './table.ts';
import { clean, clockTime, gigabytes, paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

type GpuSample = Output<'gpu.watch'>;

const or = (value: number | null, text: (value: number) => string): string =>
  value === null ? '-' : text(value);

function memoryOf({ memoryUsedMiB, memoryTotalMiB }: GpuMetrics): string {
  if (memoryUsedMiB === null) return '-';
  const used = gigabytes(memoryUsedMiB);
  return memoryTotalMiB === null ? used : `${used} of ${gigabytes(memoryTotalMiB)}`;
}

function heatOf({ edgeCelsius, junctionCelsius, memoryCelsius }: GpuMetrics): string {
  const more = [junctionCelsius, memoryCelsius].filter((one) => one !== null);
  const rest = more.length === 0 ? '' : ` (${more.join(', ')})`;
  return edgeCelsius === null ? '-' : `${edgeCelsius} °C${rest}`;
}

function powerOf({ watts, limitWatts }: GpuMetrics): string {
  const used = or(watts, (value) => `${Math.round(value)} W`);
  return limitWatts === null || watts === null ? used : `${used} of ${Math.round(limitWatts)}`;
}

function fanOf({ fanPercent, fanRpm }: GpuMetrics): string {
  return fanRpm === null ? or(fanPercent, (value) => `${value} %`) : `${fanRpm} rpm`;
}

function useTone(percent: number | null): Tone | undefined {
  return percent === null || percent < 5 ? undefined : 'busy';
}

function sayProcess({ title, name, pid, memoryMiB, runner, job }: GpuProcess): string {
  const who = job === null ? (runner ?? title ?? name) : `job ${job}: ${name}`;
  const held = memoryMiB === null ? '' : `, ${gigabytes(memoryMiB)}`;
  return `${who} (${pid}${held})`;
}

/** What is in the way of a card, what slows it down, and who uses it: below its line. */
function below(card: GpuMetrics, view: View): string {
  const trouble =
    card.problem?.message ?? (card.utilization === null ? card.unknown['utilization'] : undefined);
  const slow =
    (card.throttle ?? []).length === 0 ? '' : `Slower because of: ${(card.throttle ?? []).join(', ')}.`;
  const users = (card.processes ?? []).map(sayProcess).join('; ');
  const lines = [
    { text: trouble ?? '', tone: card.problem === null ? 'quiet' : 'bad' },
    { text: slow, tone: 'warn' },
    { text: users, tone: 'quiet' },
  ] as const;
  return lines
    .filter(({ text }) => text !== '')
    .flatMap(({ text, tone }) =>
      wrap(clean(text), Math.max(10, view.width - 2)).map((line) => `  ${paint(line, tone, view)}\n`),
    )
    .join('');
}

/** One sample of `autogit gpu watch`: a line for each card. */
export function renderGpuSample({ at, gpus, unseen }: GpuSample, view: View): string {
  const head = `${paint(clockTime(at), 'quiet', view)}\n`;
  if (gpus.length === 0 && unseen !== undefined)
    return wrap(clean(`${unseen.message} ${unseen.next}`), view.width).reduce(
      (text, line) => `${text}${line}\n`,
      head,
    );
  if (gpus.length === 0) return `${head}No GPU is seen on this machine.\n`;
  const table = renderTable<GpuMetrics>(
    [
      { title: 'GPU', cell: ({ model }) => model },
      {
        title: 'USE',
        cell: ({ utilization }) => {
          const tone = useTone(utilization);
          const text = or(utilization, (value) => `${value} %`);
          return tone === undefined ? text : { text, tone };
        },
      },
      { title: 'MEMORY', cell: memoryOf },
      { title: 'HEAT', cell: heatOf },
      { title: 'POWER', cell: powerOf },
      { title: 'FAN', cell: fanOf },
      { title: 'CLOCK', cell: ({ graphicsMhz }) => or(graphicsMhz, (value) => `${value} MHz`) },
      { title: 'ID', cell: ({ id }) => id },
    ],
    gpus,
    view,
  );
  const [title = '', ...lines] = table.trimEnd().split('\n');
  const rows = gpus.map((card, index) => `${lines[index] ?? ''}\n${below(card, view)}`);
  return `${head}${title}\n${rows.join('')}`;
}

const bytes = (value: number): string => `${(value / 1e6).toFixed(1)} MB/s`;

function renderHost(host: HostMetrics): string {
  const parts = [
    `processor ${or(host.cpuPercent, (value) => `${value} %`)}, load ${or(host.load1, (value) => value.toFixed(2))}`,
    `memory ${or(host.memoryUsedMiB, gigabytes)} of ${or(host.memoryTotalMiB, gigabytes)}`,
    `disk ${or(host.diskReadRate, bytes)} read, ${or(host.diskWriteRate, bytes)} written`,
    `network ${or(host.networkInRate, bytes)} in, ${or(host.networkOutRate, bytes)} out`,
  ];
  return parts.map((part) => `${part}\n`).join('');
}

/** One sample of `autogit machine watch`. */
export function renderMachineSample(sample: Output<'machine.watch'>, view: View): string {
  const { host, node } = sample;
  const machine = host === null ? `Nothing of ${clean(node)} can be read from here.\n` : renderHost(host);
  const cards =
    sample.gpus.length === 0
      ? `${paint(clockTime(sample.at), 'quiet', view)}\n`
      : renderGpuSample(sample, view);
  return `${cards}${machine}`;
}

/** What was kept: a line for each step in which somebody looked. */
export function renderHistory({ at, series }: Output<'gpu.history'>, view: View): string {
  const known = Object.entries(series).filter(([, { mean }]) => mean.some((value) => value !== null));
  if (known.length === 0) return 'Nobody looked in this time: nothing was kept.\n';
  const steps = at
    .map((time, index) => ({ time, index }))
    .filter(({ index }) => known.some(([, { mean }]) => mean[index] != null));
  return renderTable<(typeof steps)[number]>(
    [
      { title: 'TIME', cell: ({ time }) => new Date(time).toISOString().slice(0, 19).replace('T', ' ') },
      ...known.map(([name, { mean }]) => ({
        title: name,
        cell: ({ index }: (typeof steps)[number]): string => or(mean[index] ?? null, String),
      })),
    ],
    steps,
    view,
  );
}
