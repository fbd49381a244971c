// What a demo must have done when it ends well.
import { expect } from 'vitest';
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

/** Every job has succeeded, and nothing is left: no object on the engine, no core. */
export async function expectGoodDemo(
  finished: Finished,
  lab: Lab,
  jobs: number,
): Promise<Runners['runners']> {
  const said = finished.code === 0 ? '' : `${finished.err}${finished.out}`;
  expect({ code: finished.code, said }).toEqual({ code: 0, said: '' });
  const document = JSON.parse(finished.out) as Runners;
  expect(document).toEqual(good(jobs));
  expect(document.runners.created).toBe(document.runners.removed);
  expect(document.runners.created).toBeGreaterThan(0);
  expect(await lab.left()).toEqual([]);
  expect(await lab.corePid()).toBeNull();
  return document.runners;
}

/** The words of a demo whose runners leave soon. */
export const demoWords = (jobs: number): readonly string[] => [
  'demo',
  '--jobs',
  `${jobs}`,
  '--idle',
  '1',
  '--json',
];
