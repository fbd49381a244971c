// In which order waiting jobs are served: every advantage and every burden is counted as time, so nobody waits for ever.
import { isRunning } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import type { RecentUse } from '../model/world.ts';

/** What a point of a pool's priority is worth, in milliseconds of waiting. */
const priorityMs = 300_000;
/** What each job that a project has running, or waiting before this one, sets it back. Milliseconds. */
const shareMs = 60_000;
/** A waiting job, and the highest priority among the pools that fit it. */
export interface Waiting {
  readonly job: Job;
  readonly priority: number;
}

/**
 * The waiting jobs in the order in which they are served. A job is due when it came, less its pool's priority, plus what
 * its project runs, has used lately, and has waiting before it at the same priority. Nothing that comes later moves it:
 * after a time that is known when it comes, it goes before everything new.
 */
export function inTurn<T extends Waiting>(
  waiting: readonly T[],
  jobs: readonly Job[],
  recent: RecentUse,
): readonly T[] {
  const running = new Map<number, number>();
  for (const job of jobs)
    if (isRunning(job)) running.set(job.projectId, (running.get(job.projectId) ?? 0) + 1);
  const ahead = new Map<number, number>();
  const oldestFirst = waiting.toSorted((a, b) => byAge(a.job, b.job));
  const due = oldestFirst.map(({ job: { projectId, firstSeenAt }, priority }) => {
    const peers = projectId * 201 + priority + 100;
    const before = ahead.get(peers) ?? 0;
    ahead.set(peers, before + 1);
    const share = ((running.get(projectId) ?? 0) + before) * shareMs + (recent[projectId] ?? 0);
    return firstSeenAt - priority * priorityMs + share;
  });
  // Sorting numbers by numbers: a queue of 10,000 jobs is sorted in the middle of every plan.
  const order = Uint32Array.from(due.keys()).sort((a, b) => (due[a] ?? 0) - (due[b] ?? 0) || a - b);
  return Array.from(order, (index) => oldestFirst[index]).filter((item) => item !== undefined);
}

function byAge(a: Job, b: Job): number {
  return a.firstSeenAt - b.firstSeenAt || a.id - b.id;
}
