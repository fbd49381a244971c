// The controls of the fake engine, on which other tests rely.
import { beforeEach, describe, expect, it } from 'vitest';
import { AutoGitError } from '../../../main/errors.ts';
import type { ContainerSpec } from '../../../main/ports.ts';
import { FakeEngine, type FakeProcess } from '../../fakes/fake-engine.ts';

const spec: ContainerSpec = {
  ...{ name: 'one', image: 'x:1', entrypoint: [], command: ['run'], env: {}, labels: {}, network: 'net' },
  ...{ aliases: [], publish: [], volumes: {}, cpus: null, memoryMiB: null, stopSignal: 'SIGQUIT' },
  capabilities: [],
};

let started: FakeProcess[];
let engine: FakeEngine;

beforeEach(async () => {
  started = [];
  engine = new FakeEngine({
    images: ['x:1'],
    registry: ['y:1'],
    onStart: (process) => started.push(process),
  });
  await engine.createNetwork('net', {});
});

describe('the controls of the fake engine', () => {
  it('hands a started container to the hook, with what was put into it', async () => {
    const id = await engine.createContainer(spec);
    await engine.putFiles(id, [{ path: '/token', content: 'secret', mode: 0o600 }]);
    await engine.startContainer('one');
    expect(started[0]).toMatchObject({
      id,
      spec,
      files: [{ path: '/token', content: 'secret', mode: 0o600 }],
    });
    started[0]?.print('hello\n');
    started[0]?.exit(4);
    started[0]?.exit(5);
    expect(await engine.inspectContainer('one')).toMatchObject({ state: 'exited', exitCode: 4 });
    expect(await engine.containerLog('one', 1)).toBe('hello\n');
  });

  it('ends a container from outside, and tells the watchers', async () => {
    const id = await engine.createContainer(spec);
    await engine.startContainer(id);
    const seen: string[] = [];
    const stop = new AbortController();
    const watched = engine.watch(({ action }) => seen.push(action), stop.signal);
    await engine.info();
    engine.exit('one', 1);
    stop.abort();
    await watched;
    expect(seen).toEqual(['die']);
  });

  it('fails the next call of a method once', async () => {
    const error = new AutoGitError({ key: 'engine.no-space', message: 'full', next: 'wait' });
    engine.failNext('createContainer', error);
    await expect(engine.createContainer(spec)).rejects.toBe(error);
    expect(await engine.inspectContainer('one')).toBeNull();
    await engine.createContainer(spec);
    expect(engine.calls.filter(({ method }) => method === 'createContainer')).toHaveLength(2);
  });

  it('lets a method hang before it does anything, until it is released', async () => {
    const release = engine.hang('createContainer');
    const created = engine.createContainer(spec);
    expect(await engine.listContainers({})).toEqual([]);
    release();
    await created;
    expect(await engine.listContainers({})).toHaveLength(1);
  });

  it('pulls what its registry has', async () => {
    await engine.pullImage('y:1', () => undefined);
    expect(await engine.hasImage('y:1')).toBe(true);
    await expect(engine.pullImage('z:1', () => undefined)).rejects.toMatchObject({
      key: 'engine.image-missing',
    });
  });

  it('kills what does not stop in time', async () => {
    const id = await engine.createContainer(spec);
    await engine.startContainer(id);
    started[0]?.onSignal(() => undefined);
    await engine.stopContainer(id, 0);
    expect(await engine.inspectContainer(id)).toMatchObject({ state: 'exited', exitCode: 137 });
  });
});
