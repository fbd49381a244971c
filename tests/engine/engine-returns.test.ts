// Engines of an ordinary user that end and come back while jobs run, and homes that are started with another engine.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { type EngineKind, whyNot } from '../fixtures/engines/daemons.ts';
import { type Ground, type OwnEngine, openGround } from '../fixtures/engines/ground.ts';
import { openLab } from './lab.ts';
import type { Lab } from './lab.ts';
import { silentLog } from './real-engines.ts';
import type { SandboxClient } from './sandbox-client.ts';

const kinds: readonly EngineKind[] = ['rootless Docker', 'rootless Podman'];
const reasons = await Promise.all(kinds.map(whyNot));

async function openServedLab(host: string): Promise<{ readonly lab: Lab; readonly sandbox: SandboxClient }> {
  const lab = await openLab(onTestFinished, { host });
  await lab.writeSettings({ idleTime: 60 });
  await lab.serve();
  return { lab, sandbox: await lab.sandbox() };
}

async function containersOf(lab: Lab): Promise<readonly string[]> {
  return (await lab.runners()).map(({ id, state }) => `${id} ${state}`).toSorted();
}

async function untilAway(lab: Lab): Promise<void> {
  const { sentence } = await lab.until(({ issues }) =>
    issues.some(({ key }) => key === 'engine.unreachable'),
  );
  expect(sentence).toContain('does not answer');
}

async function untilBack(lab: Lab): Promise<void> {
  await lab.until(
    ({ issues, gitlab }) =>
      gitlab.state === 'ready' && issues.every(({ key }) => key !== 'engine.unreachable'),
  );
}

/** Every job of the project has run to its end, and once. */
async function expectOnce(sandbox: SandboxClient, project: number, jobs: number): Promise<void> {
  const ended = await sandbox.untilAll(project, 'success');
  expect(ended).toHaveLength(jobs);
  for (const { id } of ended) {
    const trace = await sandbox.trace(project, id);
    expect(trace.split(`\nreleased ${id}`).length - 1).toBe(1);
  }
}

/**
 * Jobs whose containers ended with the engine. Their runners told GitLab so, unless it, a container there as well, was
 * the first to end: to GitLab such a job runs until somebody cancels it.
 */
async function endAbandoned(sandbox: SandboxClient, project: number): Promise<void> {
  const cancel = async (from: string, query: string): Promise<void> => {
    const jobs = (await sandbox.jobs(project)).filter(({ status }) => status === from);
    for (const { id } of jobs) await sandbox.api('POST', `/projects/${project}/jobs/${id}/cancel${query}`);
  };
  await cancel('running', '');
  await cancel('canceling', '?force=true');
}

async function expectNothingLeft(lab: Lab): Promise<void> {
  await lab.json(['lab', 'teardown', '--yes']);
  await lab.json(['sandbox', 'reset', '--yes']);
  expect(await lab.left()).toEqual([]);
}

const patient = { timeout: 240_000 };

describe.skipIf(reasons.some((reason) => reason !== null))('an engine of an ordinary user', patient, () => {
  let ground: Ground;
  let docker: OwnEngine;
  let podman: OwnEngine;
  beforeAll(async () => {
    ground = await openGround();
    [docker, podman] = await Promise.all([ground.open('rootless Docker'), ground.open('rootless Podman')]);
  });
  afterAll(() => ground.close());

  it('whose containers outlive it comes back to jobs that have gone on, and to the same runners', async () => {
    const { lab, sandbox } = await openServedLab(podman.host);
    const first = await sandbox.pushHeld('first', 1);
    await sandbox.untilAll(first, 'running');
    const before = await containersOf(lab);
    await podman.stop();
    await untilAway(lab);
    await sandbox.release(first);
    await expectOnce(sandbox, first, 1);
    const second = await sandbox.pushHeld('second', 2);
    await podman.start();
    await untilBack(lab);
    await sandbox.untilAll(second, 'running');
    expect(await containersOf(lab)).toEqual(expect.arrayContaining([...before]));
    await sandbox.release(second);
    await expectOnce(sandbox, second, 2);
    expect((await lab.snapshot()).totals).toEqual({ runnersCreated: 2, runnersRemoved: 0 });
    await expectNothingLeft(lab);
  });

  it('that takes its containers along comes back to its sandbox and to the next job', async () => {
    const { lab, sandbox } = await openServedLab(docker.host);
    const first = await sandbox.pushHeld('first', 2);
    await sandbox.untilAll(first, 'running');
    await docker.stop();
    await untilAway(lab);
    await docker.start();
    await untilBack(lab);
    // Its port is another one than before.
    const again = await lab.sandbox();
    await lab.until(({ runners, totals }) => runners.length === 0 && totals.runnersRemoved === 2);
    await endAbandoned(again, first);
    const ended = await again.jobs(first);
    expect(ended).toHaveLength(2);
    for (const { status } of ended) expect(['failed', 'canceled']).toContain(status);
    const second = await again.pushHeld('second', 1);
    await again.untilAll(second, 'running');
    await again.release(second);
    await expectOnce(again, second, 1);
    expect((await lab.snapshot()).totals).toEqual({ runnersCreated: 3, runnersRemoved: 2 });
    await expectNothingLeft(lab);
  });

  it('that is another one at the next start: runners of the old one are told of, and adopted there later', async () => {
    const { lab, sandbox } = await openServedLab(podman.host);
    const project = await sandbox.pushHeld('held', 2);
    await sandbox.untilAll(project, 'running');
    const before = await containersOf(lab);
    const stop = async (): Promise<void> => {
      process.kill((await lab.corePid()) ?? 0, 'SIGTERM');
      await expect.poll(() => lab.corePid()).toBeNull();
    };
    await stop();

    await lab.serve({ env: { DOCKER_HOST: docker.host }, ready: false });
    const { issues } = await lab.until((now) => now.issues.some(({ key }) => key === 'runner.node-away'));
    const away = issues.find(({ key }) => key === 'runner.node-away');
    expect(away?.message).toContain('2 runners');
    expect(away?.message).toContain(podman.host);
    expect(issues.map(({ key }) => key)).toContain('sandbox.elsewhere');
    expect(await connectEngine({ host: docker.host, log: silentLog }).listContainers({})).toEqual([]);
    expect(await containersOf(lab)).toEqual(before);
    await stop();

    await lab.serve();
    const isBusy = ({ state }: { readonly state: string }): boolean => state === 'busy';
    const { issues: after } = await lab.until(({ runners }) => runners.filter(isBusy).length === 2);
    expect(after.map(({ key }) => key)).not.toContain('runner.node-away');
    expect(await containersOf(lab)).toEqual(before);
    await sandbox.release(project);
    await expectOnce(sandbox, project, 2);
    expect((await lab.snapshot()).totals).toEqual({ runnersCreated: 2, runnersRemoved: 0 });
    await expectNothingLeft(lab);
  });
});
