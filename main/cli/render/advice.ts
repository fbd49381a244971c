// What jobs use, what pools could be, and what other settings would have done, as text.
import type { Output } from '../../contract/contract.ts';
import { renderTable } from './table.ts';
import { clean, duration, gigabytes, paint, wrap } from './text.ts';
import type { View } from './text.ts';

type Advice = Output<'pool.advice'>[number];
type Usage = Advice['usage'][number];

/** `autogit pool advice`. */
export function renderAdvice(pools: Output<'pool.advice'>, view: View): string {
  if (pools.length === 0) return 'There is no pool. Add one in the settings: autogit settings show\n';
  return pools.map((advice) => renderPoolAdvice(advice, view)).join('\n');
}

function renderPoolAdvice({ pool, state, sentence, usage }: Advice, view: View): string {
  const head = paint(clean(pool), state === 'change' ? 'warn' : 'strong', view);
  const lines = wrap(clean(sentence), view.width);
  const next =
    state === 'change' ? [paint(`Apply it: autogit pool apply-advice ${pool}`, 'quiet', view)] : [];
  const text = [head, ...lines, ...next].map((line) => `${line}\n`).join('');
  return usage.length === 0 ? text : `${text}\n${renderUsage(usage, view)}`;
}

/** The most, and in brackets what nearly all of them stay below. */
function figure(
  value: { readonly most: number; readonly usual: number } | null,
  words: (value: number) => string,
): string {
  return value === null ? '-' : `${words(value.most)} (${words(value.usual)})`;
}

function renderUsage(usage: readonly Usage[], view: View): string {
  return renderTable<Usage>(
    [
      { title: 'JOB', cell: ({ job }) => job },
      { title: 'PROJECT', cell: ({ project }) => project },
      { title: 'COUNT', cell: ({ jobs }) => String(jobs) },
      { title: 'MEMORY (95 %)', cell: ({ memoryMiB }) => figure(memoryMiB, memory) },
      { title: 'CPU (95 %)', cell: ({ cpus }) => figure(cpus, (value) => value.toFixed(1)) },
      { title: 'TIME (95 %)', cell: ({ seconds }) => figure(seconds, (value) => duration(value * 1000)) },
      {
        title: 'OUT OF MEMORY',
        cell: ({ outOfMemory }) => ({
          text: outOfMemory === 0 ? '-' : String(outOfMemory),
          ...(outOfMemory === 0 ? {} : { tone: 'bad' }),
        }),
      },
    ],
    usage,
    view,
  );
}

function memory(mebibytes: number): string {
  return mebibytes < 1024 ? `${Math.ceil(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

type Simulated = Output<'pool.simulate'>;
type Row = readonly [name: string, value: (outcome: Simulated['now']) => string];

const rows: readonly Row[] = [
  ['Waited, half of the jobs at most', ({ waitP50 }) => duration(waitP50)],
  ['Waited, 95 % of the jobs at most', ({ waitP95 }) => duration(waitP95)],
  ['Waited longest', ({ waitMost }) => duration(waitMost)],
  ['Jobs that no pool takes', ({ neverTaken }) => String(neverTaken)],
  ['Runners busy', ({ utilisation }) => `${Math.round(utilisation * 100)} %`],
  ['Runner hours', ({ runnerHours }) => runnerHours.toFixed(1)],
  ['Runners at once', ({ peakRunners }) => String(peakRunners)],
  ['Memory at once', ({ peakMemoryMiB }) => (peakMemoryMiB === null ? 'no limit' : gigabytes(peakMemoryMiB))],
  ['Processors at once', ({ peakCpus }) => (peakCpus === null ? 'no limit' : String(peakCpus))],
];

/** `autogit pool simulate`: what is, beside what would be. */
export function renderSimulation(simulated: Simulated, view: View): string {
  const { recorded, now, changed, sentence, changes, enough } = simulated;
  const table = renderTable<Row>(
    [
      { title: '', cell: ([name]) => name },
      { title: 'NOW', cell: ([, value]) => value(now) },
      ...(changed === null ? [] : [{ title: 'CHANGED', cell: ([, value]: Row) => value(changed) }]),
    ],
    rows,
    view,
  );
  const told = `Recorded: half of the jobs waited ${duration(recorded.waitP50)} at most, 95 % ${duration(recorded.waitP95)}.`;
  const what = changes.length === 0 ? [] : wrap(`Changed: ${clean(changes.join(', '))}`, view.width);
  const lines = [
    ...wrap(clean(sentence), view.width).map((line) => paint(line, enough ? 'strong' : 'warn', view)),
    ...[...wrap(told, view.width), ...what].map((line) => paint(line, 'quiet', view)),
  ];
  return `${table}\n${lines.map((line) => `${line}\n`).join('')}`;
}
