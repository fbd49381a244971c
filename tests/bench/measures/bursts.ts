// How fast containers come up for many jobs at once, against what the engine alone can do with the same image.
import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { patience, waitFor } from '../../chaos/wait-for.ts';
import { startBenchCore } from '../core.ts';
import type { BenchCore } from '../core.ts';
import { median } from '../frame.ts';
import type { BenchGround, Budget, Measure, Samples } from '../frame.ts';
import type { ContainerSpec, LabelledContainer } from '../../../main/ports.ts';

const sizes = [1, 5, 10, 20, 50, 100] as const;
/** From this size on there is a budget. */
const budgetFrom = 10;
/** Of the raw engine's rate. */
const limit = 0.85;
const parallel = 4;
/** Of the large ones, so many rounds at most: the whole benchmark is to end in a quarter of an hour. */
const mostLarge = 2;

/** No job ends before all runners are there: then each of them needs a container of its own. */
const pipeline = (jobs: number): string => `wait:\n  parallel: ${jobs}\n  script:\n    - sleep 300\n`;

/** So many containers, or jobs, that came up one after the other. */
interface Come {
  readonly perSecond: number;
  /** Processor time of the whole machine for each of them, in milliseconds. */
  readonly machineMs: number;
}

interface Burst extends Come {
  /** What of it was used in the containers of runners and sandbox, which AutoGit cannot do without. */
  readonly containersMs: number;
}

/** Processor time of this machine so far, in milliseconds; what gives way to others is not counted. */
function machineMs(): number {
  return cpus().reduce((sum, { times: { user, sys, irq } }) => sum + user + sys + irq, 0);
}

/** Processor time in containers so far, in milliseconds. */
async function containersMs({ lab }: BenchCore, names: readonly string[]): Promise<number> {
  const used: number[] = [];
  for (const name of names) used.push((await lab.engine.stats(name)).cpuNanos / 1_000_000);
  return used.reduce((sum, ms) => sum + ms, 0);
}

async function sandboxNames({ lab }: BenchCore): Promise<readonly string[]> {
  const own = await lab.engine.listContainers({ 'autogit.instance': lab.instance() });
  return own.filter(({ name }) => name.startsWith('autogit-sandbox')).map(({ name }) => name);
}

/** From the first job that AutoGit has seen to the last container. */
async function burst(core: BenchCore, size: number): Promise<Burst> {
  await core.untilNoRunner();
  const sandbox = await sandboxNames(core);
  const before = { machine: machineMs(), sandbox: await containersMs(core, sandbox) };
  const project = await core.push(pipeline(size));
  const { runners, jobs } = await core.until(
    (now) => now.runners.filter(({ startedAt }) => startedAt !== null).length === size,
  );
  const seen = Math.min(...jobs.filter((job) => job.projectId === project).map((job) => job.firstSeenAt));
  const last = Math.max(...runners.map(({ startedAt }) => startedAt ?? 0));
  const machine = machineMs() - before.machine;
  const names = runners.map(({ name }) => name);
  const inside = (await containersMs(core, [...names, ...sandbox])) - before.sandbox;
  await core.cancelAll(project);
  return {
    ...{ perSecond: (size * 1_000) / (last - seen) },
    ...{ machineMs: machine / size, containersMs: Math.min(inside, machine) / size },
  };
}

/** The same number of containers of the same image on the same network, by the engine alone. */
async function raw(core: BenchCore, real: LabelledContainer, size: number): Promise<Come> {
  const { engine } = core.lab;
  const [network] = await engine.listNetworks({ 'autogit.instance': core.lab.instance() });
  const made: string[] = [];
  const [startedAt, before] = [performance.now(), machineMs()];
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
  const used = machineMs() - before;
  for (const id of made) await engine.removeContainer(id, { force: true });
  return { perSecond: size / seconds, machineMs: used / size };
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

interface Taken {
  readonly size: number;
  readonly own: readonly Burst[];
  readonly engine: readonly Come[];
}

async function takeSize(
  core: BenchCore,
  real: LabelledContainer,
  size: number,
  rounds: number,
): Promise<Taken> {
  const [own, engine]: [Burst[], Come[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    own.push(await burst(core, size));
    await core.untilNoRunner();
    engine.push(await raw(core, real, size));
  }
  return { size, own, engine };
}

const middle = <T>(values: readonly T[], of: (value: T) => number): number => median(values.map(of));
const ratioOf = ({ own, engine }: Taken): number =>
  middle(own, ({ perSecond }) => perSecond) / middle(engine, ({ perSecond }) => perSecond);

/**
 * What would be left of the engine's rate if AutoGit itself cost nothing and no runner's work were put off: the
 * processors have to run what runners and sandbox do besides.
 */
function ceilingOf({ own, engine }: Taken): number {
  const bare = middle(engine, ({ machineMs: ms }) => ms);
  return bare / (bare + middle(own, ({ containersMs: ms }) => ms));
}

function budgetOf(taken: Taken): Budget {
  const [measured, ceiling] = [ratioOf(taken), ceilingOf(taken)];
  const machine = middle(taken.own, ({ machineMs: ms }) => ms);
  const inside = middle(taken.own, ({ containersMs: ms }) => ms);
  const bare = middle(taken.engine, ({ machineMs: ms }) => ms);
  const ms = (value: number): string => `${Math.round(value)} ms`;
  return {
    what: `burst of ${taken.size} against the raw engine`,
    ...{ unit: 'x', better: 'higher', measured, limit },
    ...(measured < limit * ceiling
      ? {}
      : {
          because: `a container with a runner that begins its job takes ${ms(machine)} of the processors, ${ms(inside)} of it inside runners and sandbox; one that only sleeps takes ${ms(bare)}. If no runner's work could be put off, an AutoGit that costs nothing would reach ${ceiling.toFixed(2)}x.`,
        }),
  };
}

export const bursts: Measure = {
  name: 'bursts',
  about: 'containers a second for 1 to 100 jobs at once, against the raw engine',
  needsEngine: true,
  run: async (ground: BenchGround) => {
    const core = await startBenchCore(ground, { max: Math.max(...sizes), idleTime: 1 });
    const real = await firstRunner(core);
    const all: Taken[] = [];
    for (const size of sizes) {
      const rounds = size > 20 ? Math.min(ground.rounds, mostLarge) : ground.rounds;
      const taken = await takeSize(core, real, size, rounds);
      all.push(taken);
      ground.say(`burst of ${size}: ${ratioOf(taken).toFixed(2)}x of ${ceilingOf(taken).toFixed(2)}x`);
    }
    return {
      samples: all.flatMap(({ size, own, engine }): readonly Samples[] => [
        { what: `burst of ${size}`, unit: 'per second', values: own.map(({ perSecond }) => perSecond) },
        {
          what: `raw engine, ${size} containers`,
          unit: 'per second',
          values: engine.map(({ perSecond }) => perSecond),
        },
      ]),
      budgets: all.filter(({ size }) => size >= budgetFrom).map(budgetOf),
      notes: [
        `the raw engine creates and starts containers that only sleep, ${parallel} at a time; AutoGit's run a runner each, which starts, takes its job and begins its script on the same processors.`,
      ],
    };
  },
};
