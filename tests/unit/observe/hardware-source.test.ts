// One thing that is read again and again: late readings, and those that nobody waits for any more.
import { describe, expect, it } from 'vitest';
import { GuardedSource } from '../../../main/observe/hardware-source.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

const need = { intervalMs: 1_000, hasJob: false };

function bench() {
  const clock = new FakeClock();
  const readings: PromiseWithResolvers<string>[] = [];
  const read = (): Promise<string> => {
    const reading = Promise.withResolvers<string>();
    readings.push(reading);
    return reading.promise;
  };
  const source = new GuardedSource(
    { read, rest: () => undefined },
    clock,
    () => `hangs at ${clock.monotonic()}`,
  );
  return { clock, readings, source };
}

describe('a source', () => {
  it('does not give as the present what a reading says that nobody waits for any more', async () => {
    const { clock, readings, source } = bench();
    const asked = source.ask(need);
    source.rest();
    readings[0]?.resolve('long ago');
    await asked;
    expect(source.latest()).toBeNull();
    void source.ask(need);
    readings[1]?.resolve('now');
    await clock.settle();
    expect(source.latest()).toBe('now');
  });

  it('that hangs is said so to whoever asks after a rest, and is not read beside it', async () => {
    const { clock, readings, source } = bench();
    void source.ask(need);
    source.rest();
    await clock.advance(20_000);
    expect(source.latest()).toBeNull();
    void source.ask(need);
    expect(source.latest()).toBe('hangs at 20000');
    expect(readings).toHaveLength(1);
    readings[0]?.resolve('long ago');
    await clock.settle();
    const asked = source.ask(need);
    readings[1]?.resolve('now');
    await asked;
    expect(source.latest()).toBe('now');
  });
});
