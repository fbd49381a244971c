// The idle promise on the real clock: so many seconds without a job, then gone.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { engineHost, openLab } from './lab.ts';

/** The default of a pool, 300, takes its time: `AUTOGIT_IDLE_SECONDS=300`. */
const idleSeconds = Number(process.env['AUTOGIT_IDLE_SECONDS'] ?? 20);
/** From its end to its removal, on a machine that is busy with other things. */
const graceSeconds = 30;

describe.skipIf(engineHost === null)('a runner without a job', () => {
  it(`stays ${idleSeconds} seconds and then leaves`, { timeout: 1000 * (idleSeconds + 120) }, async () => {
    const lab = await openLab(onTestFinished);
    await lab.writeSettings({ idleTime: idleSeconds, max: 1 });
    await lab.serve();
    const sandbox = await lab.sandbox();
    const project = await sandbox.push('one', 'one:\n  script: [echo hello]\n');
    const [job] = await sandbox.untilAll(project, 'success');
    const since = Date.parse(job?.finished_at ?? '');
    const [runner] = await lab.runners();
    if (runner === undefined) throw new Error('no runner is there');
    const stateNow = async (): Promise<string> =>
      (await lab.engine.inspectContainer(runner.id))?.state ?? 'gone';
    const until = (fits: (state: string) => boolean): Promise<number> =>
      vi.waitFor(
        async () => {
          const state = await stateNow();
          if (!fits(state)) throw new Error(`it is ${state}`);
          return (Date.now() - since) / 1000;
        },
        { timeout: 1000 * (idleSeconds + graceSeconds + 5), interval: 100 },
      );
    expect(await until((state) => state !== 'running')).toBeGreaterThanOrEqual(idleSeconds);
    expect(await until((state) => state === 'gone')).toBeLessThanOrEqual(idleSeconds + graceSeconds);
    await lab.until(({ runners }) => runners.length === 0);
  });
});
