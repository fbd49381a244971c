import { describe, expect, it } from 'vitest';
import {
  createNetwork,
  importImage,
  pullImage,
  removeImage,
  removeNetwork,
} from '../../../main/apply/ground.ts';
import { removeSandbox, sandboxName, sandboxPort, startSandbox } from '../../../main/apply/sandbox.ts';
import { secretName, signedLabels } from '../../../main/apply/context.ts';
import { label } from '../../../main/model/labels.ts';
import { isOurs } from '../../../main/observe/watch-engine.ts';
import { applyBench, memorySecrets } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import type { FakeEngineOptions, FakeProcess } from '../../fakes/fake-engine.ts';
import { FakeGitlab } from '../../fakes/fake-gitlab.ts';
import { network, sandboxContainer, sandboxWish } from '../../fakes/world.ts';

const common = { key: 'k', target: 't', reason: 'r', node: 'node-1' } as const;
const { image, volume } = sandboxWish;

function open(options: FakeEngineOptions = {}) {
  const engine = new FakeEngine(options);
  return { engine, bench: applyBench({ engine, gitlab: new FakeGitlab(), secrets: memorySecrets() }) };
}

describe('images', () => {
  it('the sandbox image is made of its files, and carries the mark of all our images', async () => {
    const { engine, bench } = open();
    await importImage.apply({ ...common, kind: 'import-image', image }, bench);
    const labels = { [label.managed]: 'true', [label.instance]: bench.instance };
    expect((await engine.listImages(labels)).map(({ name }) => name)).toEqual([image]);
  });

  it('one that has come meanwhile is not made again', async () => {
    const { engine, bench } = open({ images: [image] });
    await importImage.apply({ ...common, kind: 'import-image', image }, bench);
    expect(engine.calls.map(({ method }) => method)).toEqual(['hasImage']);
  });

  it('a pull says how far it is', async () => {
    const { engine, bench } = open({ registry: ['x:1'] });
    await pullImage.apply({ ...common, kind: 'pull-image', image: 'x:1' }, bench);
    expect(await engine.hasImage('x:1')).toBe(true);
    expect(bench.progressed.at(-1)).toMatchObject({ current: 1024, total: 1024 });
  });

  it('an old one is removed', async () => {
    const { engine, bench } = open({ images: ['old:1'] });
    await removeImage.apply({ ...common, kind: 'remove-image', image: 'old:1' }, bench);
    expect(await engine.hasImage('old:1')).toBe(false);
  });
});

describe('the network', () => {
  it('is made with signed labels, and removed', async () => {
    const { engine, bench } = open();
    await createNetwork.apply({ ...common, kind: 'create-network', network }, bench);
    const [made] = await engine.listNetworks({ [label.role]: 'network' });
    expect(made !== undefined && isOurs(made, bench.instance, bench.secrets)).toBe(true);
    await createNetwork.apply({ ...common, kind: 'create-network', network }, bench);
    await removeNetwork.apply({ ...common, kind: 'remove-network', network }, bench);
    expect(await engine.listNetworks({})).toEqual([]);
  });
});

describe('a network of the same name that is not ours', () => {
  it.each(['is somebody else’s', 'is from before the secrets were lost'])(
    'and %s is refused',
    async (whose) => {
      const { engine, bench } = open();
      const earlier = { ...bench, secrets: { ...bench.secrets, sign: () => 'another key' } };
      const facts = { node: 'node-1', role: 'network', pool: null, specHash: '' } as const;
      await engine.createNetwork(
        network,
        whose.startsWith('is from') ? signedLabels(network, facts, earlier) : {},
      );
      await expect(
        createNetwork.apply({ ...common, kind: 'create-network', network }, bench),
      ).rejects.toMatchObject({ key: 'engine.name-taken' });
    },
  );
});

describe('the sandbox', () => {
  const start = { ...common, kind: 'start-sandbox', image, network, volume, specHash: 'abc' } as const;

  it('runs on the network under the name that runners know, on the loopback port that the engine gives', async () => {
    const started: FakeProcess['spec'][] = [];
    const { engine, bench } = open({ images: [image], onStart: ({ spec }) => void started.push(spec) });
    await engine.createNetwork(network, {});
    await startSandbox.apply(start, bench);
    expect(started).toMatchObject([
      {
        name: sandboxName(bench.instance),
        aliases: ['gitlab'],
        publish: [sandboxPort],
        volumes: { [volume]: '/var/lib/autogit-sandbox' },
        env: { AUTOGIT_SANDBOX_ROOT_TOKEN: bench.secrets.get(secretName.sandboxRootToken) },
      },
    ]);
    const objects = [...(await engine.listContainers({})), ...(await engine.listVolumes({}))];
    expect(objects).toHaveLength(2);
    for (const object of objects) expect(isOurs(object, bench.instance, bench.secrets)).toBe(true);
  });

  it('is known to be on its node before the engine hears of it', async () => {
    const { engine, bench } = open({ images: [image] });
    engine.failNext('createVolume', new Error('cut off'));
    await expect(startSandbox.apply(start, bench)).rejects.toThrow('cut off');
    expect(bench.store.sandboxNode()).toBe(start.node);
  });

  it('keeps its token over starts', async () => {
    const { engine, bench } = open({ images: [image] });
    await engine.createNetwork(network, {});
    await startSandbox.apply(start, bench);
    const token = bench.secrets.get(secretName.sandboxRootToken);
    expect(token).toMatch(/^glpat-.{20,}$/);
    await engine.removeContainer(sandboxName(bench.instance), { force: true });
    await startSandbox.apply(start, bench);
    expect(bench.secrets.get(secretName.sandboxRootToken)).toBe(token);
  });

  it('is removed with or without its data', async () => {
    const { engine, bench } = open({ images: [image] });
    await engine.createNetwork(network, {});
    await startSandbox.apply(start, bench);
    const [{ id } = { id: '' }] = await engine.listContainers({});
    const remove = { ...common, kind: 'remove-sandbox' } as const;
    await removeSandbox.apply({ ...remove, container: sandboxContainer({ id }), deleteVolume: null }, bench);
    expect([await engine.listContainers({}), (await engine.listVolumes({})).length]).toEqual([[], 1]);
    await removeSandbox.apply({ ...remove, container: null, deleteVolume: volume }, bench);
    expect(await engine.listVolumes({})).toEqual([]);
  });
});
