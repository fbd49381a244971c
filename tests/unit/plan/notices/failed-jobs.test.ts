import { describe, expect, it } from 'vitest';
import { ownTag, proofProject } from '../../../../main/model/proof.ts';
import { withRead } from '../../../../main/plan/notices/plan-notices.ts';
import {
  calmWorld,
  createNoticeLab,
  day,
  failing,
  minute,
  monday,
  someJob,
} from '../../../fakes/notice-lab.ts';

describe('failed jobs', () => {
  it('are one notice until somebody has read it, however many they are', () => {
    const lab = createNoticeLab();
    lab.look(failing([1, 2]));
    lab.look(failing([1, 2, 3]));
    expect(lab.told[0]?.notice).toMatchObject({ kind: 'job-failed', title: 'Job test 3 failed' });
    expect(lab.told[0]?.notice.actions[0]?.route).toBe('/jobs/3');
    lab.live(5 * minute, failing([1, 2, 3, 4, 5]));
    expect(lab.told.at(-1)?.notice).toMatchObject({ title: '3 jobs failed' });
    expect(lab.shouts()).toHaveLength(1);
    // Who was told a while ago is disturbed again by what is new.
    lab.live(10 * minute, failing([1, 2, 3, 4, 5]));
    lab.live(minute, failing([1, 2, 3, 4, 5, 6]));
    expect(lab.shouts()).toHaveLength(2);
    expect(new Set(lab.told.map(({ notice }) => notice.id)).size).toBe(1);
    lab.memory = withRead(lab.memory, null, lab.now);
    expect(lab.look(failing([1, 2, 3, 4, 5, 6])).map(({ change }) => change)).toEqual(['close']);
    expect(lab.look(failing([1, 2, 3, 4, 5, 6, 7])).map(({ change }) => change)).toEqual(['show']);
    expect(lab.told.at(-1)?.notice.title).toBe('Job test 7 failed');
  });

  it('that were run again with success are no news any more', () => {
    const lab = createNoticeLab();
    lab.look(failing([]));
    lab.look(failing([3]));
    const again = someJob({ id: 9, name: 'test 3', status: 'success', finishedAt: monday });
    const mended = { ...calmWorld, jobs: [...failing([3]).jobs, again] };
    expect(lab.look(mended).map(({ change }) => change)).toEqual(['close']);
  });

  it('of long ago, or of AutoGit itself, are not told', () => {
    const lab = createNoticeLab();
    lab.look(failing([1]));
    lab.look(failing([1, 2], { finishedAt: monday - day }));
    lab.look(failing([3], { project: `root/${proofProject}`, tags: [ownTag('default')] }));
    expect(lab.memory.failed.known).toEqual([3, 2, 1]);
    expect(lab.told).toEqual([]);
  });

  it('of others are not told to who wants to hear of theirs alone, and those of nobody known wait', () => {
    const lab = createNoticeLab();
    lab.own = new Map([
      [1, false],
      [2, true],
    ]);
    lab.look(failing([]));
    lab.look(failing([1, 2, 3]));
    expect(lab.told.map(({ notice }) => notice.title)).toEqual(['Job test 2 failed']);
    expect(lab.undecided()).toEqual([3]);
    lab.own = new Map([[3, true]]);
    lab.now += minute;
    lab.look(failing([1, 2, 3]));
    expect(lab.told.at(-1)?.notice.title).toBe('2 jobs failed');
  });

  it('were there before AutoGit was, and shout not at its first start nor at the next one', () => {
    const lab = createNoticeLab();
    lab.look(failing([1, 2, 3]));
    lab.restart();
    lab.look(failing([1, 2, 3]));
    expect(lab.told).toEqual([]);
  });
});
