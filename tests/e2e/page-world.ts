// A busy pretended lab for tests of the page and the window: a thousand jobs, and one of them moves on every 10 ms.
import type { JobView, RunnerView } from '../../main/contract/snapshot.ts';
import { createFakeCore } from '../fakes/fake-core.ts';
import type { FakeCore } from '../fakes/fake-core.ts';
import { createFakeWorld } from '../fakes/fake-world.ts';
import { someAdvice, someGpus, someProof } from './lab-parts.ts';

export interface PageWorld {
  readonly core: FakeCore;
  /** Moves one job on: waiting, running, success or failed, and from the start again. */
  step(): void;
  /** Steps so many times a second until `stop`. */
  start(perSecond: number): void;
  stop(): void;
  readonly steps: () => number;
}

const stages = ['build', 'test', 'lint', 'package', 'deploy'] as const;
const projects = ['home/website', 'home/photos', 'lab/firmware', 'lab/cluster', 'music/player'] as const;

function at<T>(list: readonly [T, ...T[]], index: number): T {
  return list[index % list.length] ?? list[0];
}

function newJob(id: number, now: number): JobView {
  return {
    id,
    name: `${at(stages, id)} ${id}`,
    status: 'pending',
    tags: id % 3 === 0 ? ['docker', 'gpu'] : ['docker'],
    projectId: id % projects.length,
    project: at(projects, id),
    ref: id % 7 === 0 ? 'feature/long-branch-name' : 'main',
    firstSeenAt: now - (id % 600) * 1000,
    startedAt: null,
    finishedAt: null,
    waitedMs: null,
    runner: null,
    failureReason: null,
  };
}

const scriptFailure = {
  class: 'script',
  sentence: 'Its script ended with an error.',
  next: 'Its last lines are in the log.',
} as const;

function runnerName(id: number): string {
  return `autogit-runner-demo-${id.toString(16).padStart(8, '0')}`;
}

/** The next state of a job. `turn` decides how it ends. */
function moved(job: JobView, turn: number, now: number): JobView {
  if (job.status === 'pending') {
    const waitedMs = Math.max(0, now - job.firstSeenAt);
    return { ...job, status: 'running', startedAt: now, waitedMs, runner: runnerName((job.id - 1) % 16) };
  }
  if (job.status === 'running') {
    const hasFailed = turn % 9 === 0;
    const failureReason = hasFailed ? 'script_failure' : null;
    const ended = {
      ...job,
      status: hasFailed ? 'failed' : 'success',
      finishedAt: now,
      failureReason,
    } as const;
    return hasFailed ? { ...ended, failure: scriptFailure } : ended;
  }
  return newJob(job.id, now);
}

function runnersOf(jobs: readonly JobView[], now: number): RunnerView[] {
  return jobs.slice(0, 12).map((job, index) => ({
    id: index.toString(16).padStart(8, '0'),
    name: runnerName(index),
    pool: 'demo',
    node: 'node-1',
    state: index === 0 ? 'starting' : index > 9 ? 'idle' : 'busy',
    createdAt: now - index * 37_000,
    startedAt: now - index * 37_000 + 600,
    jobId: index === 0 || index > 9 ? null : job.id,
  }));
}

function sentenceOf(jobs: readonly JobView[], runners: number): string {
  const count = (status: JobView['status']): number => jobs.filter((job) => job.status === status).length;
  return `${count('running')} jobs running, ${count('pending')} waiting, ${runners} runners.`;
}

/** A lab with so many jobs in every state. */
export function createPageWorld(count = 1_000, now: () => number = Date.now): PageWorld {
  const world = createFakeWorld({ now, max: 16 });
  const core = createFakeCore(world);
  let steps = 0;
  let timer: NodeJS.Timeout | undefined;
  const begin = now();
  const jobs = Array.from({ length: count }, (_, index) => {
    const job = newJob(index + 1, begin);
    if (index > 0 && index < 10) return moved(job, 1, begin - 65_000);
    return index % 5 === 4
      ? moved(moved(job, 1, begin - 40_000 - (index % 600) * 1000), index, begin - 30_000)
      : job;
  });
  const runners = runnersOf(jobs, begin);
  world.change(({ snapshot }) => ({
    sandboxContainer: true,
    nextId: count + 1,
    snapshot: {
      ...snapshot,
      jobs,
      runners,
      gpus: someGpus(begin),
      sentence: sentenceOf(jobs, runners.length),
      gitlab: { kind: 'sandbox', url: 'http://127.0.0.1:4100', state: 'ready', readAt: begin, problem: null },
      pools: snapshot.pools.map((pool) => ({
        ...pool,
        proof: someProof(begin),
        advice: someAdvice,
        waiting: jobs.filter((job) => job.status === 'pending').length,
        runners: { starting: 1, idle: 2, busy: 9, leaving: 0 },
      })),
    },
  }));
  const step = (): void => {
    steps += 1;
    // Neighbours of a changed row do not change with it: steps go through the list in leaps.
    const index = (steps * 37) % count;
    world.change(({ snapshot }) => {
      const job = snapshot.jobs[index];
      if (job === undefined) return {};
      const changed = snapshot.jobs.with(index, moved(job, steps, now()));
      return { snapshot: { ...snapshot, jobs: changed, sentence: sentenceOf(changed, runners.length) } };
    });
  };
  return {
    core,
    step,
    start: (perSecond) => {
      const since = performance.now();
      const before = steps;
      // A late timer is made up for, so that the rate holds on a loaded machine.
      timer = setInterval(() => {
        const due = before + Math.floor(((performance.now() - since) / 1000) * perSecond);
        while (steps < due) step();
      }, 1000 / perSecond);
    },
    stop: () => clearInterval(timer),
    steps: () => steps,
  };
}
