// The tray's view of the core: the newest state, at its own pace, for as long as it is there.
import { describe, expect, it } from 'vitest';
import { watchLab } from '../../../electron/watch-lab.ts';
import type { Snapshot } from '../../../main/contract/snapshot.ts';
import { createFakeCore } from '../../fakes/fake-core.ts';

describe('watching the lab', () => {
  it('shows the newest state and skips what came in between', async () => {
    const core = createFakeCore();
    const stop = new AbortController();
    const seen: (Snapshot | null)[] = [];
    const watching = watchLab({
      door: core,
      onSnapshot: (one) => seen.push(one),
      stop: stop.signal,
      lookMs: 30,
    });
    await expect.poll(() => seen.length).toBe(1);
    for (let step = 0; step < 50; step += 1) core.world.step();
    await expect.poll(() => seen.at(-1)?.version).toBe(core.world.snapshot().version);
    expect(seen.length).toBeLessThan(5);
    stop.abort();
    await watching;
  });

  it('knows nothing while the core is gone, and asks again', async () => {
    const core = createFakeCore();
    const stop = new AbortController();
    const seen: (Snapshot | null)[] = [];
    let asked = 0;
    const door = {
      stream: ((name, input, signal) => {
        asked += 1;
        return core.stream(name, input, signal);
      }) as typeof core.stream,
    };
    const watching = watchLab({
      door,
      onSnapshot: (one) => seen.push(one),
      stop: stop.signal,
      lookMs: 1,
      retryMs: 5,
    });
    await expect.poll(() => seen.at(-1)?.mode).toBe('serve');
    core.crash();
    await expect.poll(() => seen.at(-1)).toBeNull();
    await expect.poll(() => asked).toBeGreaterThan(2);
    stop.abort();
    await watching;
  });
});
