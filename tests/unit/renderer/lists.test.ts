import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobView } from '../../../main/contract/snapshot.ts';
import { jobSchema } from '../../../main/contract/snapshot.ts';
import { keepHeld, viewHeld } from '../../../renderer/state/held-rows.ts';
import {
  countGroups,
  filterJobs,
  filterOf,
  jobGroups,
  queryOf,
  sortJobs,
} from '../../../renderer/state/jobs.ts';
import { stepOf } from '../../../renderer/ui/walk.ts';

function someJob(change: Partial<JobView>): JobView {
  return {
    id: 1,
    name: 'build',
    status: 'pending',
    tags: [],
    projectId: 1,
    project: 'home/website',
    ref: 'main',
    firstSeenAt: 1_000,
    startedAt: null,
    finishedAt: null,
    waitedMs: null,
    runner: null,
    failureReason: null,
    ...change,
  };
}

const ids = (jobs: readonly JobView[]): readonly number[] => jobs.map(({ id }) => id);
const anyJob = fc
  .record({
    id: fc.integer({ min: 1, max: 50 }),
    status: fc.constantFrom(...jobSchema.shape.status.options),
    firstSeenAt: fc.integer({ min: 0, max: 9 }),
    startedAt: fc.option(fc.integer({ min: 0, max: 9 })),
    finishedAt: fc.option(fc.integer({ min: 0, max: 9 })),
  })
  .map(someJob);
const anyJobs = fc.uniqueArray(anyJob, { selector: ({ id }) => id, maxLength: 30 });

describe('the order of jobs', () => {
  it('is: running, newest first; waiting, oldest first; ended, newest first', () => {
    const jobs = [
      someJob({ id: 1, status: 'success', startedAt: 1, finishedAt: 10 }),
      someJob({ id: 2, status: 'pending', firstSeenAt: 9 }),
      someJob({ id: 3, status: 'running', startedAt: 3 }),
      someJob({ id: 4, status: 'failed', startedAt: 1, finishedAt: 20 }),
      someJob({ id: 5, status: 'pending', firstSeenAt: 5 }),
      someJob({ id: 6, status: 'canceling', startedAt: 6 }),
      someJob({ id: 7, status: 'created' }),
    ];
    expect(ids(sortJobs(jobs))).toEqual([6, 3, 5, 2, 7, 4, 1]);
  });

  it('does not depend on the order they came in', () => {
    fc.assert(
      fc.property(anyJobs, (jobs) => {
        expect(ids(sortJobs(jobs.toReversed()))).toEqual(ids(sortJobs(jobs)));
      }),
    );
  });
});

describe('the filter of jobs', () => {
  const jobs = [
    someJob({ id: 41, name: 'train', tags: ['gpu'], status: 'running', runner: 'autogit-runner-gpu-0a' }),
    someJob({ id: 42, name: 'Build site', ref: 'feature/x', status: 'failed' }),
    someJob({ id: 43, name: 'lint', project: 'lab/firmware', status: 'skipped' }),
  ];

  it.each([
    ['all of them', { status: '', text: '' }, [41, 42, 43]],
    ['a group', { status: 'failed' }, [42]],
    ['a group that nobody knows as all', { status: 'odd' }, [41, 42, 43]],
    ['words of the name, whatever their case', { text: 'build' }, [42]],
    ['a number', { text: '#43' }, [43]],
    ['a tag', { text: 'gpu' }, [41]],
    ['a project', { text: 'firmware' }, [43]],
    ['a branch', { text: 'feature' }, [42]],
    ['a runner', { text: '0a' }, [41]],
    ['several words, in any order', { text: 'site  BUILD' }, [42]],
    ['nothing', { text: 'lint gpu' }, []],
  ])('finds %s', (_, query, found) => {
    expect(ids(filterJobs(jobs, filterOf(query)))).toEqual(found);
  });

  it('stands in the address as it was', () => {
    fc.assert(
      fc.property(fc.constantFrom(...jobGroups), fc.string(), (group, text) => {
        expect(filterOf(queryOf({ group, text }))).toEqual({ group, text });
      }),
    );
  });

  it('counts what each group would show', () => {
    fc.assert(
      fc.property(anyJobs, (given) => {
        const counts = countGroups(given);
        for (const group of jobGroups)
          expect(counts[group]).toBe(filterJobs(given, { group, text: '' }).length);
      }),
    );
  });
});

describe('a list that is held', () => {
  it('shows what there is when nobody holds it', () => {
    const jobs = [someJob({ id: 1 }), someJob({ id: 2 })];
    expect(viewHeld(null, jobs, jobs)).toEqual({ rows: jobs, fresh: 0 });
  });

  it('without rows takes in the first ones, and holds those', () => {
    const jobs = [someJob({ id: 1 }), someJob({ id: 2 })];
    expect(keepHeld([], jobs)).toBe(jobs);
    expect(keepHeld(jobs, [])).toBe(jobs);
    expect(keepHeld(null, jobs)).toBeNull();
    const none: readonly JobView[] = [];
    expect(keepHeld(none, [])).toBe(none);
  });

  it('keeps rows and their order, with the newest values', () => {
    fc.assert(
      fc.property(anyJobs, anyJobs, (held, present) => {
        const { rows, fresh } = viewHeld(held, present, present);
        expect(ids(rows)).toEqual(ids(held));
        for (const row of rows) {
          const newest = present.find(({ id }) => id === row.id);
          if (newest !== undefined) expect(row).toBe(newest);
        }
        expect(fresh).toBe(present.filter(({ id }) => !held.some((row) => row.id === id)).length);
      }),
    );
  });

  it('still shows the newest state of a row that the filter has lost', () => {
    const before = someJob({ id: 1, status: 'running' });
    const after = someJob({ id: 1, status: 'success' });
    expect(viewHeld([before], [], [after]).rows).toEqual([after]);
  });
});

describe('walking through a list', () => {
  const key = (name: string) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false });

  it.each([
    ['ArrowDown', -1, 0],
    ['j', 3, 4],
    ['ArrowDown', 9, 9],
    ['ArrowUp', 3, 2],
    ['k', -1, 9],
    ['ArrowUp', 0, 0],
    ['PageDown', 1, 6],
    ['PageUp', 3, 0],
    ['Home', 7, 0],
    ['End', 0, 9],
    ['x', 4, null],
  ])('%s from %i leads to %s', (name, from, to) => {
    expect(stepOf(key(name), from, 10, 5)).toBe(to);
  });

  it('leads nowhere in an empty list, or with a modifier', () => {
    expect(stepOf(key('ArrowDown'), -1, 0, 5)).toBeNull();
    expect(stepOf({ ...key('k'), ctrlKey: true }, 1, 10, 5)).toBeNull();
  });
});
