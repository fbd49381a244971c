// Which jobs a list shows and in which order, from the filter that stands in the address.
import type { JobView } from '../../main/contract/snapshot.ts';
import { failureOf } from './words.ts';

/** What the buttons above the list choose between. */
export const jobGroups = ['all', 'running', 'waiting', 'failed', 'success', 'other'] as const;
export type JobGroup = (typeof jobGroups)[number];

export interface JobFilter {
  readonly group: JobGroup;
  /** Words that all have to occur somewhere in the row. */
  readonly text: string;
}

const groupOfStatus: Readonly<Record<JobView['status'], Exclude<JobGroup, 'all'>>> = {
  running: 'running',
  canceling: 'running',
  pending: 'waiting',
  created: 'waiting',
  failed: 'failed',
  success: 'success',
  canceled: 'other',
  skipped: 'other',
  unknown: 'other',
};

/** What runs first, then what waits, then what has ended. */
const rankOfStatus: Readonly<Record<JobView['status'], number>> = {
  running: 0,
  canceling: 0,
  pending: 1,
  created: 2,
  unknown: 3,
  success: 4,
  failed: 4,
  canceled: 4,
  skipped: 4,
};

/** Reads the filter of an address; what it does not know means all. */
export function filterOf(query: Readonly<Record<string, string>>): JobFilter {
  return { group: jobGroups.find((name) => name === query.status) ?? 'all', text: query.text ?? '' };
}

/** The part of the address that says this filter. */
export function queryOf({ group, text }: JobFilter): Readonly<Record<string, string>> {
  return { status: group === 'all' ? '' : group, text };
}

function wordsOf(job: JobView): string {
  const whose = failureOf(job)?.whose ?? '';
  return [`#${job.id}`, job.name, job.project, job.ref, ...job.tags, job.runner ?? '', whose]
    .join('\n')
    .toLowerCase();
}

/** The jobs that the filter lets through, in the same order. */
export function filterJobs(jobs: readonly JobView[], filter: JobFilter): readonly JobView[] {
  const needles = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (filter.group === 'all' && needles.length === 0) return jobs;
  return jobs.filter((job) => {
    if (filter.group !== 'all' && groupOfStatus[job.status] !== filter.group) return false;
    if (needles.length === 0) return true;
    const words = wordsOf(job);
    return needles.every((needle) => words.includes(needle));
  });
}

/** Running (newest first), waiting (oldest first, as they are taken), ended (newest first). */
export function sortJobs(jobs: readonly JobView[]): readonly JobView[] {
  return jobs.toSorted((a, b) => {
    const rank = rankOfStatus[a.status] - rankOfStatus[b.status];
    if (rank !== 0) return rank;
    switch (rankOfStatus[a.status]) {
      case 0:
        return (b.startedAt ?? 0) - (a.startedAt ?? 0) || b.id - a.id;
      case 4:
        return (b.finishedAt ?? 0) - (a.finishedAt ?? 0) || b.id - a.id;
      default:
        return a.firstSeenAt - b.firstSeenAt || a.id - b.id;
    }
  });
}

/** How many jobs each button would show. */
export function countGroups(jobs: readonly JobView[]): Readonly<Record<JobGroup, number>> {
  const counts: Record<JobGroup, number> = {
    all: 0,
    running: 0,
    waiting: 0,
    failed: 0,
    success: 0,
    other: 0,
  };
  for (const { status } of jobs) counts[groupOfStatus[status]] += 1;
  return { ...counts, all: jobs.length };
}
