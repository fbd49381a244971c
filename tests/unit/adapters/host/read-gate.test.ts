// Files of drivers that hang: whoever asks is answered, and each such driver costs one thread.
import { describe, expect, it, vi } from 'vitest';
import { createReadGate } from '../../../../main/adapters/host/read-gate.ts';

const never = (): Promise<string> => new Promise(() => undefined);
const soon = (): Promise<string> => Promise.resolve('x');

describe('a gate to files', () => {
  it('gives what is read, and null for what cannot be', async () => {
    const gate = createReadGate();
    expect(await gate.look('a', soon)).toBe('x');
    expect(await gate.look('a', () => Promise.reject(new Error('gone')))).toBeNull();
  });

  it('lets in so many at a time, one to a place, and everybody in the end', async () => {
    const gate = createReadGate({ slots: 2, deadlineMs: 10_000 });
    let [inside, most] = [0, 0];
    const look = async (): Promise<number> => {
      most = Math.max(most, ++inside);
      await Promise.resolve();
      return --inside;
    };
    await Promise.all(Array.from({ length: 50 }, (_, index) => gate.look(`place ${index}`, look)));
    expect(most).toBe(2);
    most = 0;
    await Promise.all(Array.from({ length: 50 }, () => gate.look('one place', look)));
    expect(most).toBe(1);
  });

  it('loses one slot to a place that never answers, and asks nothing more there', async () => {
    const gate = createReadGate({ slots: 3, deadlineMs: 20 });
    const asked = vi.fn(soon);
    const all = [gate.look('hangs', never), gate.look('hangs', asked), gate.look('hangs', asked)];
    expect(gate.isShut('hangs')).toBe(false);
    expect(await Promise.all([...all, gate.look('b', soon)])).toEqual([null, null, null, 'x']);
    expect(await gate.look('hangs', asked)).toBeNull();
    expect(asked).not.toHaveBeenCalled();
    expect([gate.isShut('hangs'), gate.isShut('b')]).toEqual([true, false]);
    const others = ['b', 'c', 'd', 'e'].map((place) => gate.look(place, soon));
    expect(await Promise.all(others)).toEqual(['x', 'x', 'x', 'x']);
  });

  it('asks nobody any more when every slot is lost, and again when one comes back', async () => {
    const gate = createReadGate({ slots: 2, deadlineMs: 20 });
    let answer: (text: string) => void = () => undefined;
    const late = new Promise<string>((resolve) => {
      answer = resolve;
    });
    const asked = vi.fn(soon);
    const all = [gate.look('a', never), gate.look('b', () => late), gate.look('c', asked)];
    expect(await Promise.all(all)).toEqual([null, null, null]);
    expect([await gate.look('d', asked), gate.isShut('d')]).toEqual([null, true]);
    expect(asked).not.toHaveBeenCalled();
    answer('at last');
    await late;
    await vi.waitFor(async () => expect(await gate.look('b', asked)).toBe('x'));
    expect([gate.isShut('a'), gate.isShut('b')]).toEqual([true, false]);
  });
});
