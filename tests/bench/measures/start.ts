// From a job in GitLab's queue to its container, and to the job running in it.
import { setTimeout as sleep } from 'node:timers/promises';
import { startBenchCore } from '../core.ts';
import type { BenchCore } from '../core.ts';
import { median, p95 } from '../frame.ts';
import type { BenchGround, Budget, Measure } from '../frame.ts';

const pipeline = 'quick:\n  script:\n    - echo quick\n';
/** The sandbox's runner asks for jobs this often; where in it a job comes must not be the same each time. */
const askMs = 3_000;
/** Of the golden section: its multiples spread evenly. */
const golden = 0.618;

interface Times {
  /** From the job's creation to the engine's word that its container runs; 0 where it ran before. */
  readonly container: number;
  /** From the job's creation to the moment at which GitLab has it running. */
  readonly running: number;
}

async function runOne({ lab, push, untilStarted }: BenchCore): Promise<Times> {
  const project = await push(pipeline);
  const [job] = await untilStarted(project, 1);
  const { runners } = await lab.until((now) => now.runners.some(({ startedAt }) => startedAt !== null));
  const startedAt = runners[0]?.startedAt ?? 0;
  if (job?.startedAt === undefined || job.startedAt === null) throw new Error('the job has not started');
  return { container: startedAt - job.createdAt, running: job.startedAt - job.createdAt };
}

async function takeCold(ground: BenchGround): Promise<readonly Times[]> {
  const core = await startBenchCore(ground, { max: 1, idleTime: 1 });
  const times: Times[] = [];
  for (let round = 0; round < ground.rounds; round += 1) {
    await core.untilNoRunner();
    times.push(await runOne(core));
  }
  return times;
}

async function takeIdle(ground: BenchGround): Promise<readonly Times[]> {
  const core = await startBenchCore(ground, { max: 1, idleTime: 600 });
  await runOne(core);
  const times: Times[] = [];
  for (let round = 0; round < ground.rounds; round += 1) {
    await sleep(askMs * (1 + ((round * golden) % 1)));
    times.push(await runOne(core));
  }
  return times;
}

async function takeWarm(ground: BenchGround): Promise<readonly Times[]> {
  const core = await startBenchCore(ground, { max: 2, min: 1, idleTime: 1 });
  const times: Times[] = [];
  for (let round = 0; round < ground.rounds; round += 1) {
    await core.lab.until(({ runners }) => runners.map(({ state }) => state).join() === 'warm');
    times.push(await runOne(core));
  }
  return times;
}

function budgetsOf(
  what: string,
  values: readonly number[],
  limits: readonly [number, number],
): readonly Budget[] {
  const common = { unit: 'ms', better: 'lower' } as const;
  return [
    { ...common, what: `${what}, p50`, measured: median(values), limit: limits[0] },
    { ...common, what: `${what}, p95`, measured: p95(values), limit: limits[1] },
  ];
}

export const start: Measure = {
  name: 'start',
  about:
    'from a queued job to its container and to the job running, without a runner, with a warm and with an idle one',
  needsEngine: true,
  run: async (ground) => {
    const cold = await takeCold(ground);
    const warm = await takeWarm(ground);
    const idle = await takeIdle(ground);
    const container = cold.map((times) => times.container);
    const running = cold.map((times) => times.running);
    const warmRunning = warm.map((times) => times.running);
    const idleRunning = idle.map((times) => times.running);
    return {
      samples: [
        { what: 'queued to container running, cold', unit: 'ms', values: container },
        { what: 'queued to job running, cold', unit: 'ms', values: running },
        { what: 'queued to job running, warm', unit: 'ms', values: warmRunning },
        { what: 'queued to job running, idle runner', unit: 'ms', values: idleRunning },
      ],
      budgets: [
        ...budgetsOf('queued to container running, cold', container, [600, 1_000]),
        ...budgetsOf('queued to job running, cold', running, [800, 1_200]),
        ...budgetsOf('queued to job running, warm', warmRunning, [300, 500]),
      ],
      notes: [
        'counted from the creation of the job at GitLab, with a doorbell (what a webhook does); without one the queue is read every 5 s at rest and every 2 s otherwise. "Job running" is when GitLab has handed the job out, which the runner confirms with its first update.',
        'a warm runner waits for the go in a container that runs; an idle one asks for jobs by itself, every 3 s.',
      ],
    };
  },
};
