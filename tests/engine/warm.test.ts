// A runner that is kept ready, on a real engine: it asks for nothing, takes the next job, and no kill around the go hurts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signalCall } from '../chaos/moments.ts';
import { openGate } from '../fixtures/gate.ts';
import type { Gate } from '../fixtures/gate.ts';
import { engineHost, engineSocket, kill, openLab } from './lab.ts';
import type { Lab } from './lab.ts';
import type { SandboxClient } from './sandbox-client.ts';

const pipeline = 'once:\n  script:\n    - echo "ran $CI_JOB_ID"\n';

describe.skipIf(engineHost === null)('a runner that is kept ready', () => {
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
    await lab.writeSettings({ min: 1, idleTime: 1 });
  });

  const untilReady = async (): Promise<string> => {
    const { runners } = await lab.until((now) => now.runners.map(({ state }) => state).join() === 'warm');
    return runners[0]?.name ?? '';
  };
  const expectOnce = async (sandbox: SandboxClient, project: number): Promise<number> => {
    const [job, ...others] = await sandbox.untilAll(project, 'success');
    expect(others).toEqual([]);
    const trace = await sandbox.trace(project, job?.id ?? 0);
    expect(trace.split('\nran ').length - 1).toBe(1);
    return job?.id ?? 0;
  };

  it('takes the next job, is followed by another one, and leaves in a drain', async () => {
    const core = await lab.serve();
    const name = await untilReady();
    const sandbox = await lab.sandbox();
    const job = await expectOnce(sandbox, await sandbox.push('next', pipeline));
    const { jobs } = await lab.until((now) =>
      now.jobs.some(({ id, runner }) => id === job && runner !== null),
    );
    expect(jobs.find(({ id }) => id === job)?.runner).toBe(name);
    expect(await untilReady()).not.toBe(name);
    await lab.json(['lab', 'drain']);
    await lab.until(({ runners }) => runners.length === 0);
    await lab.json(['lab', 'resume']);
    await untilReady();
    expect((await core.stop()).code).toBe(0);
  });

  it.each(['asked', 'answered'] as const)(
    'gets its go from the next core when the first is killed over it (engine %s), and runs the job once',
    async (when) => {
      const core = await lab.serve();
      const name = await untilReady();
      const sandbox = await lab.sandbox();
      const killed = gate.trap(when, signalCall.fits, () => kill(core.pid));
      const project = await sandbox.push(`go-${when}`, pipeline);
      await killed;
      expect((await core.done).code).toBeNull();
      const next = await lab.serve();
      const job = await expectOnce(sandbox, project);
      const { jobs } = await lab.until((now) =>
        now.jobs.some(({ id, runner }) => id === job && runner !== null),
      );
      expect(jobs.find(({ id }) => id === job)?.runner).toBe(name);
      expect(await untilReady()).not.toBe(name);
      expect((await next.stop()).code).toBe(0);
    },
  );

  it('is left alone by the end of AutoGit, and goes with everything else', async () => {
    const before = (await lab.runners()).map(({ name, state }) => `${name} ${state}`);
    const core = await lab.serve();
    const name = await untilReady();
    expect(before).toContain(`${name} running`);
    await core.stop();
    await lab.json(['lab', 'teardown', '--yes']);
    await lab.json(['sandbox', 'reset', '--yes']);
    expect(await lab.left()).toEqual([]);
  });
});
