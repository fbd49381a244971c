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
  // Places are sorted by columns of numbers: a queue of 10,000 jobs is sorted in the middle of every plan.
  const seenAt = column(waiting, ({ job }) => job.firstSeenAt);
  const ids = column(waiting, ({ job }) => job.id);
  const oldestFirst = Array.from(waiting, (_item, place) => place).sort(
    (a, b) => at(seenAt, a) - at(seenAt, b) || at(ids, a) - at(ids, b),
  );
  const due = new Float64Array(waiting.length);
  const ahead = new Map<number, number>();
  for (const place of oldestFirst) {
    const item = waiting[place];
    if (item === undefined) continue;
    const { priority } = item;
    const { projectId } = item.job;
    const peers = projectId * 201 + priority + 100;
    const before = ahead.get(peers) ?? 0;
    ahead.set(peers, before + 1);
    const share = ((running.get(projectId) ?? 0) + before) * shareMs + (recent[projectId] ?? 0);
    due[place] = at(seenAt, place) - priority * priorityMs + share;
  }
  return oldestFirst
    .sort((a, b) => at(due, a) - at(due, b))
    .map((place) => waiting[place])
    .filter((item) => item !== undefined);
}

function column<T>(items: readonly T[], figure: (item: T) => number): Float64Array {
  const figures = new Float64Array(items.length);
  items.forEach((item, place) => (figures[place] = figure(item)));
  return figures;
}

function at(figures: Float64Array, place: number): number {
  return figures[place] ?? 0;
}
