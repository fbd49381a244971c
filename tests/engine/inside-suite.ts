// What AutoGit asks of an engine, proven from inside the containers of a real one.
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../main/adapters/host/clock.ts';
import { goSignal, untilGateStands, withGate } from '../../main/apply/runner-gate.ts';
import type { ContainerSpec, Engine, PullProgress } from '../../main/ports.ts';
import { packRootfs } from '../fixtures/tiny-image.ts';
import { startTinyRegistry } from '../fixtures/tiny-registry.ts';
import { type Bench, canLimit, openBench, scripts } from './port-suite.ts';

/** Greets whoever connects to port 8080, as the program of a container. */
const greeter = `require('node:net').createServer((socket) => socket.end('hello\\n')).listen(8080)`;

/** Prints the greeting of `host`, trying until somebody listens there. */
const visitor = (host: string): string => `
  const visit = () => require('node:net').connect(8080, '${host}')
    .on('error', () => setTimeout(visit, 100)).pipe(process.stdout);
  visit();`;

const node = (program: string): Partial<ContainerSpec> => ({
  entrypoint: ['/bin/node', '-e'],
  command: [program],
});

async function readPort(port: number): Promise<string> {
  return text(connect(port, '127.0.0.1'));
}

/** The part of the suite for engines that run programs. */
export function describeInside(title: string, open: () => Engine): void {
  describe(title, { timeout: 60_000 }, () => {
    let engine: Engine;
    let bench: Bench;

    beforeAll(async () => {
      engine = open();
      bench = await openBench(engine, [process.execPath]);
    }, 60_000);

    afterAll(() => bench.clean(), 60_000);

    /** Runs a script to its end and reads what it printed. */
    const outputOf = async (script: string, change?: Partial<ContainerSpec>): Promise<string> => {
      const id = await bench.run(script, change);
      await bench.untilState(id, 'exited');
      return engine.containerLog(id, 1000);
    };

    it('limits memory and processors', async ({ skip }) => {
      const info = await engine.info();
      skip(!canLimit(info), 'this engine runs without control groups, so it cannot limit anything');
      const files =
        info.cgroupVersion === '2'
          ? ['memory.max', 'cpu.max', 'pids.max']
          : [
              'memory/memory.limit_in_bytes',
              'cpu/cpu.cfs_quota_us',
              'cpu/cpu.cfs_period_us',
              'pids/pids.max',
            ];
      const script = files.map((file) => `cat /sys/fs/cgroup/${file}`).join('; ');
      const output = await outputOf(script, { memoryMiB: 96, cpus: 0.5 });
      expect(output.split(/\s+/).filter(Boolean)).toEqual([
        String(96 * 1024 ** 2),
        '50000',
        '100000',
        '4096',
      ]);
      const id = await bench.run(scripts.wait, { memoryMiB: 96 });
      expect((await engine.stats(id)).memoryLimitBytes).toBe(96 * 1024 ** 2);
    });

    it('starts with limits even where they cannot take effect', async () => {
      expect(await outputOf('echo started', { memoryMiB: 96, cpus: 64 })).toBe('started\n');
    });

    it('keeps only the capabilities that were given, and no way to new ones', async () => {
      const status = 'while read -r line; do echo "$line"; done < /proc/self/status';
      const bare = await outputOf(status);
      expect(bare).toMatch(/^CapEff:\s+0+$/m);
      expect(bare).toMatch(/^CapBnd:\s+0+$/m);
      expect(bare).toMatch(/^NoNewPrivs:\s+1$/m);
      // CAP_CHOWN is bit 0, CAP_SETUID bit 7.
      expect(await outputOf(status, { capabilities: ['CHOWN', 'SETUID'] })).toMatch(/^CapEff:\s+0+81$/m);
    });

    it('passes environment, command and entry point', async () => {
      const env = { GREETING: 'a "b" $c\nd' };
      expect(await outputOf('echo "$GREETING"; echo "$PATH"', { env })).toBe('a "b" $c\nd\n/bin\n');
    });

    it('puts files in before the start, owned by root, with their modes, and makes their folders', async () => {
      const id = await engine.createContainer(
        bench.spec('cd /deep/er && stat -c "%u:%g %a" secret tool . .. /tmp && cat secret && ./tool', {}),
      );
      await engine.putFiles(id, [
        { path: '/deep/er/secret', content: 'grüße\n', mode: 0o600 },
        { path: '/deep/er/tool', content: '#!/bin/sh\necho ran\n', mode: 0o755 },
        { path: '/tmp/note', content: '', mode: 0o644 },
      ]);
      await engine.startContainer(id);
      await bench.untilState(id, 'exited');
      const lines = (await engine.containerLog(id, 100)).split('\n');
      expect(lines).toEqual(['0:0 600', '0:0 755', '0:0 755', '0:0 755', '0:0 1777', 'grüße', 'ran', '']);
    });

    it('lets a program wait at its gate, through any number of goes, and end there when it is to leave', async () => {
      const gated = (script: string): ContainerSpec => withGate(bench.spec(script, {}));
      const open = async (script: string): Promise<string> => {
        const id = await engine.createContainer(gated(script));
        await engine.startContainer(id);
        await untilGateStands(engine, id, systemClock);
        return id;
      };
      const runner = await open(
        'trap "exit 7" QUIT; echo "runs as $$"; while :; do sleep 60 & wait $!; done',
      );
      await engine.signalContainer(runner, goSignal);
      await vi.waitFor(async () => expect(await engine.containerLog(runner, 9)).toContain('runs as 1\n'));
      await engine.signalContainer(runner, goSignal);
      await engine.signalContainer(runner, 'SIGQUIT');
      await bench.untilState(runner, 'exited');
      expect((await engine.inspectContainer(runner))?.exitCode).toBe(7);
      const unwanted = await open('echo ran');
      await engine.signalContainer(unwanted, 'SIGQUIT');
      await bench.untilState(unwanted, 'exited');
      expect((await engine.inspectContainer(unwanted))?.exitCode).toBe(0);
      expect(await engine.containerLog(unwanted, 9)).not.toContain('ran');
    });

    it('keeps what is in a volume when its container is removed', async () => {
      const volume = bench.name('kept');
      await engine.createVolume(volume, bench.labels);
      const volumes = { [volume]: '/data' };
      const writer = await bench.run('echo kept > /data/file', { volumes });
      await bench.untilState(writer, 'exited');
      await engine.removeContainer(writer, { force: true });
      expect(await outputOf('cat /data/file', { volumes })).toBe('kept\n');
    });

    it('reaches a published port on the loopback address, and an alias from another container', async () => {
      const id = await bench.run('', { ...node(greeter), publish: [8080], aliases: ['greeter'] });
      const port = (await engine.inspectContainer(id))?.ports[8080] ?? 0;
      await vi.waitFor(async () => expect(await readPort(port)).toBe('hello\n'), { timeout: 15_000 });
      expect(await outputOf('', node(visitor('greeter')))).toBe('hello\n');
    });

    it('knows a container that keeps its address, also once that was started again', async () => {
      const spec = bench.spec('', { ...node(greeter), aliases: ['steady'], keepsAddress: true });
      const id = await engine.createContainer(spec);
      await engine.startContainer(id);
      const knows = { steady: spec.name };
      expect(await outputOf('', { ...node(visitor('steady')), knows })).toBe('hello\n');
      const sleeper = await engine.createContainer(bench.spec(scripts.wait, { knows }));
      await engine.stopContainer(id, 0);
      // It may have got the address that has become free.
      await engine.startContainer(sleeper);
      await engine.startContainer(id);
      expect(await outputOf('', { ...node(visitor('steady')), knows })).toBe('hello\n');
      const { kind } = await engine.info();
      const hosts = await outputOf('cat /etc/hosts', { knows });
      expect(/^[\d.]+\s+steady$/m.test(hosts)).toBe(kind === 'podman');
    });

    it('sends the signals it is asked to send', async () => {
      const id = await bench.run(
        'trap "echo usr1" USR1; trap "exit 7" QUIT; echo ready; while :; do sleep 0.1; done',
      );
      await vi.waitFor(async () => expect(await engine.containerLog(id, 5)).toContain('ready'), {
        timeout: 15_000,
      });
      await engine.signalContainer(id, 'SIGUSR1');
      await vi.waitFor(async () => expect(await engine.containerLog(id, 5)).toContain('usr1'), {
        timeout: 15_000,
      });
      await engine.stopContainer(id, 20);
      expect(await engine.inspectContainer(id)).toMatchObject({ state: 'exited', exitCode: 7 });
    });

    it('pulls an image with progress, and names a tag that the registry does not have', async ({ skip }) => {
      const { kind, rootless, architecture } = await engine.info();
      skip(
        kind !== 'docker' || rootless,
        'only Docker as root reaches a registry without TLS on the loopback address',
      );
      const registry = await startTinyRegistry(await packRootfs(['sh']), architecture);
      try {
        const seen: PullProgress[] = [];
        await engine.pullImage(registry.reference, (progress) => seen.push(progress));
        expect(await engine.hasImage(registry.reference)).toBe(true);
        expect(seen.length).toBeGreaterThan(2);
        expect(seen.every(({ current, total }) => current <= total)).toBe(true);
        expect(await outputOf('echo pulled', { image: registry.reference })).toBe('pulled\n');
        const missing = engine.pullImage(registry.reference.replace(/1$/, '2'), () => undefined);
        await expect(missing).rejects.toMatchObject({ key: 'engine.image-missing' });
      } finally {
        await registry.close();
        for (const { id, image } of await engine.listContainers(bench.labels)) {
          if (image === registry.reference) await engine.removeContainer(id, { force: true });
        }
        await engine.removeImage(registry.reference);
      }
    });

    it('gives no name to an image whose source fails', async () => {
      const reference = `${bench.name('broken')}:1`;
      const failure = new Error('the disk of the source is gone');
      const whole = await packRootfs(['sh']);
      const source = Readable.from(
        (async function* () {
          for await (const chunk of whole) {
            yield chunk;
            throw failure;
          }
        })(),
      );
      const imported = engine.importImage(reference, source, { env: {}, labels: bench.labels });
      await expect(imported).rejects.toBe(failure);
      // Podman goes on with what it has; the next answered import shows that it is through with it.
      await engine.importImage(bench.name('after'), await packRootfs(['sh']), {
        env: {},
        labels: bench.labels,
      });
      expect(await engine.hasImage(reference)).toBe(false);
    });
  });
}
