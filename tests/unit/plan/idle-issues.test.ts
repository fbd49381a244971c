import { describe, expect, it } from 'vitest';
import { idleIssues } from '../../../main/plan/idle-issues.ts';
import type { Pool } from '../../../main/model/pool.ts';
import type { Job } from '../../../main/model/job.ts';
import { now, someJob, somePool } from '../../fakes/world.ts';

const issueOf = (job: Partial<Job>, pool: Partial<Pool> = {}) => {
  const [issue] = idleIssues(
    [{ job: someJob({ firstSeenAt: now - 90_000, ...job }), pool: somePool(pool) }],
    now,
    50,
  );
  return issue;
};

describe('a job beside an idle runner', () => {
  it('is told with the pool of that runner', () => {
    expect(issueOf({})?.message).toContain(
      'Job 1 "build" of group/project has waited 90 s although a runner with its tags, of pool "default", is idle.',
    );
  });

  it.each([
    ['of a project that may refuse instance runners', {}, {}, 'instance runners'],
    ['of a branch that may not be protected', {}, { protectedOnly: true }, 'protected branches only'],
    [
      'of a project that may refuse group runners',
      { instanceRunners: true },
      { scope: { kind: 'group', path: 'group' } },
      'group runners',
    ],
    [
      'of which all is known',
      { instanceRunners: true },
      {},
      'the runner entry at GitLab may have been changed',
    ],
    [
      'of which all is known, protected and all',
      { instanceRunners: true, protectedRef: true },
      { protectedOnly: true },
      'the runner entry at GitLab may have been changed',
    ],
  ] as const)('%s names what keeps them apart', (_what, job, pool, words) => {
    expect(issueOf(job, pool)?.message).toContain(words);
    expect(issueOf(job, pool)?.next.length).toBeGreaterThan(20);
  });
});
