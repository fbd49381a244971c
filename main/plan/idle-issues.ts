// Jobs that wait although a runner that fits them is idle: something that GitLab knows keeps the two apart.
import type { Issue } from '../model/issue.ts';
import type { Job } from '../model/job.ts';
import type { Pool } from '../model/pool.ts';
import type { Instant } from '../model/world.ts';
import { quoted } from './short-names.ts';

/** A waiting job, and a pool that takes it and has an idle runner. */
export interface Beside {
  readonly job: Job;
  readonly pool: Pool;
}

/** One issue for each job, the first `most` by name and the others by their number. */
export function idleIssues(beside: readonly Beside[], now: Instant, most: number): readonly Issue[] {
  const key = 'job.waits-beside-idle-runner';
  const named = beside.slice(0, most).map(({ job, pool }): Issue => {
    const waited = Math.round((now - job.firstSeenAt) / 1000);
    const { why, next } = apart(job, pool);
    return {
      ...{ key, severity: 'warning', subject: `job ${job.id}`, next },
      message: `Job ${job.id} "${job.name}" of ${job.project} has waited ${waited} s although a runner with its tags, of pool ${quoted(pool.name)}, is idle. ${why}`,
    };
  });
  const more = beside.length - most;
  if (more <= 0) return named;
  const message = `${more.toLocaleString('en-US')} more ${more === 1 ? 'job waits' : 'jobs wait'} although a runner with ${more === 1 ? 'its' : 'their'} tags is idle.`;
  const next = 'Ask why one of them waits with: autogit job explain ID';
  return [...named, { key, severity: 'warning', subject: 'jobs', message, next }];
}

/** What is not known of the job and may keep it from the pool; where all is known, GitLab's own copy of the pool. */
function apart(
  job: Job,
  { name, protectedOnly, scope }: Pool,
): { readonly why: string; readonly next: string } {
  if (protectedOnly && job.protectedRef === undefined) {
    return {
      why: 'The pool takes jobs of protected branches only, and GitLab does not tell whether its branch is one.',
      next: `Protect ${quoted(job.ref)} in the project, or let the pool take all: autogit pool set ${name} --protected-only false`,
    };
  }
  if (scope.kind === 'instance' && job.instanceRunners === undefined) {
    return {
      why: 'GitLab does not tell whether its project lets instance runners take its jobs.',
      next: 'Allow instance runners in the project: Settings, CI/CD, Runners, Instance runners.',
    };
  }
  if (scope.kind === 'group') {
    return {
      why: 'Its project may not let group runners take its jobs.',
      next: 'Allow group runners in the project: Settings, CI/CD, Runners, Group runners.',
    };
  }
  return {
    why: 'By all that AutoGit knows the pool takes it, so the runner entry at GitLab may have been changed there.',
    next: `See whether the runner "AutoGit … / ${name}" is paused, locked or has other tags at GitLab, under Runners.`,
  };
}
