// What GitLab itself has seen of jobs: whether each ran, and ran once.
import type { SandboxClient, SandboxJob } from '../engine/sandbox-client.ts';

/** A job with what its log says. */
export interface SeenJob extends Pick<SandboxJob, 'id' | 'name' | 'status'> {
  /** How often a runner began it, and ended it well. */
  readonly starts: number;
  readonly ends: number;
}

/** What is wrong with jobs; both lists are empty when each ran once and succeeded. */
export interface JobFaults {
  readonly lost: readonly SeenJob[];
  readonly doubled: readonly SeenJob[];
}

function countOf(text: string, words: string): number {
  return text.split(words).length - 1;
}

/** Reads a job's log for traces of its runs. */
export function seeJob({ id, name, status }: SandboxJob, log: string): SeenJob {
  const starts = countOf(log, 'Running with AutoGit sandbox runner');
  return { id, name, status, starts, ends: countOf(log, 'Job succeeded') };
}

/** Asks for every job of a project, attempts that were retried included, and for its log. */
export async function seeProject(sandbox: SandboxClient, project: number): Promise<readonly SeenJob[]> {
  const seen: SeenJob[] = [];
  for (const job of await sandbox.jobs(project)) {
    seen.push(seeJob(job, await sandbox.trace(project, job.id)));
  }
  return seen;
}

/** Judges the jobs of one project: a name that is there twice was run twice. */
export function judgeJobs(jobs: readonly SeenJob[]): JobFaults {
  const names = new Map<string, number>();
  for (const { name, id } of jobs) if (!names.has(name)) names.set(name, id);
  return {
    lost: jobs.filter(({ status, starts, ends }) => status !== 'success' || starts < 1 || ends < 1),
    doubled: jobs.filter(({ id, name, starts, ends }) => starts > 1 || ends > 1 || names.get(name) !== id),
  };
}
