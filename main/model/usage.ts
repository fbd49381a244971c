// What the jobs of one name have used: histograms of a fixed size, whatever the number of jobs.
import { z } from 'zod';

/** Buckets of each histogram: bucket n counts what is below 2^n units and not below half of that, the last one all above. */
const size = 24;

const histogramSchema = z.object({
  jobs: z.int().min(0),
  /** The largest value of all. */
  most: z.number().min(0),
  buckets: z.array(z.int().min(0)).length(size),
});

/** How much so many jobs used, each by its peak. */
export type Histogram = Readonly<Omit<z.infer<typeof histogramSchema>, 'buckets'>> & {
  readonly buckets: readonly number[];
};

const limitsSchema = z.object({ cpus: z.number().nullable(), memoryMiB: z.number().nullable() });

/** What a pool gave each of them. */
export type UsageLimits = Readonly<z.infer<typeof limitsSchema>>;

export const figuresSchema = z.object({
  project: z.string(),
  /** Peak memory in MiB. */
  memory: histogramSchema,
  /** Peak use of processors, in sixteenths of one. */
  cpu: histogramSchema,
  /** Seconds from start to end. */
  time: histogramSchema,
  /** Under these limits … */
  limits: limitsSchema,
  /** … so many jobs were measured, … */
  measured: z.int().min(0),
  /** … the kernel ended something of so many, … */
  outOfMemory: z.int().min(0),
  /** … and so many used all their processors. */
  allCpus: z.int().min(0),
});

/** What the jobs of one name in one pool have used. */
export interface JobUsage extends Readonly<Omit<z.infer<typeof figuresSchema>, 'memory' | 'cpu' | 'time'>> {
  readonly projectId: number;
  /** The name of the jobs, without the number of one of several that run in parallel. */
  readonly job: string;
  readonly pool: string;
  /** When the last of them ended. */
  readonly updatedAt: number;
  readonly memory: Histogram;
  readonly cpu: Histogram;
  readonly time: Histogram;
}

/** What one job used. `null`: not known. */
export interface UsedByJob extends Pick<JobUsage, 'projectId' | 'project' | 'job' | 'pool' | 'limits'> {
  readonly endedAt: number;
  readonly lastedMs: number | null;
  /** The most of all samples. */
  readonly memoryBytes: number | null;
  /** Processors used on average between the two samples between which it was most. */
  readonly cpus: number | null;
  readonly outOfMemory: boolean;
}

/** Units of a processor in which its use is counted. */
export const cpuUnits = 16;
const mebibyte = 1024 ** 2;
/** From this share of its limit on, a job has used all its processors. */
const allOfThem = 0.95;

export const emptyHistogram: Histogram = { jobs: 0, most: 0, buckets: Array<number>(size).fill(0) };

/** The histogram with one more value, which is not negative. */
export function addValue(histogram: Histogram, value: number): Histogram {
  const place = Math.min(size - 1, value < 1 ? 0 : Math.floor(Math.log2(value)) + 1);
  return {
    jobs: histogram.jobs + 1,
    most: Math.max(histogram.most, value),
    buckets: histogram.buckets.map((count, index) => (index === place ? count + 1 : count)),
  };
}

/** A value that this share of all is not above; the upper bound of its bucket, and at most the largest of all. */
export function quantileOf({ jobs, most, buckets }: Histogram, share: number): number {
  let left = jobs * share;
  for (const [index, count] of buckets.entries()) {
    left -= count;
    if (left <= 0) return Math.min(most, 2 ** index);
  }
  return most;
}

/** GitLab names the jobs of `parallel: 3` `test 1/3`, `test 2/3` …: they are one. */
export function usageName(job: string): string {
  return job.replace(/ \d+\/\d+$/, '').slice(0, 255);
}

/** Two histograms as one. */
export function joinHistograms(a: Histogram, b: Histogram): Histogram {
  return {
    jobs: a.jobs + b.jobs,
    most: Math.max(a.most, b.most),
    buckets: a.buckets.map((count, index) => count + (b.buckets[index] ?? 0)),
  };
}

/** What was known with one more job. Under other limits than before, what hit them is counted anew. */
export function addJob(before: JobUsage | null, used: UsedByJob): JobUsage {
  const { projectId, project, job, pool, limits, endedAt } = used;
  const isSame = before?.limits.cpus === limits.cpus && before.limits.memoryMiB === limits.memoryMiB;
  const counts = isSame ? before : { measured: 0, outOfMemory: 0, allCpus: 0 };
  const { memory, cpu, time } = before ?? {
    memory: emptyHistogram,
    cpu: emptyHistogram,
    time: emptyHistogram,
  };
  const isMeasured = used.memoryBytes !== null || used.cpus !== null || used.outOfMemory;
  const usedAll = used.cpus !== null && limits.cpus !== null && used.cpus >= limits.cpus * allOfThem;
  return {
    ...{ projectId, project, job, pool, limits, updatedAt: endedAt },
    memory: used.memoryBytes === null ? memory : addValue(memory, used.memoryBytes / mebibyte),
    cpu: used.cpus === null ? cpu : addValue(cpu, used.cpus * cpuUnits),
    time: used.lastedMs === null ? time : addValue(time, used.lastedMs / 1000),
    measured: counts.measured + (isMeasured ? 1 : 0),
    outOfMemory: counts.outOfMemory + (used.outOfMemory ? 1 : 0),
    allCpus: counts.allCpus + (usedAll ? 1 : 0),
  };
}
