// How long one plan takes when very many jobs wait, and how long it keeps everything else from running.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';
import { plan } from '../../../main/plan/plan.ts';
import type { Job } from '../../../main/model/job.ts';
import { entryTerms } from '../../../main/model/pool.ts';
import type { Pool } from '../../../main/model/pool.ts';
import type { Desired, Observed } from '../../../main/model/world.ts';
import { gpuView, someCard, withGpus } from '../../fakes/gpu-world.ts';
import { someNeed } from '../../fakes/gpus.ts';
import { someInfo } from '../../fakes/some-engine.ts';
import {
  atGitlab,
  fresh,
  now,
  runnerImage,
  someDesired,
  someEntry,
  someJob,
  someNode,
  someObserved,
  somePool,
  someView,
} from '../../fakes/world.ts';
import { median, p95 } from '../frame.ts';
import type { Measure, Samples } from '../frame.ts';

/** Of each size, so many plans in each round: the first ones show the compiler at work, the rest the planner. */
const sizes = [
  { jobs: 10_000, pools: 100, plans: 20 },
  { jobs: 100_000, pools: 1_000, plans: 4 },
] as const;
const kinds = ['docker', 'amd64', 'arm64', 'gpu', 'cuda', 'large', 'small'] as const;
const gpuTag = 3;
const cards = 8;

/** Of three priorities and sizes; one in two of those with the tag `gpu` takes a whole card; one in eight is of arm64. */
function makePools(count: number): readonly Pool[] {
  return Array.from({ length: count }, (_, index) => {
    const tags = kinds.filter((_kind, bit) => ((index + 1) >> bit) % 2 === 1);
    return somePool({
      name: `pool-${index}`,
      tags: [...tags, `own-${index % 20}`],
      runUntagged: index % 10 === 0,
      max: 4,
      priority: index % 3,
      memoryMiB: [512, 1_024, null][index % 3] ?? null,
      ...(tags.includes(kinds[gpuTag]) && index % 2 === 0 ? { gpu: someNeed({ vendor: 'amd' }) } : {}),
      ...(index % 8 === 5 ? { arch: 'arm64' as const } : {}),
    });
  });
}

/** Most fit several pools, some none; from 300 projects. */
function makeJobs(from: number, to: number): readonly Job[] {
  return Array.from({ length: to - from }, (_, place) => {
    const index = from + place;
    return someJob({
      id: index + 1,
      projectId: index % 300,
      project: `group/project-${index % 300}`,
      tags: kinds.filter((_kind, bit) => (index >> bit) % 5 === 1).slice(0, 3),
      firstSeenAt: now - (index % 600) * 1_000,
    });
  });
}

interface World {
  readonly desired: Desired;
  readonly observe: (jobs: readonly Job[]) => Observed;
}

/** A machine with room for many runners, and eight cards. */
function makeWorld(poolCount: number): World {
  const pools = makePools(poolCount);
  const entries = pools.map((pool, index) =>
    someEntry({ pool: pool.name, entryId: index + 1, ...entryTerms(pool) }),
  );
  const info = { ...someInfo(), cpus: 512, memoryBytes: 2 ** 42 };
  const engine = fresh(someView({ info, images: [runnerImage] }));
  const gpus = gpuView(Array.from({ length: cards }, (_, index) => someCard(index + 1)));
  const nodes = [withGpus(someNode(engine), fresh(gpus))];
  const entriesAtGitlab = fresh(entries.map(atGitlab));
  return {
    desired: someDesired({ pools }),
    observe: (jobs) => someObserved({ jobs, entries, entriesAtGitlab, nodes }),
  };
}

const collector = z.custom<() => void>((value) => typeof value === 'function');

/** What was made for the measure alone is no part of it: it is collected before. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  collector.parse(runInNewContext('gc'))();
}

function time({ desired }: World, observed: Observed): number {
  collect();
  const startedAt = performance.now();
  plan(desired, observed, now);
  return performance.now() - startedAt;
}

interface Times {
  /** Of a queue of which nothing was known. */
  readonly anew: readonly number[];
  /** Of one in which one job in a hundred has left since, and as many have come. */
  readonly next: readonly number[];
}

/** Milliseconds of each plan. */
function timePlans(jobCount: number, poolCount: number, plans: number): Times {
  const world = makeWorld(poolCount);
  const anew: number[] = [];
  const next: number[] = [];
  const change = jobCount / 100;
  for (let taken = 0; taken < plans; taken += 1) {
    const jobs = makeJobs(0, jobCount);
    anew.push(time(world, world.observe(jobs)));
    const later = [...jobs.filter(({ id }) => id % 100 !== 0), ...makeJobs(jobCount, jobCount + change)];
    next.push(time(world, world.observe(later)));
  }
  return { anew, next };
}

const inWords = (count: number): string => count.toLocaleString('en-US');

export const planning: Measure = {
  name: 'planning',
  about: 'one plan of 10,000 waiting jobs over 100 pools, and of 100,000 over 1,000',
  needsEngine: false,
  run: async ({ rounds }) => {
    const timed = sizes.map(({ jobs, pools, plans }) => ({
      what: `${inWords(jobs)} jobs over ${inWords(pools)} pools`,
      ...timePlans(jobs, pools, rounds * plans),
    }));
    const samples = timed.flatMap(({ what, anew, next }): readonly Samples[] => [
      { what: `plan of ${what}, all new`, unit: 'ms', values: anew },
      { what: `plan of ${what}, one in a hundred new`, unit: 'ms', values: next },
    ]);
    const common = { unit: 'ms', better: 'lower' } as const;
    const [small, large] = timed;
    return {
      samples,
      budgets: [
        {
          ...{ what: 'planning 10,000 jobs over 100 pools, all new, p95', limit: 8 },
          ...{ ...common, measured: p95(small?.anew ?? []) },
        },
        {
          ...{ what: 'event loop blocked by a plan of 100,000 jobs over 1,000 pools, p50', limit: 20 },
          ...{ ...common, measured: median(large?.next ?? []) },
          because:
            'the queue is as long as one that AutoGit reads at most, in 1,000 pages of GitLab, which takes minutes. A profile shows no one place: each of 100,000 jobs is placed and sorted once, at less than a microsecond.',
        },
      ],
      notes: [
        'with priorities, fair shares between 300 projects, two architectures and eight cards of which each runner has one to itself. The first plans count too; nothing else runs in the process, so a plan is also how long the event loop is blocked.',
        'a queue is all new once, after the start: GitLab is read in pages of 100, so that reading 100,000 jobs takes minutes. From then on a plan has jobs that it knows.',
      ],
    };
  },
};
