// Advice about a pool, the use it comes from, and what other settings would have done, in words.
import type { Output } from '../../main/contract/contract.ts';
import { fieldWords } from './pool-form.ts';
import { count, duration, gigabytes } from './words.ts';
import { numberFormat, numeral } from './locale.ts';

type Advice = Output<'pool.advice'>[number];
type Simulated = Output<'pool.simulate'>['now'];

function amount(setting: Advice['items'][number]['setting'], value: number): string {
  return setting === 'memoryMiB' ? gigabytes(value) : count(value, 'CPU');
}

/** `Memory: 8.6 GB to 2.1 GB`. */
export function adviceWords({ setting, from, to }: Advice['items'][number]): string {
  return `${fieldWords(setting)}: ${amount(setting, from)} to ${amount(setting, to)}`;
}

/** `12 jobs, usually 1.1 GB (at most 1.4 GB), 2 CPUs (at most 3), 2 min (at most 4 min)`. */
export function usageWords(usage: Advice['usage'][number]): string {
  const { jobs, memoryMiB, cpus, seconds, outOfMemory } = usage;
  const parts = [
    count(jobs, 'job'),
    memoryMiB === null
      ? 'memory unknown'
      : `usually ${gigabytes(memoryMiB.usual)} (at most ${gigabytes(memoryMiB.most)})`,
    cpus === null ? 'processors unknown' : `${count(cpus.usual, 'CPU')} (at most ${cpus.most})`,
    ...(seconds === null
      ? []
      : [`${duration(seconds.usual * 1000)} (at most ${duration(seconds.most * 1000)})`]),
    ...(outOfMemory === 0 ? [] : [`${count(outOfMemory, 'time')} out of memory`]),
  ];
  return parts.join(', ');
}

const share = numberFormat({ style: 'percent', maximumFractionDigits: 0 });
const hours = numberFormat({ maximumFractionDigits: 1 });

const measures: readonly (readonly [string, (of: Simulated) => string])[] = [
  ['Half of the jobs waited at most', ({ waitP50 }) => duration(waitP50)],
  ['95 % of them at most', ({ waitP95 }) => duration(waitP95)],
  ['The longest wait', ({ waitMost }) => duration(waitMost)],
  ['Jobs that no pool takes', ({ neverTaken }) => numeral(neverTaken)],
  ['Hours of runners', ({ runnerHours }) => hours.format(runnerHours)],
  ['of these with a job', ({ utilisation }) => share.format(utilisation)],
  ['Most runners at once', ({ peakRunners }) => numeral(peakRunners)],
  [
    'Most memory at once',
    ({ peakMemoryMiB }) => (peakMemoryMiB === null ? 'no limit' : gigabytes(peakMemoryMiB)),
  ],
  ['Most CPUs at once', ({ peakCpus }) => (peakCpus === null ? 'no limit' : hours.format(peakCpus))],
];

export interface SimulatedRow {
  readonly words: string;
  readonly now: string;
  /** `null`: nothing was changed. */
  readonly then: string | null;
}

/** What is set now beside what was asked for, measure by measure. */
export function simulatedRows({ now, changed }: Output<'pool.simulate'>): readonly SimulatedRow[] {
  return measures.map(([words, say]) => ({
    words,
    now: say(now),
    then: changed === null ? null : say(changed),
  }));
}
