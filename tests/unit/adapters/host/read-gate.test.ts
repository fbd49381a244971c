// Files of drivers that hang: whoever asks is answered, and not every thread is lost to them.
import { describe, expect, it, vi } from 'vitest';
import { createReadGate } from '../../../../main/adapters/host/read-gate.ts';

const never = (): Promise<string> => new Promise(() => undefined);
const soon = (): Promise<string> => Promise.resolve('x');

describe('a gate to files', () => {
  it('gives what is read, and null for what cannot be', async () => {
    const gate = createReadGate();
    expect(await gate(soon)).toBe('x');
    expect(await gate(() => Promise.reject(new Error('gone')))).toBeNull();
  });

  it('lets in so many at a time, and everybody in the end', async () => {
    const gate = createReadGate({ slots: 2, deadlineMs: 10_000 });
    let [inside, most] = [0, 0];
    const look = async (): Promise<number> => {
      most = Math.max(most, ++inside);
      await Promise.resolve();
      return --inside;
    };
    await Promise.all(Array.from({ length: 50 }, () => gate(look)));
    expect(most).toBe(2);
  });

  it('answers null at the deadline of a file that never answers, and goes on with the others', async () => {
    const gate = createReadGate({ slots: 2, deadlineMs: 20 });
    expect(await Promise.all([gate(never), gate(soon), gate(soon)])).toEqual([null, 'x', 'x']);
    expect(await gate(soon)).toBe('x');
  });

  it('asks nobody any more when every slot is lost, and again when one comes back', async () => {
    const gate = createReadGate({ slots: 2, deadlineMs: 20 });
    let answer: (text: string) => void = () => undefined;
    const late = new Promise<string>((resolve) => {
      answer = resolve;
    });
    const asked = vi.fn(soon);
    const all = [gate(never), gate(() => late), gate(asked), gate(asked)];
    expect(await Promise.all(all)).toEqual([null, null, null, null]);
    expect(await gate(asked)).toBeNull();
    expect(asked).not.toHaveBeenCalled();
    answer('at last');
    await late;
    await vi.waitFor(async () => expect(await gate(asked)).toBe('x'));
  });
});
