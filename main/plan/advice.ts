// What the measured use of a pool's jobs says about its limits. It is advice: nothing is ever changed by itself.
import type { Pool } from '../model/pool.ts';
import { cpuUnits, emptyHistogram, joinHistograms } from '../model/usage.ts';
import type { Histogram, JobUsage } from '../model/usage.ts';
import { shorten } from './short-names.ts';

/** Fewer jobs say nothing about those to come. */
const enoughJobs = 10;
/** A single job that ran out of memory may have been an accident. */
const enoughKills = 2;
/** From this share of jobs on that used all their processors, they are too few. */
const enoughBusy = 0.5;
/** Use is looked at every few seconds, so the peaks between are not seen. */
const reserve = 1.25;
/** What a limit may be above the need and still fits. */
const fitting = { memory: 0.75, cpus: 0.6 } as const;
const mebibytes = 1024;

/** One setting that could be another. */
export interface AdviceItem {
  readonly setting: 'memoryMiB' | 'cpus';
  readonly kind: 'too-large' | 'too-small';
  readonly from: number;
  readonly to: number;
  readonly sentence: string;
}

export interface PoolAdvice {
  readonly pool: string;
  /** `unknown`: its engine tells no figures of single containers. */
  readonly state: 'unknown' | 'too-few' | 'fits' | 'change';
  /** Jobs whose use was measured. */
  readonly jobs: number;
  readonly items: readonly AdviceItem[];
  readonly sentence: string;
}

/** What can be measured on the node where the pool's runners are, and what that node has. */
export interface Measurable {
  readonly memory: boolean;
  readonly cpus: boolean;
  readonly hostMemoryMiB: number;
  readonly hostCpus: number;
}

/** `measurable` is `null` while no engine is known. Pure and total. */
export function planAdvice(
  pool: Pick<Pool, 'name' | 'cpus' | 'memoryMiB'>,
  usages: readonly JobUsage[],
  measurable: Measurable | null,
): PoolAdvice {
  const own = usages.filter((usage) => usage.pool === pool.name);
  const memory = joined(own, (usage) => usage.memory);
  const cpu = joined(own, (usage) => usage.cpu);
  const jobs = Math.max(memory.jobs, cpu.jobs);
  const answer = (
    state: PoolAdvice['state'],
    sentence: string,
    items: readonly AdviceItem[] = [],
  ): PoolAdvice => ({
    ...{ pool: pool.name, state, jobs, items, sentence },
  });
  const items = [memoryItem(pool, own, memory, measurable), cpuItem(pool, own, cpu, measurable)].filter(
    (item) => item !== null,
  );
  if (items.length > 0) return answer('change', items.map(({ sentence }) => sentence).join(' '), items);
  if (measurable !== null && !measurable.memory && !measurable.cpus)
    return answer('unknown', "Unknown: the engine tells the machine's figures instead of the container's.");
  if (jobs < enoughJobs)
    return answer('too-few', `Too early: the use of ${jobs} of ${enoughJobs} jobs has been measured.`);
  if (pool.memoryMiB === null && pool.cpus === null)
    return answer('fits', 'The pool has no limits, so none is too large or too small.');
  return answer('fits', `Its limits fit the ${jobs} jobs that were measured.`);
}

function joined(usages: readonly JobUsage[], figure: (usage: JobUsage) => Histogram): Histogram {
  return usages.reduce((sum, usage) => joinHistograms(sum, figure(usage)), emptyHistogram);
}

type Limits = Pick<Pool, 'cpus' | 'memoryMiB'>;

/** Counts only what was measured under the limits of today. */
function hits(usages: readonly JobUsage[], { cpus, memoryMiB }: Limits) {
  const same = usages.filter(({ limits }) => limits.cpus === cpus && limits.memoryMiB === memoryMiB);
  const sum = (figure: (usage: JobUsage) => number): number =>
    same.reduce((total, usage) => total + figure(usage), 0);
  return {
    measured: sum(({ measured }) => measured),
    outOfMemory: sum(({ outOfMemory }) => outOfMemory),
    allCpus: sum(({ allCpus }) => allCpus),
    worst: same.toSorted((a, b) => b.outOfMemory - a.outOfMemory)[0],
  };
}

function memoryItem(
  pool: Limits,
  usages: readonly JobUsage[],
  memory: Histogram,
  measurable: Measurable | null,
): AdviceItem | null {
  const from = pool.memoryMiB;
  if (from === null) return null;
  const { outOfMemory, worst } = hits(usages, pool);
  if (outOfMemory >= enoughKills && worst !== undefined) {
    const to = Math.min(roundUp(from * 1.5), measurable?.hostMemoryMiB ?? Infinity);
    const sentence = `${outOfMemory} jobs ran out of memory, most of them ${nameOf(worst)}: ${size(to)} instead of ${size(from)} may do.`;
    return to <= from ? null : { setting: 'memoryMiB', kind: 'too-small', from, to, sentence };
  }
  if (outOfMemory > 0 || measurable?.memory === false || memory.jobs < enoughJobs) return null;
  const to = Math.max(128, roundUp(memory.most * reserve));
  if (to > from * fitting.memory) return null;
  const largest = usages.find((usage) => usage.memory.most === memory.most);
  const used = `${nameOf(largest)} never used more than ${size(memory.most)} of its ${size(from)}`;
  return {
    setting: 'memoryMiB',
    kind: 'too-large',
    from,
    to,
    sentence: `${used}: ${gain(from, to, size(to))}`,
  };
}

function cpuItem(
  pool: Limits,
  usages: readonly JobUsage[],
  cpu: Histogram,
  measurable: Measurable | null,
): AdviceItem | null {
  const from = pool.cpus;
  if (from === null || measurable?.cpus === false || cpu.jobs < enoughJobs) return null;
  const { measured, allCpus } = hits(usages, pool);
  if (measured >= enoughJobs && allCpus >= measured * enoughBusy) {
    const to = Math.min(from * 2, measurable?.hostCpus ?? Infinity);
    const sentence = `${allCpus} of ${measured} jobs used all of their ${cpuWords(from)}: with ${cpuWords(to)} they may end sooner.`;
    return to <= from ? null : { setting: 'cpus', kind: 'too-small', from, to, sentence };
  }
  const most = cpu.most / cpuUnits;
  const to = Math.max(0.25, Math.ceil(most * reserve * 4) / 4);
  if (to > from * fitting.cpus) return null;
  const largest = usages.find((usage) => usage.cpu.most === cpu.most);
  const used = `${nameOf(largest)} never used more than ${cpuWords(Math.ceil(most * 10) / 10)} of its ${cpuWords(from)}`;
  return {
    setting: 'cpus',
    kind: 'too-large',
    from,
    to,
    sentence: `${used}: ${gain(from, to, cpuWords(to))}`,
  };
}

/** What the place of one runner could hold instead. */
function gain(from: number, to: number, words: string): string {
  const more = Math.floor(from / to) - 1;
  return more > 0 ? `${more} more could run at once.` : `${words} would do.`;
}

function nameOf(usage: JobUsage | undefined): string {
  return usage === undefined ? 'A job' : `"${shorten(usage.job)}" of ${shorten(usage.project, 40)}`;
}

/** Up to the next 128 MiB, and above 4 GiB to the next 512. */
function roundUp(memoryMiB: number): number {
  const step = memoryMiB > 4 * mebibytes ? 512 : 128;
  return Math.ceil(memoryMiB / step) * step;
}

function size(memoryMiB: number): string {
  if (memoryMiB < mebibytes) return `${Math.ceil(memoryMiB)} MiB`;
  return `${Math.round((memoryMiB / mebibytes) * 10) / 10} GiB`;
}

function cpuWords(cpus: number): string {
  return cpus === 1 ? '1 processor' : `${cpus} processors`;
}
