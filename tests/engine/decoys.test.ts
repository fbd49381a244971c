// What only looks like ours is left alone: by serving, by the teardown and by the reset.
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LabelledContainer } from '../../main/ports.ts';
import { engineHost, openLab } from './lab.ts';
import type { Lab } from './lab.ts';

interface Decoy {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

function decoysOf(real: LabelledContainer): Readonly<Record<string, Decoy>> {
  const { 'autogit.sig': signature = '', ...unsigned } = real.labels;
  const name = (): string => `autogit-runner-lab-${randomBytes(4).toString('hex')}`;
  return {
    'of another home': { name: name(), labels: { ...real.labels, 'autogit.instance': randomUUID() } },
    'without a signature': { name: name(), labels: unsigned },
    'with a wrong signature': {
      name: name(),
      labels: { ...unsigned, 'autogit.sig': signature.replaceAll(/./g, '0') },
    },
    'with the labels of a real runner': { name: name(), labels: real.labels },
    'with nothing but the name': { name: name(), labels: {} },
    'marked as ours alone': { name: name(), labels: { 'autogit.managed': 'true' } },
  };
}

/** Ends with the test, whichever way: the hook removes it by the id that the engine gave. */
async function startDecoy(lab: Lab, { name, labels }: Decoy, image: string): Promise<string> {
  const { engine } = lab;
  const id = await engine.createContainer({
    ...{ name, image, labels, entrypoint: ['/bin/sh', '-c'], command: ['while :; do sleep 60; done'] },
    ...{ env: {}, network: 'bridge', aliases: [], publish: [], volumes: {}, cpus: null, memoryMiB: null },
    ...{ stopSignal: 'SIGKILL', capabilities: [] },
  });
  onTestFinished(() => engine.removeContainer(id, { force: true }));
  await engine.startContainer(id);
  return id;
}

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
    const decoys = await Promise.all(
      Object.entries(decoysOf(real)).map(async ([what, decoy]) => ({
        what,
        id: await startDecoy(lab, decoy, real.image),
      })),
    );
    const volume = `autogit-sandbox-${randomBytes(4).toString('hex')}`;
    await lab.engine.createVolume(volume, { ...real.labels, 'autogit.role': 'volume' });
    await lab.json(['queue', 'refresh']);
    await sandbox
      .push('two', 'two:\n  script: [echo hello]\n')
      .then((two) => sandbox.untilAll(two, 'success'));
    expect((await lab.snapshot()).runners.map(({ name }) => name)).toEqual([real.name]);
    await lab.json(['lab', 'teardown']);
    await lab.json(['sandbox', 'reset', '--yes']);
    expect(await lab.json(['lab', 'objects'])).toEqual({ containers: [], networks: [], volumes: [] });
    await core.stop();
    for (const { what, id } of decoys) {
      expect({ what, state: (await lab.engine.inspectContainer(id))?.state }).toEqual({
        what,
        state: 'running',
      });
    }
    expect(
      (
        await lab.engine.listVolumes(
          real.labels['autogit.instance'] === undefined
            ? {}
            : { 'autogit.instance': real.labels['autogit.instance'] },
        )
      ).map(({ name }) => name),
    ).toEqual([volume]);
    expect(await lab.engine.inspectContainer(real.id)).toBeNull();
  });
});
