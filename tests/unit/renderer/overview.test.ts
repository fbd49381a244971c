// What the overview says at a glance: health, the queue over time, and buttons for what can be mended.
import { describe, expect, it } from 'vitest';
import type { HardwareHistory } from '../../../main/model/host-metrics.ts';
import { fixOf } from '../../../renderer/state/issue-fix.ts';
import { healthOf, noSteps, queueData, queueRangeOf, withLook } from '../../../renderer/state/overview.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const minute = 60_000;
const begin = 1_800_000_000_000;

function historyOf(waiting: readonly (number | null)[]): HardwareHistory {
  const none = waiting.map((value) => (value === null ? null : 0));
  return {
    ...{ subject: 'queue', stepMs: minute, at: waiting.map((_, index) => begin + index * minute) },
    series: { running: { mean: none, most: none }, waiting: { mean: waiting, most: waiting } },
  };
}

function waitingOf(data: ReturnType<typeof queueData>): readonly (number | null)[] {
  return data.lines[1]?.values ?? [];
}

describe('the queue over time', () => {
  it('goes on where the core has ended, with the most of each minute', () => {
    let seen = withLook(noSteps, minute, begin + 3 * minute, { running: 0, waiting: 2 }, 60);
    seen = withLook(seen, minute, begin + 3 * minute + 5_000, { running: 0, waiting: 9 }, 60);
    seen = withLook(seen, minute, begin + 3 * minute + 9_000, { running: 0, waiting: 1 }, 60);
    const present = { running: 0, waiting: 1 };
    const data = queueData(historyOf([1, null, 3]), seen, { now: begin + 3 * minute, minutes: 4, present });
    expect(waitingOf(data)).toEqual([1, null, 3, 9]);
    expect(data.lines.map(({ name, now }) => [name, now])).toEqual([
      ['running', 0],
      ['waiting', 1],
    ]);
  });

  it('has a gap for the time in which the page or the core was away', () => {
    const seen = withLook(noSteps, minute, begin + 5 * minute, { running: 1, waiting: 1 }, 60);
    const present = { running: null, waiting: null };
    const data = queueData(historyOf([1, 2]), seen, { now: begin + 6 * minute, minutes: 7, present });
    expect(waitingOf(data)).toEqual([1, 2, null, null, null, 1, null]);
  });

  it('is the same object while nothing is new, and remembers no more than is shown', () => {
    const one = withLook(noSteps, minute, begin, { running: 1, waiting: 1 }, 2);
    expect(withLook(one, minute, begin + 1, { running: 1, waiting: 0 }, 2)).toBe(one);
    expect(withLook(one, minute, begin + 1, { running: null, waiting: null }, 2)).toBe(one);
    const later = withLook(one, minute, begin + minute, { running: 1, waiting: 1 }, 2);
    const last = withLook(later, minute, begin + 2 * minute, { running: 1, waiting: 1 }, 2);
    expect([...last.steps.keys()]).toEqual([begin + minute, begin + 2 * minute]);
  });

  it('has its range in the address', () => {
    expect([queueRangeOf({}), queueRangeOf({ range: 'day' }), queueRangeOf({ range: 'x' })]).toEqual([
      'hours',
      'day',
      'hours',
    ]);
  });
});

describe('health', () => {
  const { snapshot } = createFakeWorld().state();
  const issue = { key: 'x', message: 'm', next: 'n', subject: 's' };
  const ready = { ...snapshot, gitlab: { ...snapshot.gitlab, state: 'ready' as const }, issues: [] };

  it('is whole only where engine and GitLab answer and nothing is wrong', () => {
    expect(healthOf(ready).look.word).toBe('All healthy');
    expect(healthOf({ ...ready, issues: [{ ...issue, severity: 'info' }] }).look.word).toBe('All healthy');
  });

  it('says how much there is to look at, the worst first', () => {
    const warned = healthOf({ ...ready, issues: [{ ...issue, severity: 'warning' }] });
    expect([warned.look.tone, warned.words]).toEqual(['waiting', '1 issue to look at']);
    const failed = healthOf({
      ...ready,
      issues: [
        { ...issue, severity: 'warning' },
        { ...issue, severity: 'error' },
      ],
    });
    expect([failed.look.tone, failed.words]).toEqual(['failed', '2 issues to look at']);
  });

  it('is never said to be well of what is not known', () => {
    for (const state of ['stale', 'starting', 'none', 'stopped', 'failed'] as const)
      expect(healthOf({ ...ready, gitlab: { ...ready.gitlab, state } }).look.tone).not.toBe('success');
    const [node] = ready.nodes;
    if (node === undefined) throw new Error('there is no node');
    const gone = { ...ready, nodes: [{ ...node, engine: { ...node.engine, state: 'failed' as const } }] };
    expect(healthOf(gone).look.tone).toBe('failed');
  });
});

describe('the button of an issue', () => {
  it.each([
    ['Serve it again: autogit lab resume', 'Resume'],
    ['Let it take jobs again: autogit pool resume demo', 'Resume pool demo'],
    ['Start it: autogit sandbox start.', 'Start the sandbox'],
    ['Or let AutoGit do it: autogit doctor --fix', 'Mend what AutoGit can'],
  ])('does what "%s" says', (next, title) => {
    expect(fixOf(next)?.title).toBe(title);
  });

  it.each([
    'Free some disk space.',
    'Allow it more: autogit pool set demo --max 5',
    'Look at it: autogit stack status',
    'See: autogit pool resume demo --json',
  ])('is not there for "%s"', (next) => {
    expect(fixOf(next)).toBeNull();
  });
});
