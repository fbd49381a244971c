// A core of its own for one measure: the bundle as a process, with its sandbox on the machine's engine.
import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { z } from 'zod';
import { connectCore } from '../../main/serve/client.ts';
import { openLab } from '../chaos/lab.ts';
import type { Lab } from '../chaos/lab.ts';
import { waitFor } from '../chaos/wait-for.ts';
import type { Snapshot } from '../../main/contract/snapshot.ts';
import type { SandboxClient } from '../engine/sandbox-client.ts';
import type { BenchGround } from './frame.ts';

export interface BenchCore {
  readonly lab: Lab;
  readonly sandbox: SandboxClient;
  /** Waits for a state of the core, and asks for it so rarely that this is no work for it. */
  until(fits: (snapshot: Snapshot) => boolean): Promise<Snapshot>;
  /** Ends all jobs of a project. */
  cancelAll(project: number): Promise<void>;
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
/** For what a whole burst needs on a slow machine. */
const longPatience = { timeout: 240_000, interval: 250 } as const;
/** A connection that was kept open may have been closed at the other end in the same moment: then it is asked again. */
const brief = { timeout: 10_000, interval: 200 } as const;

/** All jobs of a project, at most 100. */
export async function timedJobs(sandbox: SandboxClient, project: number): Promise<readonly TimedJob[]> {
  const path = `/projects/${project}/jobs?per_page=100`;
  const found = jobs.parse(await waitFor(() => sandbox.api('GET', path), brief));
  return found.map((job) => ({
    ...{ id: job.id, status: job.status },
    ...{ createdAt: job.created_at, startedAt: job.started_at, finishedAt: job.finished_at },
  }));
}

/** Pools instead of those that there are; resolves once all of them can take jobs. */
export async function changePools(
  { lab, until }: Pick<BenchCore, 'lab' | 'until'>,
  pools: readonly (Readonly<Record<string, unknown>> & { readonly name: string })[],
): Promise<void> {
  await writeFile(lab.paths.settings, stringify({ gitlab: { kind: 'sandbox' }, pools }));
  await until((now) => pools.every(({ name }) => now.pools.some((pool) => pool.name === name && pool.ready)));
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
    until: (fits) =>
      waitFor(async () => {
        const now = await lab.snapshot();
        if (!fits(now)) throw new Error(`not yet: ${now.sentence}`);
        return now;
      }, longPatience),
    cancelAll: async (project) => {
      for (const { id } of await timedJobs(sandbox, project))
        await waitFor(() => sandbox.api('POST', `/projects/${project}/jobs/${id}/cancel`), brief);
    },
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
      await waitFor(async () => {
        const { runners, sentence } = await lab.snapshot();
        if (runners.length > 0) throw new Error(`not yet: ${sentence}`);
      }, longPatience);
    },
  };
}
