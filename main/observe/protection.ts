// Whether jobs are for protected branches and tags: GitLab's queue does not tell, so projects are asked now and then.
import type { Log } from '../log.ts';
import type { Job } from '../model/job.ts';
import type { Instant } from '../model/world.ts';
import type { Clock, Gitlab, ProtectedRefs } from '../ports.ts';
import { waitBriefly } from './request-budget.ts';
import type { RequestBudget } from './request-budget.ts';

/** How long an answer is believed, and before a project that did not answer is asked again. Milliseconds. */
const believedMs = 300_000;
/** Projects that are asked at the same time: the others come next time. */
const mostAsked = 10;
/** One for branches, one for tags. */
const requestsEach = 2;
/** The queue does not wait for longer than this for what projects answer. */
const graceMs = 1_000;

interface Known {
  readonly at: Instant;
  /** The last answer; `null`: it has never given one. */
  readonly refs: ProtectedRefs | null;
}

/** Says of waiting jobs whether they are for protected refs, as far as it is known. */
export interface Protection {
  annotate(jobs: readonly Job[], now: Instant): Promise<readonly Job[]>;
}

/** True when a name fits one with `*` for any characters. https://docs.gitlab.com/user/project/repository/branches/protected/ */
export function fitsName(name: string, pattern: string): boolean {
  const parts = pattern.split('*');
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (parts.length === 1) return name === pattern;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false;
  const end = name.length - last.length;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, from);
    if (found === -1 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}

/**
 * `null` where it cannot be told: a pipeline of a merge request is protected only when both of its branches are, and
 * whoever started it may push to them (app/models/ci/pipeline.rb).
 */
export function isProtected({ ref, isTag }: Pick<Job, 'ref' | 'isTag'>, refs: ProtectedRefs): boolean | null {
  if (ref.startsWith('refs/') || isTag === undefined) return null;
  return refs[isTag ? 'tags' : 'branches'].some((pattern) => fitsName(ref, pattern));
}

export interface ProtectionOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly budget: RequestBudget;
}

/**
 * Remembers what projects have answered. An old answer holds until there is a new one; those are asked first that were
 * not asked for the longest time, so that a small budget reaches every project.
 */
export function createProtection(
  gitlab: Pick<Gitlab, 'protectedRefs'>,
  log: Log,
  { clock, budget }: ProtectionOptions,
): Protection {
  const known = new Map<number, Known>();
  const asking = new Set<number>();
  /** What was said of a job by which answer: jobs stay the same objects from one reading to the next. */
  const annotated = new WeakMap<Job, { readonly refs: ProtectedRefs; readonly job: Job }>();
  let last: readonly Job[] = [];
  const isFresh = (id: number, now: Instant): boolean => {
    const at = known.get(id)?.at;
    return at !== undefined && now - at < believedMs && now >= at;
  };
  const ask = async (projectId: number, now: Instant): Promise<void> => {
    asking.add(projectId);
    try {
      known.set(projectId, { at: now, refs: await gitlab.protectedRefs(projectId) });
    } catch (error) {
      known.set(projectId, { at: now, refs: known.get(projectId)?.refs ?? null });
      log.info('what is protected in a project could not be read', { projectId, error });
    }
    asking.delete(projectId);
  };
  return {
    annotate: async (jobs, now) => {
      const waiting = new Set(
        jobs.flatMap(({ status, projectId }) => (status === 'pending' ? projectId : [])),
      );
      for (const id of known.keys()) if (!waiting.has(id) && !isFresh(id, now)) known.delete(id);
      const askedAt = (id: number): Instant => known.get(id)?.at ?? -Infinity;
      const due = [...waiting]
        .filter((id) => !asking.has(id) && !isFresh(id, now))
        .sort((a, b) => (askedAt(a) < askedAt(b) ? -1 : askedAt(a) > askedAt(b) ? 1 : a - b))
        .slice(0, Math.max(0, mostAsked - asking.size))
        .filter(() => budget.take(requestsEach));
      if (due.length > 0) await waitBriefly(Promise.all(due.map((id) => ask(id, now))), graceMs, clock);
      const jobsNow = jobs.map((job) => {
        const refs = known.get(job.projectId)?.refs ?? null;
        if (refs === null || job.status !== 'pending') return job;
        const before = annotated.get(job);
        if (before?.refs === refs) return before.job;
        const protectedRef = isProtected(job, refs);
        const told = protectedRef === null ? job : { ...job, protectedRef };
        annotated.set(job, { refs, job: told });
        return told;
      });
      const isSame = jobsNow.length === last.length && jobsNow.every((job, index) => job === last[index]);
      if (!isSame) last = jobsNow;
      return last;
    },
  };
}
