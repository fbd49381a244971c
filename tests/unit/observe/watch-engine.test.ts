import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signedLabels } from '../../../main/apply/context.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { label } from '../../../main/model/labels.ts';
import type { Seen, EngineView } from '../../../main/model/world.ts';
import { afterFailure, isOurs, listObjects, watchEngine } from '../../../main/observe/watch-engine.ts';
import type { EngineWatch } from '../../../main/observe/watch-engine.ts';
import type { Engine, EngineEventListener } from '../../../main/ports.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { memorySecrets, recordedLog } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import { failed, fresh, instance, network, now, stale } from '../../fakes/world.ts';

const secrets = memorySecrets();
const gone = new AutoGitError({
  key: 'engine.unreachable',
  message: 'Nobody answers.',
  next: 'Wait.',
  retry: true,
});
const name = 'autogit-runner-default-aaaaaaaa';
const facts = { node: 'node-1', role: 'runner', pool: 'default', specHash: 'abc' } as const;
const ours = signedLabels(name, facts, { instance, secrets });

let engine: FakeEngine;
let clock: FakeClock;
let watch: EngineWatch | null;
let changes: number;

beforeEach(() => {
  engine = new FakeEngine({ images: ['runner:1', 'other:1'] });
  clock = new FakeClock();
  watch = null;
  changes = 0;
});
afterEach(async () => {
  await watch?.stop();
});

function start(over: Engine = engine, images: readonly string[] = ['runner:1', 'missing:1']): EngineWatch {
  watch = watchEngine({
    ...{ engine: over, node: 'node-1', instance, secrets, clock, log: recordedLog() },
    images: () => images,
    onChange: () => (changes += 1),
  });
  return watch;
}

/** A container with these labels, running. */
async function container(labels: Readonly<Record<string, string>> = ours, called = name): Promise<string> {
  await engine.createNetwork(network, {});
  const id = await engine.createContainer({
    ...{
      name: called,
      image: 'runner:1',
      entrypoint: [],
      command: [],
      env: {},
      labels,
      network,
      aliases: [],
    },
    ...{ publish: [], volumes: {}, cpus: null, memoryMiB: null, stopSignal: 'SIGQUIT', capabilities: [] },
  });
  await engine.startContainer(id);
  return id;
}

function viewOf(seen: Seen<EngineView>): EngineView {
  if (seen.state !== 'fresh') throw new Error(`the view is ${seen.state}`);
  return seen.value;
}
const names = (): readonly string[] => viewOf(watching().current()).containers.map((one) => one.name);
function watching(): EngineWatch {
  if (watch === null) throw new Error('not started');
  return watch;
}
const looks = (): number => engine.calls.filter(({ method }) => method === 'listContainers').length;
const grounds = (): number => engine.calls.filter(({ method }) => method === 'listNetworks').length;

/** The same engine, but its stream of events is in the hands of the test. */
function withEvents(watchCall: Engine['watch']): Engine {
  return Object.assign(Object.create(engine) as FakeEngine, {
    watch: watchCall,
    info: engine.info.bind(engine),
    listContainers: engine.listContainers.bind(engine),
    listNetworks: engine.listNetworks.bind(engine),
    listVolumes: engine.listVolumes.bind(engine),
    listImages: engine.listImages.bind(engine),
    hasImage: engine.hasImage.bind(engine),
  });
}
const silent = (_: EngineEventListener, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()));

describe('what is ours', () => {
  const other = '99999999-4e5f-6789-abcd-ef0123456789';
  const near = 'autogit-runner-default-aaaaaaab';
  const foreign = signedLabels(name, facts, { instance: other, secrets });
  const forged = signedLabels(name, facts, {
    instance,
    secrets: { ...secrets, sign: (text) => secrets.sign(`${text}x`) },
  });
  const without = (key: string): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(ours).filter(([one]) => one !== key));

  it('an object with the signed labels of this home, under the name that was signed', () => {
    expect(isOurs({ name, labels: ours }, instance, secrets)).toBe(true);
  });

  it('whatever other labels somebody adds', () => {
    expect(isOurs({ name, labels: { ...ours, 'com.example.note': 'x' } }, instance, secrets)).toBe(true);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['no labels', {}, name],
    ['no signature', without(label.signature), name],
    ['an empty signature', { ...ours, [label.signature]: '' }, name],
    ['a signature by another key', forged, name],
    ['the labels of another home', foreign, name],
    ['the labels of another home, renamed to ours', { ...foreign, [label.instance]: instance }, name],
    ['another name', ours, near],
    ['another pool', { ...ours, [label.pool]: 'root' }, name],
    ['another role', { ...ours, [label.role]: 'sandbox' }, name],
    ['another node', { ...ours, [label.node]: 'node-2' }, name],
    ['another fingerprint', { ...ours, [label.spec]: 'new' }, name],
    ['a label of ours less', without(label.node), name],
    ['a label of ours more', { ...ours, 'autogit.gpu': '0' }, name],
    ['no instance', without(label.instance), name],
    ['labels that only look like ours', { autogit: 'true', 'autogitx.managed': 'true' }, name],
  ])('not one with %s', async (_, labels, called) => {
    expect(isOurs({ name: called, labels }, instance, secrets)).toBe(false);
    await container(labels, called);
    start();
    await clock.settle();
    expect(names()).toEqual([]);
    expect((await listObjects(engine, instance, secrets)).containers).toEqual([]);
  });

  it('a signed container whose role we do not know is not a runner of ours', async () => {
    const labels = signedLabels(name, { ...facts, role: 'volume' }, { instance, secrets });
    await container(labels);
    start();
    await clock.settle();
    expect(names()).toEqual([]);
  });

  it('networks and volumes need a signature too, and all of ours are listed', async () => {
    const signed = (called: string, role: 'network' | 'volume') =>
      signedLabels(called, { ...facts, role, pool: null }, { instance, secrets });
    await engine.createNetwork('good', signed('good', 'network'));
    await engine.createNetwork('bad', signed('good', 'network'));
    await engine.createVolume('v', signed('v', 'volume'));
    await engine.createVolume('w', { [label.managed]: 'true', [label.instance]: instance });
    await container();
    start();
    await clock.settle();
    expect(viewOf(watching().current())).toMatchObject({ networks: ['good'], volumes: ['v'] });
    expect(await listObjects(engine, instance, secrets)).toEqual({
      containers: [name],
      networks: ['good'],
      volumes: ['v'],
    });
  });
});

describe('images', () => {
  it('are those of this home, and of other homes those that are asked for', async () => {
    const images = { mine: instance, theirs: 'another', shared: 'another' };
    for (const [image, home] of Object.entries(images)) {
      const labels = { [label.managed]: 'true', [label.instance]: home };
      await engine.importImage(`autogit-sandbox:${image}`, Readable.from([]), { env: {}, labels });
    }
    start(engine, ['autogit-sandbox:shared', 'runner:1']);
    await clock.settle();
    const seen = viewOf(watching().current()).images;
    expect(seen.toSorted()).toEqual(['autogit-sandbox:mine', 'autogit-sandbox:shared', 'runner:1']);
  });
});

describe('looking', () => {
  it('tells what is there in the words of the model', async () => {
    const id = await container();
    start();
    expect(watching().current()).toEqual({ state: 'never' });
    await clock.settle();
    expect(watching().current()).toMatchObject({ state: 'fresh', at: clock.now() });
    expect(viewOf(watching().current()).containers).toEqual([
      {
        ...{ id, name, node: 'node-1', role: 'runner', state: 'running', pool: 'default', specHash: 'abc' },
        ...{ image: 'runner:1', ports: {}, exitCode: null },
      },
    ]);
    expect(viewOf(watching().current()).images).toEqual(['runner:1']);
    expect(viewOf(watching().current()).info.architecture).toBe('amd64');
    expect(changes).toBe(1);
  });

  it('again within a moment of an event, once for many', async () => {
    start();
    await clock.settle();
    const before = looks();
    for (let index = 0; index < 20; index += 1) await container(ours, `${name}-${index}`);
    await container();
    await clock.advance(100);
    expect(names()).toEqual([name]);
    expect(looks() - before).toBe(1);
  });

  it('only at containers when only they had news', async () => {
    await container();
    start();
    await clock.settle();
    const before = grounds();
    engine.exit(name, 1);
    await clock.advance(100);
    expect(viewOf(watching().current()).containers[0]?.state).toBe('exited');
    expect(grounds()).toBe(before);
    await engine.createNetwork('more', {});
    await clock.advance(100);
    expect(grounds()).toBe(before + 1);
  });

  it.each([
    ['exec_create', name, 0],
    ['exec_start', name, 0],
    ['exec_die', undefined, 0],
    ['health_status', name, 0],
    ['start', 'postgres', 0],
    ['die', 'postgres', 0],
    ['start', name, 1],
    ['die', undefined, 1],
    ['kill', 'autogit-sandbox-0a1b2c3d', 1],
  ] as const)('at the news %s of a container named %s: %i times', async (action, called, times) => {
    let hear: EngineEventListener = () => undefined;
    start(withEvents((onEvent, signal) => ((hear = onEvent), silent(onEvent, signal))));
    await clock.settle();
    const before = looks();
    hear({ type: 'container', action, id: 'x', ...(called === undefined ? {} : { name: called }) });
    await clock.advance(1_000);
    expect(looks() - before).toBe(times);
  });

  it('at once when asked', async () => {
    start(withEvents(silent));
    await clock.settle();
    await container();
    watching().refresh();
    await clock.advance(50);
    expect(names()).toEqual([name]);
  });

  it.each([15, 30])('every %i s when nothing is heard: 15 with a runner, 30 without', async (seconds) => {
    if (seconds === 15) await container();
    start(withEvents(silent));
    await clock.settle();
    const before = looks();
    await clock.advance((seconds - 1) * 1_000);
    expect(looks() - before).toBe(0);
    await clock.advance(1_100);
    expect(looks() - before).toBe(1);
  });

  it('at everything every 15 s, however busy the containers keep it', async () => {
    await container();
    let hear: EngineEventListener = () => undefined;
    start(withEvents((onEvent, signal) => ((hear = onEvent), silent(onEvent, signal))));
    await clock.settle();
    const before = grounds();
    for (let second = 0; second < 60; second += 1) {
      hear({ type: 'container', action: 'die', id: 'x' });
      await clock.advance(1_000);
    }
    expect(grounds() - before).toBeGreaterThanOrEqual(3);
    expect(grounds() - before).toBeLessThanOrEqual(5);
  });
});

describe('events that cannot be relied on', () => {
  it('a stream that breaks is opened again, ever more slowly, and what was missed is seen', async () => {
    let opened = 0;
    const breaking = (): Promise<void> => {
      opened += 1;
      return Promise.reject(gone);
    };
    start(withEvents(breaking));
    await clock.settle();
    await container();
    await clock.advance(300);
    expect(names()).toEqual([name]);
    await clock.advance(59_700);
    expect(opened).toBeGreaterThan(10);
    expect(opened).toBeLessThan(25);
    expect(watching().current().state).toBe('fresh');
  });

  it('one that ends without an error too', async () => {
    let opened = 0;
    start(withEvents(() => ((opened += 1), Promise.resolve())));
    await clock.advance(60_000);
    expect(opened).toBeLessThan(25);
    expect(watching().current().state).toBe('fresh');
  });

  it('one that has lasted is opened again quickly', async () => {
    start();
    await clock.advance(60_000);
    const opened = (): number => engine.calls.filter(({ method }) => method === 'watch').length;
    expect(opened()).toBe(1);
    engine.breakEvents();
    await clock.advance(300);
    expect(opened()).toBe(2);
  });

  it('words that nobody knows do no harm', async () => {
    let hear: EngineEventListener = () => undefined;
    start(withEvents((onEvent, signal) => ((hear = onEvent), silent(onEvent, signal))));
    await clock.settle();
    for (const type of ['', 'plugin', '__proto__', 'constructor']) hear({ type, action: '\u0000', id: '' });
    await clock.advance(100);
    expect(watching().current().state).toBe('fresh');
    await container();
    hear({ type: 'container', action: 'start', id: 'unknown' });
    await clock.advance(100);
    expect(names()).toEqual([name]);
  });
});

describe('an engine that does not answer', () => {
  it('is failed before it was ever seen, with the reason', async () => {
    engine.failNext('info', gone);
    start();
    await clock.settle();
    expect(watching().current()).toEqual({
      state: 'failed',
      since: clock.now(),
      error: { key: 'engine.unreachable', message: 'Nobody answers.', next: 'Wait.' },
    });
    expect(changes).toBe(1);
    await clock.advance(2_100);
    expect(watching().current().state).toBe('fresh');
  });

  it.each(['info', 'listContainers', 'listNetworks', 'listVolumes', 'listImages', 'hasImage'] as const)(
    'to %s makes the view stale: what was there is not gone',
    async (method) => {
      await container();
      start();
      await clock.settle();
      const seenAt = clock.now();
      await clock.advance(5_000);
      engine.failNext(method, gone);
      watching().refresh();
      await clock.advance(50);
      const seen = watching().current();
      expect(seen).toMatchObject({ state: 'stale', at: seenAt, error: { key: 'engine.unreachable' } });
      expect(seen.state === 'stale' && seen.value.containers).toHaveLength(1);
      await clock.advance(2_100);
      expect(watching().current().state).toBe('fresh');
    },
  );

  it('is asked every 2 s', async () => {
    start(withEvents(silent));
    await clock.settle();
    const before = looks();
    for (let index = 0; index < 100; index += 1) engine.failNext('listContainers', gone);
    watching().refresh();
    await clock.advance(20_000);
    expect(looks() - before).toBeGreaterThanOrEqual(9);
    expect(looks() - before).toBeLessThanOrEqual(11);
  });
});

describe('ending', () => {
  it('nothing is asked any more', async () => {
    start();
    await clock.settle();
    await watching().stop();
    const before = engine.calls.length;
    await clock.advance(60_000);
    expect(engine.calls.length).toBe(before);
  });
});

describe('what is known after a failure', () => {
  const told = { key: 'engine.unreachable', message: 'Nobody answers.', next: 'Wait.' };

  it.each([
    ['never seen', { state: 'never' }, { state: 'failed', since: now, error: told }],
    ['failed before', failed, { ...failed, error: told }],
    ['fresh', fresh('x', 5), { state: 'stale', at: 5, value: 'x', since: now, error: told }],
    ['stale', stale('x'), { ...stale('x'), error: told }],
  ] as const)('%s', (_, before, after) => {
    expect(afterFailure<string>(before, now, gone)).toEqual(after);
  });
});
