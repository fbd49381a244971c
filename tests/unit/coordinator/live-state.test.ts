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
