// What every engine must do, the fake included: run by the unit tests on the fake and here on real engines.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AutoGitError } from '../../main/errors.ts';
import { label } from '../../main/model/labels.ts';
import type { ContainerState } from '../../main/model/runner.ts';
import type { EngineInfo } from '../../main/model/world.ts';
import type { ContainerSpec, Engine, EngineEventListener, PullProgress } from '../../main/ports.ts';
import { packRootfs } from '../fixtures/tiny-image.ts';

/** The programs of the suite; a fake has to behave as they do. */
export const scripts = {
  /** Runs until SIGQUIT, then ends with 0. */
  wait: 'trap "exit 0" QUIT; while :; do sleep 60 & wait $!; done',
  /** Prints four lines on both streams and fails. */
  fail: 'echo one; echo two >&2; echo three; sleep 0.2; echo four; exit 3',
} as const;

export interface PortSubject {
  readonly engine: Engine;
  /** The same engine over a connection that `breakEvents` cuts. */
  readonly fragile: Engine;
  breakEvents(): void;
  close(): Promise<void>;
}

/** Everything one suite makes, under one label, and away again whatever happens. */
export interface Bench {
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  readonly network: string;
  /** A name that nothing else has. */
  name(what: string): string;
  spec(script: string, change?: Partial<ContainerSpec>): ContainerSpec;
  /** Creates and starts; the container's id. */
  run(script: string, change?: Partial<ContainerSpec>): Promise<string>;
  untilState(id: string, state: ContainerState): Promise<void>;
  clean(): Promise<void>;
}

const shell = ['sh', 'cat', 'sleep', 'stat'];

/** A network and an image with a shell and `programs` on an engine, for one suite. */
export async function openBench(engine: Engine, programs: readonly string[] = []): Promise<Bench> {
  const serial = randomBytes(4).toString('hex');
  const labels = { 'autogit.test': serial };
  const name = (what: string): string => `autogit-test-${serial}-${what}`;
  const image = `autogit-test/${serial}:first`;
  const network = name('net');
  const spec: Bench['spec'] = (script, change) => ({
    ...{
      name: name(randomBytes(4).toString('hex')),
      image,
      entrypoint: ['/bin/sh', '-c'],
      command: [script],
    },
    ...{ env: {}, labels, network, aliases: [], publish: [], volumes: {}, cpus: null, memoryMiB: null },
    ...{ stopSignal: 'SIGQUIT', capabilities: [], ...change },
  });
  await engine.importImage(image, await packRootfs([...shell, ...programs]), {
    env: { PATH: '/bin' },
    labels,
  });
  await engine.createNetwork(network, labels);
  return {
    ...{ labels, image, network, name, spec },
    async run(script, change) {
      const id = await engine.createContainer(spec(script, change));
      await engine.startContainer(id);
      return id;
    },
    untilState: (id, state) =>
      vi.waitFor(async () => expect((await engine.inspectContainer(id))?.state).toBe(state), {
        timeout: 15_000,
        interval: 100,
      }),
    async clean() {
      for (const { id } of await engine.listContainers(labels))
        await engine.removeContainer(id, { force: true });
      for (const { name: volume } of await engine.listVolumes(labels)) await engine.removeVolume(volume);
      for (const { name: net } of await engine.listNetworks(labels)) await engine.removeNetwork(net);
      for (const { name: reference } of await engine.listImages(labels)) await engine.removeImage(reference);
    },
  };
}

/** Whether limits take effect: a user's engine has no control groups of version 1. */
export function canLimit({ rootless, cgroupVersion }: EngineInfo): boolean {
  return !rootless || cgroupVersion === '2';
}

/** The key of the error with which a call must reject. */
async function keyOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => new Error('it did not reject'),
    (reason: unknown) => reason,
  );
  if (error instanceof AutoGitError) return error.key;
  throw error;
}

/** The part of the suite that needs no program to run: everything but the inside of containers. */
export function describeEnginePort(title: string, open: () => Promise<PortSubject>): void {
  describe(title, { timeout: 60_000 }, () => {
    let subject: PortSubject;
    let engine: Engine;
    let bench: Bench;

    beforeAll(async () => {
      subject = await open();
      engine = subject.engine;
      bench = await openBench(engine);
    }, 60_000);

    afterAll(async () => {
      await bench.clean();
      await subject.close();
    }, 60_000);

    it('says what it is', async () => {
      const info = await engine.info();
      expect(info.host).toBe(engine.host);
      expect(info.architecture).toMatch(/^(amd64|arm64|arm|riscv64|ppc64le|s390x)$/);
      expect(info.version).toMatch(/^\d+\.\d+/);
      expect(info.cpus).toBeGreaterThan(0);
      expect(info.memoryBytes).toBeGreaterThan(2 ** 28);
    });

    it('takes a container from creation to its end and away', async () => {
      const spec = bench.spec(scripts.wait, { labels: { ...bench.labels, extra: 'a=b, "c"' } });
      const id = await engine.createContainer(spec);
      const created = await engine.inspectContainer(id);
      expect(created).toMatchObject({
        ...{ id, name: spec.name, state: 'created', image: bench.image, exitCode: null, ports: {} },
        labels: { ...bench.labels, extra: 'a=b, "c"' },
      });
      await engine.startContainer(id);
      await engine.startContainer(id);
      expect(await engine.inspectContainer(spec.name)).toMatchObject({
        id,
        state: 'running',
        exitCode: null,
      });
      await bench.untilState(id, 'running');
      await vi.waitFor(
        async () => {
          await engine.signalContainer(id, 'SIGQUIT');
          expect((await engine.inspectContainer(id))?.state).toBe('exited');
        },
        { timeout: 15_000, interval: 200 },
      );
      await engine.signalContainer(id, 'SIGQUIT');
      await engine.stopContainer(id, 1);
      await engine.removeContainer(id, { force: false });
      expect(await engine.inspectContainer(id)).toBeNull();
      expect(await engine.listContainers({ ...bench.labels, extra: 'a=b, "c"' })).toEqual([]);
    });

    it('takes every call about a container that is gone as success or refuses it in words', async () => {
      const gone = bench.name('never');
      await engine.signalContainer(gone, 'SIGTERM');
      await engine.stopContainer(gone, 1);
      await engine.removeContainer(gone, { force: true });
      expect(await engine.inspectContainer(gone)).toBeNull();
      expect(await keyOf(engine.startContainer(gone))).toBe('engine.refused');
      expect(await keyOf(engine.putFiles(gone, []))).toBe('engine.refused');
      expect(await keyOf(engine.stats(gone))).toBe('engine.refused');
      expect(await keyOf(engine.containerLog(gone, 10))).toBe('engine.refused');
    });

    it('refuses a second container of the same name', async () => {
      const spec = bench.spec(scripts.wait);
      await engine.createContainer(spec);
      expect(await keyOf(engine.createContainer(spec))).toBe('engine.name-taken');
    });

    it('names a missing image', async () => {
      const spec = bench.spec(scripts.wait, { image: 'autogit-test/none:none' });
      expect(await keyOf(engine.createContainer(spec))).toBe('engine.image-missing');
    });

    it('lists containers in every state, by all labels, with their exit code', async () => {
      const labels = { ...bench.labels, group: bench.name('states') };
      const created = await engine.createContainer(bench.spec(scripts.wait, { labels }));
      const running = await bench.run(scripts.wait, { labels });
      const exited = await bench.run(scripts.fail, { labels });
      await bench.untilState(exited, 'exited');
      const listed = await engine.listContainers({ group: labels.group });
      expect(new Map(listed.map(({ id, state, exitCode }) => [id, [state, exitCode]]))).toEqual(
        new Map([
          [created, ['created', null]],
          [running, ['running', null]],
          [exited, ['exited', 3]],
        ]),
      );
      for (const one of listed) expect(one).toMatchObject({ labels, image: bench.image });
      expect(await engine.listContainers({ group: labels.group, other: 'x' })).toEqual([]);
      expect(await engine.inspectContainer(exited)).toMatchObject({ exitCode: 3 });
    });

    it('reads the end of the log of both streams', async () => {
      const id = await bench.run(scripts.fail);
      await bench.untilState(id, 'exited');
      await vi.waitFor(async () => expect(await engine.containerLog(id, 100)).toContain('four'));
      expect((await engine.containerLog(id, 100)).split('\n').sort()).toEqual([
        '',
        'four',
        'one',
        'three',
        'two',
      ]);
      expect(await engine.containerLog(id, 1)).toBe('four\n');
    });

    it('kills what does not stop, and force removes what runs', async () => {
      const deaf = await bench.run(scripts.wait, { stopSignal: 'SIGUSR2' });
      await engine.stopContainer(deaf, 0);
      await bench.untilState(deaf, 'exited');
      const running = await bench.run(scripts.wait);
      expect(await keyOf(engine.removeContainer(running, { force: false }))).toBe('engine.refused');
      await engine.removeContainer(running, { force: true });
      await engine.removeContainer(running, { force: true });
      expect(await engine.inspectContainer(running)).toBeNull();
    });

    it('publishes ports on a free port of the loopback address while the container runs', async () => {
      const ids = [
        await bench.run(scripts.wait, { publish: [8080, 9090] }),
        await bench.run(scripts.wait, { publish: [8080] }),
      ];
      const inspected = await Promise.all(ids.map((id) => engine.inspectContainer(id)));
      expect(inspected.map((each) => Object.keys(each?.ports ?? {}))).toEqual([['8080', '9090'], ['8080']]);
      const outside = inspected.flatMap((each) => Object.values(each?.ports ?? {}));
      expect(new Set(outside).size).toBe(3);
      expect(outside.every((port) => port > 0)).toBe(true);
      const listed = await engine.listContainers(bench.labels);
      expect(listed.find(({ id }) => id === ids[0])?.ports).toEqual(inspected[0]?.ports);
    });

    it('measures a running container, and gives nought for one that does not run', async () => {
      const running = await bench.run(scripts.wait);
      const stats = await engine.stats(running);
      // An engine without control groups cannot count for one container.
      if (canLimit(await engine.info())) expect(stats.cpuNanos).toBeGreaterThan(0);
      expect(stats.memoryBytes).toBeGreaterThan(0);
      expect(stats.memoryLimitBytes).toBeNull();
      const idle = await engine.createContainer(bench.spec(scripts.wait));
      expect(await engine.stats(idle)).toEqual({ cpuNanos: 0, memoryBytes: 0, memoryLimitBytes: null });
    });

    it('makes a network once and refuses to remove it while it is in use', async () => {
      const network = bench.name('second');
      await engine.createNetwork(network, bench.labels);
      await engine.createNetwork(network, bench.labels);
      const listed = (await engine.listNetworks(bench.labels)).filter(({ name }) => name === network);
      const subnets = [expect.stringMatching(/^\d+\.\d+\.\d+\.\d+\/\d+$/)];
      expect(listed).toEqual([{ name: network, labels: bench.labels, subnets }]);
      const id = await bench.run(scripts.wait, { network });
      expect(await keyOf(engine.removeNetwork(network))).toBe('engine.in-use');
      await engine.removeContainer(id, { force: true });
      await engine.removeNetwork(network);
      await engine.removeNetwork(network);
      expect((await engine.listNetworks(bench.labels)).map(({ name }) => name)).not.toContain(network);
    });

    it('tells by which names others are known on a network, and none of ours', async () => {
      const network = bench.name('names');
      await engine.createNetwork(network, bench.labels);
      const change = { network, name: bench.name('front'), aliases: ['gitlab.lab.test', 'auth.lab.test'] };
      const id = await bench.run(scripts.wait, change);
      const managed = { ...bench.labels, [label.managed]: 'true' };
      const own = await bench.run(scripts.wait, { network, labels: managed, aliases: ['own.lab.test'] });
      await engine.createContainer(bench.spec(scripts.wait, { network, aliases: ['idle.lab.test'] }));
      const names = await engine.listNames(network);
      expect(Object.keys(names)).toEqual([change.name]);
      expect(names[change.name]).toEqual(expect.arrayContaining(change.aliases));
      expect(await engine.listNames(bench.name('nowhere'))).toEqual({});
      for (const each of [id, own]) await engine.removeContainer(each, { force: true });
    });

    it('makes a volume once, refuses to remove it while it is in use, and keeps it after its container', async () => {
      const volume = bench.name('data');
      await engine.createVolume(volume, bench.labels);
      await engine.createVolume(volume, bench.labels);
      const id = await engine.createContainer(bench.spec(scripts.wait, { volumes: { [volume]: '/data' } }));
      expect(await keyOf(engine.removeVolume(volume))).toBe('engine.in-use');
      await engine.removeContainer(id, { force: true });
      expect(await engine.listVolumes(bench.labels)).toMatchObject([{ name: volume, labels: bench.labels }]);
      await engine.removeVolume(volume);
      await engine.removeVolume(volume);
      expect(await engine.listVolumes(bench.labels)).toEqual([]);
    });

    it('imports an image, finds it by its labels, and removes it unless it is in use', async () => {
      const reference = `${bench.name('plain')}:3`;
      const labels = { ...bench.labels, words: 'more than one' };
      expect(await engine.hasImage(reference)).toBe(false);
      await engine.importImage(reference, await packRootfs(['sh']), {
        env: { PATH: '/bin', A: 'b c' },
        labels,
      });
      expect(await engine.hasImage(reference)).toBe(true);
      expect(await engine.listImages({ words: labels.words })).toEqual([{ name: reference, labels }]);
      const id = await engine.createContainer(bench.spec('exit 0', { image: reference }));
      expect(await engine.inspectContainer(id)).toMatchObject({ image: reference });
      expect(await keyOf(engine.removeImage(reference))).toBe('engine.in-use');
      await engine.removeContainer(id, { force: true });
      await engine.removeImage(reference);
      await engine.removeImage(reference);
      expect(await engine.hasImage(reference)).toBe(false);
    });

    it('rejects a pull that finds nothing', async () => {
      const progress: PullProgress[] = [];
      const key = await keyOf(engine.pullImage('127.0.0.1:1/none:none', (step) => progress.push(step)));
      expect(['engine.refused', 'engine.image-missing']).toContain(key);
      expect(progress.every(({ current, total }) => current <= total)).toBe(true);
    });

    /** Starts containers until one of their starts has come through a watch: then the watch is open. */
    const startSeen = async (actions: ReadonlyMap<string, readonly string[]>): Promise<string> => {
      let id = '';
      const attempt = async (): Promise<void> => {
        id = await bench.run(scripts.wait);
        await vi.waitFor(() => expect(actions.get(id)).toContain('start'), { timeout: 2_000 });
      };
      await vi.waitFor(attempt, { timeout: 20_000 });
      return id;
    };

    it('reports events in order, rejects when they break off, and reports again afterwards', async () => {
      const actions = new Map<string, string[]>();
      const record: EngineEventListener = ({ type, action, id }) => {
        if (type === 'container') actions.set(id, [...(actions.get(id) ?? []), action]);
      };
      const broken = keyOf(subject.fragile.watch(record, new AbortController().signal));
      await startSeen(actions);
      subject.breakEvents();
      expect(await broken).toBe('engine.unreachable');

      actions.clear();
      const stop = new AbortController();
      const watched = subject.fragile.watch(record, stop.signal);
      const id = await startSeen(actions);
      await engine.stopContainer(id, 0);
      await engine.removeContainer(id, { force: true });
      await vi.waitFor(() => expect(actions.get(id)).toContain('destroy'), { timeout: 15_000 });
      const order = ['create', 'start', 'die', 'destroy'];
      expect([...new Set(actions.get(id)?.filter((each) => order.includes(each)))]).toEqual(order);
      stop.abort();
      await watched;
    });
  });
}
