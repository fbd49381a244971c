// Quitting: asked only where jobs run, and done when the last of them is.
import { describe, expect, it } from 'vitest';
import { createLeaving } from '../../../electron/leaving.ts';
import type { QuitAnswer } from '../../../electron/leaving.ts';
import type { Snapshot } from '../../../main/contract/snapshot.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const idle = createFakeWorld().snapshot();
const working = (mode: Snapshot['mode'] = 'serve', state: 'busy' | 'idle' = 'busy'): Snapshot => ({
  ...idle,
  mode,
  runners: [
    {
      ...{ id: 'a', name: 'a', pool: 'demo', node: 'node-1', state },
      ...{ createdAt: 1, startedAt: 1, jobId: state === 'busy' ? 1 : null },
    },
  ],
});

function setUp(answer: QuitAnswer = 'stay', isOwn = true) {
  const done: string[] = [];
  const leaving = createLeaving({
    isOwn: () => isOwn,
    ask: async (jobs) => {
      done.push(`ask ${jobs}`);
      return answer;
    },
    drain: () => done.push('drain'),
    resume: () => done.push('resume'),
    quit: () => done.push('quit'),
    onChange: () => undefined,
  });
  return { leaving, done };
}

describe('quitting', () => {
  it.each([
    ['no job runs', idle, true],
    ['a runner is there, but idle', working('serve', 'idle'), true],
    ['there is no answer of the core', null, true],
    ['the core is of another process and goes on', working(), false],
  ])('asks nothing where %s', async (_why, snapshot, isOwn) => {
    const { leaving, done } = setUp('stay', isOwn);
    await leaving.want(snapshot);
    expect(done).toEqual(['quit']);
  });

  it.each<[QuitAnswer, readonly string[]]>([
    ['now', ['ask 1', 'quit']],
    ['stay', ['ask 1']],
    ['finish', ['ask 1', 'drain']],
  ])('with a job running does what is answered: %s', async (answer, expected) => {
    const { leaving, done } = setUp(answer);
    await leaving.want(working());
    expect(done).toEqual(expected);
    expect(leaving.isWaiting()).toBe(answer === 'finish');
  });

  it('asks once, however often it is pressed', async () => {
    const { leaving, done } = setUp('stay');
    await Promise.all([leaving.want(working()), leaving.want(working())]);
    expect(done).toEqual(['ask 1']);
  });

  it('waits for the last runner, once the drain is seen', async () => {
    const { leaving, done } = setUp('finish');
    await leaving.want(working());
    leaving.see({ ...idle, runners: [] });
    leaving.see(null);
    leaving.see(working('drain'));
    expect(done).toEqual(['ask 1', 'drain']);
    leaving.see({ ...idle, mode: 'drain', runners: [] });
    expect(done).toEqual(['ask 1', 'drain', 'quit']);
  });

  it('pressed again while it waits does not wait any more', async () => {
    const { leaving, done } = setUp('finish');
    await leaving.want(working());
    await leaving.want(working('drain'));
    expect(done.at(-1)).toBe('quit');
  });

  it('can be thought better of', async () => {
    const { leaving, done } = setUp('finish');
    await leaving.want(working());
    leaving.stay();
    leaving.see({ ...idle, mode: 'drain', runners: [] });
    expect(done).toEqual(['ask 1', 'drain', 'resume']);
  });
});
