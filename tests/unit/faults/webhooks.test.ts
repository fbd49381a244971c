// Webhooks that are lost, late, doubled or foreign: they change when the queue is read, and nothing else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { watchBell } from '../../../main/observe/watch-bell.ts';
import { watchGitlab } from '../../../main/observe/watch-gitlab.ts';
import type { Bell } from '../../../main/ports.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { memoryStore, recordedLog } from '../../fakes/fake-context.ts';
import { FakeGitlab } from '../../fakes/fake-gitlab.ts';

const second = 1_000;

/** A door at which a test rings. */
class FakeBell implements Bell {
  #count = 0;
  readonly #waiting = new Set<() => void>();

  ring(): void {
    this.#count += 1;
    for (const wake of [...this.#waiting]) wake();
  }

  async wait(count: number | null, signal: AbortSignal): Promise<number> {
    if (count === this.#count && !signal.aborted)
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    return this.#count;
  }
}

interface Ground {
  readonly clock: FakeClock;
  readonly gitlab: FakeGitlab;
  readonly bell: FakeBell;
  readonly reads: () => number;
  readonly states: () => readonly string[];
  readonly close: () => Promise<void>;
}

async function open(): Promise<Ground> {
  const clock = new FakeClock();
  const gitlab = new FakeGitlab({ now: () => clock.now() });
  const store = memoryStore(clock);
  const bell = new FakeBell();
  const log = recordedLog();
  const queue = watchGitlab({
    ...{ gitlab, store, clock, log, entryPrefix: 'AutoGit', onChange: () => undefined },
    ...{ isActive: () => false, asksProtection: () => false },
  });
  const door = watchBell({ connectBell: () => bell, clock, log, onRing: () => queue.refresh() });
  door.listen({ url: 'http://127.0.0.1:1', headers: {} });
  await clock.advance(second);
  return {
    ...{ clock, gitlab, bell },
    reads: () => gitlab.calls.filter((call) => call === 'queue').length,
    states: () => store.jobs(1_000).map(({ id, status }) => `${id} ${status}`),
    close: async () => {
      const ending = Promise.all([door.stop(), queue.stop()]);
      await clock.advance(second);
      await ending;
      store.close();
    },
  };
}

describe('webhooks', () => {
  it('that come in time have the queue read at once, lost ones within the usual time', async () => {
    const { clock, gitlab, bell, states, close } = await open();
    gitlab.addJob();
    bell.ring();
    await clock.advance(300);
    expect(states()).toHaveLength(1);
    gitlab.addJob();
    await clock.advance(5 * second);
    expect(states()).toHaveLength(2);
    await close();
  });

  it('that come a thousand times at once are one reading, or two', async () => {
    const { clock, bell, reads, close } = await open();
    const before = reads();
    for (let ring = 0; ring < 1_000; ring += 1) bell.ring();
    await clock.advance(second);
    expect(reads() - before).toBeLessThanOrEqual(2);
    await close();
  });

  it('that never end do not have the queue read all the time', async () => {
    const { clock, bell, reads, close } = await open();
    const before = reads();
    for (let turn = 0; turn < 600; turn += 1) {
      bell.ring();
      await clock.advance(100);
    }
    expect(reads() - before).toBeLessThanOrEqual(60 * 5 + 5);
    await close();
  });

  it('lost, late or doubled in any way end in the same state as none at all', async () => {
    const fates = fc.array(fc.record({ rings: fc.nat(3), lateMs: fc.nat(8_000), ends: fc.boolean() }), {
      minLength: 1,
      maxLength: 8,
    });
    const run = async (
      given: readonly { rings: number; lateMs: number; ends: boolean }[],
      rings: boolean,
    ) => {
      const ground = await open();
      for (const { rings: count, lateMs, ends } of given) {
        const job = ground.gitlab.addJob();
        await ground.clock.advance(lateMs);
        if (ends) ground.gitlab.finish(job);
        if (rings) for (let ring = 0; ring < count; ring += 1) ground.bell.ring();
      }
      await ground.clock.advance(20 * second);
      const states = ground.states();
      await ground.close();
      return states.toSorted();
    };
    await fc.assert(
      fc.asyncProperty(fates, async (given) => {
        // A job that came and went unseen is found only with another one of its project.
        const [withRings, without] = [await run(given, true), await run(given, false)];
        expect(withRings.filter((state) => !state.endsWith('success'))).toEqual(
          without.filter((state) => !state.endsWith('success')),
        );
      }),
      { numRuns: 25 },
    );
  });
});
