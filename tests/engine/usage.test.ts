// What a job uses, and that it ran out of memory, as a real engine tells it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import type { Engine, EngineEvent } from '../../main/ports.ts';
import { label } from '../../main/model/labels.ts';
import { canLimit, openBench, scripts } from './port-suite.ts';
import type { Bench } from './port-suite.ts';
import { listRealEngines, silentLog, titleOf } from './real-engines.ts';

const hosts = await listRealEngines();

/** Takes more memory than there is, bit by bit, without reading any file again. */
const greedy = 'x=0123456789abcdef; while :; do x=$x$x; done';

for (const host of hosts) {
  describe(`use of ${await titleOf(host)} at ${host}`, { timeout: 120_000 }, () => {
    let engine: Engine;
    let bench: Bench;

    beforeAll(async () => {
      engine = connectEngine({ host, log: silentLog });
      bench = await openBench(engine);
    }, 60_000);
    afterAll(() => bench.clean(), 60_000);

    it('is told for many containers at once', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 8; index += 1) ids.push(await bench.run(scripts.wait));
      const stats = await Promise.all(ids.map((id) => engine.stats(id)));
      expect(stats.every(({ memoryBytes }) => memoryBytes > 0)).toBe(true);
    });

    it('tells of memory that ran out, in a container that ended by it', async ({ skip }) => {
      const info = await engine.info();
      skip(!canLimit(info), 'this engine cannot limit anything');
      skip(
        info.kind === 'podman' && info.cgroupVersion === '1',
        'Podman does not tell it with control groups of version 1',
      );
      const told: EngineEvent[] = [];
      const stop = new AbortController();
      const watching = engine.watch((event) => told.push(event), stop.signal);
      const runner = bench.name('runner');
      const labels = { ...bench.labels, [label.runner]: runner };
      const id = await bench.run(greedy, { memoryMiB: 32, labels });
      await bench.untilState(id, 'exited');
      stop.abort();
      await watching;
      const seen = await engine.inspectContainer(id);
      const event = told.find((one) => one.action === 'oom' && one.id === id);
      expect(seen?.outOfMemory === true || event !== undefined).toBe(true);
      if (event !== undefined) expect(event.runner).toBe(runner);
    });

    it('tells of memory that ran out in a program of a container that goes on, by an event or when asked', async ({
      skip,
    }) => {
      const info = await engine.info();
      skip(!canLimit(info), 'this engine cannot limit anything');
      skip(
        info.kind === 'podman' && info.cgroupVersion === '1',
        'Podman does not tell it with control groups of version 1',
      );
      const told: EngineEvent[] = [];
      const stop = new AbortController();
      const watching = engine.watch((event) => told.push(event), stop.signal);
      const id = await bench.run(`sh -c '${greedy}'; echo "ended with $?"; exit 0`, { memoryMiB: 32 });
      await bench.untilState(id, 'exited');
      stop.abort();
      await watching;
      const seen = await engine.inspectContainer(id);
      expect(await engine.containerLog(id, 10)).toContain('ended with 137');
      const event = told.find((one) => one.action === 'oom' && one.id === id);
      expect(seen?.outOfMemory === true || event !== undefined).toBe(true);
    });
  });
}

describe.skipIf(hosts.length > 0)('no container engine answers on this machine', () => {
  it.skip('what jobs use needs one', () => undefined);
});
