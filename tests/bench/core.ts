// A core of its own for one measure: the bundle as a process, with its sandbox on the machine's engine.
import { z } from 'zod';
import { connectCore } from '../../main/serve/client.ts';
import { openLab } from '../chaos/lab.ts';
import type { Lab } from '../chaos/lab.ts';
import { waitFor } from '../chaos/wait-for.ts';
import type { SandboxClient } from '../engine/sandbox-client.ts';
import type { BenchGround } from './frame.ts';

export interface BenchCore {
  readonly lab: Lab;
  readonly sandbox: SandboxClient;
  /** Tells the core that the queue has changed, as GitLab's webhook does. */
  ring(): Promise<void>;
  /** Pushes a pipeline and rings; the project's id. */
  push(pipeline: string): Promise<number>;
  /** The jobs of a project, once so many have been handed to a runner. */
  untilStarted(project: number, count: number): Promise<readonly TimedJob[]>;
  untilNoRunner(): Promise<void>;
}

/** A job by GitLab's own clock, which is this machine's. Milliseconds since 1970. */
export interface TimedJob {
  readonly id: number;
  readonly status: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const jobs = z.array(
  z.object({
    id: z.int(),
    status: z.string(),
    created_at: time,
    started_at: time.nullable(),
    finished_at: time.nullable(),
  }),
);

const patience = { timeout: 120_000, interval: 30 } as const;

/** All jobs of a project, at most 100. */
export async function timedJobs(sandbox: SandboxClient, project: number): Promise<readonly TimedJob[]> {
  const found = jobs.parse(await sandbox.api('GET', `/projects/${project}/jobs?per_page=100`));
  return found.map((job) => ({
    ...{ id: job.id, status: job.status },
    ...{ createdAt: job.created_at, startedAt: job.started_at, finishedAt: job.finished_at },
  }));
}

/** Starts it with one pool named `lab`, and cleans up after the measure. */
export async function startBenchCore(
  { host, program, afterwards }: BenchGround,
  pool: Readonly<Record<string, unknown>>,
): Promise<BenchCore> {
  const lab = await openLab(afterwards, { host, program });
  await lab.writeSettings(pool);
  await lab.serve();
  await lab.until(({ pools }) => pools.every(({ ready }) => ready));
  const sandbox = await lab.sandbox();
  const core = connectCore(lab.paths.socket);
  let pushed = 0;
  const ring = async (): Promise<void> => {
    await core.call('queue.refresh', {});
  };
  return {
    ...{ lab, sandbox, ring },
    push: async (pipeline) => {
      pushed += 1;
      const project = await sandbox.push(`bench-${pushed}`, pipeline);
      await ring();
      return project;
    },
    untilStarted: (project, count) =>
      waitFor(async () => {
        const found = await timedJobs(sandbox, project);
        const started = found.filter(({ startedAt }) => startedAt !== null);
        if (started.length < count) throw new Error(`${started.length} of ${count} jobs have started`);
        return started;
      }, patience),
    untilNoRunner: async () => {
      await lab.until(({ runners }) => runners.length === 0, patience.timeout);
    },
  };
}
