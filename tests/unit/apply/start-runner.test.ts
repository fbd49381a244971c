import { describe, expect, it } from 'vitest';
import { startRunner } from '../../../main/apply/start-runner.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { label } from '../../../main/model/labels.ts';
import type { Action } from '../../../main/model/world.ts';
import { isOurs } from '../../../main/observe/watch-engine.ts';
import { applyBench, memorySecrets } from '../../fakes/fake-context.ts';
import type { Bench } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import { FakeGitlab } from '../../fakes/fake-gitlab.ts';
import { address, network, runnerImage, someEntry, somePool, specOf } from '../../fakes/world.ts';

const name = 'autogit-runner-default-00000001';
const broken = new AutoGitError({
  key: 'engine.refused',
  message: 'The engine is out of order.',
  next: 'Wait.',
});

const action: Extract<Action, { kind: 'start-runner' }> = {
  kind: 'start-runner',
  key: 'start-runner:default:2',
  target: 'slot default/2',
  reason: 'a job waits for pool default',
  node: 'node-1',
  pool: somePool({ idleTime: 45, cpus: 1.5, memoryMiB: 512 }),
  slot: 2,
  image: runnerImage,
  network,
  specHash: specOf(),
  address,
  gpu: null,
};

async function open(): Promise<{ readonly engine: FakeEngine; readonly bench: Bench }> {
  const engine = new FakeEngine({ images: [runnerImage] });
  await engine.createNetwork(network, {});
  return { engine, bench: applyBench({ engine, gitlab: new FakeGitlab() }) };
}

async function containersOf(engine: FakeEngine): Promise<readonly string[]> {
  return (await engine.listContainers({})).map((container) => `${container.name} ${container.state}`);
}

describe('starting a runner', () => {
  it('creates, fills and starts its container, and writes down that it has', async () => {
    const { engine, bench } = await open();
    await startRunner.apply(action, bench);
    expect(await containersOf(engine)).toEqual([`${name} running`]);
    expect(bench.store.liveRunners()).toEqual([
      {
        id: '00000001',
        node: 'node-1',
        pool: 'default',
        slot: 2,
        name,
        specHash: specOf(),
        systemId: 'r_auto00000001',
        grant: null,
        size: { cpus: 1.5, memoryMiB: 512 },
        phase: 'started',
        createdAt: bench.clock.now(),
        startedAt: bench.clock.now(),
        goneAt: null,
        failure: null,
      },
    ]);
  });

  it.each([undefined, true] as const)(
    'leaves it as somebody who wished it away while it was started: waits %s',
    async (waits) => {
      const { engine, bench } = await open();
      const started = engine.hang('startContainer');
      const starting = startRunner.apply({ ...action, ...(waits && { waits }) }, bench);
      await bench.clock.settle();
      bench.store.updateRunner('00000001', { phase: 'draining' });
      started();
      await bench.clock.advance(10_000);
      await starting;
      expect(bench.store.liveRunners()).toMatchObject([
        { phase: 'draining', startedAt: bench.clock.now() - (waits ? 5_000 : 10_000) },
      ]);
    },
  );

  it('signs its labels, so that the home knows it again', async () => {
    const { engine, bench } = await open();
    await startRunner.apply(action, bench);
    const [container] = await engine.listContainers({});
    if (container === undefined) throw new Error('no container');
    expect(isOurs(container, bench.instance, bench.secrets)).toBe(true);
    expect(container.labels).toMatchObject({
      [label.managed]: 'true',
      [label.instance]: bench.instance,
      [label.node]: 'node-1',
      [label.role]: 'runner',
      [label.pool]: 'default',
      [label.spec]: specOf(),
      ...{ [label.gpu]: '', [label.grant]: '', [label.runner]: '', [label.project]: '' },
    });
  });

  it('runs one-shot mode with the idle time of the pool, within its limits, on its network', async () => {
    const seen: unknown[] = [];
    const engine = new FakeEngine({ images: [runnerImage], onStart: ({ spec }) => void seen.push(spec) });
    await engine.createNetwork(network, {});
    await startRunner.apply(action, applyBench({ engine, gitlab: new FakeGitlab() }));
    expect(seen).toMatchObject([
      {
        image: runnerImage,
        network,
        cpus: 1.5,
        memoryMiB: 512,
        stopSignal: 'SIGQUIT',
        command: expect.arrayContaining(['run-single', '--wait-timeout', '45']) as unknown,
      },
    ]);
  });

  it('keeps the token in a file that root alone can read, and nowhere else', async () => {
    const { engine, bench } = await open();
    await startRunner.apply(action, bench);
    const files = engine.filesOf(name);
    expect(files.map(({ path, mode }) => [path, mode])).toEqual([
      ['/etc/gitlab-runner/config.toml', 0o600],
      ['/etc/gitlab-runner/.runner_system_id', 0o600],
      ['/usr/local/lib/autogit/start', 0o755],
    ]);
    expect(files[0]?.content).toContain('token = "glrt-default"');
    expect(files[0]?.content).toContain(`url = "${address.runnerUrl}"`);
    expect(files[1]?.content).toBe('r_auto00000001');
    expect(JSON.stringify(await engine.inspectContainer(name))).not.toContain('glrt-default');
    expect(JSON.stringify(bench.records)).not.toContain('glrt-default');
  });

  it.each(['createContainer', 'putFiles', 'startContainer'] as const)(
    'has been written down, as what it is by then, before %s is asked',
    async (method) => {
      const { engine, bench } = await open();
      const release = engine.hang(method);
      const running = startRunner.apply(action, bench);
      await bench.clock.settle();
      expect(engine.calls.at(-1)?.method).toBe(method);
      expect(bench.store.liveRunners()).toMatchObject([
        { name, slot: 2, phase: method === 'startContainer' ? 'prepared' : 'intended', startedAt: null },
      ]);
      release();
      await running;
      expect(bench.store.liveRunners()).toMatchObject([{ phase: 'started' }]);
    },
  );
});

describe('a start that fails', () => {
  it.each(['createContainer', 'putFiles', 'startContainer'] as const)(
    'at %s: is undone and written down with its reason',
    async (method) => {
      const { engine, bench } = await open();
      engine.failNext(method, broken);
      await expect(startRunner.apply(action, bench)).rejects.toBe(broken);
      expect(await containersOf(engine)).toEqual([]);
      expect(bench.store.liveRunners()).toEqual([]);
      expect(bench.store.goneRunners('default', 9)).toMatchObject([
        { name, phase: 'gone', startedAt: null, goneAt: bench.clock.now(), failure: broken.message },
      ]);
    },
  );

  it('and that cannot be undone stays prepared, for the next look to decide', async () => {
    const { engine, bench } = await open();
    engine.failNext('startContainer', broken);
    engine.failNext('removeContainer', broken);
    await expect(startRunner.apply(action, bench)).rejects.toBe(broken);
    expect(await containersOf(engine)).toEqual([`${name} created`]);
    expect(bench.store.liveRunners()).toMatchObject([{ name, phase: 'prepared' }]);
  });

  it('because somebody wished it away before its turn: it is not started at all', async () => {
    const { engine, bench } = await open();
    const filled = engine.hang('putFiles');
    const starting = startRunner.apply(action, bench);
    await bench.clock.settle();
    bench.store.updateRunner('00000001', { phase: 'draining' });
    filled();
    await expect(starting).rejects.toMatchObject({ key: 'runner.taken-back' });
    expect(engine.calls.map(({ method }) => method)).not.toContain('startContainer');
    expect(await containersOf(engine)).toEqual([]);
    expect(bench.store.goneRunners('default', 1)).toMatchObject([{ failure: 'its start was interrupted' }]);
  });

  it('although the container runs leaves it alone: it may have a job', async () => {
    const { engine, bench } = await open();
    const late = {
      createContainer: engine.createContainer.bind(engine),
      putFiles: engine.putFiles.bind(engine),
      removeContainer: engine.removeContainer.bind(engine),
      startContainer: async (id: string): Promise<void> => {
        await engine.startContainer(id);
        throw broken;
      },
    };
    const slow = Object.assign(Object.create(engine), late) as FakeEngine;
    await expect(startRunner.apply(action, { ...bench, engine: () => slow })).rejects.toBe(broken);
    expect(await containersOf(engine)).toEqual([`${name} running`]);
    expect(bench.store.liveRunners()).toMatchObject([{ phase: 'prepared' }]);
  });

  it('without the token of the entry: nothing is made, and the entry is made anew', async () => {
    const { engine, bench } = await open();
    const entry = someEntry({ gitlabUrl: 'x', entryId: 1 });
    bench.store.saveEntry(entry);
    bench.store.saveEntry({ ...entry, pool: 'other' });
    const before = engine.calls.length;
    const context = { ...bench, secrets: memorySecrets() };
    await expect(startRunner.apply(action, context)).rejects.toMatchObject({ key: 'pool.token-missing' });
    expect(engine.calls.length).toBe(before);
    expect(bench.store.recentRunners(9)).toEqual([]);
    expect(bench.store.entries().map(({ pool }) => pool)).toEqual(['other']);
  });

  it('because the slot is taken: nothing is made', async () => {
    const { engine, bench } = await open();
    await startRunner.apply(action, bench);
    await expect(startRunner.apply(action, bench)).rejects.toMatchObject({ key: 'store.runner-exists' });
    expect(await containersOf(engine)).toEqual([`${name} running`]);
  });
});
