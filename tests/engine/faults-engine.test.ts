// Engines that hang, are killed, or lose their listeners, while jobs run: engines of the test's own.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Decoys } from '../chaos/decoys.ts';
import { startCuttableProxy } from '../fixtures/cuttable-proxy.ts';
import { type EngineKind, whyNot } from '../fixtures/engines/daemons.ts';
import { type Ground, type OwnEngine, openGround } from '../fixtures/engines/ground.ts';
import { expectNothingLeft, expectRunOnce, expectSettled, openDecoys } from './judged.ts';
import { openLab } from './lab.ts';
import type { Lab, LabOptions } from './lab.ts';
import type { SandboxClient } from './sandbox-client.ts';

const kinds: readonly EngineKind[] = ['rootless Docker', 'rootless Podman'];
const reasons = await Promise.all(kinds.map(whyNot));
const once = 'once:\n  script: [echo once]\n';

interface Served {
  readonly lab: Lab;
  readonly sandbox: SandboxClient;
  readonly decoys: Decoys;
  /** A project with a job that runs until it is released. */
  readonly held: number;
}

async function serve(options: Pick<LabOptions, 'host'> & Partial<LabOptions>): Promise<Served> {
  const lab = await openLab(onTestFinished, options);
  await lab.writeSettings({ max: 2, idleTime: 60 });
  await lab.serve();
  const sandbox = await lab.sandbox();
  const held = await sandbox.pushHeld('held', 1);
  await sandbox.untilAll(held, 'running');
  return { lab, sandbox, held, decoys: await openDecoys(lab, onTestFinished) };
}

async function expectAllWell({ lab, sandbox, decoys, held }: Served, waited: number): Promise<void> {
  await sandbox.untilAll(waited, 'success');
  await sandbox.release(held);
  await expectRunOnce(sandbox, [held, waited]);
  await expectSettled(lab, decoys);
  await expectNothingLeft(lab, sandbox, decoys);
}

const patient = { timeout: 240_000 };

describe.skipIf(reasons.some((reason) => reason !== null))('an engine', patient, () => {
  let ground: Ground;
  let docker: OwnEngine;
  let podman: OwnEngine;
  beforeAll(async () => {
    ground = await openGround();
    [docker, podman] = await Promise.all([ground.open('rootless Docker'), ground.open('rootless Podman')]);
  });
  afterAll(() => ground.close());

  it('that hangs keeps no door shut; its jobs go on, and what waited runs once when it goes on', async () => {
    const served = await serve({ host: docker.host });
    const { lab, sandbox, decoys, held } = served;
    await docker.signal('SIGSTOP');
    const waiting = await sandbox.push('waiting', once);
    const begun = performance.now();
    for (const words of [['pool', 'list'], ['runner', 'list'], ['job', 'list'], ['status']])
      await lab.json(words);
    await lab.snapshot();
    await sleep(Math.max(0, 12_000 - (performance.now() - begun)));
    await sandbox.untilAll(held, 'running');
    expect((await sandbox.jobs(waiting)).map(({ status }) => status)).toEqual(['pending']);
    await docker.signal('SIGCONT');
    await expectSettled(lab, decoys);
    await expectAllWell(served, waiting);
  });

  it('that is killed loses no job that its containers go on with', async () => {
    const served = await serve({ host: podman.host });
    const { lab, sandbox, decoys, held } = served;
    await podman.signal('SIGKILL');
    await podman.stop();
    const waiting = await sandbox.push('waiting', once);
    await lab.until(({ issues }) => issues.some(({ key }) => key === 'engine.unreachable'));
    await sandbox.untilAll(held, 'running');
    await podman.start();
    await expectSettled(lab, decoys);
    await expectAllWell(served, waiting);
  });

  it('whose connections are cut again and again misses nothing', async () => {
    const proxy = await startCuttableProxy(podman.host.slice('unix://'.length));
    onTestFinished(() => proxy.close());
    const served = await serve({ host: podman.host, env: { DOCKER_HOST: `unix://${proxy.path}` } });
    const { lab, sandbox, decoys } = served;
    const waiting = await sandbox.push('waiting', once);
    for (let turn = 0; turn < 15; turn += 1) {
      proxy.cut();
      await sleep(300);
    }
    await expectSettled(lab, decoys);
    await expectAllWell(served, waiting);
  });
});
