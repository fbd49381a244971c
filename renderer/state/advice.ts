// Advice about a pool, the use it comes from, and what other settings would have done, in words.
import type { Output } from '../../main/contract/contract.ts';
import { fieldWords } from './pool-form.ts';
import { duration, gigabytes } from './words.ts';
import { count, t } from '../language/strings.ts';
import { numberFormat, numeral } from '../language/locale.ts';

type Advice = Output<'pool.advice'>[number];
type Simulated = Output<'pool.simulate'>['now'];

function amount(setting: Advice['items'][number]['setting'], value: number): string {
  return setting === 'memoryMiB' ? gigabytes(value) : count(value, '{{n}} CPU', '{{n}} CPUs');
}

/** `Memory: 8.6 GB to 2.1 GB`. */
export function adviceWords({ setting, from, to }: Advice['items'][number]): string {
  return t('{{setting}}: {{from}} to {{to}}', {
    setting: fieldWords(setting),
    from: amount(setting, from),
    to: amount(setting, to),
  });
}

/** `12 jobs, usually 1.1 GB (at most 1.4 GB), 2 CPUs (at most 3), 2 min (at most 4 min)`. */
export function usageWords(usage: Advice['usage'][number]): string {
  const { jobs, memoryMiB, cpus, seconds, outOfMemory } = usage;
  const parts = [
    count(jobs, '{{n}} job', '{{n}} jobs'),
    memoryMiB === null
      ? t('memory unknown')
      : t('usually {{memory}} (at most {{most}})', {
          memory: gigabytes(memoryMiB.usual),
          most: gigabytes(memoryMiB.most),
        }),
    cpus === null
      ? t('processors unknown')
      : t('{{cpus}} (at most {{most}})', {
          cpus: count(cpus.usual, '{{n}} CPU', '{{n}} CPUs'),
          most: cpus.most,
        }),
    ...(seconds === null
      ? []
      : [
          t('{{duration}} (at most {{longest}})', {
            duration: duration(seconds.usual * 1000),
            longest: duration(seconds.most * 1000),
          }),
        ]),
    ...(outOfMemory === 0
      ? []
      : [count(outOfMemory, '{{n}} time out of memory', '{{n}} times out of memory')]),
  ];
  return parts.join(', ');
}

const share = numberFormat({ style: 'percent', maximumFractionDigits: 0 });
const hours = numberFormat({ maximumFractionDigits: 1 });

const measures: readonly (readonly [string, (of: Simulated) => string])[] = [
  [t('Half of the jobs waited at most'), ({ waitP50 }) => duration(waitP50)],
  [t('95 % of them at most'), ({ waitP95 }) => duration(waitP95)],
  [t('The longest wait'), ({ waitMost }) => duration(waitMost)],
  [t('Jobs that no pool takes'), ({ neverTaken }) => numeral(neverTaken)],
  [t('Hours of runners'), ({ runnerHours }) => hours.format(runnerHours)],
  [t('of these with a job'), ({ utilisation }) => share.format(utilisation)],
  [t('Most runners at once'), ({ peakRunners }) => numeral(peakRunners)],
  [
    t('Most memory at once'),
    ({ peakMemoryMiB }) => (peakMemoryMiB === null ? t('no limit') : gigabytes(peakMemoryMiB)),
  ],
  [t('Most CPUs at once'), ({ peakCpus }) => (peakCpus === null ? t('no limit') : hours.format(peakCpus))],
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
