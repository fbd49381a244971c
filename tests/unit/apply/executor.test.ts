import { beforeEach, describe, expect, it } from 'vitest';
import { createExecutor } from '../../../main/apply/executor.ts';
import type { Executor } from '../../../main/apply/executor.ts';
import { AutoGitError } from '../../../main/errors.ts';
import type { Action } from '../../../main/model/world.ts';
import { applyBench } from '../../fakes/fake-context.ts';
import type { Bench } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import { FakeGitlab } from '../../fakes/fake-gitlab.ts';
import { address, network, runnerImage, someContainer, somePool, specOf } from '../../fakes/world.ts';

const broken = new AutoGitError({ key: 'engine.in-use', message: 'It is in use.', next: 'Wait.' });
let engine: FakeEngine;
let gitlab: FakeGitlab;
let bench: Bench;
let executor: Executor;
let ended: string[];

beforeEach(async () => {
  engine = new FakeEngine({ images: [runnerImage] });
  await engine.createNetwork(network, {});
  gitlab = new FakeGitlab();
  bench = applyBench({ engine, gitlab });
  ended = [];
  executor = createExecutor(bench, ({ key }) => ended.push(key));
});

const removeImage = (image: string, node = 'node-1'): Action => ({
  ...{ kind: 'remove-image', key: `remove-image:${image}`, target: `image ${image}` },
  ...{ reason: 'it is old', node, image },
});
const pullImage = (image: string): Action => ({
  ...{ kind: 'pull-image', key: `pull-image:${image}`, target: `image ${image}` },
  ...{ reason: 'a pool needs it', node: 'node-1', image },
});
const startRunner = (slot: number): Action => ({
  ...{
    kind: 'start-runner',
    key: `start-runner:default:${slot}`,
    target: `slot default/${slot}`,
    reason: 'r',
  },
  ...{
    node: 'node-1',
    pool: somePool({ max: 99 }),
    slot,
    image: runnerImage,
    network,
    specHash: specOf(),
    address,
    gpu: null,
  },
});
const writeEntry = (name: string): Action => ({
  ...{ kind: 'write-entry', key: `write-entry:${name}`, target: `entry ${name}`, reason: 'r' },
  pool: somePool({ name }),
});
const start = (...actions: readonly Action[]): void => executor.replaceQueue(actions);
const oldImages = (count: number): readonly Action[] =>
  Array.from({ length: count }, (_, index) => removeImage(`image:${index}`));
const keys = (): readonly string[] => executor.inFlight(() => true).map(({ key }) => key);
const running = (): readonly string[] => executor.tasks().map(({ action }) => action.key);
const begun = (method: string): number => engine.calls.filter((call) => call.method === method).length;

describe('running actions', () => {
  it('does what it is told, and says when it has ended', async () => {
    start(removeImage(runnerImage));
    expect(running()).toEqual([`remove-image:${runnerImage}`]);
    expect(executor.tasks()[0]).toMatchObject({ startedAt: bench.clock.now(), progress: null });
    await bench.clock.settle();
    expect(ended).toEqual([`remove-image:${runnerImage}`]);
    expect(await engine.hasImage(runnerImage)).toBe(false);
    expect(keys()).toEqual([]);
    expect(executor.backoff(() => true)).toEqual([]);
  });

  it('makes at most eight containers, starts four of them, and does four other things of an engine at a time', async () => {
    const releases = [engine.hang('createContainer'), engine.hang('startContainer')];
    const release = engine.hang('removeImage');
    start(...Array.from({ length: 10 }, (_, slot) => startRunner(slot)), ...oldImages(6));
    await bench.clock.settle();
    expect([begun('createContainer'), begun('removeImage')]).toEqual([8, 4]);
    releases[0]?.();
    await bench.clock.settle();
    expect(begun('startContainer')).toBe(4);
    expect(bench.store.liveRunners().map(({ phase }) => phase)).toEqual(Array(8).fill('prepared'));
    for (const next of [release, ...releases.slice(1)]) next();
    await bench.clock.settle();
    expect(ended).toHaveLength(16);
    expect(bench.store.liveRunners()).toHaveLength(10);
  });

  it('does at most four things of an engine and two of GitLab at a time', async () => {
    const releases = [engine.hang('createContainer'), engine.hang('removeImage'), gitlab.hang()];
    const six = [0, 1, 2, 3, 4, 5];
    start(...six.map(startRunner), ...oldImages(6), ...six.map((index) => writeEntry(`pool-${index}`)));
    await bench.clock.settle();
    expect([begun('createContainer'), begun('removeImage'), gitlab.calls.length]).toEqual([6, 4, 2]);
    expect(executor.tasks()).toHaveLength(12);
    expect(keys()).toHaveLength(12);
    for (const release of releases) release();
    await bench.clock.settle();
    expect(ended).toHaveLength(18);
    expect(bench.store.liveRunners()).toHaveLength(6);
  });

  it('begins the next as soon as one has ended, oldest first', async () => {
    const release = engine.hang('removeImage');
    start(...oldImages(6));
    release();
    await bench.clock.settle();
    expect(ended).toEqual([0, 1, 2, 3, 4, 5].map((index) => `remove-image:image:${index}`));
  });

  it('leaves out what is running already', async () => {
    const release = engine.hang('removeImage');
    start(...oldImages(5));
    start(...oldImages(5));
    expect(keys()).toHaveLength(4);
    release();
    await bench.clock.settle();
    expect(begun('removeImage')).toBe(5);
  });

  it('a new plan takes back what still waits, and only that', async () => {
    const release = engine.hang('removeImage');
    start(...oldImages(6));
    start(removeImage('image:5'));
    release();
    await bench.clock.settle();
    expect(ended).toEqual([0, 1, 2, 3, 5].map((index) => `remove-image:image:${index}`));
    start();
    await bench.clock.settle();
    expect(ended).toHaveLength(5);
  });

  it('images that are fetched, two at a time, keep nothing else waiting', async () => {
    const release = engine.hang('pullImage');
    start(...[0, 1, 2, 3, 4].map((index) => pullImage(`image:${index}`)), removeImage('old:1'));
    await bench.clock.settle();
    expect([begun('pullImage'), ended]).toEqual([2, ['remove-image:old:1']]);
    release();
    await bench.clock.settle();
    expect(begun('pullImage')).toBe(5);
  });

  it('keeps an action in flight until its effect can have been seen', async () => {
    start(removeImage(runnerImage));
    await bench.clock.advance(10);
    const asked: unknown[] = [];
    const see = (visible: boolean): readonly string[] =>
      executor
        .inFlight(({ key }, at) => {
          asked.push([key, at]);
          return visible;
        })
        .map(({ key }) => key);
    expect(see(false)).toEqual([`remove-image:${runnerImage}`]);
    expect(see(false)).toEqual([`remove-image:${runnerImage}`]);
    expect(see(true)).toEqual([]);
    expect(see(false)).toEqual([]);
    expect(asked[0]).toEqual([`remove-image:${runnerImage}`, bench.clock.now() - 10]);
  });

  it('pauses what is repeated until its effect is there', async () => {
    const container = someContainer();
    const key = 'stop-runner:aaaaaaaa';
    start({ kind: 'stop-runner', key, target: 't', reason: 'r', node: 'node-1', container });
    await bench.clock.settle();
    expect(executor.backoff(() => true)).toEqual([
      { key, retryAt: bench.clock.now() + 15_000, problem: null },
    ]);
  });

  it('shows how far a task is', async () => {
    engine = new FakeEngine({ registry: ['x:1'] });
    bench = applyBench({ engine, gitlab });
    const slow = Object.assign(Object.create(engine) as FakeEngine, {
      pullImage: async (_: string, onProgress: (progress: object) => void): Promise<void> => {
        onProgress({ current: 1, total: 2, status: 'Downloading' });
        await bench.clock.sleep(1_000);
      },
    });
    executor = createExecutor({ ...bench, engine: () => slow }, ({ key }) => ended.push(key));
    start(pullImage('x:1'));
    await bench.clock.settle();
    expect(executor.tasks()).toMatchObject([{ progress: { current: 1, total: 2 } }]);
    await bench.clock.advance(1_000);
    expect([executor.tasks(), ended]).toEqual([[], ['pull-image:x:1']]);
  });
});

describe('actions that fail', () => {
  async function fail(times: number): Promise<number> {
    for (let time = 0; time < times; time += 1) {
      engine.failNext('removeImage', broken);
      start(removeImage('old:1'));
      await bench.clock.settle();
    }
    const [failure] = executor.backoff(() => true);
    return (failure?.retryAt ?? 0) - bench.clock.now();
  }

  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 5_000],
    [4, 15_000],
    [5, 60_000],
    [6, 60_000],
    [20, 60_000],
  ])('after %i failures the next try is %i ms away', async (times, wait) => {
    expect(await fail(times)).toBe(wait);
  });

  it('say why, and end like others', async () => {
    await fail(1);
    expect(executor.backoff(() => true)).toMatchObject([
      {
        key: 'remove-image:old:1',
        problem: { key: 'engine.in-use', message: 'It is in use.', next: 'Wait.' },
      },
    ]);
    expect(ended).toEqual(['remove-image:old:1']);
    expect(keys()).toEqual([]);
  });

  it('count anew on another node, and only where they matter', async () => {
    await fail(4);
    const isThere = (action: Action): boolean => 'node' in action && action.node === 'node-2';
    expect(executor.backoff(isThere)).toEqual([]);
    engine.failNext('removeImage', broken);
    start(removeImage('old:1', 'node-2'));
    await bench.clock.settle();
    const retryAt = bench.clock.now() + 1_000;
    expect(executor.backoff(isThere)).toMatchObject([{ key: 'remove-image:old:1', retryAt }]);
  });

  it('are forgotten once they succeed', async () => {
    await fail(4);
    start(removeImage('old:1'));
    await bench.clock.settle();
    expect(executor.backoff(() => true)).toEqual([]);
    expect(await fail(1)).toBe(1_000);
  });

  it('are forgotten after their time when no plan wishes for them any more', async () => {
    await fail(4);
    start();
    expect(executor.backoff(() => true)).toHaveLength(1);
    await bench.clock.advance(15_000);
    start(removeImage('old:1'), removeImage('old:2'));
    start(removeImage('old:2'));
    expect(executor.backoff(() => true)).toHaveLength(1);
    await bench.clock.settle();
    await fail(1);
    await bench.clock.advance(1_000);
    executor.inFlight(() => true);
    start();
    expect(executor.backoff(() => true)).toEqual([]);
  });

  it('a defect of ours is told as one, and stops nothing else', async () => {
    const engineOf = (): never => {
      throw new TypeError('undefined is not a function');
    };
    const faulty = createExecutor({ ...bench, engine: engineOf }, ({ key }) => ended.push(key));
    faulty.replaceQueue(oldImages(2));
    await bench.clock.settle();
    expect(ended).toHaveLength(2);
    expect(faulty.backoff(() => true)[0]?.problem?.key).toBe('internal.defect');
  });
});

describe('stopping', () => {
  it('waits for what runs and drops what waits', async () => {
    const release = engine.hang('removeImage');
    start(...oldImages(6));
    let stopped = false;
    const stopping = executor.stop().then(() => (stopped = true));
    await bench.clock.settle();
    expect(stopped).toBe(false);
    release();
    await stopping;
    expect(begun('removeImage')).toBe(4);
    expect(ended).toHaveLength(4);
  });

  it('is at once when nothing runs', async () => {
    await executor.stop();
    expect(executor.tasks()).toEqual([]);
  });
});
