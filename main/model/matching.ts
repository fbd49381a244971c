// Which pool takes which job, by GitLab's own rules.
import { assertNever } from './assert.ts';
import type { Job } from './job.ts';
import type { Pool } from './pool.ts';

/** Why a pool does not take a job. `closed`: it may have no runner. */
export type Mismatch =
  | { readonly kind: 'tags'; readonly missing: readonly string[] }
  | { readonly kind: 'untagged' }
  | { readonly kind: 'protected' }
  | { readonly kind: 'scope' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'closed' };

/** What matching asks of a job. */
export type JobToMatch = Pick<Job, 'tags' | 'project' | 'protectedRef' | 'instanceRunners'>;
/** What matching asks of a pool, or of a runner entry at GitLab. */
export type PoolToMatch = Pick<Pool, 'tags' | 'runUntagged' | 'protectedOnly' | 'scope' | 'paused' | 'max'>;

/**
 * Everything that keeps the pool from the job; empty: the pool takes it. What is not known of a job does not keep a
 * pool from it: GitLab decides, and a runner that it refuses is seen to be refused.
 * https://gitlab.com/gitlab-org/gitlab/-/blob/master/lib/gitlab/ci/matching/runner_matcher.rb
 */
export function mismatchesOf(job: JobToMatch, pool: PoolToMatch): readonly Mismatch[] {
  const missing = job.tags.filter((tag) => !pool.tags.includes(tag));
  return [
    ...(missing.length > 0 ? [{ kind: 'tags', missing } as const] : []),
    ...(job.tags.length === 0 && !pool.runUntagged ? [{ kind: 'untagged' } as const] : []),
    ...(isForProtected(job, pool) ? [] : [{ kind: 'protected' } as const]),
    ...(servesProject(job, pool) ? [] : [{ kind: 'scope' } as const]),
    ...(pool.paused ? [{ kind: 'paused' } as const] : []),
    ...(pool.max === 0 ? [{ kind: 'closed' } as const] : []),
  ];
}

/** Whether the pool takes jobs like this one, whatever their project. */
export function takesKind(job: Pick<JobToMatch, 'tags' | 'protectedRef'>, pool: PoolToMatch): boolean {
  return pool.max > 0 && !pool.paused && hasTags(job, pool) && isForProtected(job, pool);
}

/**
 * Whether GitLab offers the jobs of this project to the pool's runner entry. Paths are compared as GitLab looks them up,
 * without regard to case. https://docs.gitlab.com/ci/runners/runners_scope/
 */
export function servesProject(
  { project, instanceRunners }: Pick<JobToMatch, 'project' | 'instanceRunners'>,
  { scope }: Pick<PoolToMatch, 'scope'>,
): boolean {
  switch (scope.kind) {
    case 'instance':
      return instanceRunners !== false;
    case 'group':
      return project.toLowerCase().startsWith(`${scope.path.toLowerCase()}/`);
    case 'project':
      return project.toLowerCase() === scope.path.toLowerCase();
    default:
      return assertNever(scope);
  }
}

/** Tags are compared letter by letter: GitLab keeps `GPU` and `gpu` apart (config/initializers/acts_as_taggable.rb). */
function hasTags({ tags }: Pick<Job, 'tags'>, pool: PoolToMatch): boolean {
  return tags.length === 0 ? pool.runUntagged : tags.every((tag) => pool.tags.includes(tag));
}

function isForProtected({ protectedRef }: Pick<JobToMatch, 'protectedRef'>, pool: PoolToMatch): boolean {
  return !pool.protectedOnly || protectedRef !== false;
}
