// `autogit demo` as a person runs it: real processes, real containers, and nothing of them left afterwards.
import { describe, expect, it, onTestFinished } from 'vitest';
import { demoWords, expectGoodDemo } from './demo-outcome.ts';
import { engineHost, openLab } from './lab.ts';

describe.skipIf(engineHost === null)('autogit demo', () => {
  it('runs six jobs and leaves nothing, and does so again on the same home', async () => {
    const lab = await openLab(onTestFinished);
    const first = await expectGoodDemo(await lab.run(['demo', '--jobs', '6', '--json']), lab, 6);
    expect(first.created).toBeGreaterThan(1);
    const second = await expectGoodDemo(await lab.run(demoWords(1)), lab, 1);
    expect(second.created).toBe(1);
  });

  it('runs on two homes at once', async () => {
    const labs = [await openLab(onTestFinished), await openLab(onTestFinished)] as const;
    const ends = await Promise.all(labs.map((lab) => lab.run(demoWords(3))));
    for (const [at, lab] of labs.entries()) {
      const end = ends[at];
      if (end !== undefined) await expectGoodDemo(end, lab, 3);
    }
  });

  it.each([
    ['--jobs', '0'],
    ['--jobs', '201'],
    ['--jobs', 'many'],
    ['--idle', '0'],
    ['--idle', '1.5'],
  ])('refuses %s %s as wrong usage', async (...words) => {
    const lab = await openLab(onTestFinished);
    const { code, out } = await lab.run(['demo', ...words, '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      error: { message: expect.stringContaining(words[0]) as string },
    });
  });
});
