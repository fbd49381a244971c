// How fast containers come up for many jobs at once, against what the engine alone can do with the same image.
import { randomBytes } from 'node:crypto';
import { patience, waitFor } from '../../chaos/wait-for.ts';
import { startBenchCore } from '../core.ts';
import type { BenchCore } from '../core.ts';
import { median } from '../frame.ts';
import type { BenchGround, Measure, Samples } from '../frame.ts';
import type { ContainerSpec, LabelledContainer } from '../../../main/ports.ts';

const sizes = [1, 5, 10, 20, 50, 100] as const;
/** From this size on there is a budget. */
const budgetFrom = 10;
const parallel = 4;
/** Of the large ones, so many rounds at most: the whole benchmark is to end in a quarter of an hour. */
const mostLarge = 2;

/** No job ends before all runners are there: then each of them needs a container of its own. */
const pipeline = (jobs: number): string => `wait:\n  parallel: ${jobs}\n  script:\n    - sleep 300\n`;

/** Containers a second that AutoGit starts, from the first job that it has seen to the last container. */
async function burst(core: BenchCore, size: number): Promise<number> {
  await core.untilNoRunner();
  const project = await core.push(pipeline(size));
  const { runners, jobs } = await core.until(
    (now) => now.runners.filter(({ startedAt }) => startedAt !== null).length === size,
  );
  const seen = Math.min(...jobs.filter((job) => job.projectId === project).map((job) => job.firstSeenAt));
  const last = Math.max(...runners.map(({ startedAt }) => startedAt ?? 0));
  await core.cancelAll(project);
  return (size * 1_000) / (last - seen);
}

/** The same number of containers of the same image on the same network, by the engine alone. */
async function raw(core: BenchCore, real: LabelledContainer, size: number): Promise<number> {
  const { engine } = core.lab;
  const [network] = await engine.listNetworks({ 'autogit.instance': core.lab.instance() });
  const made: string[] = [];
  const startedAt = performance.now();
  const names = Array.from({ length: size }, () => `autogit-bench-${randomBytes(4).toString('hex')}`);
  const startNext = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const id = await engine.createContainer(rawContainer(name, real.image, network?.name ?? 'bridge'));
      made.push(id);
      await engine.startContainer(id);
    }
  };
  await Promise.all(Array.from({ length: parallel }, startNext));
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const id of made) await engine.removeContainer(id, { force: true });
  return size / seconds;
}

/** A program that does nothing: what remains is the engine's own work. */
function rawContainer(name: string, image: string, network: string): ContainerSpec {
  return {
    ...{ name, image, network, entrypoint: ['sleep'], command: ['300'], env: {}, labels: {}, aliases: [] },
    ...{ publish: [], volumes: {}, cpus: null, memoryMiB: null, stopSignal: 'SIGKILL', capabilities: [] },
  };
}

async function firstRunner(core: BenchCore): Promise<LabelledContainer> {
  await core.push('first:\n  script:\n    - echo first\n');
  return waitFor(async () => {
    const [real] = await core.lab.runners();
    if (real === undefined) throw new Error('there is no runner');
    return real;
  }, patience);
}

export const bursts: Measure = {
  name: 'bursts',
  about: 'containers a second for 1 to 100 jobs at once, against the raw engine',
  needsEngine: true,
  run: async (ground: BenchGround) => {
    const core = await startBenchCore(ground, { max: Math.max(...sizes), idleTime: 1 });
    const real = await firstRunner(core);
    const samples: Samples[] = [];
    const ratios: { readonly size: number; readonly ratio: number }[] = [];
    for (const size of sizes) {
      const own: number[] = [];
      const engine: number[] = [];
      const rounds = size > 20 ? Math.min(ground.rounds, mostLarge) : ground.rounds;
      for (let round = 0; round < rounds; round += 1) {
        own.push(await burst(core, size));
        await core.untilNoRunner();
        engine.push(await raw(core, real, size));
      }
      samples.push(
        { what: `burst of ${size}`, unit: 'per second', values: own },
        { what: `raw engine, ${size} containers`, unit: 'per second', values: engine },
      );
      ratios.push({ size, ratio: median(own) / median(engine) });
      ground.say(`burst of ${size}: ${(median(own) / median(engine)).toFixed(2)}x`);
    }
    return {
      samples,
      budgets: ratios
        .filter(({ size }) => size >= budgetFrom)
        .map(({ size, ratio }) => ({
          what: `burst of ${size} against the raw engine`,
          ...{ unit: 'x' as const, better: 'higher' as const, measured: ratio, limit: 0.85 },
        })),
      notes: [
        `the raw engine creates and starts containers that only sleep, ${parallel} at a time; AutoGit's run a runner each, which starts, takes its job and begins its script on the same processors.`,
      ],
    };
  },
};
