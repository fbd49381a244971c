import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../main/model/job.ts';
import { explainJob } from '../../../main/plan/explain.ts';
import type { WaitReason } from '../../../main/plan/explain.ts';
import { desiredArbitrary, observedArbitrary, runs } from '../../fakes/arbitrary-world.ts';
import { explain, old, pullFailed, running } from '../../fakes/explained.ts';
import {
  fresh,
  now,
  someContainer,
  someEntry,
  someJob,
  someNode,
  somePool,
  someRecord,
  someView,
  stale,
} from '../../fakes/world.ts';
import type { WorldChange } from '../../fakes/world.ts';

describe('the longest names', () => {
  const pool = somePool({ name: 'p'.repeat(32), image: 'i'.repeat(512), max: 1 });
  const wishes = { pools: [pool], runnerImage: pool.image ?? '' };
  const long = { ...pullFailed, message: 'm'.repeat(900) };
  const key = `start-runner:${pool.name}:0`;
  const record = someRecord({ pool: pool.name, startedAt: now - 400_000 });
  const container = someContainer({ name: record.name, pool: pool.name });
  const holder = { ...running, id: 99_999_999_999, project: 'g/'.repeat(400) };
  const images = [pool.image ?? ''];
  it.each<readonly [WaitReason, Job, WorldChange]>([
    ['no-tag', someJob({ tags: ['t'.repeat(255), 'u'.repeat(255), 'v'] }), {}],
    ['image-missing', someJob({ tags: [] }), {}],
    [
      'image-missing',
      someJob({ tags: [] }),
      { backoff: [{ key: `pull-image:${pool.image ?? ''}`, retryAt: now + 9, problem: long }] },
    ],
    [
      'pool-full',
      someJob({ tags: [] }),
      { records: [record], view: { containers: [container] }, jobs: [someJob({ tags: [] }), holder] },
    ],
    ['idle-beside', { ...old, tags: [] }, { records: [record], view: { containers: [container] } }],
    ['runners-away', someJob({ tags: [] }), { records: [{ ...record, node: 'node-9' }] }],
    ['entry-missing', someJob({ tags: [] }), { view: { images } }],
    ['gitlab-refuses', someJob(), { gitlab: { state: 'failed', since: now, error: long } }],
    [
      'engine-unreachable',
      someJob({ tags: [] }),
      { nodes: [{ ...someNode(stale(someView())), name: 'n'.repeat(300) }] },
    ],
  ])('are cut: %s', (reason, job, world) => {
    const explained = explain(job, wishes, world);
    expect(explained.reason).toBe(reason);
    expect(explained.sentence.length).toBeLessThanOrEqual(160);
  });

  it.each<readonly [WaitReason, Partial<WorldChange>]>([
    ['backing-off', { failures: [{ pool: pool.name, count: 10, lastAt: now, lastReason: long.message }] }],
    ['start-failed', { backoff: [{ key, retryAt: now + 9, problem: long }] }],
  ])('are cut where everything else is there: %s', (reason, world) => {
    const entries = [someEntry({ pool: pool.name })];
    const explained = explain(someJob({ tags: [] }), wishes, { ...world, entries, view: { images } });
    expect(explained.reason).toBe(reason);
    expect(explained.sentence.length).toBeLessThanOrEqual(160);
  });
});

/** Names as GitLab, or somebody who wants to do harm, may give them. */
const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.constantFrom('\u202egnp.exe', 'a\nb', '$(reboot)', '💥'.repeat(200), '\0', 'x'.repeat(65_536), '"', ''),
);

describe('every job in every world', () => {
  it('has exactly one sentence, of one line and at most 160 characters, without gaps', () => {
    const job = fc
      .record({
        id: fc.integer({ min: 1, max: 40 }),
        status: fc.constantFrom<Job['status'][]>(
          'created',
          'pending',
          'pending',
          'running',
          'canceling',
          'failed',
          'unknown',
        ),
        tags: fc.oneof(fc.subarray(['docker', 'gpu', 'arm64']), fc.array(names, { maxLength: 4 })),
        project: names,
        name: names,
        startedAt: fc.option(fc.integer({ min: now - 9_000_000, max: now })),
        finishedAt: fc.option(fc.integer({ min: now - 9_000_000, max: now })),
        systemId: fc.constantFrom(null, 'r_auto00000001'),
      })
      .map(someJob);
    const clockTime = (at: number): string => new Date(at).toISOString().slice(0, 16);
    fc.assert(
      fc.property(
        job,
        fc.boolean(),
        desiredArbitrary,
        observedArbitrary,
        names,
        (some, isQueued, desired, observed, image) => {
          const seen = observed.gitlab;
          const gitlab =
            isQueued && seen.state === 'fresh'
              ? fresh({ ...seen.value, jobs: [...seen.value.jobs.filter(({ id }) => id !== some.id), some] })
              : seen;
          const world = {
            desired: { ...desired, runnerImage: image },
            observed: { ...observed, gitlab },
            now,
            clockTime,
          };
          const { sentence, next, reason } = explainJob(some, world);
          expect(sentence.length).toBeLessThanOrEqual(160);
          expect(sentence).toMatch(/^[A-Z][^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u);
          expect(`${sentence} ${next}`).not.toMatch(/undefined|NaN|Infinity|\[object/);
          expect(next).not.toBe('');
          expect(reason).toMatch(/^[a-z-]+$/);
        },
      ),
      { numRuns: runs * 5 },
    );
  });
});
