// Stopping AutoGit ends no job: runners go on, and the next start takes its own ones over and nothing else.
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { engineHost, openLab, patience } from './lab.ts';
import type { Lab } from './lab.ts';
import type { SandboxClient } from './sandbox-client.ts';

const busy = 2;

interface Held {
  readonly lab: Lab;
  readonly sandbox: SandboxClient;
  readonly project: number;
  /** Ids of the containers that hold the jobs. */
  readonly containers: readonly string[];
}

async function idsOf(lab: Lab): Promise<readonly string[]> {
  return (await lab.runners()).map(({ id, state }) => `${id} ${state}`).toSorted();
}

/** A home whose core has been stopped while two runners had a job each. */
async function openHeld(): Promise<Held> {
  const lab = await openLab(onTestFinished);
  await lab.writeSettings({ idleTime: 2 });
  const core = await lab.serve();
  const sandbox = await lab.sandbox();
  const project = await sandbox.pushHeld('held', busy);
  await sandbox.untilAll(project, 'running');
  const containers = await idsOf(lab);
  expect(containers).toHaveLength(busy);
  expect((await core.stop()).code).toBe(0);
  expect(await idsOf(lab)).toEqual(containers);
  return { lab, sandbox, project, containers };
}

async function expectAdopted({ lab, containers }: Held): Promise<void> {
  const { runners } = await lab.until(
    (now) => now.runners.filter(({ state }) => state === 'busy').length === busy,
  );
  expect(runners.map(({ id }) => id).toSorted()).toEqual(
    (await lab.runners()).map(({ name }) => name.slice(-8)).toSorted(),
  );
  expect(await idsOf(lab)).toEqual(containers);
}

/** Each job ran once, in the runners that were there all the time; then they leave and nothing stays. */
async function expectEnd({ lab, sandbox, project, containers }: Held): Promise<void> {
  await sandbox.release(project);
  const jobs = await sandbox.untilAll(project, 'success');
  expect(jobs).toHaveLength(busy);
  for (const { id } of jobs) {
    const trace = await sandbox.trace(project, id);
    expect(trace.split(`\nreleased ${id}`).length - 1).toBe(1);
  }
  await lab.until(({ runners }) => runners.length === 0);
  const { totals } = await lab.snapshot();
  expect(totals).toEqual({ runnersCreated: containers.length, runnersRemoved: containers.length });
  await lab.json(['sandbox', 'reset', '--yes']);
  expect(await lab.left()).toEqual([]);
}

describe.skipIf(engineHost === null)('the core after a start', () => {
  it('adopts the runners that went on without it', async () => {
    const held = await openHeld();
    await held.lab.serve();
    await expectAdopted(held);
    await expectEnd(held);
  });

  it('adopts them by their signed labels when its database is lost', async () => {
    const held = await openHeld();
    const { lab, sandbox } = held;
    const instance = lab.instance();
    for (const file of await readdir(lab.home)) {
      if (file.startsWith('state.db')) await rm(path.join(lab.home, file));
    }
    await lab.serve();
    expect(lab.instance()).toBe(instance);
    await expectAdopted(held);
    // The entry that those runners came with stays for them beside the new one.
    await vi.waitFor(async () => expect(await sandbox.entries()).toHaveLength(2), patience);
    await expectEnd(held);
  });

  it('touches nothing while its secrets are lost, says so, and adopts once they are back', async () => {
    const held = await openHeld();
    const { lab, containers } = held;
    const before = await lab.left();
    const kept = path.join(lab.home, 'kept');
    await rename(lab.paths.secrets, kept);
    const { code, out } = await lab.run(['serve', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ error: { key: 'secrets.not-of-this-home' } });
    expect(await lab.left()).toEqual(before);
    expect(await idsOf(lab)).toEqual(containers);
    await rm(lab.paths.secrets, { recursive: true });
    await rename(kept, lab.paths.secrets);
    await lab.serve();
    await expectAdopted(held);
    await expectEnd(held);
  });
});
