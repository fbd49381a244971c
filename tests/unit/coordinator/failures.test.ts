import { describe, expect, it } from 'vitest';
import { failuresOf } from '../../../main/coordinator/failures.ts';
import { interruptedStart } from '../../../main/model/runner.ts';
import type { RunnerRecord } from '../../../main/model/runner.ts';
import { someRecord } from '../../fakes/world.ts';

const now = 1_000_000;

/** Gone runners, newest first, by what became of them; `null` ended well. */
function after(ends: readonly (string | null)[], live: readonly RunnerRecord[] = []) {
  const gone = ends.map((failure, index) =>
    someRecord({ phase: 'gone', createdAt: 100, goneAt: now - 1_000 * (index + 1), failure }),
  );
  const store = { goneRunners: (_: string, limit: number) => gone.slice(0, limit), liveRunners: () => live };
  return failuresOf('default', 'node-1', store, now);
}

describe('failures of a pool', () => {
  it('are those in a row since the last runner that ended well', () => {
    expect(after(['bad', 'worse', null, 'old'])).toMatchObject({
      ...{ pool: 'default', count: 2, lastAt: now - 1_000, lastReason: 'bad' },
    });
    expect(after([null, 'old'])).toBeNull();
    expect(after([])).toBeNull();
  });

  it('do not count starts that the end of AutoGit cut off, nor do these end a row', () => {
    expect(after([interruptedStart, interruptedStart])).toBeNull();
    expect(after([interruptedStart, 'bad', interruptedStart, 'worse', null])).toMatchObject({
      count: 2,
      lastReason: 'bad',
    });
  });

  it('are over once a later runner has been up for ten seconds', () => {
    const up = (startedAt: number): RunnerRecord => someRecord({ phase: 'started', startedAt });
    expect(after(['bad'], [up(now - 999)])).toMatchObject({ count: 1 });
    expect(after(['bad'], [up(now - 20_000)])).toMatchObject({ count: 1 });
    const [long] = [someRecord({ phase: 'gone', goneAt: now - 30_000, failure: 'bad' })];
    const store = { goneRunners: () => [long], liveRunners: () => [up(now - 10_001)] };
    expect(failuresOf('default', 'node-1', store, now)).toBeNull();
  });
});
