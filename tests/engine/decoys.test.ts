// What only looks like ours is left alone: by serving, by the teardown and by the reset.
import { describe, expect, it, onTestFinished } from 'vitest';
import { startDecoys } from '../chaos/decoys.ts';
import { engineHost, openLab } from './lab.ts';

describe.skipIf(engineHost === null)('containers that look like runners of this home', () => {
  it('survive serving, teardown and reset, and are not counted', async () => {
    const lab = await openLab(onTestFinished);
    await lab.writeSettings();
    const core = await lab.serve();
    const sandbox = await lab.sandbox();
    const project = await sandbox.push('one', 'one:\n  script: [echo hello]\n');
    await sandbox.untilAll(project, 'success');
    const [real] = await lab.runners();
    if (real === undefined) throw new Error('no runner is there');
    const decoys = await startDecoys(lab.engine, real);
    onTestFinished(() => decoys.remove());
    await lab.json(['queue', 'refresh']);
    await sandbox
      .push('two', 'two:\n  script: [echo hello]\n')
      .then((two) => sandbox.untilAll(two, 'success'));
    expect((await lab.snapshot()).runners.map(({ name }) => name)).toEqual([real.name]);
    await lab.json(['lab', 'teardown']);
    await lab.json(['sandbox', 'reset', '--yes']);
    expect(await lab.json(['lab', 'objects'])).toEqual({ containers: [], networks: [], volumes: [] });
    await core.stop();
    expect(await decoys.touched()).toEqual([]);
    expect(await lab.engine.inspectContainer(real.id)).toBeNull();
  });
});
