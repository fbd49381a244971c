// What running jobs use is sampled, a few containers at a time, and counted once when they have ended.
import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Job } from '../../../main/model/job.ts';
import { gatewayKeyText } from '../../../main/model/grant.ts';
import { label, signLabels } from '../../../main/model/labels.ts';
import type { Pool } from '../../../main/model/pool.ts';
import type { RunnerRecord } from '../../../main/model/runner.ts';
import { mostPerRound, roundMs, watchUsage } from '../../../main/observe/usage.ts';
import type { UsageWatch } from '../../../main/observe/usage.ts';
import type { Store } from '../../../main/ports.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { memorySecrets, memoryStore } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { someInfo } from '../../fakes/some-engine.ts';
import {
  fresh,
  network,
  runnerImage,
  someContainer,
  someJob,
  someNode,
  somePool,
  someRecord,
  someView,
} from '../../fakes/world.ts';

const mebibyte = 1024 ** 2;
const watches: UsageWatch[] = [];
afterEach(async () => {
  for (const watch of watches.splice(0)) await watch.stop();
});

interface Ground {
  readonly clock: FakeClock;
  readonly engine: FakeEngine;
  readonly store: Store;
  /** The jobs in the queue now. */
  queue: Job[];
  readonly measured: () => readonly string[];
  round(): Promise<void>;
  end(job: Job): void;
}

interface Options {
  readonly runners?: number;
  readonly pool?: Partial<Pool>;
  readonly limits?: { readonly memory: boolean; readonly cpus: boolean };
}

const runnerOf = (index: number, change: Partial<RunnerRecord> = {}): RunnerRecord =>
  someRecord({ id: index.toString(16).padStart(8, '0'), slot: index, ...change });

async function start({
  runners = 1,
  pool = {},
  limits = { memory: true, cpus: true },
}: Options = {}): Promise<Ground> {
  const clock = new FakeClock();
  const engine = new FakeEngine({ images: [runnerImage] });
  const store = memoryStore(clock);
  const secrets = memorySecrets({});
  await engine.createNetwork(network, {});
  const records = Array.from({ length: runners }, (_, index) => runnerOf(index));
  const spec = {
    ...{
      image: runnerImage,
      entrypoint: [],
      command: [],
      env: {},
      labels: {},
      network,
      aliases: [],
      publish: [],
    },
    ...{ volumes: {}, cpus: null, memoryMiB: 1024, stopSignal: 'SIGQUIT', capabilities: [] },
  };
  for (const record of records) {
    store.insertRunner(record);
    await engine.startContainer(await engine.createContainer({ ...spec, name: record.name }));
  }
  for (const executor of pool.executor === 'image' ? ['build', 'foreign'] : []) {
    const name = `runner-${executor}`;
    const own = {
      ...{ [label.managed]: 'true', [label.instance]: store.instance, [label.role]: 'job' },
      ...{ [label.pool]: 'default', [label.runner]: records[0]?.name ?? '' },
    };
    const key = executor === 'build' ? secrets.sign(gatewayKeyText) : 'somebody else';
    const labels = signLabels(name, own, (text) => createHmac('sha256', key).update(text).digest('hex'));
    await engine.startContainer(await engine.createContainer({ ...spec, name, labels }));
  }
  const ids = new Map<string, string>();
  for (const { name } of records) ids.set(name, (await engine.inspectContainer(name))?.id ?? '');
  const containers = records.map(({ id, name }) => someContainer({ runner: id, id: ids.get(name) ?? '' }));
  const ground: Ground = {
    ...{ clock, engine, store },
    queue: records.map(({ systemId }, index) =>
      someJob({ id: index + 1, status: 'running', systemId, startedAt: clock.now() }),
    ),
    measured: () => engine.calls.filter(({ method }) => method === 'stats').map(({ subject }) => subject),
    round: () => clock.advance(roundMs),
    end: (job) => {
      ground.queue = ground.queue.filter(({ id }) => id !== job.id);
      store.saveJobs([{ ...job, status: 'success', finishedAt: clock.now() }]);
    },
  };
  const info = someInfo({ limits });
  const watch = watchUsage({
    ...{ store, secrets, clock, log: silentLog, instance: store.instance },
    observed: () => ({
      nodes: [someNode(fresh(someView({ info, containers })))],
      gitlab: fresh({ jobs: ground.queue, lastBusy: {} }),
      records,
    }),
    engine: () => engine,
    pools: () => [somePool({ memoryMiB: 1024, cpus: 2, ...pool })],
    chance: () => 0.5,
    onChange: () => undefined,
  });
  watches.push(watch);
  return ground;
}

describe('what a job uses', () => {
  it('is its highest memory and its fastest use of processors, counted once it has ended', async () => {
    const ground = await start();
    const [job] = ground.queue;
    const name = runnerOf(0).name;
    const use = async (cpuSeconds: number, memory: number): Promise<void> => {
      ground.engine.use(name, { cpuNanos: cpuSeconds * 1e9, memoryBytes: memory * mebibyte });
      await ground.round();
    };
    await use(10, 100);
    await use(25, 700);
    await use(27, 300);
    if (job !== undefined) ground.end(job);
    expect(ground.store.usages()).toEqual([]);
    await ground.clock.advance(3 * roundMs);
    const [usage] = ground.store.usages();
    expect(usage).toMatchObject({ job: 'build', pool: 'default', measured: 1, outOfMemory: 0 });
    expect(usage?.memory).toMatchObject({ jobs: 1, most: 700 });
    expect(usage?.cpu.most).toBeCloseTo(1.5 * 16, 3);
    expect(usage?.time.most).toBe(30);
  });

  it('of a job that was over before it was looked at is its time alone', async () => {
    const ground = await start();
    const [job] = ground.queue;
    await ground.clock.advance(2_000);
    if (job !== undefined) ground.end(job);
    await ground.clock.advance(4 * roundMs);
    expect(ground.store.usages()[0]).toMatchObject({
      measured: 0,
      memory: { jobs: 0 },
      time: { jobs: 1, most: 2 },
    });
    expect(ground.measured()).toEqual([]);
  });

  it('of another job in the same runner does not begin with what the first has used', async () => {
    const ground = await start();
    const [first] = ground.queue;
    const name = runnerOf(0).name;
    ground.engine.use(name, { cpuNanos: 1e9, memoryBytes: mebibyte });
    await ground.round();
    if (first === undefined) throw new Error('no job');
    ground.end(first);
    ground.queue = [{ ...first, id: 2, name: 'second' }];
    ground.engine.use(name, { cpuNanos: 100e9, memoryBytes: mebibyte });
    await ground.round();
    ground.end({ ...first, id: 2, name: 'second' });
    await ground.clock.advance(4 * roundMs);
    expect(ground.store.usages().find(({ job }) => job === 'second')?.cpu.jobs).toBe(0);
  });

  it('that ran out of memory is told with it', async () => {
    const ground = await start();
    const [job] = ground.queue;
    await ground.round();
    ground.store.updateRunner(runnerOf(0).id, { outOfMemoryAt: ground.clock.now() });
    if (job !== undefined) ground.end(job);
    await ground.clock.advance(4 * roundMs);
    expect(ground.store.usages()[0]).toMatchObject({ outOfMemory: 1, measured: 1 });
  });
});

describe('the engine', () => {
  it('is asked about a few containers in a round, in turn, and about none while nothing runs', async () => {
    const ground = await start({ runners: mostPerRound + 10 });
    await ground.round();
    expect(ground.measured()).toHaveLength(mostPerRound);
    await ground.round();
    const again = ground.measured().slice(mostPerRound);
    expect(again).toHaveLength(mostPerRound);
    expect(new Set(ground.measured()).size).toBe(mostPerRound + 10);
    ground.queue = [];
    await ground.clock.advance(10 * roundMs);
    expect(ground.measured()).toHaveLength(2 * mostPerRound);
  });

  it('that tells the figures of the machine is not asked', async () => {
    const ground = await start({ limits: { memory: false, cpus: false } });
    const [job] = ground.queue;
    await ground.clock.advance(5 * roundMs);
    expect(ground.measured()).toEqual([]);
    if (job !== undefined) ground.end(job);
    await ground.clock.advance(4 * roundMs);
    expect(ground.store.usages()[0]).toMatchObject({ measured: 0, memory: { jobs: 0 }, cpu: { jobs: 0 } });
  });

  it('is asked about what a job was given beside its runner, as far as the gateway has signed it', async () => {
    const ground = await start({ pool: { executor: 'image' } });
    await ground.round();
    const build = await ground.engine.inspectContainer('runner-build');
    expect(ground.measured()).toEqual([build?.id]);
  });

  it('that fails is asked again in the next round', async () => {
    const ground = await start();
    ground.engine.failNext('stats', new Error('busy'));
    await ground.round();
    await ground.round();
    expect(ground.measured()).toHaveLength(2);
  });
});
