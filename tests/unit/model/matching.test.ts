// GitLab's own rules of who takes which job, against a slow and obvious reference.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../main/model/job.ts';
import { mismatchesOf, servesProject, takesKind } from '../../../main/model/matching.ts';
import type { JobToMatch, PoolToMatch } from '../../../main/model/matching.ts';
import { runs } from '../../fakes/arbitrary-world.ts';
import { someJob, somePool } from '../../fakes/world.ts';

const kindsOf = (job: Partial<Job>, pool: Parameters<typeof somePool>[0] = {}): readonly string[] =>
  mismatchesOf(someJob(job), somePool(pool)).map(({ kind }) => kind);

describe('which pool takes a job', () => {
  it('one that has every tag of it, letter by letter', () => {
    expect(kindsOf({ tags: ['docker'] })).toEqual([]);
    expect(mismatchesOf(someJob({ tags: ['docker', 'Docker', 'gpu'] }), somePool())).toEqual([
      { kind: 'tags', missing: ['Docker', 'gpu'] },
    ]);
  });

  it('without tags, one that takes untagged jobs', () => {
    expect(kindsOf({ tags: [] })).toEqual([]);
    expect(kindsOf({ tags: [] }, { runUntagged: false })).toEqual(['untagged']);
    expect(kindsOf({ tags: ['docker'] }, { runUntagged: false })).toEqual([]);
  });

  it.each([
    [true, []],
    [false, ['protected']],
    [undefined, []],
  ])('for protected refs only: protected is %s', (protectedRef, kinds) => {
    const job = protectedRef === undefined ? {} : { protectedRef };
    expect(kindsOf(job, { protectedOnly: true })).toEqual(kinds);
    expect(kindsOf(job)).toEqual([]);
  });

  it.each([
    ['lab/tools', 'lab/tools/app', true],
    ['lab/tools', 'Lab/Tools/app', true],
    ['lab/tools', 'lab/tools/deep/app', true],
    ['lab/tools', 'lab/tools2/app', false],
    ['lab/tools', 'lab/app', false],
    ['lab/tools', 'lab/tools', false],
  ])('of group %s: project %s is served: %s', (path, project, served) => {
    expect(kindsOf({ project }, { scope: { kind: 'group', path } })).toEqual(served ? [] : ['scope']);
  });

  it('of a project: that one and no other, also where instance runners are off', () => {
    const scope = { kind: 'project', path: 'lab/app' } as const;
    expect(kindsOf({ project: 'Lab/App', instanceRunners: false }, { scope })).toEqual([]);
    expect(kindsOf({ project: 'lab/app2' }, { scope })).toEqual(['scope']);
  });

  it('of the instance: not where the project keeps instance runners out', () => {
    expect(kindsOf({ instanceRunners: false })).toEqual(['scope']);
    expect(kindsOf({ instanceRunners: true })).toEqual([]);
  });

  it('none that is paused or may have no runner, and everything is named', () => {
    expect(kindsOf({ tags: ['x'] }, { paused: true, max: 0 })).toEqual(['tags', 'paused', 'closed']);
  });
});

const words = ['docker', 'gpu', 'GPU', 'arm64', 'é', 'É', ' '];
const paths = ['a/b', 'A/b', 'a/b/c', 'a/bc', 'b'];

const jobs: fc.Arbitrary<JobToMatch> = fc.record(
  {
    tags: fc.subarray(words),
    project: fc.constantFrom(...paths),
    protectedRef: fc.boolean(),
    instanceRunners: fc.boolean(),
  },
  { requiredKeys: ['tags', 'project'] },
);
const path = fc.constantFrom(...paths);
const pools: fc.Arbitrary<PoolToMatch> = fc.record({
  tags: fc.subarray(words),
  runUntagged: fc.boolean(),
  protectedOnly: fc.boolean(),
  paused: fc.boolean(),
  max: fc.integer({ min: 0, max: 1 }),
  scope: fc.oneof(
    fc.constant({ kind: 'instance' } as const),
    path.map((of) => ({ kind: 'group', path: of }) as const),
    path.map((of) => ({ kind: 'project', path: of }) as const),
  ),
});

/** Rule by rule, as GitLab's documentation tells them, with nothing spared. */
function isTaken(job: JobToMatch, pool: PoolToMatch): boolean {
  const owned = new Set<string>();
  for (const tag of pool.tags) owned.add(tag);
  for (const tag of job.tags) if (!owned.has(tag)) return false;
  if (job.tags.length === 0 && !pool.runUntagged) return false;
  if (pool.protectedOnly && job.protectedRef === false) return false;
  if (pool.paused || pool.max < 1) return false;
  const steps = job.project.toLowerCase().split('/');
  const { scope } = pool;
  if (scope.kind === 'instance') return job.instanceRunners === undefined || job.instanceRunners;
  const wanted = scope.path.toLowerCase().split('/');
  const isBelow = wanted.every((step, index) => steps[index] === step);
  return isBelow && (scope.kind === 'group' ? steps.length > wanted.length : steps.length === wanted.length);
}

describe('matching', () => {
  it('is that of the reference', () => {
    fc.assert(
      fc.property(jobs, pools, (job, pool) => {
        expect(mismatchesOf(job, pool).length === 0).toBe(isTaken(job, pool));
        expect(takesKind(job, pool) && servesProject(job, pool)).toBe(isTaken(job, pool));
      }),
      { numRuns: runs * 50 },
    );
  });
});
