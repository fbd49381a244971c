// Issues of samples: told once they last, and taken back when they are gone or nobody looks.
import { describe, expect, it } from 'vitest';
import { createSteadyIssues } from '../../../main/coordinator/steady-issues.ts';
import type { Issue } from '../../../main/model/issue.ts';

const hot: Issue = { key: 'gpu.hot', severity: 'warning', subject: 'x', message: '', next: '' };

function bench() {
  let now = 0;
  const steady = createSteadyIssues({ monotonic: () => now });
  const after = (ms: number, issues: readonly Issue[]): readonly string[] => {
    now += ms;
    steady.see(issues);
    return steady.current(true).map(({ key }) => key);
  };
  return { steady, after };
}

describe('an issue of samples', () => {
  it('is told after ten seconds, and not for a moment', () => {
    const { after } = bench();
    expect(after(0, [hot])).toEqual([]);
    expect(after(5_000, [hot])).toEqual([]);
    expect(after(5_000, [hot])).toEqual(['gpu.hot']);
  });

  it('stays through short pauses and goes after a minute', () => {
    const { after } = bench();
    after(0, [hot]);
    after(20_000, [hot]);
    expect(after(30_000, [])).toEqual(['gpu.hot']);
    expect(after(31_000, [])).toEqual([]);
    expect(after(1_000, [hot])).toEqual([]);
  });

  it('is told at the slow pace with the second look', () => {
    const { after } = bench();
    expect(after(0, [hot])).toEqual([]);
    expect(after(30_000, [hot])).toEqual(['gpu.hot']);
  });

  it('is not known any more when nobody looks', () => {
    const { steady, after } = bench();
    after(0, [hot]);
    after(20_000, [hot]);
    expect(steady.current(false)).toEqual([]);
    expect(steady.current(true)).toEqual([]);
  });
});
