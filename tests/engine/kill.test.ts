// `kill -9` of the core at any moment loses, doubles and leaves nothing.
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { engineCall, runnerCalls } from '../chaos/moments.ts';
import { judgeJobs, seeProject } from '../chaos/witness.ts';
import type { SeenJob } from '../chaos/witness.ts';
import { openGate } from '../fixtures/gate.ts';
import type { Fits, Gate } from '../fixtures/gate.ts';
import { engineHost, engineSocket, kill, openLab, patience } from './lab.ts';
import type { Lab, Running } from './lab.ts';

/** Looks at the jobs of the newest project until `signal` fires, since the demo removes it with its GitLab. */
async function watch(lab: Lab, signal: AbortSignal): Promise<readonly SeenJob[]> {
  let seen: readonly SeenJob[] = [];
  while (!signal.aborted) {
    seen = await look(lab).catch(() => seen);
    await sleep(250);
  }
  return seen;
}

async function look(lab: Lab): Promise<readonly SeenJob[]> {
  const sandbox = await lab.sandbox();
  const newest = (await sandbox.projects()).toSorted((a, b) => a.id - b.id).at(-1);
  return newest === undefined ? [] : seeProject(sandbox, newest.id);
}

async function corePid(lab: Lab): Promise<number> {
  return vi.waitFor(async () => {
    const pid = await lab.corePid();
    if (pid === null) throw new Error('there is no core yet');
    return pid;
  }, patience);
}

/** A demo, its core killed after each of the waits, and served again each time. */
async function demoWithKills(lab: Lab, jobs: number, waits: readonly number[]): Promise<void> {
  const ended = new AbortController();
  const witnessed = watch(lab, ended.signal);
  const demo = lab.start(['demo', '--jobs', `${jobs}`, '--idle', '3', '--json']);
  let core: Running | null = null;
  await corePid(lab);
  for (const wait of waits) {
    await sleep(wait);
    const pid = await lab.corePid();
    if (pid === null) break;
    kill(pid);
    core = await lab.serve({ ready: false });
  }
  const { code, out, err } = await demo.done;
  ended.abort();
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toMatchObject({
    jobs: { total: jobs, succeeded: jobs, failed: 0, canceled: 0 },
    runners: { leftBehind: 0 },
    leftBehind: { containers: 0, networks: 0, volumes: 0 },
  });
  const seen = await witnessed;
  expect({ count: seen.length, ...judgeJobs(seen) }).toEqual({ count: jobs, lost: [], doubled: [] });
  await core?.stop();
  expect(await lab.left()).toEqual([]);
}

/** From a seed, so that a failure can be repeated: with `AUTOGIT_TEST_SEED`. */
function momentsOf(seed: number): readonly number[] {
  const next = (step: number): number => ((seed * 48_271 + step * 69_621) % 2_147_483_647) % 9_000;
  return [500 + next(1), 500 + next(2)];
}

const given = process.env['AUTOGIT_TEST_SEED'];
const seeds = given === undefined ? [randomInt(1, 1e6), randomInt(1, 1e6)] : [Number(given)];

describe.skipIf(engineHost === null)('a core that is killed', () => {
  it.each(seeds)('at random moments of a demo is as if it had not been (seed %i)', async (seed) => {
    await demoWithKills(await openLab(onTestFinished), 12, momentsOf(seed));
  });

  it('together with its demo leaves its jobs to the next core, and an idle runner leaves', async () => {
    const lab = await openLab(onTestFinished);
    const demo = lab.start(['demo', '--jobs', '4', '--idle', '2', '--json']);
    await corePid(lab);
    await vi.waitFor(() => expect(demo.said()).toContain('waits'), patience);
    kill(await corePid(lab));
    demo.signal('SIGKILL');
    await demo.done;
    const core = await lab.serve();
    const sandbox = await lab.sandbox();
    const [project] = await sandbox.projects();
    expect(await sandbox.untilAll(project?.id ?? 0, 'success')).toHaveLength(4);
    await lab.until(({ runners }) => runners.length === 0);
    expect(await lab.runners()).toEqual([]);
    await core.stop();
    await lab.json(['lab', 'teardown', '--yes']);
    await lab.json(['sandbox', 'reset', '--yes']);
    expect(await lab.left()).toEqual([]);
  });
});

const sandboxCalls = [
  engineCall('the network is made', 'POST', /^\/networks\/create$/),
  engineCall('the volume is made', 'POST', /^\/volumes\/create$/),
  engineCall('the sandbox is created', 'POST', /^\/containers\/create$/),
  engineCall('the sandbox is started', 'POST', /^\/containers\/[^/]+\/start$/),
];

describe.skipIf(engineHost === null)('a core that is killed at one call', () => {
  let lab: Lab;
  let gate: Gate;
  const cleaning: (() => Promise<void>)[] = [];

  afterAll(async () => {
    for (const clean of cleaning) await clean();
  });
  beforeAll(async () => {
    gate = await openGate({ socketPath: engineSocket });
    lab = await openLab((clean) => cleaning.push(clean), { env: { DOCKER_HOST: gate.address } });
    cleaning.push(() => gate.close());
  });

  /** Starts a core that is killed at that call. */
  const dieAt = async (when: 'asked' | 'answered', fits: Fits): Promise<void> => {
    const core = lab.start(['serve']);
    await gate.trap(when, fits, () => kill(core.pid));
    expect((await core.done).code).toBeNull();
  };

  it.each(['asked', 'answered'] as const)(
    'while its sandbox comes up goes on from there (engine %s)',
    async (when) => {
      await lab.writeSettings({ idleTime: 1 });
      for (const { fits } of sandboxCalls) await dieAt(when, fits);
      const core = await lab.serve();
      await lab.json(['sandbox', 'reset', '--yes']);
      expect(await lab.left()).toEqual([]);
      await core.stop();
    },
  );

  it.each(['asked', 'answered'] as const)(
    'while a runner comes or goes runs each job once (engine %s)',
    async (when) => {
      await lab.writeSettings({ idleTime: 1 });
      await (await lab.serve()).stop();
      const sandbox = await lab.sandbox();
      const projects: number[] = [];
      for (const { fits } of runnerCalls) {
        const pipeline = 'once:\n  script:\n    - echo "ran $CI_JOB_ID"\n';
        projects.push(await sandbox.push(`once-${projects.length}`, pipeline));
        await dieAt(when, fits);
      }
      const core = await lab.serve();
      for (const project of projects) {
        const [job, ...others] = await sandbox.untilAll(project, 'success');
        expect(others).toEqual([]);
        const trace = await sandbox.trace(project, job?.id ?? 0);
        expect(trace.split(`\nran `).length - 1).toBe(1);
      }
      await lab.until(({ runners }) => runners.length === 0);
      expect(await lab.runners()).toEqual([]);
      await lab.json(['sandbox', 'reset', '--yes']);
      expect(await lab.left()).toEqual([]);
      await core.stop();
    },
  );
});
