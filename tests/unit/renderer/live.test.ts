import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Output } from '../../../main/contract/contract.ts';
import { newsBetween } from '../../../main/contract/news.ts';
import { CoreError, unreachable } from '../../../renderer/client.ts';
import { followLab } from '../../../renderer/state/live.ts';
import type { Live, LiveOptions } from '../../../renderer/state/live.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

type News = Output<'snapshot.changes'>;

interface Line {
  readonly openedAt: number;
  readonly isLeft: () => boolean;
  tell(news: News): void;
  end(error?: Error): void;
}

/** A core whose every stream the test tells what to say. */
function scriptedCore(): { readonly changes: LiveOptions['changes']; readonly lines: Line[] } {
  const lines: Line[] = [];
  async function* changes(signal: AbortSignal): AsyncGenerator<News> {
    const queue: (News | Error | 'end')[] = [];
    let wake: () => void = () => undefined;
    const say = (item: News | Error | 'end'): void => {
      queue.push(item);
      wake();
    };
    lines.push({
      openedAt: Date.now(),
      isLeft: () => signal.aborted,
      tell: say,
      end: (error) => say(error ?? 'end'),
    });
    signal.addEventListener('abort', () => wake());
    while (!signal.aborted) {
      const next = queue.shift();
      if (next === 'end') return;
      if (next instanceof Error) throw next;
      if (next === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else yield next;
    }
  }
  return { changes, lines };
}

interface Followed {
  readonly live: Live;
  readonly lines: Line[];
  readonly drawn: () => number;
}

function follow(options: Partial<LiveOptions> = {}): Followed {
  const { changes, lines } = scriptedCore();
  let drawn = 0;
  const beforeFrame = (callback: () => void): void => callback();
  const live = followLab({ changes, now: Date.now, beforeFrame, pauses: [5, 10, 20], ...options });
  onTestFinished(live.close);
  live.subscribe(() => (drawn += 1));
  return { live, lines, drawn: () => drawn };
}

const world = createFakeWorld();
const whole: News = { kind: 'whole', snapshot: world.snapshot() };
const { snapshot } = whole;

/** The line with this number, once it was opened. */
async function lineOf(lines: readonly Line[], index: number): Promise<Line> {
  return vi.waitFor(() => {
    const line = lines[index];
    if (line === undefined) throw new Error(`line ${index} is not open`);
    return line;
  });
}

describe('following the lab', () => {
  it('knows nothing until the core has told it, and then all of it', async () => {
    const { live, lines } = follow();
    expect(live.get()).toMatchObject({ snapshot: null, connection: { state: 'connecting' } });
    (await lineOf(lines, 0)).tell(whole);
    await vi.waitFor(() => expect(live.get().connection.state).toBe('live'));
    expect(live.get().snapshot).toEqual(snapshot);
  });

  it('puts changes on top', async () => {
    const { live, lines } = follow();
    const line = await lineOf(lines, 0);
    line.tell(whole);
    const after = { ...snapshot, version: 2, sentence: 'Something happens.' };
    line.tell(newsBetween(snapshot, after));
    await vi.waitFor(() => expect(live.get().snapshot).toEqual(after));
  });

  it('shows no more than one state a frame, the newest', async () => {
    const frames: (() => void)[] = [];
    const { live, lines, drawn } = follow({ beforeFrame: (callback) => frames.splice(0, 1, callback) });
    const line = await lineOf(lines, 0);
    for (let version = 1; version <= 50; version += 1)
      line.tell({ kind: 'whole', snapshot: { ...snapshot, version } });
    await new Promise((resolve) => setImmediate(resolve));
    expect(drawn()).toBe(0);
    frames[0]?.();
    expect(drawn()).toBe(1);
    expect(live.get().snapshot?.version).toBe(50);
  });

  it('keeps what was seen last when the core is gone, with since when and why', async () => {
    const { live, lines } = follow({ pauses: [60_000] });
    const line = await lineOf(lines, 0);
    line.tell(whole);
    line.end(unreachable('the connection broke'));
    await vi.waitFor(() => expect(live.get().connection.state).toBe('gone'));
    const { connection, lostAt } = live.get();
    expect(live.get().snapshot).toEqual(snapshot);
    expect(connection).toMatchObject({ error: { key: 'core.unreachable' } });
    expect(Date.now() - (lostAt ?? 0)).toBeLessThan(10_000);
  });

  it('counts a stream that ends by itself as gone', async () => {
    const { live, lines } = follow({ pauses: [60_000] });
    (await lineOf(lines, 0)).end();
    await vi.waitFor(() => expect(live.get().connection.state).toBe('gone'));
  });

  it('asks again after growing pauses, with the first loss as since when', async () => {
    const { live, lines } = follow({ pauses: [20, 60] });
    (await lineOf(lines, 0)).end(unreachable('no'));
    await vi.waitFor(() => expect(live.get().connection.state).toBe('gone'));
    const { connection } = live.get();
    (await lineOf(lines, 1)).end(unreachable('no'));
    (await lineOf(lines, 2)).end(unreachable('no'));
    await lineOf(lines, 3);
    const gaps = lines.slice(1).map((line, index) => line.openedAt - (lines[index]?.openedAt ?? 0));
    expect(gaps[0]).toBeGreaterThanOrEqual(18);
    expect(gaps[1]).toBeGreaterThanOrEqual(58);
    expect(gaps[2]).toBeGreaterThanOrEqual(58);
    expect(live.get().connection).toMatchObject({
      since: connection.state === 'gone' ? connection.since : 0,
    });
  });

  it('asks at once when somebody wants it', async () => {
    const { live, lines } = follow({ pauses: [600_000] });
    (await lineOf(lines, 0)).end(unreachable('no'));
    await vi.waitFor(() => expect(live.get().connection.state).toBe('gone'));
    live.retry();
    (await lineOf(lines, 1)).tell(whole);
    await vi.waitFor(() => expect(live.get()).toMatchObject({ connection: { state: 'live' }, lostAt: null }));
  });

  it('waits for a sign-in, and forgets the lab until then', async () => {
    const { live, lines } = follow();
    const line = await lineOf(lines, 0);
    line.tell(whole);
    await vi.waitFor(() => expect(live.get().connection.state).toBe('live'));
    const refusal = { key: 'http.token-wrong', message: 'No.', next: 'Sign in.', retry: false };
    line.end(new CoreError(refusal, true));
    await vi.waitFor(() => expect(live.get().connection.state).toBe('signed-out'));
    expect(live.get().snapshot).toBeNull();
    expect(lines).toHaveLength(1);
    live.retry();
    await lineOf(lines, 1);
  });

  it('holds no connection while nobody looks, and takes it up again', async () => {
    const { live, lines } = follow();
    const line = await lineOf(lines, 0);
    line.tell(whole);
    await vi.waitFor(() => expect(live.get().connection.state).toBe('live'));
    live.rest();
    expect(line.isLeft()).toBe(true);
    live.resume();
    (await lineOf(lines, 1)).tell({ kind: 'whole', snapshot: { ...snapshot, version: 9 } });
    await vi.waitFor(() => expect(live.get().snapshot?.version).toBe(9));
    expect(live.get().connection.state).toBe('live');
  });

  it('asks anew, as somebody else, after signing out', async () => {
    const { live, lines } = follow();
    const line = await lineOf(lines, 0);
    line.tell(whole);
    await vi.waitFor(() => expect(live.get().connection.state).toBe('live'));
    live.restart();
    await lineOf(lines, 1);
    expect(line.isLeft()).toBe(true);
  });
});
