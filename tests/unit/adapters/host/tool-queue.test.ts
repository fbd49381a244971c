// Tools that hang, asked by several at once: a clock that is set by hand, and programs that end when they are told to.
import { describe, expect, it } from 'vitest';
import { createLeftTools } from '../../../../main/adapters/host/left-tools.ts';
import type { LeftTools } from '../../../../main/adapters/host/left-tools.ts';
import { createToolQueue } from '../../../../main/adapters/host/tool-queue.ts';
import type { Ran } from '../../../../main/probe-port.ts';

interface Call {
  readonly program: string;
  readonly args: readonly string[];
  end(ran: Ran): void;
  /** The process is no more. */
  go(): void;
}

function lab(): {
  readonly calls: Call[];
  readonly left: LeftTools;
  readonly run: ReturnType<typeof createToolQueue>;
  pass(ms: number): void;
} {
  const calls: Call[] = [];
  const left = createLeftTools();
  let at = 0;
  const run = createToolQueue({
    left,
    now: () => at,
    start: (program, args) => {
      const [ran, gone] = [Promise.withResolvers<Ran>(), Promise.withResolvers<undefined>()];
      calls.push({ program, args, end: ran.resolve, go: () => gone.resolve(undefined) });
      return { ran: ran.promise, gone: gone.promise };
    },
  });
  return {
    calls,
    left,
    run,
    pass: (ms) => {
      at += ms;
    },
  };
}

const well: Ran = { outcome: 'ended', code: 0, stdout: 'x', stderr: '' };
/** Until everything that follows from what was done has been done. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('calls of a tool', () => {
  it('go one after another, and beside those of other tools', async () => {
    const { calls, run } = lab();
    const asked = [run('a', ['1'], 100), run('a', ['2'], 100), run('b', [], 100)];
    await settle();
    expect(calls.map(({ program, args }) => [program, ...args])).toEqual([['a', '1'], ['b']]);
    calls[0]?.end(well);
    await settle();
    expect(calls[2]?.args).toEqual(['2']);
    for (const call of calls) call.end(well);
    expect(await Promise.all(asked)).toEqual([well, well, well]);
  });

  it('that ask the same at the same time share an answer, and later ones ask anew', async () => {
    const { calls, run } = lab();
    const asked = [run('a', ['1'], 100), run('a', ['1'], 100)];
    await settle();
    expect(calls).toHaveLength(1);
    calls[0]?.end(well);
    expect(await Promise.all(asked)).toEqual([well, well]);
    void run('a', ['1'], 100);
    await settle();
    expect(calls).toHaveLength(2);
  });

  it('that waited as long as they may are not begun any more', async () => {
    const { calls, run, pass } = lab();
    void run('a', ['1'], 100);
    const second = run('a', ['2'], 50);
    await settle();
    pass(60);
    calls[0]?.end(well);
    expect(await second).toEqual({ outcome: 'timeout' });
    expect(calls).toHaveLength(1);
  });

  it('are answered in time even behind one that is never answered', async () => {
    const { run } = lab();
    void run('a', ['1'], 100);
    expect(await run('a', ['2'], 1)).toEqual({ outcome: 'timeout' });
  });
});

describe('a tool that hangs', () => {
  /** Lets it hang once more; its process is gone at once. */
  async function hang({ calls, run }: ReturnType<typeof lab>): Promise<void> {
    const asked = run('a', [], 100);
    await settle();
    calls.at(-1)?.end({ outcome: 'timeout' });
    calls.at(-1)?.go();
    await asked;
    await settle();
  }

  it('is left alone for a while, longer after each time', async () => {
    const one = lab();
    for (const [index, rest] of [10_000, 20_000, 40_000].entries()) {
      await hang(one);
      one.pass(rest - 1);
      expect(await one.run('a', [], 100)).toEqual({ outcome: 'timeout' });
      expect(one.calls).toHaveLength(index + 1);
      one.pass(1);
    }
  });

  it('is not started as long as its process lives, however long that is', async () => {
    const { calls, run, pass } = lab();
    const asked = run('a', [], 100);
    await settle();
    calls[0]?.end({ outcome: 'timeout' });
    await asked;
    pass(86_400_000);
    expect(await run('a', ['other'], 100)).toEqual({ outcome: 'timeout' });
    expect(calls).toHaveLength(1);
    calls[0]?.go();
    await settle();
    void run('a', [], 100);
    await settle();
    expect(calls).toHaveLength(2);
  });

  it('that answers again is trusted again', async () => {
    const one = lab();
    await hang(one);
    one.pass(10_000);
    const asked = one.run('a', [], 100);
    await settle();
    one.calls.at(-1)?.end(well);
    expect(await asked).toEqual(well);
    await hang(one);
    one.pass(10_000);
    void one.run('a', [], 100);
    await settle();
    expect(one.calls).toHaveLength(4);
  });

  it('stands in nobody else’s way', async () => {
    const one = lab();
    await hang(one);
    void one.run('b', [], 100);
    await settle();
    expect(one.calls.at(-1)?.program).toBe('b');
  });

  it('and was one that stays is not started while its process lives, and its end is waited for', async () => {
    const { calls, left, run } = lab();
    const [given, gone] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    left.add('a', given.promise, gone.promise);
    const asked = run('a', [], 100);
    await settle();
    expect(calls).toHaveLength(0);
    given.resolve(undefined);
    expect(await asked).toEqual({ outcome: 'timeout' });
    gone.resolve(undefined);
    await settle();
    void run('a', [], 100);
    await settle();
    expect(calls).toHaveLength(1);
  });

  it('as a call is remembered for those that stay', async () => {
    const { calls, left, run } = lab();
    const asked = run('a', [], 100);
    await settle();
    calls[0]?.end({ outcome: 'timeout' });
    await asked;
    await settle();
    expect([left.has('a'), left.has('b')]).toEqual([true, false]);
    calls[0]?.go();
    await settle();
    expect(left.has('a')).toBe(false);
  });
});
