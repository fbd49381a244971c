// The official runner in both executors under a core that is killed: jobs go on, runners are adopted, nothing is left.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { kill, openLab } from '../chaos/lab.ts';
import type { Lab } from '../chaos/lab.ts';
import { removeSharedImage } from '../engine/shared-image.ts';
import { describeWithPeer, findDockerExecutor } from './peers.ts';
import { provideRunnerImages } from './runner-images.ts';

const peer = await findDockerExecutor();
const runnerImage = `autogit-test-runner-${randomBytes(4).toString('hex')}:19.4`;
const longFile = 'long:\n  parallel: 2\n  script: [echo begun, sleep 12, echo "ended once"]\n';

describeWithPeer('the official runner under a core that is killed', peer, (found) => {
  let images: Awaited<ReturnType<typeof provideRunnerImages>>;

  beforeAll(async () => {
    images = await provideRunnerImages(found().engine, runnerImage, found());
  });
  afterAll(async () => {
    await images.remove();
    await removeSharedImage(found().engine);
  });

  const containers = async (lab: Lab): Promise<readonly string[]> =>
    (await lab.runners()).map(({ id }) => id).toSorted();

  it.each([
    ['container', { image: runnerImage }],
    ['image', { executor: 'image', runnerImage, image: found().jobImage }],
  ])('with executor %s: two jobs end once in the runners that they began in', async (_, pool) => {
    const lab = await openLab(onTestFinished, { host: found().engine.host });
    await lab.writeSettings({ ...pool, idleTime: 2 });
    const core = await lab.serve();
    const sandbox = await lab.sandbox();
    const project = await sandbox.push('long', longFile);
    await sandbox.untilAll(project, 'running', 90_000);
    const before = await containers(lab);
    expect(before).toHaveLength(2);
    kill(core.pid);
    await core.done;
    await lab.serve();
    await lab.until(({ runners }) => runners.filter(({ state }) => state === 'busy').length === 2);
    expect(await containers(lab)).toEqual(before);
    const jobs = await sandbox.untilAll(project, 'success', 90_000);
    expect(jobs).toHaveLength(2);
    for (const { id } of jobs)
      expect((await sandbox.trace(project, id)).match(/ ended once\r?$/gm)).toHaveLength(1);
    await lab.until(({ runners }) => runners.length === 0, 90_000);
    await lab.json(['lab', 'teardown', '--yes']);
    await lab.json(['sandbox', 'reset', '--yes']);
    await expect.poll(() => lab.left(), { timeout: 60_000 }).toEqual([]);
  });
});
