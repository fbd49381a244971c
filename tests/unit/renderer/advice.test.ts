import { describe, expect, it } from 'vitest';
import { adviceWords, simulatedRows, usageWords } from '../../../renderer/state/advice.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { adviceOf, replayed } from '../../fakes/fake-pools.ts';

describe('advice in words', () => {
  it.each([
    ['memoryMiB', 4_096, 1_024, 'Memory: 4.3 GB to 1.1 GB'],
    ['cpus', 4, 1, 'Processors: 4 CPUs to 1 CPU'],
  ] as const)('about %s', (setting, from, to, words) => {
    expect(adviceWords({ setting, from, to, kind: 'too-large', sentence: '' })).toBe(words);
  });

  it('names the use that it comes from, and what is not known', () => {
    const usage = {
      ...{ project: 'lab/app', job: 'build', jobs: 12, outOfMemory: 1, cpus: null },
      memoryMiB: { most: 1_400, usual: 1_024 },
      seconds: { most: 240, usual: 128 },
    };
    expect(usageWords(usage)).toBe(
      '12 jobs, usually 1.1 GB (at most 1.5 GB), processors unknown, 2 min 8 s (at most 4 min), 1 time out of memory',
    );
  });

  it('is there for every pool of the pretended lab', () => {
    expect(adviceOf(createFakeWorld(), undefined)).toHaveLength(1);
  });
});

describe('what other settings would have done', () => {
  it('stands beside what is, measure by measure', () => {
    const rows = simulatedRows(replayed(7, 8));
    expect(rows.find(({ words }) => words.startsWith('95 %'))).toMatchObject({
      now: '1 min 1 s',
      then: '1.5 s',
    });
    expect(rows.find(({ words }) => words.startsWith('Most CPUs'))).toMatchObject({ then: 'no limit' });
  });

  it('is nothing where nothing was changed', () => {
    for (const { then } of simulatedRows(replayed(7, undefined))) expect(then).toBeNull();
  });
});
