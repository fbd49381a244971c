// What followers of the live state see, and what is left when they leave.
import { describe, expect, it } from 'vitest';
import type { CoreEvent } from '../../../main/contract/contract.ts';
import { createLiveState } from '../../../main/coordinator/live-state.ts';
import type { LiveState } from '../../../main/coordinator/live-state.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

/** A live state, and a way to open issue after issue in it; each is one event. */
function openLive(): { live: LiveState; happen: (name: string) => void } {
  const first = createFakeWorld().snapshot();
  const live = createLiveState(first, new FakeClock());
  const happen = (name: string): void => {
    const issue = { key: 'a.b', message: name, next: 'n', severity: 'info', subject: name } as const;
    live.publish({ ...live.current(), issues: [...live.current().issues, issue] });
  };
  return { live, happen };
}

async function take(events: AsyncIterator<CoreEvent>, count: number): Promise<readonly string[]> {
  const messages: string[] = [];
  while (messages.length < count) {
    const next = await events.next();
    if (next.done === true) break;
    messages.push(next.value.message);
  }
  return messages;
}

describe('following events', () => {
  it('begins with the newest ones and misses none that happen meanwhile', async () => {
    const { live, happen } = openLive();
    for (const name of ['one', 'two', 'three']) happen(name);
    const events = live.followEvents(new AbortController().signal, 2);
    expect(await take(events, 1)).toEqual(['two']);
    happen('four');
    expect(await take(events, 2)).toEqual(['three', 'four']);
    await events.return(undefined);
  });

  it('keeps the newest thousand for a reader who does not read', async () => {
    const { live, happen } = openLive();
    happen('first');
    const events = live.followEvents(new AbortController().signal, 1);
    expect(await take(events, 1)).toEqual(['first']);
    for (let count = 1; count <= 1_200; count += 1) happen(`event ${count}`);
    expect(await take(events, 1_000)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => `event ${index + 201}`),
    );
    await events.return(undefined);
  });
});

describe('publishing a state that was made anew', () => {
  it('keeps the rows of before that have not changed, so that readers can tell', () => {
    const world = createFakeWorld();
    world.seed(3);
    const live = createLiveState(world.snapshot(), new FakeClock());
    const before = live.current();
    const next = structuredClone(before);
    live.publish({ ...next, jobs: next.jobs.map((job, at) => (at === 1 ? { ...job, runner: 'r' } : job)) });
    const { jobs, runners, version } = live.current();
    expect(version).toBe(before.version + 1);
    expect(jobs.map((job, at) => job === before.jobs[at])).toEqual([true, false, true]);
    expect(runners).toBe(before.runners);
  });

  it('is dropped when nothing but its time is new', () => {
    const { live } = openLive();
    const before = live.current();
    live.publish({ ...structuredClone(before), at: before.at + 1 });
    expect(live.current()).toBe(before);
  });

  it('tells whoever asks when GitLab was read, and whoever follows every twenty seconds', () => {
    const { live } = openLive();
    const readNow = (readAt: number): number => {
      live.publish({ ...live.current(), gitlab: { ...live.current().gitlab, readAt } });
      expect(live.current().gitlab.readAt).toBe(readAt);
      return live.current().version;
    };
    const first = readNow(100_000);
    expect([105_000, 110_000, 119_000].map(readNow)).toEqual([first, first, first]);
    expect(readNow(120_000)).toBe(first + 1);
    expect(readNow(125_000)).toBe(first + 1);
  });
});

describe('a reading of GitLab that brought nothing', () => {
  it('is told to whoever asks at once, and to whoever follows every twenty seconds', () => {
    const { live } = openLive();
    live.publish({ ...live.current(), gitlab: { ...live.current().gitlab, readAt: 100_000 } });
    const { version, jobs } = live.current();
    live.readAgain(105_000);
    expect(live.current()).toMatchObject({ version, gitlab: { readAt: 105_000 } });
    live.readAgain(120_000);
    expect(live.current()).toMatchObject({ version: version + 1, gitlab: { readAt: 120_000 } });
    expect(live.current().jobs).toBe(jobs);
  });
});

describe('waiting for a state', () => {
  it('ends with the error of the question, which does not reach those who publish', async () => {
    const { live, happen } = openLive();
    let asked = 0;
    const waiting = live.until(() => {
      asked += 1;
      if (asked > 1) throw new Error('the disk fails');
      return false;
    }, 1_000);
    const failed = expect(waiting).rejects.toThrow('the disk fails');
    expect(() => happen('one')).not.toThrow();
    await failed;
    happen('two');
    expect(asked).toBe(2);
  });
});
