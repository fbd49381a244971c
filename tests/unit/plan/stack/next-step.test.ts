// Which step of a run is next, by its record.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stackSteps } from '../../../../main/model/stack/stack.ts';
import type { StackRun, StackStep } from '../../../../main/model/stack/stack.ts';
import { nextDeed, stepsOf } from '../../../../main/plan/stack/next-step.ts';
import { benchAnswers, benchWish } from '../../../fakes/stack-bench.ts';

const run: StackRun = {
  ...{ id: 1, verb: 'up', answers: benchAnswers(), wish: benchWish },
  ...{ startedAt: 0, endedAt: null, outcome: null, steps: [] },
};
const ended = (...steps: readonly StackStep[]): StackRun['steps'] =>
  steps.map((step) => ({ step, startedAt: 0, endedAt: 1 }));
const failure = (step: StackStep): StackRun['failure'] & object => ({
  step,
  key: 'a.b',
  message: '',
  next: '',
});
const standing = { answers: { lab: 'lab' }, isUp: true, isKept: true };

describe('nextDeed', () => {
  it.each(['up', 'down', 'restart', 'destroy'] as const)(
    'goes through all steps of %s in their order, and ends',
    (verb) => {
      const done = new Set<StackStep>();
      for (const step of stepsOf(verb)) {
        expect(nextDeed({ ...run, verb }, done, null)).toEqual({ kind: 'step', step });
        done.add(step);
      }
      expect(nextDeed({ ...run, verb }, done, null)).toEqual({ kind: 'end', outcome: 'done' });
    },
  );

  it('goes through an `up` again after a kill, but for what was judged before the first change', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: stackSteps.length }), (count) => {
        const next = nextDeed({ ...run, steps: ended(...stackSteps.slice(0, count)) }, new Set(), null);
        expect(next).toEqual({ kind: 'step', step: 'folders' });
      }),
    );
  });

  it('restarts nothing twice after a kill', () => {
    const killed: StackRun = { ...run, verb: 'restart', steps: ended('start') };
    expect(nextDeed(killed, new Set(), null)).toEqual({ kind: 'step', step: 'health' });
  });

  it.each([
    ['files', 'turn-back'],
    ['pull', 'turn-back'],
    ['start', 'turn-back'],
    ['health', 'turn-back'],
    ['preflight', 'end'],
    ['folders', 'end'],
    ['secrets', 'end'],
    ['configure', 'end'],
    ['runners', 'end'],
  ] as const)('after a failure in %s: %s', (step, kind) => {
    expect(nextDeed({ ...run, failure: failure(step) }, new Set(), standing).kind).toBe(kind);
    expect(nextDeed({ ...run, failure: failure(step) }, new Set(), null)).toEqual({
      kind: 'end',
      outcome: 'a.b',
    });
  });

  it('goes back to no stack that was down, nor to one of which nothing was replaced', () => {
    const failed = { ...run, failure: failure('start') };
    expect(nextDeed(failed, new Set(), { ...standing, isUp: false }).kind).toBe('end');
    expect(nextDeed(failed, new Set(), { ...standing, isKept: false }).kind).toBe('end');
  });

  it('goes back to no stack whose data a newer version may have migrated', () => {
    const failed = { ...run, failure: failure('health'), steps: ended('start') };
    const outgrown = { ...standing, isOutgrown: true };
    expect(nextDeed(failed, new Set(), outgrown)).toEqual({ kind: 'end', outcome: 'a.b' });
    const other = { ...outgrown, answers: { lab: 'other' } };
    expect(nextDeed(failed, new Set(), other).kind).toBe('end');
  });

  it('goes back to a lab of another name only once that was touched', () => {
    const other = { ...standing, answers: { lab: 'other' }, isKept: false };
    const failed = { ...run, failure: failure('pull') };
    expect(nextDeed(failed, new Set(), other).kind).toBe('end');
    expect(nextDeed({ ...failed, steps: ended('start') }, new Set(), other).kind).toBe('turn-back');
  });
});
