// `autogit demo` as a person runs it: real processes, real containers, and nothing of them left afterwards.
import { describe, expect, it, onTestFinished } from 'vitest';
import { engineHost, openLab } from './lab.ts';
import type { Finished, Lab } from './lab.ts';

/** The document of a demo in which everything went well. */
function good(jobs: number): unknown {
  const number = expect.any(Number) as number;
  return {
    jobs: { total: jobs, succeeded: jobs, failed: 0, canceled: 0 },
    runners: { created: number, removed: number, leftBehind: 0 },
    waitMs: { p50: number, p95: number, max: number },
    durationMs: number,
    engine: {
      kind: expect.stringMatching(/^(docker|podman)$/) as string,
      version: expect.stringMatching(/^\d+\./) as string,
      rootless: expect.any(Boolean) as boolean,
    },
    sandbox: true,
    runner: 'sandbox',
    leftBehind: { containers: 0, networks: 0, volumes: 0 },
  };
}

interface Runners {
  readonly runners: { readonly created: number; readonly removed: number };
}

async function expectGood(finished: Finished, lab: Lab, jobs: number): Promise<Runners['runners']> {
  expect({ code: finished.code, err: finished.code === 0 ? '' : finished.err }).toEqual({ code: 0, err: '' });
  const document = JSON.parse(finished.out) as Runners;
  expect(document).toEqual(good(jobs));
  expect(document.runners.created).toBe(document.runners.removed);
  expect(document.runners.created).toBeGreaterThan(0);
  expect(await lab.left()).toEqual([]);
  expect(await lab.corePid()).toBeNull();
  return document.runners;
}

const demo = (jobs: number): readonly string[] => ['demo', '--jobs', `${jobs}`, '--idle', '1', '--json'];

describe.skipIf(engineHost === null)('autogit demo', () => {
  it('runs six jobs and leaves nothing, and does so again on the same home', async () => {
    const lab = await openLab(onTestFinished);
    const first = await expectGood(await lab.run(['demo', '--jobs', '6', '--json']), lab, 6);
    expect(first.created).toBeGreaterThan(1);
    const second = await expectGood(await lab.run(demo(1)), lab, 1);
    expect(second.created).toBe(1);
  });

  it('runs on two homes at once', async () => {
    const labs = [await openLab(onTestFinished), await openLab(onTestFinished)] as const;
    const ends = await Promise.all(labs.map((lab) => lab.run(demo(3))));
    for (const [at, lab] of labs.entries()) {
      const end = ends[at];
      if (end !== undefined) await expectGood(end, lab, 3);
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
