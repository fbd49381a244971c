// The look at the machine's emulators: as often as somebody depends on it, and told only when something has changed.
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BinfmtView } from '../../../main/model/emulation.ts';
import { watchBinfmt } from '../../../main/observe/watch-binfmt.ts';
import type { BinfmtWatch } from '../../../main/observe/watch-binfmt.ts';
import { recordedLog } from '../../fakes/fake-context.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

const enabled: BinfmtView = { state: 'enabled', handlers: [] };

function open(): {
  watch: BinfmtWatch;
  clock: FakeClock;
  seen: { view: BinfmtView; looks: number; news: number };
} {
  const clock = new FakeClock();
  const seen = { view: enabled, looks: 0, news: 0 };
  const look = async (): Promise<BinfmtView> => {
    seen.looks += 1;
    return seen.view;
  };
  const watch = watchBinfmt({ look, clock, log: recordedLog(), onChange: () => void (seen.news += 1) });
  onTestFinished(() => watch.stop());
  return { watch, clock, seen };
}

describe('the watch of emulators', () => {
  it('looks at nothing before it is known where the engine is', async () => {
    const { watch, clock, seen } = open();
    watch.attend(true, null);
    await clock.advance(600_000);
    expect(seen.looks).toBe(0);
    expect(watch.current()).toBeNull();
  });

  it('looks every 15 s while a pool depends on it, and every 5 minutes otherwise', async () => {
    const { watch, clock, seen } = open();
    watch.attend(true, true);
    await clock.advance(59_000);
    expect(seen.looks).toBe(4);
    watch.attend(false, true);
    await clock.settle();
    const before = seen.looks;
    await clock.advance(299_000);
    expect(seen.looks).toBe(before);
    await clock.advance(2_000);
    expect(seen.looks).toBe(before + 1);
  });

  it('tells only what is new', async () => {
    const { watch, clock, seen } = open();
    watch.attend(true, true);
    await clock.advance(60_000);
    expect(seen.news).toBe(1);
    seen.view = { state: 'disabled', handlers: [] };
    await clock.advance(16_000);
    expect(seen.news).toBe(2);
    expect(watch.current()).toEqual(seen.view);
  });

  it('looks at once when it is asked to', async () => {
    const { watch, clock, seen } = open();
    watch.attend(false, true);
    await clock.settle();
    seen.view = { state: 'disabled', handlers: [] };
    watch.refresh();
    await clock.settle();
    expect(watch.current()?.state).toBe('disabled');
  });

  it('tells who waits for a look when it is over, and lets nobody wait where there is none', async () => {
    const { watch, clock, seen } = open();
    await watch.looked();
    watch.attend(false, true);
    await clock.settle();
    seen.view = { state: 'disabled', handlers: [] };
    const asked = watch.looked();
    await clock.settle();
    await asked;
    expect(watch.current()?.state).toBe('disabled');
    const last = watch.looked();
    await watch.stop();
    await Promise.all([last, watch.looked()]);
  });

  it('says of an engine on another machine that nothing can be seen, and reads nothing here', async () => {
    const { watch, clock, seen } = open();
    watch.attend(true, false);
    await clock.advance(60_000);
    expect(watch.current()).toEqual({ state: 'elsewhere', handlers: [] });
    expect(seen.looks).toBe(0);
  });
});
