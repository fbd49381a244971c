import { describe, expect, it } from 'vitest';
import { freshValue, lastValue, sawSince } from '../../../main/plan/freshness.ts';
import { failed, fresh, never, now, stale } from '../../fakes/world.ts';

describe('what may be concluded from an observation', () => {
  it.each([
    ['never', never, null, null],
    ['fresh', fresh('x'), 'x', 'x'],
    ['stale', stale('x'), 'x', null],
    ['failed', failed, null, null],
  ] as const)('%s: its last and its fresh value', (_, seen, last, current) => {
    expect([lastValue(seen), freshValue(seen)]).toEqual([last, current]);
  });

  it('saw what was before it only when it is fresh and began later', () => {
    expect(sawSince(fresh('x', now), now - 1)).toBe(true);
    expect(sawSince(fresh('x', now), now)).toBe(false);
    expect(sawSince(fresh('x', now), now + 1)).toBe(false);
    expect(sawSince(stale('x'), 0)).toBe(false);
    expect(sawSince(failed, 0)).toBe(false);
    expect(sawSince(never, 0)).toBe(false);
  });
});
