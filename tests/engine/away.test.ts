// An engine that goes away for a while: behind a gate of the test's own, never the machine's engine itself.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openGate } from '../fixtures/gate.ts';
import type { Gate } from '../fixtures/gate.ts';
import { engineHost, engineSocket, openLab } from './lab.ts';
import type { Lab } from './lab.ts';

async function openGatedLab(): Promise<{ readonly lab: Lab; readonly gate: Gate }> {
  const gate = await openGate({ socketPath: engineSocket });
  onTestFinished(() => gate.close());
  const lab = await openLab(onTestFinished, { env: { DOCKER_HOST: gate.address } });
  await lab.writeSettings({ idleTime: 60 });
  await lab.serve();
  return { lab, gate };
}

async function containersOf(lab: Lab): Promise<readonly string[]> {
  return (await lab.runners()).map(({ id, state }) => `${id} ${state}`).toSorted();
}

describe.skipIf(engineHost === null)('while the engine', () => {
  it('is away, jobs go on, nothing is removed, and AutoGit is back within seconds of its return', async () => {
    const { lab, gate } = await openGatedLab();
    const sandbox = await lab.sandbox();
    const first = await sandbox.pushHeld('first', 1);
    await sandbox.untilAll(first, 'running');
    const before = await containersOf(lab);
    await gate.set('gone');
    const { sentence } = await lab.until(({ issues }) =>
      issues.some(({ key }) => key === 'engine.unreachable'),
    );
    expect(sentence).toContain('does not answer');
    await sandbox.release(first);
    await sandbox.untilAll(first, 'success');
    const second = await sandbox.pushHeld('second', 2);
    // Long enough for several looks at an engine that is not there.
    await sleep(5_000);
    expect(await containersOf(lab)).toEqual(before);
    await gate.set('there');
    await lab.until(({ issues }) => issues.every(({ severity }) => severity === 'info'), 10_000);
    await sandbox.untilAll(second, 'running');
    expect(await containersOf(lab)).toEqual(expect.arrayContaining([...before]));
    await sandbox.release(second);
    await sandbox.untilAll(second, 'success');
    await lab.json(['sandbox', 'reset', '--yes']);
    expect(await lab.left()).toEqual([]);
  });

  it('hangs, a start that it holds up happens once', async () => {
    const { lab, gate } = await openGatedLab();
    const sandbox = await lab.sandbox();
    await gate.set('hangs');
    const project = await sandbox.push('slow', 'slow:\n  script: [echo hello]\n');
    await sleep(5_000);
    expect(await containersOf(lab)).toEqual([]);
    await gate.set('there');
    expect(await sandbox.untilAll(project, 'success')).toHaveLength(1);
    expect(await lab.runners()).toHaveLength(1);
    expect((await lab.snapshot()).totals).toEqual({ runnersCreated: 1, runnersRemoved: 0 });
  });
});
