// How much each project has used of late: the busy time of its jobs, which fades.
import { isRunning } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import type { RecentUse } from '../model/world.ts';

/** After this time a project's use counts half. Milliseconds. */
const halfLifeMs = 1_800_000;
/** A project whose remembered use is less is forgotten. Milliseconds. */
const forgottenMs = 1_000;

/** The use after `elapsedMs` more (by a monotonic clock) in which these jobs ran. */
export function addUse(before: RecentUse, jobs: readonly Job[], elapsedMs: number): RecentUse {
  const fading = 2 ** (-elapsedMs / halfLifeMs);
  const after = new Map(Object.entries(before).map(([id, ms]) => [Number(id), ms * fading]));
  for (const { projectId } of jobs.filter(isRunning))
    after.set(projectId, (after.get(projectId) ?? 0) + elapsedMs);
  return Object.fromEntries([...after].filter(([, ms]) => ms >= forgottenMs));
}
