import { afterEach, describe, expect, it } from 'vitest';
import { parseRefusals, watchRefusals } from '../../../main/observe/refusals.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { memoryStore } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import type { FakeProcess } from '../../fakes/fake-engine.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import {
  fresh,
  network,
  someContainer,
  someJob,
  someNode,
  somePool,
  someRecord,
  someView,
} from '../../fakes/world.ts';

const note = (runner: string, message: string, event = 'refused'): string =>
  JSON.stringify({ time: '2026-01-01T00:00:00.000Z', event, key: 'gateway.privileged', message, runner });

describe("the gateway's log", () => {
  it('gives the last refusal of each runner, and nothing for what is no refusal or no note at all', () => {
    const log = [
      note('a', 'first'),
      note('b', 'other'),
      'oops {',
      '',
      note('c', 'x', 'removed'),
      note('a', 'second'),
    ];
    expect([...parseRefusals(log.join('\n'))]).toEqual([
      ['a', 'second'],
      ['b', 'other'],
    ]);
  });
});

describe('runners whose job failed', () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  async function start(executor: 'image' | 'container', failureReason: string) {
    const clock = new FakeClock();
    const store = memoryStore(clock);
    const record = someRecord();
    const started: FakeProcess[] = [];
    const engine = new FakeEngine({ images: ['gateway'], onStart: (process) => started.push(process) });
    await engine.createNetwork(network, {});
    const id = await engine.createContainer({
      ...{ name: 'gateway', image: 'gateway', entrypoint: [], command: [], env: {}, labels: {}, network },
      ...{
        aliases: [],
        publish: [],
        volumes: {},
        cpus: null,
        memoryMiB: null,
        stopSignal: 'SIGTERM',
        capabilities: [],
      },
    });
    await engine.startContainer(id);
    started[0]?.print(`${note(record.name, 'no privileged containers')}\n`);
    store.insertRunner(record);
    const { systemId } = record;
    store.saveJobs([someJob({ status: 'failed', failureReason, systemId, startedAt: 1, finishedAt: 2 })]);
    const containers = [someContainer({ id, name: 'gateway', role: 'gateway' })];
    const stopping = new AbortController();
    const watching = watchRefusals(
      {
        ...{ store, clock, log: silentLog, engine: () => engine, pools: () => [somePool({ executor })] },
        observed: () => ({ nodes: [someNode(fresh(someView({ containers })))] }),
      },
      stopping.signal,
    );
    stops.push(() => {
      stopping.abort();
      return watching;
    });
    await clock.advance(60_000);
    return {
      refusal: store.liveRunners()[0]?.refusal,
      read: engine.calls.filter(({ method }) => method === 'containerLog').length,
    };
  }

  it('keep what the gateway has refused them, and its log is read once', async () => {
    expect(await start('image', 'runner_system_failure')).toEqual({
      refusal: 'no privileged containers',
      read: 1,
    });
  });

  it.each([
    ['image', 'script_failure'],
    ['container', 'runner_system_failure'],
  ] as const)('%s, %s: are not asked about', async (executor, reason) => {
    expect(await start(executor, reason)).toEqual({ refusal: undefined, read: 0 });
  });
});
