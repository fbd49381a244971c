// Whether jobs are for protected branches and tags: GitLab's queue does not tell, so projects are asked now and then.
import type { Log } from '../log.ts';
import type { Job } from '../model/job.ts';
import type { Instant } from '../model/world.ts';
import type { Gitlab, ProtectedRefs } from '../ports.ts';

/** How long an answer is believed, and before a project that did not answer is asked again. Milliseconds. */
const believedMs = 300_000;
/** Projects asked in one reading of the queue: the others come next time. */
const mostAsked = 10;

interface Known {
  readonly at: Instant;
  /** `null`: it did not answer. */
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

/** Remembers what projects have answered. */
export function createProtection(gitlab: Pick<Gitlab, 'protectedRefs'>, log: Log): Protection {
  const known = new Map<number, Known>();
  const ask = async (projectId: number, now: Instant): Promise<void> => {
    try {
      known.set(projectId, { at: now, refs: await gitlab.protectedRefs(projectId) });
    } catch (error) {
      known.set(projectId, { at: now, refs: null });
      log.info('what is protected in a project could not be read', { projectId, error });
    }
  };
  return {
    annotate: async (jobs, now) => {
      const waiting = new Set(
        jobs.flatMap(({ status, projectId }) => (status === 'pending' ? projectId : [])),
      );
      for (const [id, { at }] of known) if (now - at >= believedMs || now < at) known.delete(id);
      const unknown = [...waiting].filter((id) => !known.has(id));
      await Promise.all(unknown.slice(0, mostAsked).map((id) => ask(id, now)));
      return jobs.map((job) => {
        const refs = known.get(job.projectId)?.refs ?? null;
        const protectedRef = refs === null || job.status !== 'pending' ? null : isProtected(job, refs);
        return protectedRef === null ? job : { ...job, protectedRef };
      });
    },
  };
}
